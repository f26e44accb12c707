"""The router of the desk: the steps that each request goes through, and the one place that maps errors to pages."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler import Response as Answer
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from desk.accounts import SIGN_OUT, SIGNED_IN, SIGNED_OUT, Accounts, moved
from desk.counts import count_failure, count_refused_sign_in, count_unreachable_audit, count_unreachable_pool
from desk.csrf import ForeignFormError, check_form
from desk.request import DESK_PATH, BadFormError, Request, request_of
from desk.route import Download, Moved, PageError, Result, Route, Visit, in_path
from desk.sessions import Session
from desk.sign_in import NoAttemptError, SignInError, SignInOutOfReachError
from desk.words import problems
from shared.leads.clinic import Clinic
from shared.leads.identity import LEAD_ID
from shared.services.user_pool import UserPoolError
from shared.store.audit import Audit, AuditError
from shared.web.headers import STAFF
from shared.web.http import Response
from shared.web.page import page

_ROOT: Final = "/desk"
# What the audit calls a page or form that somebody's role does not allow. The entry's details have its action.
REFUSED: Final = "refused"
_LEAD_ID: Final = re.compile(LEAD_ID)
# With no-referrer, browsers send "Origin: null" with our own forms.
_HEADERS: Final = {"Referrer-Policy": "same-origin"}


class _MethodError(Exception):
    """An HTTP method that an address does not support. `allow` are those that it does."""

    def __init__(self, allow: str) -> None:
        super().__init__()
        self.allow = allow


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What the router needs. `routes` is the whole table. `public_url` is empty if the API's own address counts."""

    routes: tuple[Route, ...]
    accounts: Accounts
    audit: Audit
    clinic: Clinic
    public_url: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def resolver(self) -> APIGatewayRestResolver:
        """Return the router."""
        app = APIGatewayRestResolver(debug=False, strip_prefixes=[DESK_PATH])
        steps = _Steps(self, app)
        for route in self.routes:
            steps.add(route)
        steps.add_accounts()
        steps.add_other_methods()
        app.exception_handler(Exception)(steps.problem)
        return app


