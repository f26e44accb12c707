"""The use case: look at a lead, note what the receiver has to hear, and tell it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from shared.leads.clinic import Clinic
from shared.leads.progress import StoredLead
from shared.runtime.telemetry import logger, metrics
from webhook.line import Line
from webhook.signals import Signal
from webhook.told import Told, finished, given_up, is_screened, leased, noticed

# Maximum optimistic-lock retries. Hardly ever do two processes look at the same lead.
_MOST_CONFLICTS: Final = 10
# A lead that changes while its signals are told is looked at again at once, so often.
_MOST_ROUNDS: Final = 3
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

    def look(self, lead_id: str, line: Line | None) -> bool:
        """Look at a lead, and tell what is pending through `line`, or leave it to a run of the agenda if that is None.

        Return False if the receiver did not take something. Raises BusyItemError and botocore's errors. It is safe to
        repeat.
        """
        for _ in range(_MOST_ROUNDS):
            stored, before, told = self._change(
                lead_id, lambda told, lead: self._noticed(told, lead, lease=line is not None)
            )
            has_lease = told.leased_until not in {None, before.leased_until}
            if line is None or stored is None or not has_lease:
                return True
            if not self._told(stored, told, line):
                return False
        return True

    def _noticed(self, told: Told, stored: StoredLead | None, *, lease: bool) -> Told:
        now = self.now()
        after = noticed(told, stored, self.clinic, now)
        return leased(after, now) if lease and after.can_be_told(now) else after

    def _told(self, stored: StoredLead, told: Told, line: Line) -> bool:
        """Tell what is pending, and record how far that went. Return whether the receiver took all of it."""
        taken = set[Signal]()
        for signal in told.pending:
            if not line.take(stored.lead, signal):
                break
            taken.add(signal)
        failed = len(taken) < len(told.pending)
        self._change(stored.lead.id, lambda told, _: finished(told, taken, self.now(), failed=failed))
        return not failed

    def _change(
        self, lead_id: str, decide: Callable[[Told, StoredLead | None], Told]
    ) -> tuple[StoredLead | None, Told, Told]:
        """Change the item beside a lead as `decide` says. Return the lead, and the item's state before and after."""
        for _ in range(_MOST_CONFLICTS):
            before = self.items.read(lead_id)
            stored = self.leads.read(lead_id)
            after = decide(before, stored)
            if after == before:
                return stored, before, after
            if self.items.write(lead_id, after, self._end(stored)):
                if lost := given_up(before, after, self.now()):
                    metrics.add_metric("WebhookSignalsLost", "Count", lost)
                    logger.error("webhook signals given up", extra={"lead_id": lead_id, "count": lost})
                return stored, before, replace(after, version=after.version + 1)
        raise BusyItemError

    def _end(self, stored: StoredLead | None) -> datetime:
        if stored and is_screened(stored):
            return self.leads.end_beside(stored)
        soon = self.now() + _UNTIL_SCREENED
        return min(soon, self.leads.end_beside(stored)) if stored else soon
