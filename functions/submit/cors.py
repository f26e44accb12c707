"""CORS: scripts of listed origins may read our answers. An answer names at most one origin: the one that asked."""

from collections.abc import Collection

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}
_ANSWER = {"Access-Control-Expose-Headers": "Retry-After"}


def cors_headers(
    origin: str | None, allowed_origins: Collection[str], *, preflight: bool = False, by_language: bool = False
) -> dict[str, str]:
    """Return the headers for an answer to `origin`. An origin that is not listed gets only `Vary`.

    `by_language` says that the answer depends on the languages that the browser asks for.

    No request is refused because of its origin: browsers send "null" or nothing for some plain forms, and refusing a
    request would lose a person. The list only decides which scripts may read an answer.
    """
    headers = {"Vary": "Accept, Accept-Language, Origin" if by_language else "Accept, Origin"}
    if origin is not None and origin in allowed_origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers |= _PREFLIGHT if preflight else _ANSWER
    return headers
