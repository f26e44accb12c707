"""Requests as API Gateway passes them to the function: proxy events with any body of any type."""

import base64
from collections.abc import Mapping
from typing import Any

from submit.decode import JSON, MULTIPART

type Event = dict[str, Any]

BOUNDARY = "made-up-boundary"
PARTS = f"{MULTIPART}; boundary={BOUNDARY}"


def event(
    body: bytes | str | None = b"",
    content_type: str | None = JSON,
    *,
    headers: Mapping[str, str] | None = None,
    encoded: bool = False,
    **changes: object,
) -> Event:
    """Return a proxy event: `body` as text if API Gateway could read it as such, or in base64 if asked."""
    raw = body if isinstance(body, bytes) else b""
    text = body if not isinstance(body, bytes) else body.decode("utf-8", errors="replace")
    typed = {} if content_type is None else {"Content-Type": content_type}
    return {
        "httpMethod": "POST",
        "resource": "/consultations",
        "headers": {**typed, **(headers or {})},
        "queryStringParameters": None,
        "pathParameters": None,
        "body": base64.b64encode(raw).decode() if encoded else text,
        "isBase64Encoded": encoded,
    } | changes


def parts(fields: Mapping[str, object], boundary: str = BOUNDARY) -> bytes:
    """Return a form as multipart/form-data."""
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs
    ]
    return ("".join(lines) + f"--{boundary}--\r\n").encode("utf-8", errors="surrogatepass")
