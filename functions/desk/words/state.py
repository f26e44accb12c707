"""Where a request is: who has it, how long it has waited, and how it ended."""

from collections.abc import Iterator

from desk.waiting import waiting
from desk.words.kept import kept
from desk.words.names import Names
from shared.leads.clinic import Clinic
from shared.leads.progress import AlertState, StoredLead
from shared.leads.response import ResponseState
from shared.web.labels import closed_as_in_words
from shared.web.times import Times, times


def state(stored: StoredLead, names: Names) -> str:
    """Return the state of a request in a few words."""
    progress = stored.progress
    if how := closed_as_in_words(progress):
        return f"Closed: {how[0].lower()}{how[1:]}"
    if progress.state is AlertState.QUARANTINED:
        return "In quarantine: it looks like spam, so no alert was sent"
    if progress.response is ResponseState.CLAIMED:
        owner = names.owner(progress.claimed_by, progress.owner_address)
        return "You have it" if owner == "You" else f"Claimed by {owner}" if not owner.startswith("Nobody") else owner
    if progress.state is AlertState.UNDELIVERABLE:
        return "Undelivered: no email about it reached anybody"
    return "Open: nobody has it"


def facts(stored: StoredLead, names: Names, clock: Times, clinic: Clinic) -> Iterator[tuple[str, str, bool]]:
    """Yield a label, a value, and whether the value is a warning."""
    lead, progress = stored.lead, stored.progress
    yield "Received", clock.at(lead.received_at), False
    yield "State", state(stored, names), progress.state in {AlertState.QUARANTINED, AlertState.UNDELIVERABLE}
    if progress.response is ResponseState.OPEN and progress.state is not AlertState.QUARANTINED:
        wait = waiting(progress.told_at or lead.received_at, lead.priority, clinic, clock.now)
        yield "Wait", wait.words, wait.late
    if progress.response is not ResponseState.OPEN and progress.claimed_at:
        yield "First claimed", clock.at(progress.claimed_at), False
    if progress.tried:
        last = f", last {clock.on(progress.tried_at)}" if progress.tried_at else ""
        yield "Tried", f"{times(progress.tried)} without an answer{last}", False
    if progress.call_again_at and progress.response is ResponseState.CLAIMED:
        yield "Try again", clock.at(progress.call_again_at), False
    if progress.follow_up_at and progress.response is ResponseState.CLAIMED:
        yield "Follow-up", clock.at(progress.follow_up_at), progress.follow_up_at <= clock.now
    yield "Kept", kept(stored, clinic), False
    if progress.response is ResponseState.CLOSED:
        if at := progress.closed_at or progress.acted_at:
            yield "Closed", clock.at(at), False
        if progress.acted_by:
            yield "Closed by", names.name(progress.acted_by, progress.acted_by_address), False
