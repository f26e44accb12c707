"""The door of the desk: lets somebody in with a session, and keeps checking that they may still be here."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from desk.cookies import Cookie, token_in
from desk.request import Request
from desk.route import Role
from desk.sessions import NOTED_EVERY, Session, Sessions
from shared.services.user_pool import UserPool

# A removed account is out after this time.
CHECKED_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Door:
    """The sessions, and the user pool that says which role an account has now."""

    sessions: Sessions
    pool: UserPool

    def session(self, request: Request, now: datetime) -> Session | None:
        """Return the session of a browser, or None if nobody is signed in (anymore). Raises UserPoolError."""
        token = token_in(request.headers, Cookie.SESSION)
        session = self.sessions.read(token, now) if token else None
        if token is None or session is None:
            return None
        if now >= session.checked_at + CHECKED_EVERY:
            role = self.role(session.sub)
            if role is None:
                self.sessions.end(token)
                return None
            session = replace(session, role=role, checked_at=now)
        elif now < session.seen_at + NOTED_EVERY:
            return session
        return session if self.sessions.note(token, session, now) else None

    def role(self, sub: str) -> Role | None:
        """Return the role that an account has now, or None if it has none. Raises UserPoolError."""
        group = self.pool.standing(sub)
        return Role(group) if group else None
