"""The worklist: the leads that staff or operators should look at. The digest shows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.leads.progress import AlertState, Progress
from shared.leads.response import ResponseState


class Worklist(StrEnum):
    """A list of leads."""

    OPEN = "open"  # the person was not reached yet
    UNDELIVERABLE = "undeliverable"  # no one could be told
    QUARANTINED = "quarantined"  # looks like spam
    CLOSED = "closed"  # the person was reached


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLead:
    """The data of a lead on a worklist."""

    lead_id: str
    reference: str
    received_at: datetime  # aware, UTC, like all times here
    response: ResponseState
    claimed_by: str | None  # its owner
    claimed_at: datetime | None  # when it was first claimed
    told_at: datetime | None  # when SES first accepted an email to staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Leads of one list, in order. If not `complete`, the list has more leads than these."""

    leads: tuple[ListedLead, ...]
    complete: bool = True


def worklist(progress: Progress) -> Worklist | None:
    """Return the list that a lead is on, or None for the canary's leads."""
    if progress.synthetic:
        return None
    if progress.response is ResponseState.CLOSED:
        return Worklist.CLOSED
    if progress.state is AlertState.QUARANTINED:
        return Worklist.QUARANTINED
    if progress.state is AlertState.UNDELIVERABLE:
        return Worklist.UNDELIVERABLE
    return Worklist.OPEN
