"""Signing in on Cognito's own pages: the authorization code flow with PKCE (RFC 7636)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

import urllib3

from desk.attempts import Attempt
from desk.tokens import Account, KeysOutOfReachError, TokenError, Tokens
from shared.services.user_pool import Client

_TIMEOUT: Final = urllib3.Timeout(connect=2, read=6)
_OK: Final = 200
_SERVER_ERROR: Final = 500
_SCOPE: Final = "openid email"


class SignInError(Exception):
    """Nobody is signed in. `reason` is a fixed word or an error's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAttemptError(SignInError):
    """The browser did not begin this sign-in, began it too long ago, or finished it already."""


class SignInOutOfReachError(SignInError):
    """Cognito does not answer, so it is not the person's fault."""


def new_attempt(page: str) -> Attempt:
    """Return an attempt that leads to `page`, with secrets of its own."""
    return Attempt(nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48), page=page)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Cognito's pages at `url`. `client` returns the desk's client, and raises UserPoolError."""

    url: str
    client: Callable[[], Client]
    tokens: Tokens
    http: urllib3.PoolManager

    @property
    def origin(self) -> str:
        """The origin of Cognito's pages."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def address(self, attempt: Attempt, state: str, back: str) -> str:
        """Return where to send the browser. `back` is our own address that Cognito sends it back to."""
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.client().id,
            "redirect_uri": back,
            "scope": _SCOPE,
            "state": state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            # Cognito remembers a person for an hour. Without this, anyone at an idle computer would be let in again.
            "prompt": "login",
        }
        return f"{self.url}/oauth2/authorize?{urlencode(query)}"

    def account(self, code: str, attempt: Attempt, back: str, now: datetime) -> Account:
        """Return who signed in, by the code that Cognito sent. Raises SignInError and UserPoolError."""
        client = self.client()
        token = self._token(code, attempt, back, client)
        try:
            return self.tokens.account(token, client_id=client.id, nonce=attempt.nonce, now=now)
        except KeysOutOfReachError as error:
            raise SignInOutOfReachError(error.reason) from None
        except TokenError as error:
            raise SignInError(error.reason) from None

    def sign_out_address(self, back: str) -> str:
        """Return where to send the browser so that Cognito forgets it too. Raises UserPoolError."""
        return f"{self.url}/logout?{urlencode({'client_id': self.client().id, 'logout_uri': back})}"

    def _token(self, code: str, attempt: Attempt, back: str, client: Client) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": client.id,
            "code_verifier": attempt.verifier,
        }
        try:
            answer = self.http.request(
                "POST",
                f"{self.url}/oauth2/token",
                body=urlencode(form),
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    **urllib3.make_headers(basic_auth=f"{client.id}:{client.secret}"),
                },
                timeout=_TIMEOUT,
                retries=False,  # a code works once
                redirect=False,  # never send the secret to another address
            )
        except urllib3.exceptions.HTTPError as error:
            raise SignInOutOfReachError(type(error).__name__) from None
        if answer.status >= _SERVER_ERROR:
            raise SignInOutOfReachError("ServerError")
        if answer.status != _OK:
            raise SignInError("refused")
        try:
            token = json.loads(answer.data)["id_token"]
        except (ValueError, KeyError, TypeError):
            raise SignInError("unreadable") from None
        if not isinstance(token, str):
            raise SignInError("unreadable")
        return token
