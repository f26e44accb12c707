"""A digester made of fakes, and made-up leads as the worklist index has them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from follow_up.digest.item import DigestItem
from follow_up.digest.send import Digester
from follow_up.digest.summary import FailingRecipient
from shared.leads.audit_chain import Mark
from shared.leads.link import Links, links
from shared.leads.response import ResponseState
from shared.leads.worklist import ListedLead
from shared.store.audit import AuditError
from shared.store.keys import DIGEST, moment
from shared.store.worklist import WorkIndex
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import Clock, FakeMailer, Faults, MemoryLeads, struck
from tests.unit.people import CLINIC, NOW
from tests.unit.senders import ADDRESSES, TEAM

KEY = b"made-up key, thirty-two bytes of"


def on_the_list(number: int, *, minutes_ago: float = 10, **changes: Any) -> ListedLead:  # noqa: ANN401 - any attribute
    """Return a made-up unclaimed lead."""
    received_at = NOW - timedelta(minutes=minutes_ago)
    values: dict[str, Any] = {
        "lead_id": f"MADE{number:04}UP",
        "reference": f"KC-MADE-{number:04}",
        "received_at": received_at,
        "response": ResponseState.OPEN,
        "claimed_by": None,
        "claimed_at": None,
        "told_at": received_at,
    }
    return ListedLead(**(values | changes))


@struck(DigestItem)
class DigestItemInMemory(DigestItem):
    """The digest's item on a DynamoDB in memory. Its `faults` make the methods that they name fail."""

    def __init__(self, dynamodb: MemoryDynamoDB) -> None:
        super().__init__(dynamodb.client(), NAME)
        self._items = dynamodb.items
        self.faults = Faults()

    @property
    def agenda_at(self) -> datetime | None:
        """When the digest is due, or None if it is not on the agenda."""
        item = self._items.get((DIGEST, DIGEST))
        return moment(item["agenda_at"]["S"]) if item else None

    @property
    def tries(self) -> int:
        """How often this digest was tried."""
        return int(self._items[DIGEST, DIGEST]["tries"]["N"])

    @property
    def has_it(self) -> set[str]:
        """The recipients who have the digest that is not done yet."""
        return set(self._items[DIGEST, DIGEST].get("sent_to", {"SS": []})["SS"])


@dataclass(slots=True)
class DigestDesk:
    """A digester and its surroundings. Several digesters share one of these."""

    dynamodb: MemoryDynamoDB = field(default_factory=MemoryDynamoDB)
    table: MemoryLeads = field(init=False)
    item: DigestItemInMemory = field(init=False)
    mailer: FakeMailer = field(default_factory=FakeMailer)
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    failing: tuple[FailingRecipient, ...] = ()
    has_key: bool = True
    audit_end: Mark | None = field(default_factory=lambda: Mark(1234, "0f3a" * 16))
    asked_for_links: int = 0

    def __post_init__(self) -> None:
        self.table = MemoryLeads(self.dynamodb)
        self.item = DigestItemInMemory(self.dynamodb)

    def digester(self, **changes: Any) -> Digester:  # noqa: ANN401 - any attribute of a digester
        parts: dict[str, Any] = {
            "item": self.item,
            "worklist": WorkIndex(self.dynamodb.client(), NAME),
            "read": self.table.read,
            "failing": lambda: self.failing,
            "audit_end": self._audit_end,
            "links": self._links,
            "public_url": "https://api.example/prod/",
            "mailer": self.mailer,
            "names": ADDRESSES,
            "team": TEAM,
            "clinic": CLINIC,
            "detail": "contact",
            "now": self.clock,
            "jitter": lambda: 1.0,
        }
        return Digester(**(parts | changes))

    def _audit_end(self) -> Mark:
        if self.audit_end is None:
            raise AuditError("AccessDeniedException")
        return self.audit_end

    def _links(self, lead_id: str, recipient: str, attempt: int) -> Links | None:
        self.asked_for_links += 1
        if not self.has_key:
            return None
        return links("https://api.clinic.example/v1", lead_id, recipient, attempt, KEY, self.clock())

    @property
    def told(self) -> list[str]:
        """The addresses that the digest was sent to, in order."""
        return [address for sent in self.mailer.sent for address in sent.to]

    def due_in(self) -> timedelta:
        """Return how long until the digest is due."""
        assert self.item.agenda_at is not None
        return self.item.agenda_at - self.clock.time
