"""A table, a mailer and a verifier in memory. They hold the real ones' conditions and break when told to."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from shared.leads.alert import LEASE, AlertState, Progress
from shared.leads.lead import Lead
from shared.leads.spam import QUARANTINE_RETENTION, Screening, Verdict
from shared.services.mailer import Message
from shared.store import items
from shared.store.table import MOST_REPEATS, AgendaEntry, LeadTable, LeasedLead, Stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    type StoredItem = dict[str, AttributeValueTypeDef]


class CrashError(BaseException):
    """The process is gone: what Lambda's timeout looks like from inside. Nothing there can catch it."""


@dataclass(slots=True)
class Faults:
    """Errors waiting for their method: raised before anything is done, or after it was (the answer was lost)."""

    before: dict[str, list[BaseException]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[BaseException]] = field(default_factory=lambda: defaultdict(list))

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
        if item is None or "agenda_at" not in item:
            return None
        progress = items.progress_of(item)
        if progress.attempts and item["agenda_at"]["S"] > items.timestamp(now):
            return None
        leased = replace(
            progress,
            state=AlertState.SENDING,
            attempts=progress.attempts + 1,
            tries=progress.tries + 1,
            due_at=now + LEASE,
        )
        self._write(lead_id, progress, leased, {"lease_token": token})
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
        decide: Callable[[Progress], Progress],
        now: datetime,
        kind: str,
        screening: Screening | None = None,
        **details: str,
    ) -> Progress | None:
        self.faults.strike_before("finish_attempt")
        item = self.leads[leased.lead.id]
        written = None
        if item.get("lease_token") == {"S": leased.token}:
            current = items.progress_of(item)
            written = decide(current)
            more: dict[str, object] = {"lease_token": None}
            if screening:
                more |= {"spam_score": screening.score, "spam_reasons": list(screening.reasons)}
                more["turnstile_token"] = None
            if written.state is AlertState.QUARANTINED:
                more["expires_at"] = items.epoch_seconds(now + QUARANTINE_RETENTION)
            self._write(leased.lead.id, current, written, more)
        self._append(items.event_item(leased.lead.id, now, kind, attempt=leased.progress.attempts, **details))
        self._append(items.event_item(leased.lead.id, leased.lead.received_at, "received"))
        self.faults.strike_after("finish_attempt")
        return written

    def change(
        self, lead_id: str, decide: Callable[[Lead, Progress], Progress], at: datetime, kind: str, **details: str
    ) -> tuple[Lead, Progress] | None:
        self.faults.strike_before("change")
        item = self.leads.get(lead_id)
        if item is None:
            return None
        lead, current = items.lead_of(item), items.progress_of(item)
        after = decide(lead, current)
        if after != current:
            passing = after.state is AlertState.QUARANTINED or after.synthetic
            self._write(lead_id, current, after, {} if passing else {"expires_at": None})
        self._append(items.event_item(lead_id, at, kind, **details))
        self.faults.strike_after("change")
        return lead, after

    def read(self, lead_id: str) -> tuple[Lead, Progress] | None:
        self.faults.strike_before("read")
        item = self.leads.get(lead_id)
        return None if item is None else (items.lead_of(item), items.progress_of(item))

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

    def progress_of(self, lead_id: str) -> Progress:
        """Return how far a stored lead has come."""
        return items.progress_of(self.leads[lead_id])

    def _write(self, lead_id: str, current: Progress, after: Progress, more: dict[str, object]) -> None:
        attributes = items.progress_attributes(lead_id, replace(after, version=current.version + 1)) | more
        item = self.leads[lead_id]
        for name in attributes:
            item.pop(name, None)
        item |= items.attributes(attributes)

    def _append(self, entry: "StoredItem") -> None:
        self.timeline[str(entry["pk"]["S"]), str(entry["sk"]["S"])] = entry


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the fake SES took."""

    message: Message
    to: tuple[str, ...]
    tags: Mapping[str, str]

    @property
    def lead_id(self) -> str:
        """The lead that it is about."""
        return self.tags["lead_id"]


@dataclass(slots=True)
class FakeMailer:
    """Keeps what it is given. `faults` of "send", or of an address, strike before SES has the message or after it took
    it.

    `meanwhile` runs once while a message is under way: another sender, or time.
    """

    sent: list[Sent] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    meanwhile: Callable[[], None] | None = None

    @property
    def told(self) -> list[str]:
        """The leads that somebody was mailed about, in order."""
        return list(dict.fromkeys(mail.lead_id for mail in self.sent))

    def send(self, message: Message, *, to: tuple[str, ...], tags: Mapping[str, str]) -> str:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        self.faults.strike_before("send")
        self.faults.strike_before(to[0])
        self.sent.append(Sent(message, to, dict(tags)))
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
