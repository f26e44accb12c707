"""The public API, called the way a visitor's browser calls it."""

from collections.abc import Mapping
from typing import Protocol

import urllib3  # botocore depends on it, so the layer already has it

CONNECT_SECONDS = 5
READ_SECONDS = 30  # API Gateway waits 29 seconds for a function, then sends an error


class OutOfReachError(Exception):
    """There was no response. `reason` is the name of the error."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Website(Protocol):
    """A server that accepts consultation requests."""

    def post(self, form: Mapping[str, object]) -> int:
        """Send `form`, and return the HTTP status of the response. Raises OutOfReachError."""


class PublicApi:
    """The API at `url`, which must not end with a slash."""

    def __init__(self, url: str) -> None:
        self._address = f"{url}/consultations"
        self._http = urllib3.PoolManager()

    def post(self, form: Mapping[str, object]) -> int:
        """Send `form` as JSON, without retries."""
        try:
            response = self._http.request(
                "POST",
                self._address,
                json=form,
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                retries=False,
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise OutOfReachError(type(error).__name__) from None
        return response.status
