"""Two people in a DynamoDB in memory, with all that this system stores about requests, and the records of people."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, cast

from shared.leads.consent import How, withdraw
from shared.leads.decisions import Rules
from shared.leads.desk import act, note
from shared.leads.lead import AlsoSent, Lead
from shared.leads.person import Person
from shared.leads.response import ClaimAction
from shared.leads.team import Recipient, Team
from shared.records.finding import Records
from shared.store.audit import Audit
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.confirmations import ConfirmationBook
from shared.store.desk_index import DeskIndex
from shared.store.keys import attributes, key
from shared.store.people import People
from shared.store.stored_items import as_json
from shared.store.timeline import Timeline
from shared.store.urgent_senders import UrgentSenders
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, NOW, a_full_lead, a_lead
from tests.unit.whose import whose

KEY: Final = b"made-up key of people"
NURSE: Final = Person("nurse@example.com")
RULES: Final = Rules(clinic=CLINIC, team=Team(staff=(Recipient(NURSE.email).id,), fallback=()))
HOUR: Final = timedelta(hours=1)


@dataclass
class Clinic:
    """The table of leads, the table of the audit, and the stores that work with them."""

    table: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    audited: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)

    def __post_init__(self) -> None:
        self.now = NOW + HOUR
        self.leads = MemoryLeads(self.table, lambda: self.now)
        self.people = People(self.table.client(), NAME, lambda: self.now)
        self.audit = Audit(self.audited.client(), NAME)

    @property
    def records(self) -> Records:
        """What the desk and the operators' commands work with."""
        client = self.table.client()
        return Records(
            client=client,
            table_name=NAME,
            leads=self.leads,
            people=self.people,
            timeline=Timeline(client, NAME, lambda: self.now),
            audit=self.audit,
            people_key=lambda: KEY,
            by_reference=DeskIndex(client, NAME, lambda: self.now).by_reference,
            clinic=CLINIC,
        )

    def store(self, lead: Lead) -> Lead:
        """Store a lead and all that follows from its alert: links, counts, and the confirmation."""
        client = self.table.client()
        self.leads.put(lead)
        whose(client, lead, KEY)
        self.leads.repeats.record(lead, self.now)
        UrgentSenders(client, NAME).is_first(lead, KEY, self.now)
        if lead.email:
            ConfirmationBook(client, NAME, self.leads).permit(lead, lead.email, KEY, self.now)
        ConfirmationTally(client, NAME).bounced(lead.id, self.now)
        self.table.put(key(lead.id) | attributes({"sk": "CANARY", "schema": 1}))
        return lead

    def withdraw(self, lead: Lead, kind: str) -> None:
        """Let the nurse record that the person withdrew a consent by phone."""
        self.leads.change(lead.id, withdraw(kind, How.PHONE, RULES, self.now, by=NURSE, press=f"withdraw-{lead.id}"))

    def follow_up(self, lead: Lead, text: str) -> None:
        """Let the nurse read a lead, write a note, and claim it."""
        self.audit.write(self.now, actor=NURSE.id, email=NURSE.email, action="read_request", lead_ids=(lead.id,))
        self.leads.change(lead.id, note(text, self.now, by=NURSE, press=f"note-{lead.id}"))
        self.leads.change(
            lead.id, act(ClaimAction.CLAIM, RULES, self.now, by=NURSE, press=f"claim-{lead.id}", seen=None)
        )


def robin(number: int = 0, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    """Return a request of Robin, who fills in every field."""
    sent = (AlsoSent("insurance", "Made-up Mutual <b>"),)
    return a_full_lead(**{"also_sent": sent, "id": a_lead(number).id, "in_crisis": True, **changes})


def sam(number: int = 7) -> Lead:
    """Return a request of another person, Sam, whose every value differs from Robin's."""
    return a_lead(
        number,
        name="Sam Sample",
        email="sam@example.com",
        phone="+12025550199",
        message="I saw your clinic in the other newspaper.",
        fingerprint="sams-fingerprint",
        call_me=None,
        received_at=NOW + timedelta(minutes=3),
    )


def items_about(table: MemoryDynamoDB, *marks: str) -> list[dict[str, Any]]:
    """Return the items of a full scan whose keys or values have one of `marks`, such as an id or an address."""
    found = (as_json(cast("Any", item)) for item in table.items.values())
    return [item for item in found if any(mark in str(item) for mark in marks)]


def found_items(value: object) -> Iterator[dict[str, Any]]:
    """Yield everything in a document that has the key of an item."""
    if isinstance(value, dict):
        if {"pk", "sk"} <= value.keys():
            yield value
        for each in value.values():
            yield from found_items(each)
    elif isinstance(value, list):
        for each in value:
            yield from found_items(each)
