"""Checks the ID token of a sign-in: that the user pool signed it, for us, for this attempt, and just now."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

_ALGORITHM: Final = "RS256"
_SKEW: Final = 60  # seconds that our clock and Cognito's may differ
_TIMEOUT: Final = urllib3.Timeout(connect=1, read=3)
_OK: Final = 200


class TokenError(Exception):
    """The token proves nothing. `reason` is a fixed word or the name of a claim."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysOutOfReachError(TokenError):
    """The keys cannot be read now, so no token can be checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose token it is."""

    sub: str
    email: str


class Tokens:
    """The tokens of one issuer. The keys at `keys_url` are kept, and read again if a token names an unknown one."""

    def __init__(self, *, issuer: str, keys_url: str, http: urllib3.PoolManager) -> None:
        self._issuer = issuer
        self._keys_url = keys_url
        self._http = http
        self._keys: dict[str, RSAKey] = {}

    def account(self, token: str, *, client_id: str, nonce: str, now: datetime) -> Account:
        """Return whose ID token it is. Raises TokenError."""
        try:
            # Any token may say "alg": only this one counts.
            claims = jwt.decode(token, self._key_of, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise TokenError(type(error).__name__) from None
        wanted = {"iss": self._issuer, "aud": client_id, "token_use": "id", "nonce": nonce}
        for name, value in wanted.items():
            if claims.get(name) != value:
                raise TokenError(name)
        if not now.timestamp() < _seconds(claims, "exp") + _SKEW:
            raise TokenError("exp")
        if not _seconds(claims, "iat") <= now.timestamp() + _SKEW:
            raise TokenError("iat")
        return Account(sub=_text(claims, "sub"), email=_text(claims, "email").strip().lower())

    def _key_of(self, token: Any) -> RSAKey:  # noqa: ANN401 - joserfc's own type is not public
        """Return the key that a token names. Raises TokenError."""
        kid = str(token.headers().get("kid"))
        if kid not in self._keys:
            self._keys = self._read_keys()
        if kid not in self._keys:
            raise TokenError("kid")
        return self._keys[kid]

    def _read_keys(self) -> dict[str, RSAKey]:
        """Return the keys by id. Raises KeysOutOfReachError."""
        try:
            answer = self._http.request("GET", self._keys_url, timeout=_TIMEOUT, retries=1, redirect=False)
            if answer.status != _OK:
                raise KeysOutOfReachError("keys")
            found = json.loads(answer.data)["keys"]
            return {each["kid"]: RSAKey.import_key(each) for each in found if each["kty"] == "RSA"}
        except (urllib3.exceptions.HTTPError, JoseError, ValueError, KeyError, TypeError):
            raise KeysOutOfReachError("keys") from None


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(name)
    return value


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip():
        raise TokenError(name)
    return value
