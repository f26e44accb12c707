"""The lists of the desk: which one a lead is on."""

from enum import StrEnum

from shared.leads.lead import Priority
from shared.leads.progress import AlertState, StoredLead
from shared.leads.response import ResponseState


class DeskList(StrEnum):
    """A list of leads at the desk. Each lead is on one of them, except the canary's."""

    URGENT = "urgent"  # nobody has claimed it
    URGENT_CLAIMED = "urgent_claimed"
    OPEN = "open"  # nobody has claimed it
    CLAIMED = "claimed"
    SPAM = "spam"  # in quarantine
    UNDELIVERED = "undelivered"  # no one could be told, and nobody has claimed it
    URGENT_UNDELIVERED = "urgent_undelivered"  # as UNDELIVERED, but urgent
    CLOSED = "closed"


def desk_list(stored: StoredLead) -> DeskList | None:
    """Return the list that a lead is on, or None for the canary's leads."""
    progress = stored.progress
    if progress.synthetic:
        return None
    if progress.response is ResponseState.CLOSED:
        return DeskList.CLOSED
    if progress.state is AlertState.QUARANTINED:
        return DeskList.SPAM
    urgent = stored.lead.priority is not Priority.NORMAL
    if progress.response is ResponseState.CLAIMED:  # its owner has it, even if no email about it arrives
        return DeskList.URGENT_CLAIMED if urgent else DeskList.CLAIMED
    if progress.state is AlertState.UNDELIVERABLE:
        return DeskList.URGENT_UNDELIVERED if urgent else DeskList.UNDELIVERED
    return DeskList.URGENT if urgent else DeskList.OPEN
