"""The worklist: which leads somebody should look at, for the digest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.leads.alert import AlertState, Progress
from shared.leads.response import ResponseState


class Worklist(StrEnum):
    """The list that a lead is on."""

    OPEN = "open"  # nobody has reached the person yet
    UNDELIVERABLE = "undeliverable"  # nobody could be told
    QUARANTINED = "quarantined"  # looks like spam
    CLOSED = "closed"  # the person was reached


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLead:
    """What the worklist knows of a lead."""

    lead_id: str
    reference: str
    received_at: datetime  # aware, UTC, as all of them
    response: ResponseState
    claimed_by: str | None  # the recipient of who took it
    claimed_at: datetime | None  # when somebody first took it
    told_at: datetime | None  # when SES first took a mail to staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Leads of one list, in order; not `complete` where there are more than were read."""

    leads: tuple[ListedLead, ...]
    complete: bool = True


def worklist(progress: Progress) -> Worklist | None:
    """Return the list that a lead is on; None for the canary's, which nobody looks at."""
    if progress.synthetic:
        return None
    if progress.response is ResponseState.CLOSED:
        return Worklist.CLOSED
    if progress.state is AlertState.QUARANTINED:
        return Worklist.QUARANTINED
    if progress.state is AlertState.UNDELIVERABLE and progress.response is ResponseState.OPEN:
        return Worklist.UNDELIVERABLE
    return Worklist.OPEN
