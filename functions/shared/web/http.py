"""HTTP as API Gateway's REST proxy speaks it, without a framework: a router would triple the cold start."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request.

    `path` is what stands after the stage or the domain's base path, or the route where that has parameters of its own;
    header names are in lower case; `body` is what was sent, decoded from base64 where need be.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)  # of the path

    @property
    def content_type(self) -> str:
        """The content type with its parameters; empty where none was sent."""
        return self.headers.get("content-type", "")

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty where none was sent."""
        return media_type(self.content_type)


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


def media_type(content_type: str) -> str:
    """Return a content type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def http_request(event: Mapping[str, Any]) -> Request:
    """Return the request in a REST API proxy event. A lone surrogate in the body becomes a replacement character."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(text)
        except (binascii.Error, ValueError):
            body = b""
    else:
        body = text.encode("utf-8", errors="replace")
    # Not event["path"]: behind a domain name of the clinic's own that one begins with the domain's base path.
    parameters = event.get("pathParameters") or {}
    rest = parameters.get("proxy")
    return Request(
        method=event["httpMethod"],
        path=event["resource"] if rest is None else f"/{rest}",
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        query=event.get("queryStringParameters") or {},
        body=body,
        parameters=parameters,
    )
