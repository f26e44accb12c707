"""Brings items of a copy back into the table, several at once. It may be stopped at any item, and run again."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
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
from shared.store.leads import ERASED_AT
from shared.store.progress_item import ATTRIBUTES
from shared.store.timeline import event_item
from tools.operate.people import Say
from tools.operate.restore.aftermath import Aftermath
from tools.operate.restore.kinds import Kind, kind_of, owner_of
from tools.operate.restore.since import NOTHING, RESTORED_ENTRY, Since, of_timeline
from tools.operate.restore.target import Target
from tools.operate.restore.values import end_of, has_bad_end, lead_in, text_in
from tools.operate.restore.verdicts import Judge, Step, Verdict, is_damaged, tombstone_for

if TYPE_CHECKING:
    from shared.store.keys import Item

AT_ONCE: Final = 16
_SAY_EVERY: Final = 1000
_MOST_TRIES: Final = 10
_CAME: Final = frozenset({Verdict.BACK, Verdict.REPLACED})
# What an item raises that somebody damaged. DynamoDB's and the network's errors are none of these.
DAMAGE: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Returned:
    """A lead that came back: its reference and its state as of the copy."""

    reference: str
    state: str


@dataclass(kw_only=True)
class BringBack:
    """One restore. Threads share it. All methods raise botocore's errors.

    First all leads, then everything else: the weekly check removes what has no lead. The lists of leads have their
    references, by id.
    """

    judge: Judge
    target: Target
    aftermath: Aftermath
    say: Say
    at_once: int = AT_ONCE
    counts: Counter[Verdict] = field(default_factory=Counter)
    verdicts: dict[str, Verdict] = field(default_factory=dict)  # on leads, by id
    returned: dict[str, Returned] = field(default_factory=dict)  # leads that came back in this run or an earlier one
    damaged: dict[str, str] = field(default_factory=dict)  # leads that were there and look damaged
    unreadable: dict[str, str] = field(default_factory=dict)  # leads that are damaged in the copy too
    protected: dict[str, str] = field(default_factory=dict)  # leads that came back with more protection
    guessed: dict[str, str] = field(default_factory=dict)  # leads whose protection cannot be read
    ended: dict[str, str] = field(default_factory=dict)  # leads whose time is over
    left: dict[str, Sequence[str]] = field(default_factory=dict)  # what is left of timelines, in lines, by lead
    _turn: Lock = field(default_factory=Lock)

    def leads(self, items: "Iterable[Item]") -> None:
        """Bring back leads, and the tombstones that are missing or incomplete."""
        found = (item for item in items if kind_of(item) is Kind.LEAD)
        together(found, self._lead, lambda: True, at_once=self.at_once)
        unseen = (left for lead_id, left in self.judge.tombstones.items() if lead_id not in self.verdicts)
        together(unseen, self.target.put, lambda: True, at_once=self.at_once)
        self.scrub()

    def others(self, items: "Iterable[Item]") -> None:
        """Bring back everything but the leads."""
        found = (item for item in items if kind_of(item) is not Kind.LEAD)
        together(found, self._other, lambda: True, at_once=self.at_once)

    def scrub(self, ordered: Collection[str] = ()) -> None:
        """Write the tombstone in place of each erased lead of which the table has more, or has no sign of that.

        `ordered` are leads that an order is about to erase. Any other lead that can be read waits for the replay: it
        orders an erasure, which also removes what belongs to the lead, and passes over leads that cannot be read.
        """

        def scrub(tombstone: "Item") -> None:
            there = self.target.read(tombstone)
            if there is None or (ERASED_AT not in there and lead_in(there) and owner_of(there) not in ordered):
                return
            if write := tombstone_for(there, tombstone):
                self.target.replace(write, there)

        together(self.judge.tombstones.values(), scrub, lambda: True, at_once=self.at_once)

    def _lead(self, item: "Item") -> None:
        lead_id = owner_of(item)
        try:
            self._brought(item, lead_id)
        except DAMAGE:
            self._stays_away(lead_id, item)

    def _brought(self, item: "Item", lead_id: str) -> None:
        for _ in range(_MOST_TRIES):
            there = self.target.read(item)
            since = self._since(lead_id, there)
            step = self.judge.lead(item, there, since)
            if self._written(step, there):
                break
        else:
            raise TimeoutError(f"somebody else keeps changing the request {lead_id}")
        if step.verdict in _CAME:
            self._note(step.write or there or item, lead_id)
        with self._turn:
            self.verdicts[lead_id] = step.verdict
            self._list(item, there, step, lead_id)
            if since.left and step.verdict in _CAME:
                self.left[lead_id] = since.left
            self._count(step.verdict)

    def _since(self, lead_id: str, there: "Item | None") -> Since:
        """Return what happened to a lead after the copy. The timeline matters unless the lead is there and stays."""
        stays = there is not None and not self.judge.is_ours(there) and lead_id not in self.judge.named
        if stays or lead_id in self.judge.tombstones or lead_id in self.judge.canaries:
            return NOTHING
        entries = self.target.timeline(lead_id, self.judge.as_of)
        return self.aftermath.of(lead_id, of_timeline(entries, self.judge.as_of))

    def _list(self, item: "Item", there: "Item | None", step: Step, lead_id: str) -> None:
        reference = reference_of(item)
        if step.verdict in _CAME:
            self.returned[lead_id] = Returned(reference, _state(item))
        asked_for = step.verdict in _CAME or lead_id in self.judge.named
        if asked_for and ERASED_AT not in item and (has_bad_end(item) or lead_in(item) is None):
            self.unreadable[lead_id] = reference
        if step.verdict is Verdict.EXPIRED:
            self.ended[lead_id] = reference
        if step.protected:
            self.protected[lead_id] = reference
        if step.unreadable:
            self.guessed[lead_id] = reference
        if step.write is None and step.verdict in _CAME | {Verdict.THERE} and there and is_damaged(item, there):
            self.damaged[lead_id] = reference

    def _other(self, item: "Item") -> None:
        try:
            for _ in range(_MOST_TRIES):
                there = self.target.read(item)
                step = self.judge.other(item, there, self.verdicts)
                if self._written(step, there):
                    break
        except DAMAGE:
            step = Step(Verdict.DAMAGED)
        with self._turn:
            self._count(step.verdict)

    def _stays_away(self, lead_id: str, item: "Item") -> None:
        with self._turn:
            self.verdicts[lead_id] = Verdict.DAMAGED
            self.unreadable[lead_id] = reference_of(item)
            self._count(Verdict.DAMAGED)

    def _written(self, step: Step, there: "Item | None") -> bool:
        """Do a step. Return False if somebody else was faster, so it has to be decided again."""
        if step.write is None:
            return True
        return self.target.replace(step.write, there) if there else self.target.put(step.write)

    def _note(self, item: "Item", lead_id: str) -> None:
        """Say in the timeline that the lead came back. Safe to repeat."""
        event = Event(kind=RESTORED_ENTRY, at=self.judge.as_of, actor=OPERATOR)
        self.target.put(event_item(lead_id, event, end_of(item) or self.judge.now + LONGEST))

    def _count(self, verdict: Verdict) -> None:
        self.counts[verdict] += 1
        if (done := self.counts.total()) % _SAY_EVERY == 0:
            self.say(f"{done:,} items of the copy looked at, {self.counts[Verdict.BACK]:,} came back")


def reference_of(item: "Item") -> str:
    """Return the reference in a lead's item, or its id if it has none."""
    return text_in(item, "reference") or owner_of(item)


def _state(item: "Item") -> str:
    response = text_in(item, ATTRIBUTES["response"]) or ResponseState.OPEN
    quarantined = text_in(item, ATTRIBUTES["state"]) == AlertState.QUARANTINED
    if response not in {*ResponseState}:
        return "of an unknown state"
    return "in quarantine" if quarantined and response != ResponseState.CLOSED else response


def marked(at: datetime) -> dict[str, str]:
    """Return the details of the audit's entry about a restore."""
    return {"as_of": timestamp(at)}
