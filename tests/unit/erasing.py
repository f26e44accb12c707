"""A table with leads of made-up people, the audit's table, SES's suppression list, and the function that erases."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from erase.wiring import Aws, Wired, put_together
from shared.leads.erasure import Erasure
from shared.leads.event import Event
from shared.leads.lead import Lead
from shared.store.confirmations import ConfirmationBook
from shared.store.erasures import Erasures
from shared.store.keys import LEAD_SORT_KEY
from shared.store.people import digests
from shared.store.repeats import Repeats
from shared.store.urgent_senders import UrgentSenders
from tests.unit.cloud import NotOnTheListError
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.expressions import Item
from tests.unit.fakes import Clock, MemoryLeads
from tests.unit.people import NOW, a_lead
from tests.unit.whose import whose

KEY = b"made-up key of people"
SIX_HOURS = timedelta(hours=6)
# What belongs to one person alone.
ROBIN: dict[str, object] = {
    "name": "Robin Q. Example",
    "email": "Robin.Example@example.com",
    "phone": "+12025550147",
    "message": "I have not slept well since the spring.",
}
SAM: dict[str, object] = {
    "name": "Sam T. Sample",
    "email": "sam.sample@example.com",
    "phone": "+12025550188",
    "message": "Could somebody call me about my father?",
}
TRACES = ("robin.example@example.com", "2025550147", "robin q. example", "not slept well")


@dataclass(kw_only=True)
class Erasing:
    """The stores and the function, on AWS in memory."""

    clock: Clock = field(default_factory=lambda: Clock(NOW))
    table: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    audit: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    suppressed: set[str] = field(default_factory=set)
    asked_ses: list[str] = field(default_factory=list)
    ses_error: Exception | None = None

    def __post_init__(self) -> None:
        self.leads = MemoryLeads(self.table, self.clock)

    # ---- what is there

    def a_lead_with_everything(self, number: int = 0, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
        """Store a lead, and everything else that the system stores about it and its person."""
        lead = a_lead(number, received_at=self.clock(), **({"fingerprint": f"{number:064x}"} | ROBIN | changes))
        self.leads.put(lead)
        linked = digests(lead, KEY)
        assert self.leads.change(lead.id, lambda stored: replace(stored.progress, person_keys=linked))
        client = self.table.client()
        whose(client, lead, KEY)
        Repeats(client, NAME).record(lead, self.clock())
        UrgentSenders(client, NAME).is_first(lead, KEY, self.clock())
        assert lead.email
        ConfirmationBook(client, NAME, self.leads).permit(lead, lead.email, KEY, self.clock())
        self.note(lead, f"Called {lead.phone}, {lead.name} was asleep.")
        self.suppressed.add(lead.email)
        return lead

    def note(self, lead: Lead, text: str) -> None:
        """Write a note of staff on the timeline of a lead."""
        event = Event(kind="note", at=self.clock(), actor="r-000000000001", details={"text": text, "press": text[:9]})
        assert self.leads.change(lead.id, lambda stored: replace(stored.progress, noted=text[:9], event=event))

    # ---- what is done

    @property
    def erasures(self) -> Erasures:
        """The orders."""
        return Erasures(self.table.client(), NAME, self.clock)

    @property
    def function(self) -> Wired:
        """The function's parts."""
        ses: Any = SimpleNamespace(
            delete_suppressed_destination=self._forget,
            exceptions=SimpleNamespace(NotFoundException=NotOnTheListError),
        )
        aws = Aws(leads=self.table.client(), audit=self.audit.client(), ses=ses, table=NAME, audit_table=NAME)
        return put_together(aws, lambda: KEY, self.clock)

    def order(self, *leads: Lead) -> Erasure:
        """Order the erasure of leads, as a manager does at the desk."""
        found = [stored for lead in leads if (stored := self.leads.read(lead.id))]
        return self.erasures.order(found, KEY, by="r-000000000009", by_email="manager@example.com")

    def run(self, seconds: float = 900) -> int:
        """Run the function once."""
        return self.function.eraser.run(lambda: seconds)

    def erase(self, *leads: Lead) -> Erasure:
        """Order the erasure of leads, and run the function until the second look is over."""
        erasure = self.order(*leads)
        self.run()
        self.clock.time += SIX_HOURS
        self.run()
        return self.read(erasure)

    def read(self, erasure: Erasure) -> Erasure:
        """Return an order as it is now."""
        found = self.erasures.read(erasure.id)
        assert found
        return found

    # ---- what can be seen

    def lead_item(self, lead: Lead) -> Item:
        """Return the item of a lead."""
        return self.table.items[f"LEAD#{lead.id}", LEAD_SORT_KEY]

    def everything(self) -> str:
        """Return all that the table holds, in lower case."""
        return str(sorted(self.table.items.items())).lower()

    def about(self, *leads: Lead) -> Iterator[Item]:
        """Yield each item that names one of the leads, their own items aside."""
        for (pk, sk), item in self.table.items.items():
            own = sk == LEAD_SORT_KEY or pk == "ERASURES"
            if not own and any(lead.id in str(item) for lead in leads):
                yield item

    def _forget(self, *, EmailAddress: str) -> None:  # noqa: N803 - as SES calls it
        self.asked_ses.append(EmailAddress)
        if self.ses_error:
            raise self.ses_error
        if EmailAddress not in self.suppressed:
            raise NotOnTheListError({"Error": {"Code": "NotFoundException", "Message": ""}}, "Delete")
        self.suppressed.remove(EmailAddress)
