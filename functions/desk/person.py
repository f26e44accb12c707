"""One person: all requests with the same address or number, and what the pages about them say of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from desk.desk import Desk
from desk.names import names_for
from desk.request_page import read
from desk.route import Visit
from desk.withdrawals import withdrawals
from desk.words.consents import Agreed, agreed
from desk.words.kept import kept
from desk.words.state import state
from shared.leads.desk_list import desk_list
from shared.leads.plan import owner_of
from shared.leads.progress import StoredLead
from shared.web.times import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One of the person's requests. The name is as the visitor typed it.

    `received` is the time for a list, and `came_in` the same for a sentence.
    """

    lead_id: str
    path: str
    reference: str
    name: str
    received: str
    came_in: str
    state: str
    owner: str
    kept: str
    held: bool
    consents: tuple[Agreed, ...]


def requests_of(desk: Desk, visit: Visit) -> tuple[StoredLead, ...]:
    """Return the request in the path, and the person's other ones, newest first. The canary's are left out.

    Raises PageError if the one in the path does not exist.
    """
    stored = read(desk, visit)
    found = tuple(each for each in desk.records.of_person(visit.lead_id) if desk_list(each))
    return found if any(each.lead.id == stored.lead.id for each in found) else (stored, *found)


def in_words(desk: Desk, visit: Visit, requests: tuple[StoredLead, ...]) -> Iterator[Own]:
    """Yield the person's requests in words."""
    names, clock, clinic = names_for(desk, visit), Times(desk.rules.clinic, visit.now), desk.rules.clinic
    for stored in requests:
        lead, progress = stored.lead, stored.progress
        yield Own(
            lead_id=lead.id,
            path=f"/requests/{lead.id}",
            reference=lead.reference,
            name=lead.name,
            received=clock.at(lead.received_at),
            came_in=clock.on(lead.received_at),
            state=state(stored, names),
            owner=names.owner(owner_of(progress, desk.rules.team), progress.owner_address),
            kept=kept(stored, clinic),
            held=progress.held,
            consents=agreed(stored, clinic, clock, withdrawals(desk, stored), frozenset()),
        )
