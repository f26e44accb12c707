"""The rows of a list of requests, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from desk.safety import NOT_WANTED
from desk.waiting import Waiting, waiting
from desk.words.names import Names
from shared.leads.clinic import Clinic
from shared.leads.lead import Lead, Priority
from shared.leads.progress import StoredLead
from shared.leads.response import ResponseState
from shared.messages.reaching import ways
from shared.store.desk_index import Row
from shared.store.keys import moment
from shared.store.progress_item import place_at_desk
from shared.web.labels import OUTCOMES
from shared.web.times import Times

URGENCY: Final = {
    Priority.NORMAL: "",
    Priority.HIGH: "Urgent: words of a crisis",
    Priority.URGENT: "Urgent: in crisis",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The best way to reach a person. `link` is None if a tap must not be enough, or if nothing can be dialed."""

    text: str
    link: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A request as a list shows it. `path` is below the desk. The name is as the visitor typed it."""

    lead_id: str
    path: str
    name: str
    reference: str
    urgency: str
    reach: Reach | None
    waits: Waiting
    received: str
    owner: str
    follow_up: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Puts rows into words, for one person at one moment."""

    clinic: Clinic
    names: Names
    now: datetime

    @property
    def clock(self) -> Times:
        """The words for times."""
        return Times(self.clinic, self.now)

    def view(self, row: Row) -> RowView:
        """Return a row in words."""
        return RowView(
            lead_id=row.lead_id,
            path=f"/requests/{row.lead_id}",
            name=row.name,
            reference=row.reference,
            urgency=URGENCY[row.priority],
            reach=self._reach(row),
            waits=self._waits(row),
            received=self.clock.at(row.received_at),
            owner=self.names.owner(row.claimed_by, row.owner_address),
            follow_up=self.clock.at(row.follow_up_at) if row.follow_up_at else None,
        )

    def _reach(self, row: Row) -> Reach | None:
        given = {"name": row.name, "phone": row.phone, "email": row.email, "preferred_contact": row.preferred_contact}
        answers = {name: value for name, value in given.items() if value is not None}
        known = Lead(id=row.lead_id, received_at=row.received_at, fingerprint="", answers=answers)
        best = next(iter(ways(known, self.clinic)), None)
        if best is None:
            return None
        text = best.quote.typed if best.quote else best.value
        # If the request is closed, or the person wants no contact, staff should read its page before they reach out.
        no_link = row.not_wanted or row.response is ResponseState.CLOSED
        link = None if no_link else with_subject(best.link, row.reference)
        wish = "text preferred" if row.preferred_contact == "text" and row.phone else ""
        return Reach(text=text, link=link, note=NOT_WANTED if row.not_wanted else best.warning or wish)

    def _waits(self, row: Row) -> Waiting:
        if row.response is ResponseState.CLOSED:
            # What such a person decided matters less than that nobody calls them.
            how = NOT_WANTED if row.not_wanted else OUTCOMES[row.outcome] if row.outcome else ""
            when = self.clock.on(moment(row.at.partition("#")[0]))
            return Waiting(f"Closed {when}: {how.lower()}" if how else f"Closed {when}")
        if row.response is ResponseState.CLAIMED:
            return Waiting(f"Came in {self.clock.since(row.received_at)} ago")
        return waiting(row.told_at or row.received_at, row.priority, self.clinic, self.now)


def row_of_lead(stored: StoredLead) -> Row:
    """Return the row of a lead that was found without the index."""
    lead, progress = stored.lead, stored.progress
    return Row(
        lead_id=lead.id,
        reference=lead.reference,
        received_at=lead.received_at,
        at=place_at_desk(stored),
        name=lead.name,
        phone=lead.phone,
        email=lead.email,
        preferred_contact=lead.preferred_contact,
        priority=lead.priority,
        response=progress.response,
        claimed_by=progress.claimed_by,
        owner_address=progress.owner_address,
        outcome=progress.outcome,
        follow_up_at=progress.follow_up_at,
        told_at=progress.told_at,
        not_wanted=progress.no_contact_since is not None,
    )


def with_subject(link: str | None, reference: str) -> str | None:
    """Return a link with the reference as the only thing in the subject of an email. Other people may see a subject."""
    return f"{link.partition('?')[0]}?subject={reference}" if link and link.startswith("mailto:") else link
