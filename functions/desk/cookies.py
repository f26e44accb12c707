"""The two cookies of the desk: one for a session, and one for the sign-ins that a browser began (desk/attempts.py).

Each has a name of its own, and the content of one never counts as the other's. The prefix `__Host-` lets no other host
and no unencrypted page set them.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# Lax and not Strict: with Strict, a link in an email would ask somebody who is signed in to sign in again.
_ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Lax"


class Cookie(StrEnum):
    """The names of the cookies."""

    SESSION = "__Host-desk"
    SIGN_IN = "__Host-desk-sign-in"


def new_token() -> str:
    """Return 256 random bits as text for a cookie."""
    return secrets.token_urlsafe(_BYTES)


def token_in(headers: Mapping[str, str], cookie: Cookie) -> str | None:
    """Return the token that a browser sent, or None. `headers` have lowercase names.

    Of two cookies with one name, neither counts: a browser sends one.
    """
    value = value_in(headers, cookie)
    return value if value and _TOKEN.fullmatch(value) else None


def value_in(headers: Mapping[str, str], cookie: Cookie) -> str | None:
    """Return the content of a cookie as a browser sent it, or None. See `token_in`."""
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    values = [value for name, _, value in pairs if name == cookie]
    return values[0] if len(values) == 1 else None


def set_cookie(cookie: Cookie, value: str, life: timedelta | None = None) -> str:
    """Return the header's value that sets a cookie, until the browser closes unless there is a `life`."""
    age = f"Max-Age={int(life.total_seconds())}; " if life else ""
    return f"{cookie}={value}; {age}{_ATTRIBUTES}"


def end_cookie(cookie: Cookie) -> str:
    """Return the header's value that removes a cookie."""
    return f"{cookie}=; Max-Age=0; {_ATTRIBUTES}"
