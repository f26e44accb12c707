"""Brings items of a copy back into the table, several at once. It may be stopped at any item, and run again."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Final

from shared.leads.event import OPERATOR, Event
from shared.leads.progress import AlertState
from shared.leads.response import ResponseState
from shared.leads.retention import LONGEST
from shared.runtime.together import together
from shared.store.keys import timestamp
from shared.store.progress_item import ATTRIBUTES
from shared.store.timeline import event_item
from tools.operate.restore.kinds import Kind, kind_of, owner_of
from tools.operate.restore.target import Target
from tools.operate.restore.verdicts import Judge, Step, Verdict, is_damaged

if TYPE_CHECKING:
    from shared.store.keys import Item

AT_ONCE: Final = 16
# The entry in the timeline of a lead that came back. It is at the time of the copy, where the timeline has its gap.
RESTORED: Final = "restored"
_SAY_EVERY: Final = 1000
_MOST_TRIES: Final = 10
_CAME: Final = frozenset({Verdict.BACK, Verdict.REPLACED})

type Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Returned:
    """A lead that came back: its reference and its state as of the copy."""

    reference: str
    state: str


@dataclass(kw_only=True)
class BringBack:
    """One restore. Threads share it. All methods raise botocore's errors.

    First all leads, then everything else: the weekly check removes what has no lead.
    """

    judge: Judge
    target: Target
    say: Say
    at_once: int = AT_ONCE
    counts: Counter[Verdict] = field(default_factory=Counter)
    verdicts: dict[str, Verdict] = field(default_factory=dict)  # on leads, by id
    returned: dict[str, Returned] = field(default_factory=dict)  # leads that came back in this run or an earlier one
    damaged: dict[str, str] = field(default_factory=dict)  # references of leads that were there and look damaged, by id
    _turn: Lock = field(default_factory=Lock)

    def leads(self, items: "Iterable[Item]") -> None:
        """Bring back leads, and the tombstones that are missing."""
        found = (item for item in items if kind_of(item) is Kind.LEAD)
        together(found, self._lead, lambda: True, at_once=self.at_once)
        unseen = (left for lead_id, left in self.judge.tombstones.items() if lead_id not in self.verdicts)
        together(unseen, self.target.put, lambda: True, at_once=self.at_once)

    def others(self, items: "Iterable[Item]") -> None:
        """Bring back everything but the leads."""
        found = (item for item in items if kind_of(item) is not Kind.LEAD)
        together(found, self._other, lambda: True, at_once=self.at_once)

    def _lead(self, item: "Item") -> None:
        lead_id, there, step = owner_of(item), None, None
        for _ in range(_MOST_TRIES):
            there = self.target.read(item)
            step = self.judge.lead(item, there)
            if self._written(step, there):
                break
        else:
            raise TimeoutError(f"somebody else keeps changing the request {lead_id}")
        if step.verdict in _CAME:
            self._note(item, lead_id)
        with self._turn:
            self.verdicts[lead_id] = step.verdict
            if step.verdict in _CAME:
                self.returned[lead_id] = Returned(reference_of(item), _state(item))
            elif step.verdict is Verdict.THERE and there and is_damaged(item, there):
                self.damaged[lead_id] = reference_of(item)
            self._count(step.verdict)

    def _other(self, item: "Item") -> None:
        for _ in range(_MOST_TRIES):
            there = self.target.read(item)
            step = self.judge.other(item, there, self.verdicts)
            if self._written(step, there):
                break
        with self._turn:
            self._count(step.verdict)

    def _written(self, step: Step, there: "Item | None") -> bool:
        """Do a step. Return False if somebody else was faster, so it has to be decided again."""
        if step.write is None:
            return True
        return self.target.replace(step.write, there) if there else self.target.put(step.write)

    def _note(self, item: "Item", lead_id: str) -> None:
        """Say in the timeline that the lead came back. Safe to repeat."""
        ends = item.get("expires_at")
        until = datetime.fromtimestamp(int(str(ends["N"])), self.judge.now.tzinfo) if ends else self.judge.now + LONGEST
        event = Event(kind=RESTORED, at=self.judge.as_of, actor=OPERATOR)
        self.target.put(event_item(lead_id, event, until))

    def _count(self, verdict: Verdict) -> None:
        self.counts[verdict] += 1
        if (done := self.counts.total()) % _SAY_EVERY == 0:
            self.say(f"{done:,} items of the copy looked at, {self.counts[Verdict.BACK]:,} came back")


def reference_of(item: "Item") -> str:
    """Return the reference in a lead's item, or its id if it has none."""
    return str(item["reference"]["S"]) if "reference" in item else owner_of(item)


def _state(item: "Item") -> str:
    response = str(item.get(ATTRIBUTES["response"], {"S": ResponseState.OPEN})["S"])
    quarantined = item.get(ATTRIBUTES["state"]) == {"S": AlertState.QUARANTINED}
    return "in quarantine" if quarantined and response != ResponseState.CLOSED else response


def marked(at: datetime) -> dict[str, str]:
    """Return the details of the audit's entry about a restore."""
    return {"as_of": timestamp(at)}
