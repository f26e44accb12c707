"""The use case: look at a lead, note what the receiver has to hear, and tell it."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from shared.leads.clinic import Clinic
from shared.leads.progress import StoredLead
from shared.runtime.telemetry import logger
from webhook.line import Line
from webhook.problems import count_problems
from webhook.signals import Signal
from webhook.told import Result, Told, given_up, is_screened, leased, noticed, tried

# Maximum optimistic-lock retries. Hardly ever do two processes look at the same lead.
_MOST_CONFLICTS: Final = 10
# The canary removes its leads after minutes. Until a lead is known as a person's, its item ends soon.
_UNTIL_SCREENED: Final = timedelta(days=7)


class BusyItemError(Exception):
    """Others kept changing the item beside a lead. It is safe to retry later."""


class Leads(Protocol):
    """The stored leads."""

    def read(self, lead_id: str) -> StoredLead | None:
        """Return a lead, or None if it ended or was erased."""

    def end_beside(self, stored: StoredLead) -> datetime:
        """Return when what belongs to a lead ends."""


class Items(Protocol):
    """The items beside leads."""

    def read(self, lead_id: str) -> Told:
        """Return what was told about a lead."""

    def write(self, lead_id: str, told: Told, ends: datetime) -> bool:
        """Write the next version, and return whether nobody else did."""


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Tells the receiver about leads, each signal at least once."""

    leads: Leads
    items: Items
    clinic: Clinic
    now: Callable[[], datetime]

    def look(self, lead_id: str, line: Line | None = None, *, at_once: bool = False) -> None:
        """Look at a lead, and tell what is pending through `line` as long as that is open.

        Before each signal, the lead is read again, and after each, what the receiver did is recorded. `at_once` is
        whether signals that wait for another try are due. Raises BusyItemError and botocore's errors. It is safe to
        repeat.
        """
        done = set[Signal]()
        stored, signal = self._step(lead_id, line, done, lambda told: told, at_once=at_once)
        while line and stored and signal:
            result = line.take(stored.lead, signal)
            if result is Result.REFUSED and signal.rings:
                count_problems()
            done.add(signal)
            record = partial(tried, signal=signal, result=result, now=self.now())
            stored, signal = self._step(lead_id, line, done, record, at_once=at_once)

    def is_waiting(self, lead_id: str) -> bool:
        """Whether something is pending about a lead. Raises botocore's errors."""
        return bool(self.items.read(lead_id).pending)

    def knows(self, lead_id: str) -> bool:
        """Whether the lead was looked at before. Raises botocore's errors."""
        return self.items.read(lead_id).version > 0

    def _step(
        self,
        lead_id: str,
        line: Line | None,
        done: AbstractSet[Signal],
        record: Callable[[Told], Told],
        *,
        at_once: bool,
    ) -> tuple[StoredLead | None, Signal | None]:
        """Record what was done, note what is to do, and return the lead and the signal to send now, if any."""
        choice = line.choice if line and line.is_open else None
        now, signal = self.now(), None

        def decide(told: Told, stored: StoredLead | None) -> Told:
            nonlocal signal
            after = noticed(record(told), stored, self.clinic, now)
            signal = after.to_send(choice, now, done, at_once=at_once) if choice else None
            return leased(after, now) if signal else after

        return self._change(lead_id, decide), signal

    def _change(self, lead_id: str, decide: Callable[[Told, StoredLead | None], Told]) -> StoredLead | None:
        """Change the item beside a lead as `decide` says, and return the lead."""
        for _ in range(_MOST_CONFLICTS):
            before = self.items.read(lead_id)
            stored = self.leads.read(lead_id)
            after = decide(before, stored)
            if after == before:
                return stored
            if self.items.write(lead_id, after, self._end(stored)):
                if lost := given_up(before, after, self.now()):
                    count_problems(lost)
                    logger.error("webhook signals given up", extra={"lead_id": lead_id, "count": lost})
                return stored
        raise BusyItemError

    def _end(self, stored: StoredLead | None) -> datetime:
        if stored and is_screened(stored):
            return self.leads.end_beside(stored)
        if stored is None:
            return self.now()
        return min(self.now() + _UNTIL_SCREENED, self.leads.end_beside(stored))
