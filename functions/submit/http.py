"""Requests in the shape of API Gateway's REST proxy. No framework: a router would triple the cold start."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request.

    `path` does not include the stage or the domain's base path; `address` is the path as the client sees it, with them.
    Header names are in lower case. `query` has the last value of each name, `queries` all values. `body` is decoded
    from base64 if needed.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    address: str = ""
    queries: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The content type with its parameters; empty if none was sent."""
        return self.headers.get("content-type", "")

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty if none was sent."""
        return media_type(self.content_type)

    @property
    def base(self) -> str:
        """The address of the API relative to this request's, for links in the answer: "", "../" or "v1/".

        "v1/" is for the API's own address without a slash at the end. API Gateway ignores a slash after other paths,
        but browsers do not.
        """
        stage = self.address.rpartition("/")[2]
        if self.path == "/":
            return f"{stage}/" if re.fullmatch(_SEGMENT, stage, re.ASCII) else ""
        ignored = self.address.endswith("/") and not self.path.endswith("/")
        return "../" * min(self.path.count("/") - 1 + ignored, _MAX_DEPTH)


_SEGMENT = r"[A-Za-z0-9._~-]{1,100}"
_MAX_DEPTH = 20


def media_type(content_type: str) -> str:
    """Return a content type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def http_request(event: Mapping[str, Any]) -> Request:
    """Return the request in a REST API proxy event. A lone surrogate in the body becomes a question mark."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(text)
        except (binascii.Error, ValueError):
            body = b""
    else:
        body = text.encode("utf-8", errors="replace")
    # Not event["path"]: behind a custom domain it starts with the domain's base path.
    rest = (event.get("pathParameters") or {}).get("proxy")
    return Request(
        method=event["httpMethod"],
        path=event["resource"] if rest is None else f"/{rest}",
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        query=event.get("queryStringParameters") or {},
        body=body,
        address=_text((event.get("requestContext") or {}).get("path")),
        queries=event.get("multiValueQueryStringParameters") or {},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
