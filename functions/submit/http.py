"""HTTP as API Gateway's REST proxy speaks it, without a framework: a router would triple the cold start."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request.

    `path` is the template's, whatever comes before it in the address; header names are in lower case; `body` is what
    was sent, decoded from base64 where need be.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_proxy(self) -> dict[str, Any]:
        """Return the answer in the shape API Gateway expects of a proxy integration."""
        return {
            "statusCode": self.status,
            "headers": dict(self.headers),
            "body": self.body,
            "isBase64Encoded": False,
        }


def parse_request(event: Mapping[str, Any]) -> Request:
    """Return the request in a REST API proxy event. A lone surrogate in the body becomes a replacement character."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(text)
        except (binascii.Error, ValueError):
            body = b""
    else:
        body = text.encode("utf-8", errors="replace")
    return Request(
        method=event["httpMethod"],
        # Not "path": behind a domain name of the clinic's own that one begins with the domain's base path.
        path=event["resource"],
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        query=event.get("queryStringParameters") or {},
        body=body,
    )
