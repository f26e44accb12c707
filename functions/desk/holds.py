"""Which form put a request under legal hold, or ended that."""

from typing import Final

from desk.desk import Desk

_KINDS: Final = frozenset({"held", "unheld"})


def is_in_force(desk: Desk, lead_id: str, press: str) -> bool:
    """Whether the newest change of a request's legal hold is of this form. Others sent theirs meanwhile if not."""
    newest = next((entry for entry in desk.timeline.entries(lead_id) if entry.kind in _KINDS), None)
    return newest is not None and newest.details.get("press") == press
