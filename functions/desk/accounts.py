"""The pages of signing in and out. They are the only ones that need no session."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from desk.attempts import ATTEMPT_LIFE, Attempts
from desk.cookies import Cookie, end_cookie, set_cookie, token_in, value_in
from desk.counts import count_unreachable_audit
from desk.csrf import check_form, check_source
from desk.door import Door
from desk.lists import CURSOR
from desk.request import Request
from desk.sessions import Session
from desk.sign_in import NoAttemptError, SignIn, SignInError, new_attempt
from desk.tokens import Account
from desk.words import problems
from desk.words.lists import Tab
from shared.leads.identity import REFERENCE_PATTERN
from shared.leads.person import Person
from shared.services.user_pool import UserPoolError
from shared.store.audit import Audit, AuditError
from shared.web.headers import STAFF
from shared.web.http import Response

SIGNED_IN = "/signed-in"
SIGNED_OUT = "/signed-out"
SIGN_OUT = "/sign-out"
# What is kept of a page's query through a sign-in: a list and the place in it, or a reference. Anything else may be a
# name or an address that somebody typed, and our own pages have it in no address.
_KEPT: Final[Mapping[str, Callable[[str], object]]] = {
    "list": set(Tab).__contains__,
    "after": CURSOR.fullmatch,
    "q": REFERENCE_PATTERN.fullmatch,
    "reference": REFERENCE_PATTERN.fullmatch,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Signs people in and out, through Cognito's own pages."""

    door: Door
    sign_in: SignIn
    attempts: Attempts
    audit: Audit

    def begin(self, request: Request, now: datetime) -> Response:
        """Send somebody to Cognito's sign-in page. After it, they get the page that they asked for.

        The browser itself keeps the attempt, so somebody who only asks for pages makes us store nothing. Raises
        UserPoolError and KeysUnavailableError.
        """
        attempt = new_attempt(_page(request))
        state, kept = self.attempts.begin(attempt, value_in(request.headers, Cookie.SIGN_IN), now)
        address = self.sign_in.address(attempt, state, f"{request.base}{SIGNED_IN}")
        return moved(address, set_cookie(Cookie.SIGN_IN, kept, ATTEMPT_LIFE))

    def signed_in(self, request: Request, now: datetime) -> Response:
        """Open a session for somebody who comes back from Cognito, under a new token.

        Only a browser that began the attempt gets to where something is stored. Raises SignInError, UserPoolError,
        KeysUnavailableError and AuditError.
        """
        state = request.query.get("state", "")
        attempt = self.attempts.find(state, value_in(request.headers, Cookie.SIGN_IN), now)
        if attempt is None:
            raise NoAttemptError("attempt")
        if not (code := request.query.get("code")):  # Cognito says `error` instead
            raise SignInError("cognito")
        if not self.door.sessions.use(state, now + ATTEMPT_LIFE):
            raise NoAttemptError("used")
        account = self.sign_in.account(code, attempt, f"{request.base}{SIGNED_IN}", now)
        role = self.door.role(account.sub)
        if role is None:
            self.audit.write(now, actor=Person(account.email).id, email=account.email, action="refused_sign_in")
            raise problems.no_role(account.email)
        session = Session(
            sub=account.sub,
            email=account.email,
            role=role,
            csrf=secrets.token_urlsafe(24),
            signed_in_at=now,
            seen_at=now,
            checked_at=now,
        )
        self.audit.write(now, actor=session.person.id, email=session.email, action="sign_in")
        session = replace(session, csrf=self._end_earlier(request, account, now) or session.csrf)
        return moved(f"{request.base}{attempt.page}", set_cookie(Cookie.SESSION, self.door.sessions.open(session)))

    def sign_out(self, request: Request, now: datetime) -> Response:
        """End a session here and at Cognito.

        This works without the audit and without Cognito, because it shows nothing.
        """
        token = token_in(request.headers, Cookie.SESSION)
        session = self.door.sessions.read(token, now) if token else None
        check_source(request.headers, origin=request.origin)
        if token and session:
            check_form(request.form(), request.headers, csrf=session.csrf, origin=request.origin)
            self.door.sessions.end(token)
            try:
                self.audit.write(now, actor=session.person.id, email=session.email, action="sign_out")
            except AuditError as error:
                count_unreachable_audit(error.reason)
        try:
            address = self.sign_in.sign_out_address(f"{request.base}{SIGNED_OUT}")
        except UserPoolError:
            raise problems.signed_out_of_the_desk_only({"Set-Cookie": end_cookie(Cookie.SESSION)}) from None
        return moved(address, end_cookie(Cookie.SESSION))

    def _end_earlier(self, request: Request, account: Account, now: datetime) -> str | None:
        """End the session that the browser had until now. Return its secret if it was the same person's.

        They may have signed in in another window a moment ago, and the forms there should still work.
        """
        if (token := token_in(request.headers, Cookie.SESSION)) is None:
            return None
        earlier = self.door.sessions.read(token, now)
        self.door.sessions.end(token)
        return earlier.csrf if earlier and earlier.sub == account.sub else None


def moved(address: str, cookie: str | None = None) -> Response:
    """Return an answer that sends the browser to an address."""
    cookies = {"Set-Cookie": cookie} if cookie else {}
    return Response(status=HTTPStatus.SEE_OTHER.value, headers={**STAFF, "Location": address, **cookies})


def _page(request: Request) -> str:
    """Return the page that somebody asked for, as a path below the desk. It is never another site's."""
    kept = {name: text for name, text in request.query.items() if name in _KEPT and _KEPT[name](text)}
    return f"{quote(request.page)}{f'?{urlencode(kept)}' if kept else ''}"