class _Steps:
    """The steps of one request after another. The router's context holds the visit for the steps that follow."""

    def __init__(self, desk: App, app: APIGatewayRestResolver) -> None:
        self._desk = desk
        self._app = app
        self._methods: dict[str, set[str]] = {}

    # ---- the addresses

    def add(self, route: Route) -> None:
        """Add an address that needs a session."""

        def answer(**found: str) -> "Answer[str]":
            return _answer(self._answer(route, self._request(), found.get("id")))

        self._register(route.method, route.path, answer)

    def add_accounts(self) -> None:
        """Add the pages of signing in and out."""
        accounts, now = self._desk.accounts, self._desk.now

        def signed_out() -> Response:
            text = ("Close this window if others use this computer.",)
            values = {"title": "You are signed out", "text": text, "link": ("", "Sign in")}
            return self._page("message.html", HTTPStatus.OK, values, None)

        self._register("GET", SIGNED_IN, lambda: _answer(accounts.signed_in(self._request(), now())))
        self._register("GET", SIGNED_OUT, lambda: _answer(signed_out()))
        self._register("POST", SIGN_OUT, lambda: _answer(accounts.sign_out(self._request(), now())))

    def add_other_methods(self) -> None:
        """Say of each address which methods it has, if somebody uses another one."""
        for path, methods in self._methods.items():

            def refuse(allow: str = ", ".join(sorted(methods)), **_: str) -> "Answer[str]":
                raise _MethodError(allow)

            others = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - methods
            self._app.route(_ROOT + path, method=sorted(others))(refuse)

    def _register(self, method: str, path: str, answer: "Callable[..., Answer[str]]") -> None:
        methods = ["GET", "HEAD"] if method == "GET" else [method]
        self._methods.setdefault(path, set()).update(methods)
        self._app.route(_ROOT + path, method=methods)(answer)

    # ---- one request

    def _request(self) -> Request:
        request = request_of(self._app.current_event.raw_event, self._desk.public_url)
        # Powertools uppercases methods, but HTTP methods are case-sensitive: "post" is not POST.
        if request.method not in {"GET", "HEAD", "POST"}:
            raise _MethodError("GET, HEAD, POST")
        return request

    def _answer(self, route: Route, request: Request, lead_id: str | None) -> Response:
        if lead_id is not None and not _LEAD_ID.fullmatch(lead_id):
            raise NotFoundError
        now = self._desk.now()
        session = self._desk.accounts.door.session(request, now)
        if session is None:
            if route.method == "POST":
                raise problems.signed_out()
            return self._desk.accounts.begin(request, now)
        visit = _visit(request, session, lead_id, now)
        self._app.append_context(visit=visit)  # type: ignore[no-untyped-call] # Powertools leaves it untyped
        if not session.role.may(route.role):
            self._write(visit, REFUSED, in_path(visit), {"action": route.action})
            raise problems.not_for_this_role()
        if route.method == "POST":
            return self._changed(route, request, visit)
        return self._shown(route.answer(visit), visit, route.action)

    def _changed(self, route: Route, request: Request, visit: Visit) -> Response:
        form = request.form()
        check_form(form, request.headers, csrf=visit.csrf, origin=request.origin)
        visit = replace(visit, form=form)
        self._write(visit, route.action, route.leads(visit), route.details(visit))
        result = route.answer(visit)
        if isinstance(result, Moved) and not result.lead_ids:
            return moved(visit.base + result.path)  # the entry before says it all
        return self._shown(result, visit, route.action)

    def _shown(self, result: Result, visit: Visit, action: str) -> Response:
        """Return a page, a file or the way on, after its entry is written. `action` is that of the route."""
        if isinstance(result, Moved):
            self._write(visit, action, result.lead_ids)
            return moved(visit.base + result.path)
        if isinstance(result, Download):
            self._write(visit, result.action, result.lead_ids)
            return _file(result)
        self._write(visit, result.action, result.lead_ids, result.details)
        return self._page(result.template, result.status, result.values, visit)

    def _write(
        self,
        visit: Visit,
        action: str,
        lead_ids: tuple[str, ...],
        details: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        person = visit.person
        self._desk.audit.write(
            visit.now, actor=person.id, email=person.email, action=action, lead_ids=lead_ids, details=details
        )

    def _page(
        self,
        template: str,
        status: HTTPStatus,
        values: Mapping[str, object],
        visit: Visit | None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        base = request_of(self._app.current_event.raw_event, self._desk.public_url).base
        return page(
            "desk/pages",
            template,
            status,
            {"clinic": self._desk.clinic, "base": base, "visit": visit, **values},
            form_action=f"'self' {self._desk.accounts.sign_in.origin}",
            only_own_style=True,
            headers=_HEADERS | dict(headers or {}),
        )

    # ---- what went wrong

    def problem(self, error: Exception) -> "Answer[str]":
        """Return the page about an error."""
        shown = self._about(error)
        values = {"title": shown.title, "text": shown.text, "link": shown.link}
        try:
            response = self._page("message.html", shown.status, values, self._app.context.get("visit"), shown.headers)
        except Exception as failure:  # noqa: BLE001 - somebody must get the text, whatever fails here
            count_failure(failure)
            response = Response(
                status=shown.status.value,
                body="\n\n".join([shown.title, *shown.text]),
                headers={**STAFF, **_HEADERS, "Content-Type": "text/plain; charset=utf-8", **shown.headers},
            )
        return _answer(response)

    def _about(self, error: Exception) -> PageError:  # noqa: PLR0911 - one for each
        match error:
            case PageError():
                return error
            case NotFoundError():
                return problems.not_found()
            case _MethodError():
                return problems.not_allowed(error.allow)
            case BadFormError():
                return problems.bad_form()
            case ForeignFormError():
                return problems.foreign_form()
            case AuditError():
                count_unreachable_audit(error.reason)
                return problems.audit_out_of_reach()
            case UserPoolError() | SignInOutOfReachError():
                count_unreachable_pool(error.reason)
                return problems.sign_in_out_of_reach()
            case SignInError():
                count_refused_sign_in(error.reason)
                return problems.sign_in_again() if isinstance(error, NoAttemptError) else problems.sign_in_refused()
        count_failure(error)
        return problems.out_of_reach(changing=self._app.current_event.http_method.upper() == "POST")


def _visit(request: Request, session: Session, lead_id: str | None, now: datetime) -> Visit:
    return Visit(
        person=session.person,
        role=session.role,
        csrf=session.csrf,
        now=now,
        base=request.base,
        query=request.query,
        id=lead_id,
    )


def _file(result: Download) -> Response:
    """Return a file for the browser to save. It never shows it as a page of the desk."""
    headers = {"Content-Type": result.content_type, "Content-Disposition": f'attachment; filename="{result.name}"'}
    return Response(status=HTTPStatus.OK.value, body=result.body, headers={**STAFF, **_HEADERS, **headers})


def _answer(response: Response) -> "Answer[str]":
    headers: dict[str, Any] = dict(response.headers)
    return Answer(status_code=response.status, body=response.body, headers=headers)
