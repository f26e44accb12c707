"""Chooses between JSON and a page by the Accept header (RFC 9110, section 12.5.1)."""

import re

_PAGE = ("text/html", "application/xhtml+xml")
_JSON = ("application/json", "application/problem+json")
_QUALITY = re.compile(r"q=(0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?)", re.ASCII)


def prefers_page(accept: str, *, otherwise: bool) -> bool:
    """Return whether a client wants a page rather than JSON; `otherwise` if the header does not decide.

    The higher quality wins, then the more exact name. "application/json, */*" asks for JSON, "text/html,*/*" for a
    page.
    """
    page, json = _rank(accept, _PAGE), _rank(accept, _JSON)
    return page > json if page != json else otherwise


def _rank(accept: str, media_types: tuple[str, ...]) -> tuple[float, int]:
    """Return (quality, exactness) of the best match for `media_types`."""
    best = (0.0, 0)
    for entry in accept.lower().split(","):
        name, _, parameters = entry.partition(";")
        name = name.strip()
        exactness = 2 if name in media_types else 1 if name == f"{media_types[0].split('/')[0]}/*" else 0
        if exactness or name == "*/*":
            quality = _QUALITY.search(parameters)
            value = float(quality[1]) if quality else 1.0
            best = max(best, (value, exactness if value else 0))
    return best
