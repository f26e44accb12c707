"""Why a form about several requests does not propose one of them."""

from typing import Final

from desk.alike import is_alike, same_number
from shared.leads.lead import Lead

URGENT: Final = "Urgent and open, with another name or email address: look at it first"
_NUMBER: Final = "Has the same number, but another name"
_NEITHER: Final = "Has another name and another email address"


def why_not(own: Lead, other: Lead) -> str:
    """Return why a request is not checked at first."""
    if is_alike(own, other):
        return URGENT
    return _NUMBER if same_number(own, other) else _NEITHER
