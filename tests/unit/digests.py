"""A digester made of fakes, and made-up leads as the worklist knows them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from follow_up.digest.item import DigestItem
from follow_up.digest.send import Digester
from follow_up.digest.summary import FailingMailbox
from shared.leads.alert import LEASE
from shared.leads.response import ResponseState
from shared.leads.worklist import ListedLead, Listing, Worklist
from shared.store.worklist import WorkIndex, listed_lead
from tests.unit.fakes import Clock, FakeLeadTable, FakeMailer, Faults
from tests.unit.people import CLINIC, NOW
from tests.unit.senders import FALLBACK, STAFF

# What the template says that the index holds of a lead (infra/data.yaml), besides the keys.
PROJECTED = ("reference", "response", "claimed_by", "claimed_at", "told_at")


def on_the_list(number: int, *, minutes_ago: float = 10, **changes: Any) -> ListedLead:  # noqa: ANN401 - any attribute
    """Return a made-up lead that nobody has taken."""
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


@dataclass(slots=True)
class FakeDigestItem(DigestItem):
    """The digest's item in memory."""

    agenda_at: datetime | None = None
    token: str | None = None
    tries: int = 0
    faults: Faults = field(default_factory=Faults)

    def ensure(self, next_at: datetime) -> None:
        self.faults.strike_before("ensure")
        self.agenda_at = self.agenda_at or next_at

    def take(self, now: datetime, token: str) -> int | None:
        self.faults.strike_before("take")
        if self.agenda_at is None or self.agenda_at > now:
            return None
        self.agenda_at, self.token = now + LEASE, token
        self.tries += 1
        self.faults.strike_after("take")
        return self.tries

    def later(self, token: str, at: datetime) -> None:
        self.faults.strike_before("later")
        if self.token == token:
            self.agenda_at, self.token = at, None

    def done(self, token: str, next_at: datetime) -> None:
        self.faults.strike_before("done")
        if self.token == token:
            self.agenda_at, self.token, self.tries = next_at, None, 0


@dataclass(slots=True)
class FakeWorkIndex(WorkIndex):
    """The lists of a fake table, with no more of a lead than the index holds."""

    table: FakeLeadTable
    faults: Faults = field(default_factory=Faults)

    def listed(self, worklist: Worklist) -> Iterator[ListedLead]:
        self.faults.strike_before("listed")
        for item in self.table.leads.values():
            if str(item.get("worklist", {}).get("S")).startswith(f"{worklist}#"):
                kept = {"pk", "sk", "worklist", "received_at", *PROJECTED}
                yield listed_lead({name: value for name, value in item.items() if name in kept})

    def count(self, worklist: Worklist) -> int:
        return len(list(self.listed(worklist)))

    def glance(self, worklist: Worklist, *, since: datetime | None = None, newest_first: bool = False) -> Listing:
        self.faults.strike_before("glance")
        leads = [lead for lead in self.listed(worklist) if since is None or lead.received_at >= since]
        return Listing(leads=tuple(sorted(leads, key=lambda lead: lead.received_at, reverse=newest_first)))


@dataclass(slots=True)
class DigestDesk:
    """A digester and everything around it. Several digesters share one desk."""

    table: FakeLeadTable = field(default_factory=FakeLeadTable)
    item: FakeDigestItem = field(default_factory=FakeDigestItem)
    mailer: FakeMailer = field(default_factory=FakeMailer)
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    failing: tuple[FailingMailbox, ...] = ()

    def digester(self, **changes: Any) -> Digester:  # noqa: ANN401 - any attribute of a digester
        parts: dict[str, Any] = {
            "item": self.item,
            "worklist": FakeWorkIndex(self.table),
            "failing": lambda: self.failing,
            "mailer": self.mailer,
            "names": {"staff-1": STAFF[0], "staff-2": STAFF[1], "fallback-1": FALLBACK[0]},
            "recipients": STAFF,
            "clinic": CLINIC,
            "now": self.clock,
            "jitter": lambda: 1.0,
        }
        return Digester(**(parts | changes))

    def due_in(self) -> timedelta:
        """Return in what time the digest is due."""
        assert self.item.agenda_at is not None
        return self.item.agenda_at - self.clock.time
