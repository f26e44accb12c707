"""Legal hold: a lead that must be kept does not end, and is not erased, until somebody ends the hold.

A form that was sent before changes nothing, so an old page cannot end the hold of a colleague.
"""

from dataclasses import replace
from datetime import datetime

from shared.leads.decisions import Decide
from shared.leads.event import Event
from shared.leads.person import Person
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import ClaimRefusedError, Refusal
from shared.leads.retention import later_end


def hold(reason: str, now: datetime, *, by: Person, press: str) -> Decide:
    """Keep a lead until `unhold`, with the reason that the person wrote. Raises ClaimRefusedError if it is held."""
    event = Event(kind="held", at=now, actor=by.id, details={"by": by.email, "text": reason, "press": press})

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        if progress.held or press in progress.links_used:
            raise ClaimRefusedError(Refusal.USED)
        return replace(
            progress,
            held_at=now,
            held_by=by.id,
            hold_reason=reason,
            links_used=progress.links_used | {press},
            event=event,
        )

    return decide


def unhold(now: datetime, *, by: Person, press: str) -> Decide:
    """End a hold. A closed lead stays for a while, so that staff can see what it was. Raises ClaimRefusedError."""
    event = Event(kind="unheld", at=now, actor=by.id, details={"by": by.email, "press": press})

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        if not progress.held or press in progress.links_used:
            raise ClaimRefusedError(Refusal.USED)
        return replace(
            progress,
            held_at=None,
            held_by=None,
            hold_reason=None,
            kept_until=later_end(progress, now),
            links_used=progress.links_used | {press},
            event=event,
        )

    return decide
