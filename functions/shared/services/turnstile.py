"""Cloudflare Turnstile: checks whether Cloudflare issued the token that came with a request.

https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
"""

import time
from collections.abc import Callable
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

import urllib3  # in the layer already, because botocore needs it
from pydantic import BaseModel, ConfigDict, Field

from shared.leads.spam import Verdict
from shared.runtime.telemetry import logger
from shared.services.secret import SecretUnavailableError, stored_secret

# An alert waits for the answer; see the time limit of an attempt in shared/messages/send.py.
TRIES = 2
CONNECT_SECONDS, READ_SECONDS = 1, 2
# Do not ask again for this long after a failure. Otherwise each waiting request would wait for the same timeout.
_REST_SECONDS = 60
_LONGEST_ANSWER = 16_384  # bytes; Cloudflare sends a few hundred
_SERVER_ERROR = 500
# Seconds. After an operator replaces the secret at Cloudflare, every process uses the new one within this time.
_MAX_AGE = 900

# The only error code that proves a bad token. `timeout-or-duplicate` does not: a token is valid for 300 seconds and one
# check, so a later sweep or a second attempt gets this code for a genuine visitor's token. The other codes are about
# our secret, our request or Cloudflare.
_FAILED = {"invalid-input-response"}
# All codes that Cloudflare documents. We log no others.
_CODES = _FAILED | {
    *("missing-input-secret", "invalid-input-secret", "missing-input-response"),
    *("bad-request", "timeout-or-duplicate", "internal-error"),
}


class Verifier(Protocol):
    """Checks whether a token is genuine."""

    def verify(self, token: str, lead_id: str) -> Verdict:
        """Return the verdict on the token of one lead. There is a verdict even if Cloudflare is out of reach."""


class _OutOfReachError(Exception):
    """No secret, no answer, or an answer that Cloudflare does not document. `reason` is a code or an error's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True)

    success: bool
    error_codes: list[str] = Field([], alias="error-codes")


class Turnstile:
    """Asks Cloudflare. It does not send the visitor's IP address and never logs the token.

    Threads may share it. If Cloudflare is out of reach, those that are asking already wait for their own timeout.
    """

    def __init__(
        self, *, read_secret: Callable[[], str], url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read_secret = read_secret
        self._url = url
        self._clock = clock
        self._http = urllib3.PoolManager()
        self._rests_until = 0.0

    def verify(self, token: str, lead_id: str) -> Verdict:
        """Return Cloudflare's verdict; see `Verifier`."""
        if self._clock() < self._rests_until:
            return Verdict.UNVERIFIED
        try:
            answer = self._answer_to(self._question(token, lead_id))
        except _OutOfReachError as error:
            self._rests_until = self._clock() + _REST_SECONDS
            logger.warning("turnstile out of reach", extra={"lead_id": lead_id, "reason": error.reason})
            return Verdict.UNVERIFIED
        if answer.success:
            return Verdict.PASSED
        codes = set(answer.error_codes)
        if codes == _FAILED:
            return Verdict.FAILED
        known = ", ".join(sorted(codes & _CODES))
        logger.warning("turnstile could not tell", extra={"lead_id": lead_id, "reason": known})
        return Verdict.UNVERIFIED

    def _question(self, token: str, lead_id: str) -> dict[str, str]:
        try:
            secret = self._read_secret()
        except SecretUnavailableError as error:
            raise _OutOfReachError(error.reason) from None
        # Every attempt for this lead uses the same key, so asking again is safe.
        return {"secret": secret, "response": token, "idempotency_key": str(uuid5(NAMESPACE_URL, lead_id))}

    def _answer_to(self, question: dict[str, str]) -> _Answer:
        reason = ""
        for _ in range(TRIES):
            try:
                return _Answer.model_validate_json(self._ask(question))
            except _OutOfReachError as error:
                reason = error.reason
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                reason = type(error).__name__  # the error's text may quote the request
        raise _OutOfReachError(reason)

    def _ask(self, question: dict[str, str]) -> bytes:
        response = self._http.request(
            "POST",
            self._url,
            json=question,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=False,
            redirect=False,  # never send the secret to another address
            preload_content=False,
        )
        try:
            if response.status >= _SERVER_ERROR:
                raise _OutOfReachError("ServerError")
            return response.read(_LONGEST_ANSWER)  # a longer answer is cut off, and then it is not valid JSON
        finally:
            response.close()


def turnstile(secret_arn: str, url: str) -> Turnstile:
    """Return a verifier that reads its secret when it checks its first token."""
    return Turnstile(read_secret=stored_secret(secret_arn, max_age=_MAX_AGE).read, url=url)
