"""Chooses between JSON and a page by the Accept header (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Iterator

# The first name of each is what we send. The others ask for it too.
_PAGE = ("text/html", "application/xhtml+xml")
_JSON = ("application/json", "application/problem+json")

_MAX_READ = 1_000  # characters of the header; browsers send 150
# Compiled at first use, because a script's header needs neither.
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_QUALITY = r"0?\.[0-9]+|0\.?|1(?:\.0*)?"


def prefers_page(accept: str, *, otherwise: bool) -> bool:
    """Return whether a client wants a page rather than JSON; `otherwise` if the header does not decide.

    The most specific range that matches a kind decides its quality. The higher quality wins, then the more exact name:
    "application/json, */*" asks for JSON, "text/html,*/*" for a page.
    """
    if accept == _JSON[0]:  # what form.js sends
        return False
    ranges = list(_ranges(accept))
    page, json = _preference(ranges, _PAGE), _preference(ranges, _JSON)
    return page > json if page != json else otherwise


def _ranges(accept: str) -> Iterator[tuple[str, bool, float]]:
    """Yield (name, whether it has parameters, quality) of each media range. A malformed quality counts as 1."""
    text = accept.lower()
    if len(text) > _MAX_READ:
        text = text[:_MAX_READ].rpartition(",")[0]  # the last range may be cut within its quality
    if '"' in text:
        text = re.sub(_QUOTED, "", text)  # a comma or semicolon in quotes separates nothing
    for entry in text.split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        quality, more = 1.0, False
        for parameter in parameters:
            key, _, value = (part.strip() for part in parameter.partition("="))
            if key == "q":
                quality = float(value) if re.fullmatch(_QUALITY, value, re.ASCII) else 1.0
                break  # what follows belongs to no media type
            more |= key not in {"", "charset"}
        yield name, more, quality


def _preference(ranges: list[tuple[str, bool, float]], names: tuple[str, ...]) -> tuple[float, int]:
    """Return (quality, exactness) of one kind of answer. Both are 0 if the client does not take it."""
    ours, *others = names
    by_specificity: dict[int, float] = {}
    for name, more, quality in ranges:
        if name == ours:
            specificity = 3 if more else 4  # we send no such parameter, so the name alone counts first
        elif name in others:
            specificity = 2
        elif name == f"{ours.split('/', 1)[0]}/*":
            specificity = 1
        elif name == "*/*":
            specificity = 0
        else:
            continue
        by_specificity[specificity] = max(quality, by_specificity.get(specificity, 0.0))
    if not by_specificity:
        return 0.0, 0
    most = max(by_specificity)
    quality = by_specificity[most]
    return quality, min(most, 2) if quality else 0
