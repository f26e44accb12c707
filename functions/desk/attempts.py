"""The sign-ins that a browser began. It keeps them itself, in a signed cookie, so that a flood makes us store nothing.

The cookie can be read by the browser's owner and changed by nobody. The verifier of PKCE in it is of use only with a
code that Cognito sent to the same browser.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from itsdangerous import BadSignature, Signer

from desk.cookies import new_token

ATTEMPT_LIFE: Final = timedelta(minutes=10)
# Windows in which somebody may sign in at once. With more, the oldest is forgotten.
_MOST: Final = 3
# Browsers keep about 4,000 characters.
_LONGEST: Final = 3_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in that somebody began. `page` is where they wanted to go: a path below the desk, with its query."""

    nonce: str
    verifier: str
    page: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """An attempt as the cookie has it. `state` is a digest, and `ends_at` is in seconds since 1970."""

    state: str
    ends_at: int
    nonce: str
    verifier: str
    page: str


class Attempts:
    """The attempts in a cookie. `key` returns the key that signs it, and raises KeysUnavailableError."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key

    def begin(self, attempt: Attempt, cookie: str | None, now: datetime) -> tuple[str, str]:
        """Add an attempt to those in a browser's cookie.

        Return the `state` that brings it back, and the new content of the cookie.
        """
        state, ends_at = new_token(), int((now + ATTEMPT_LIFE).timestamp())
        new = _Kept(_digest(state), ends_at, attempt.nonce, attempt.verifier, attempt.page)
        earlier = [each for each in self._read(cookie) if each.ends_at > now.timestamp()]
        return state, self._signer().sign(_packed([*earlier, new][-_MOST:])).decode()

    def find(self, state: str, cookie: str | None, now: datetime) -> Attempt | None:
        """Return the attempt that a `state` belongs to. None if this browser did not begin it, or too long ago."""
        digest = _digest(state)
        for kept in self._read(cookie):
            if secrets.compare_digest(kept.state, digest) and now.timestamp() < kept.ends_at:
                return Attempt(nonce=kept.nonce, verifier=kept.verifier, page=kept.page)
        return None

    def _read(self, cookie: str | None) -> list[_Kept]:
        """Return what a cookie holds. One that we did not sign holds nothing."""
        if not cookie or len(cookie) > _LONGEST or not cookie.isascii():
            return []
        try:
            packed: Any = json.loads(base64.urlsafe_b64decode(self._signer().unsign(cookie)))
            return [_Kept(*each) for each in packed]
        except (BadSignature, TypeError):  # TypeError: another version of this code signed it
            return []

    def _signer(self) -> Signer:
        # The library's default is SHA-1. The salt makes signatures for other purposes invalid here.
        return Signer(self._key(), salt="sign-in", digest_method=hashlib.sha256, key_derivation="hmac")


def _packed(attempts: list[_Kept]) -> bytes:
    text = json.dumps([astuple(each) for each in attempts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode())


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()
