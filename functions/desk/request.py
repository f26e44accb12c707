"""Reads a request of API Gateway: its address, its headers, and the form in its body."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 200
# With a custom domain name, a path begins with the domain's base path, which ends before the first "/desk". What comes
# after that is the page's own path, whatever it contains.
DESK_PATH: Final = re.compile(r"^(?:(?!/desk(?:/|$)).)*(?=/desk(?:/|$))")


class BadFormError(Exception):
    """The body of a request is not a form of our own, or too large. The error does not quote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `page` is its path below the desk, such as "/requests/01J...", and "" for the first page.

    `headers` have lowercase names. `base` is the desk's own address, without a slash at its end.
    """

    method: str
    base: str
    page: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    event: Mapping[str, Any]

    @property
    def origin(self) -> str:
        """The origin of our own pages."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    def form(self) -> dict[str, str]:
        """Return the fields of the form in the body, the last of each name. Raises BadFormError."""
        body = self.event.get("body") or ""
        if not isinstance(body, str) or len(body) > _MOST_BYTES * 2:  # base64 is longer than what it stands for
            raise BadFormError
        try:
            sent = base64.b64decode(body, validate=True) if self.event.get("isBase64Encoded") else body.encode()
            text = sent.decode()
            if not text:
                return {}
            if len(sent) > _MOST_BYTES or self._media_type() != _FORM:
                raise BadFormError
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
        except (binascii.Error, ValueError):  # ValueError: not UTF-8, or too many fields
            raise BadFormError from None
        return dict(pairs)

    def _media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def request_of(event: Mapping[str, Any], public_url: str) -> Request:
    """Return the request in an event. Its own address is below `public_url`, or the API's if that is empty."""
    path = str(event["path"])
    return Request(
        method=str(event["httpMethod"]),
        base=f"{public_url or _api_url(event)}/desk",
        page=DESK_PATH.sub("", path).removeprefix("/desk").rstrip("/"),
        query={name: value for name, value in (event.get("queryStringParameters") or {}).items() if value is not None},
        headers={name.lower(): str(value) for name, value in (event.get("headers") or {}).items()},
        event=event,
    )


def _api_url(event: Mapping[str, Any]) -> str:
    """Return the API's address with its stage. API Gateway says which it is; a browser cannot choose it."""
    context = event["requestContext"]
    stage = DESK_PATH.match(str(context["path"]))
    return f"https://{context['domainName']}{stage[0] if stage else ''}"
