"""An alert sender made of fakes: tests control its table, its mailer and its clock."""

from dataclasses import dataclass, field
from typing import Any

from shared.leads.decisions import Rules, rearm
from shared.leads.team import Team
from shared.messages.screen import SpamScreen
from shared.messages.send import AlertSender
from shared.services.turnstile import Verifier
from shared.store.keys import moment
from tests.unit.fakes import Clock, FakeMailer, MemoryLeads
from tests.unit.people import CLINIC, NOW, a_lead

STAFF = ("frontdesk@example.com", "nurse@example.com")
FALLBACK = ("owner@example.com",)
TEAM = Team(staff=("staff-1", "staff-2"), fallback=("fallback-1",))
ADDRESSES = dict(zip(TEAM.everybody, STAFF + FALLBACK, strict=True))


class _NoDigest:
    """No digest is due."""

    def send(self) -> None:
        raise AssertionError


class _NoLimit:
    """Every email may go out."""

    def allows(self, *_: object) -> bool:
        return True

    def give_back(self, *_: object) -> None:
        """Nothing was counted."""


NO_DIGEST = _NoDigest()
NO_LIMIT = _NoLimit()


@dataclass(slots=True)
class Rehearsal:
    """A sender and its surroundings. Several senders share one of these."""

    table: MemoryLeads = field(default_factory=MemoryLeads)
    mailer: FakeMailer = field(default_factory=FakeMailer)
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    verifier: Verifier | None = None  # Turnstile is not used

    def sender(self, **changes: Any) -> AlertSender:  # noqa: ANN401 - any attribute of a sender
        parts: dict[str, Any] = {
            "leads": self.table,
            "screen": SpamScreen(repeats=self.table.repeats, verifier=self.verifier, now=self.clock),
            "mailer": self.mailer,
            "addresses": ADDRESSES,
            "detail": "contact",
            "is_canary": lambda _lead_id: False,
            "history": lambda _lead: None,
            "person_keys": lambda _lead: frozenset(),
            "record": lambda _leased, _after: None,
            "links": lambda _lead_id, _recipient, _attempt: None,
            "public_url": "https://api.example/prod",
            "confirm": lambda _lead: None,
            "budget": NO_LIMIT,
            "now": self.clock,
            "jitter": lambda: 1.0,
            "sleep": self.clock.sleep,
        }
        rules = Rules(clinic=changes.pop("clinic", CLINIC), team=changes.pop("team", TEAM))
        return AlertSender(rules=rules, **(parts | changes))

    def store(self, number: int = 0, **changes: Any) -> str:  # noqa: ANN401 - any attribute of a lead
        """Store a made-up lead and return its id. Another `number` is another person with another request."""
        lead = a_lead(number, **({"fingerprint": f"made-up-content-{number}"} | changes))
        self.table.put(lead)
        return lead.id

    def release(self, lead_id: str) -> None:
        """Rearm a lead as an operator does."""
        self.table.change(lead_id, rearm(self.table.state_of(lead_id), self.clock()))

    def poison(self, lead_id: str, words: str) -> None:
        """Break a stored lead, so reading it fails with an error that quotes `words`."""
        self.table.leads[lead_id]["received_at"] = {"S": words}

    def due_at(self, lead_id: str) -> float | None:
        """Return the seconds until a lead is due, or None if it is done."""
        item = self.table.leads[lead_id]
        if "agenda_at" not in item:
            return None
        return (moment(str(item["agenda_at"]["S"])) - self.clock.time).total_seconds()
