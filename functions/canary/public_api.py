"""The public API as a visitor's browser sees it, for who wants to know whether it works."""

from collections.abc import Mapping
from typing import Protocol

import urllib3  # botocore's own, so it is in the layer already

CONNECT_SECONDS = 5
READ_SECONDS = 30  # API Gateway waits for a function for 29 seconds, and then answers by itself


class OutOfReachError(Exception):
    """There was no answer. `reason` is the name of what went wrong."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Website(Protocol):
    """Something that takes a consultation request."""

    def post(self, form: Mapping[str, object]) -> int:
        """Send `form` and return the answer's HTTP status. Raises OutOfReachError."""


class PublicApi:
    """The API at `url`, which has no slash at its end."""

    def __init__(self, url: str) -> None:
        self._address = f"{url}/consultations"
        self._http = urllib3.PoolManager()

    def post(self, form: Mapping[str, object]) -> int:
        """Send `form` as JSON, once; see `Website`."""
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
