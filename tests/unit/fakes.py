"""A table, a mailer and a verifier in memory. They hold the real ones' conditions and break when told to."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from aws import items
from aws.mailer import Message
from aws.table import MOST_REPEATS, AgendaEntry, LeadTable, LeasedLead, Stored
from leads.alert import LEASABLE, LEASE, AlertState, NextStep
from leads.lead import Lead
from leads.spam import QUARANTINE_RETENTION, Screening, Verdict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    type StoredItem = dict[str, AttributeValueTypeDef]


class CrashError(Exception):
    """The process is gone: what Lambda's timeout looks like from inside."""


@dataclass(slots=True)
class Faults:
    """Errors waiting for their method: raised before anything is done, or after it was (the answer was lost)."""

    before: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))

    def strike_before(self, method: str) -> None:
        if self.before[method]:
            raise self.before[method].pop(0)

    def strike_after(self, method: str) -> None:
        if self.after[method]:
            raise self.after[method].pop(0)


class FakeLeadTable(LeadTable):
    """Leads in a dictionary, in their stored shape. A drift test holds its methods to the real table's."""

    def __init__(self) -> None:
        self.leads: dict[str, StoredItem] = {}
        self.timeline: dict[tuple[str, str], StoredItem] = {}
        self.repeats: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.faults = Faults()

    def put(self, lead: Lead) -> Stored:
        self.faults.strike_before("put")
        item = self.leads.get(lead.id)
        if item is not None:
            return Stored.REPEAT if item["fingerprint"]["S"] == lead.fingerprint else Stored.CONFLICT
        self.leads[lead.id] = items.new_lead_item(lead)
        self.faults.strike_after("put")
        return Stored.NEW

    def lease(self, lead_id: str, now: datetime, token: str) -> LeasedLead | None:
        self.faults.strike_before("lease")
        item = self.leads.get(lead_id)
        if item is None or items.progress_of(item).state not in LEASABLE:
            return None
        attempts = items.progress_of(item).attempts
        if attempts and item["agenda_at"]["S"] > items.timestamp(now):
            return None
        item |= items.attributes(
            {
                "alert_state": AlertState.SENDING,
                "agenda_at": items.timestamp(now + LEASE),
                "lease_token": token,
                "alert_attempts": attempts + 1,
            }
        )
        self.faults.strike_after("lease")
        return LeasedLead(
            lead=items.lead_of(item),
            progress=items.progress_of(item),
            token=token,
            reasons=items.reasons_of(item),
        )

    def count_repeats(self, lead: Lead, now: datetime) -> int:
        self.faults.strike_before("count_repeats")
        key = items.repeats_key(lead, now)
        ids = self.repeats[str(key["pk"]["S"]), str(key["sk"]["S"])]
        if len(ids) >= MOST_REPEATS and lead.id not in ids:
            return MOST_REPEATS
        ids.add(lead.id)
        self.faults.strike_after("count_repeats")
        return len(ids) - 1

    def finish_attempt(
        self,
        leased: LeasedLead,
        step: NextStep,
        now: datetime,
        kind: str,
        screening: Screening | None = None,
        **details: str,
    ) -> bool:
        self.faults.strike_before("finish_attempt")
        item = self.leads[leased.lead.id]
        kept = item.get("lease_token") == {"S": leased.token}
        if kept:
            del item["lease_token"]
            item |= items.attributes({"alert_state": step.progress.state, "alert_refusals": step.progress.refusals})
            if step.due_at:
                item |= items.attributes({"agenda_at": items.timestamp(step.due_at)})
            else:
                for name in ("agenda_shard", "agenda_at", "overdue_since"):
                    item.pop(name, None)
            if screening:
                item |= items.attributes({"spam_score": screening.score, "spam_reasons": list(screening.reasons)})
                item.pop("turnstile_token", None)
            if step.progress.state is AlertState.QUARANTINED:
                item |= items.attributes({"expires_at": items.epoch_seconds(now + QUARANTINE_RETENTION)})
        self._append(items.event_item(leased.lead.id, now, kind, attempt=step.progress.attempts, **details))
        self._append(items.event_item(leased.lead.id, leased.lead.received_at, "received"))
        self.faults.strike_after("finish_attempt")
        return kept

    def agenda(self, shard: str, until: datetime) -> Iterator[AgendaEntry]:
        self.faults.strike_before("agenda")
        entries = [item for item in self.leads.values() if item.get("agenda_shard") == {"S": shard}]
        for item in sorted(entries, key=lambda item: str(item["agenda_at"]["S"])):
            if item["agenda_at"]["S"] <= items.timestamp(until):
                due_at, since = (items.moment(str(item[name]["S"])) for name in ("agenda_at", "overdue_since"))
                yield AgendaEntry(items.lead_id_of(item), due_at, since)

    def state_of(self, lead_id: str) -> AlertState:
        """Return where the alert of a stored lead stands."""
        return items.progress_of(self.leads[lead_id]).state

    def kinds_of(self, lead_id: str) -> list[str]:
        """Return what happened to a lead, in order."""
        pk = f"LEAD#{lead_id}"
        return [str(entry["kind"]["S"]) for key, entry in sorted(self.timeline.items()) if key[0] == pk]

    def _append(self, entry: "StoredItem") -> None:
        self.timeline[str(entry["pk"]["S"]), str(entry["sk"]["S"])] = entry


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the fake SES took."""

    message: Message
    to: tuple[str, ...]
    lead_id: str


@dataclass(slots=True)
class FakeMailer:
    """Keeps what it is given. `faults` of "send" strike before SES has the message or after it took it.

    `meanwhile` runs once while a message is under way: another sender, or time.
    """

    sent: list[Sent] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    meanwhile: Callable[[], None] | None = None

    def send(self, message: Message, *, to: tuple[str, ...], lead_id: str) -> str:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        self.faults.strike_before("send")
        self.sent.append(Sent(message, to, lead_id))
        self.faults.strike_after("send")
        return f"made-up-message-{len(self.sent)}"


@dataclass(slots=True)
class FakeVerifier:
    """Gives the same verdict on every token and keeps what it was asked. `faults` of "verify" strike before that."""

    verdict: Verdict = Verdict.PASSED
    asked: list[tuple[str, str]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def verify(self, token: str, lead_id: str) -> Verdict:
        self.faults.strike_before("verify")
        self.asked.append((token, lead_id))
        return self.verdict


@dataclass(slots=True)
class Clock:
    """A clock that tests move."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time
