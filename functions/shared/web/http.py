"""HTTP answers in the shape of API Gateway's REST proxy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def is_request(event: object, place: str) -> bool:
    """Return whether an event is a request from API Gateway, and not a test event or a warm-up.

    `place` is the key that the function finds its route by.
    """
    return isinstance(event, Mapping) and all(isinstance(event.get(name), str) for name in ("httpMethod", place))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP answer."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> "Response":
        """Return this answer with more headers."""
        return Response(status=self.status, body=self.body, headers={**self.headers, **headers})

    def to_proxy(self) -> dict[str, Any]:
        """Return the answer in the shape that API Gateway expects from a proxy integration."""
        return {
            "statusCode": self.status,
            "headers": dict(self.headers),
            "body": self.body,
            "isBase64Encoded": False,
        }
