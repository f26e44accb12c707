"""Chooses the language of an answer by the Accept-Language header (RFC 9110, section 12.5.4)."""

import re
from collections.abc import Sequence
from typing import Final

_MAX_READ: Final = 1_000  # characters of the header; browsers send 100
_QUALITY: Final = r"0?\.[0-9]+|0\.?|1(?:\.0*)?"


def preferred(header: str, offered: Sequence[str]) -> str | None:
    """Return the language of `offered` that a browser likes best, or None if it names none of them.

    "es-MX" asks for Spanish. The higher quality wins, then what comes first. "*" names no language.
    """
    text = header.lower()
    if len(text) > _MAX_READ:
        text = text[:_MAX_READ].rpartition(",")[0]  # the last range may be cut within its quality
    liked: dict[str, float] = {}
    for entry in text.split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        code = name.partition("-")[0]
        if code in offered:
            liked[code] = max(_quality(parameters), liked.get(code, 0.0))
    best = max(liked, key=lambda code: liked[code], default=None)
    return best if best is not None and liked[best] > 0 else None


def _quality(parameters: Sequence[str]) -> float:
    """Return the quality of one range. A malformed one counts as 1."""
    for parameter in parameters:
        key, _, value = (part.strip() for part in parameter.partition("="))
        if key == "q":
            return float(value) if re.fullmatch(_QUALITY, value, re.ASCII) else 1.0
    return 1.0
