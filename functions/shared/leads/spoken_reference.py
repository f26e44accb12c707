"""Recognizes a reference that a person typed, as they heard or read it."""

import re
from typing import Final

from shared.leads.identity import REFERENCE_PATTERN

# Crockford's base 32 has no I, L, O and U. People read I and L as 1, and O as 0.
_MISREAD: Final = str.maketrans("ILO", "110")
_AS_SAID: Final = re.compile(r"(?:KC)?([0-9A-Z]{4})([0-9A-Z]{4})")


def reference_in(text: str) -> str | None:
    """Return the reference that a person surely typed, however they wrote it: "kc 7q2m-4xhd", "7Q2M4XHD"."""
    said = _said(text)
    # Without its first letters, eight letters may be a name, and eight digits a part of a number.
    sure = said.startswith("KC") or (any(each.isdigit() for each in said) and not said.isdecimal())
    return possible_reference(text) if sure else None


def possible_reference(text: str) -> str | None:
    """Return the reference that a text can be read as, also if it may be a name or a number: "Robinson"."""
    found = _AS_SAID.fullmatch(_said(text))
    if found is None:
        return None
    reference = f"KC-{found[1].translate(_MISREAD)}-{found[2].translate(_MISREAD)}"
    return reference if REFERENCE_PATTERN.fullmatch(reference) else None


def _said(text: str) -> str:
    return "".join(each for each in text.upper() if each.isalnum())
