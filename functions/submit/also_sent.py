"""What a form sends besides our fields: which of it may be kept with its value."""

import re

_SECRET_NAMES = re.compile(
    r"passw|pwd|secret|token|nonce|csrf|card|cvc|cvv|ssn|social.?sec|clid\b|_gl\b|session", re.IGNORECASE
)
_SECRET_VALUES = re.compile(
    r"\D*(?:\d[ -]?){13,19}\D*|\D*\d{3}-\d{2}-\d{4}\D*", re.ASCII
)  # a card, a social security number


def names_only(name: str, value: str) -> bool:
    """Return whether a value must not be kept or shown again: a password, a token, a card or social security number."""
    return bool(_SECRET_NAMES.search(name[:100]) or _SECRET_VALUES.fullmatch(value[:100]))
