"""The worklist: the leads that staff or operators should look at. The digest shows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.leads.lead import Priority
from shared.leads.progress import AlertState, StoredLead
from shared.leads.response import ResponseState


class Worklist(StrEnum):
    """A list of leads.

    The index does not contain the priority, and AWS does not allow changing what an index contains. So urgent leads
    have lists of their own. A new lead starts on OPEN and moves to URGENT with its first lease.
    """

    OPEN = "open"  # the person was not reached yet
    URGENT = "urgent"  # as OPEN, but urgent
    UNDELIVERABLE = "undeliverable"  # no one could be told
    QUARANTINED = "quarantined"  # looks like spam
    CLOSED = "closed"  # the person was reached, or the lead was closed for another reason
    URGENT_CLOSED = "urgent_closed"  # as CLOSED, but urgent; only the response times need it


OF_URGENT_LEADS: Final = frozenset({Worklist.URGENT, Worklist.URGENT_CLOSED})


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
    urgent: bool = False  # whether it is on one of OF_URGENT_LEADS


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Leads of one list, in order. If not `complete`, the list has more leads than these."""

    leads: tuple[ListedLead, ...]
    complete: bool = True


def worklist(stored: StoredLead) -> Worklist | None:
    """Return the list that a lead is on, or None for the canary's leads."""
    progress, urgent = stored.progress, stored.lead.priority is not Priority.NORMAL
    if progress.synthetic:
        return None
    if progress.response is ResponseState.CLOSED:
        return Worklist.URGENT_CLOSED if urgent else Worklist.CLOSED
    if progress.state is AlertState.QUARANTINED:
        return Worklist.QUARANTINED
    if progress.state is AlertState.UNDELIVERABLE:
        return Worklist.UNDELIVERABLE
    return Worklist.URGENT if urgent else Worklist.OPEN
