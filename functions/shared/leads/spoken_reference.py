"""Recognizes a reference that a person typed, as they heard or read it."""

import re
from typing import Final

from shared.leads.identity import IN_REFERENCE, REFERENCE_PATTERN, REFERENCE_PREFIX

# Crockford's base 32 has no I, L, O and U. People read I and L as 1, and O as 0.
_MISREAD: Final = str.maketrans("ILO", "110")
_AS_SAID: Final = re.compile(r"([0-9A-Z]{4})([0-9A-Z]{4})")


def reference_in(text: str, prefix: str = REFERENCE_PREFIX) -> str | None:
    """Return the reference that a person surely typed, however they wrote it: "kc 7q2m-4xhd", "7Q2M4XHD".

    `prefix` is the clinic's. A reference with another one, from before the clinic changed it, has to be exact.
    """
    said = _said(text)
    # Without its first letters, eight letters may be a name, and eight digits a part of a number.
    whole = said.startswith(prefix) and len(said) == len(prefix) + IN_REFERENCE
    sure = whole or (any(each.isdigit() for each in said) and not said.isdecimal())
    return possible_reference(text, prefix) if sure or _exact(text) else None


def possible_reference(text: str, prefix: str = REFERENCE_PREFIX) -> str | None:
    """Return the reference that a text can be read as, also if it may be a name or a number: "Robinson"."""
    if exact := _exact(text):
        return exact
    said = _said(text)
    found = _AS_SAID.fullmatch(said.removeprefix(prefix)) or _AS_SAID.fullmatch(said)
    if found is None:
        return None
    reference = f"{prefix}-{found[1].translate(_MISREAD)}-{found[2].translate(_MISREAD)}"
    return reference if REFERENCE_PATTERN.fullmatch(reference) else None


def _exact(text: str) -> str | None:
    typed = text.strip().upper()
    return typed if REFERENCE_PATTERN.fullmatch(typed) else None


def _said(text: str) -> str:
    return "".join(each for each in text.upper() if each.isalnum())
