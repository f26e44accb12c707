"""Which sites' scripts may read our answers (CORS): the exact origins in the list, echoed one at a time."""

from collections.abc import Collection

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}
_ANSWER = {"Access-Control-Expose-Headers": "Retry-After"}


def cors_headers(origin: str | None, allowed_origins: Collection[str], *, preflight: bool = False) -> dict[str, str]:
    """Return the headers for an answer to `origin`. An origin that is not in the list gets none but `Vary`.

    Nothing is refused because of its origin: a browser sends "null" or nothing for some plain forms, and a request
    that is refused is a person lost. The list decides who may read, which is all that CORS is.
    """
    headers = {"Vary": "Accept, Origin"}
    if origin is not None and origin in allowed_origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers |= _PREFLIGHT if preflight else _ANSWER
    return headers
