"""One sweep of the agenda: handle what is due, urgent leads first, until everything is done or time is up."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain
from typing import Final, Protocol

from shared.leads.agenda import Lane, partitions
from shared.leads.event import Result
from shared.leads.worklist import Worklist
from shared.messages.send import AlertSender
from shared.runtime.telemetry import alert_metrics, logger, metrics, sanitized
from shared.runtime.together import AT_ONCE, together
from shared.store.keys import DIGEST
from shared.store.leads import AgendaEntry, Leads

# At worst, reading the next page takes this long (shared/services/configs.py), and an alert starts after that.
LONGEST_READ_SECONDS: Final = 9
# If SES throttles, the sweep goes on after this many seconds with one lead at a time.
_PAUSE_SECONDS: Final = 1.0
_LANES: Final = (Lane.URGENT, Lane.ORDINARY)


class AgendaOutOfReachError(Exception):
    """The agenda could not be read, so the sweep did nothing."""


class Digests(Protocol):
    """The sender of the digest."""

    def send(self) -> None:
        """Send the digest if it is due."""


def sweep(
    sender: AlertSender,
    digests: Digests,
    time_left: Callable[[], float],
    *,
    at_once: int = AT_ONCE,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Handle what is due while there is time, several leads at once, and return the number of entries handled.

    `time_left()` returns for how many more seconds an alert may start. Urgent leads come first, then the others, each
    by time, then the digest. If SES throttles, the sweep pauses and goes on with one ordinary lead at a time; the
    second time, it starts no more of them. An entry that fails is left to the next sweep and does not stop the others.

    Emits how many entries were handled without an error (`LeadsHandled`) and how many failed (`DueLeadsFailed`). Unless
    a part of the agenda could not be read, it also emits:

    - The heartbeat (`Sweeps`), if it tried an entry or nothing was due. A sweep that gets nowhere is silent.
    - How long the oldest lead has been overdue, in seconds (`OldestOverdue`), among those that it took from the agenda.
      It looks at the first of each partition in any case, so this is exact if it got to the end. Otherwise it is at
      least as long as the first has been due since its last try.

    Raises AgendaOutOfReachError if no part of the agenda could be read.
    """
    due = _Due(sender.leads, sender.now())
    run = _Run(sender)

    def in_time() -> bool:
        return time_left() > LONGEST_READ_SECONDS

    def unthrottled() -> bool:
        return in_time() and not run.throttled

    together(due.leads(Lane.URGENT), run.handle, in_time, at_once=at_once)
    ordinary = due.leads(Lane.ORDINARY)
    together(ordinary, run.handle, unthrottled, at_once=at_once)
    if run.throttled and in_time():
        sleep(_PAUSE_SECONDS)
        run.throttled = False
        together(ordinary, run.handle, unthrottled, at_once=1)
    if due.digest and in_time():
        run.attempt(DIGEST, digests.send)
    if not in_time():
        logger.warning("sweep out of time, left to next sweep")
    metrics.add_metric("LeadsHandled", "Count", run.handled)
    metrics.add_metric("DueLeadsFailed", "Count", run.failed)
    if not due.unread:
        metrics.add_metric("OldestOverdue", "Seconds", max(0, int(due.overdue.total_seconds())))
        if run.handled or run.failed or not due.found:
            metrics.add_metric("Sweeps", "Count", 1)
    return run.handled + run.failed


class _Run:
    """What a sweep has done so far. Threads share it, so it only appends and sets flags."""

    def __init__(self, sender: AlertSender) -> None:
        self._sender = sender
        self._went_well: list[bool] = []
        self.throttled = False

    @property
    def handled(self) -> int:
        """The number of entries handled without an error, whether or not SES took their emails."""
        return self._went_well.count(True)

    @property
    def failed(self) -> int:
        """The number of entries that raised an error."""
        return self._went_well.count(False)

    def handle(self, entry: AgendaEntry) -> None:
        """Send what is due for one lead. Never raises."""

        def send() -> None:
            if self._sender.send(entry.lead_id) is Result.THROTTLED:
                self.throttled = True

        self.attempt(entry.lead_id, send)

    def attempt(self, lead_id: str, send: Callable[[], None]) -> None:
        """Handle one entry of the agenda. Never raises."""
        logger.thread_safe_append_keys(lead_id=lead_id)
        try:
            send()
        except Exception as error:  # noqa: BLE001 - one bad lead must not stop the other alerts
            self._went_well.append(False)
            logger.error("due lead failed", extra={"error": str(sanitized(error))})
        else:
            self._went_well.append(True)
        finally:
            logger.thread_safe_remove_keys(["lead_id"])


class _Due:
    """What is due at `now`. The first page of each partition is read at once, the others as needed.

    Raises AgendaOutOfReachError if no partition can be read.
    """

    def __init__(self, leads: Leads, now: datetime) -> None:
        self._leads = leads
        self._now = now
        self.unread = 0  # partitions that could not be read to the end
        self.found = self.digest = False  # whether anything is due, and the digest
        self.overdue = timedelta()  # the longest so far
        begun = {lane: [_begun(self._entries(each)) for each in partitions(lane)] for lane in _LANES}
        if self.unread == sum(map(len, begun.values())):
            raise AgendaOutOfReachError
        self._parts = begun

    def leads(self, lane: Lane) -> Iterator[AgendaEntry]:
        """Yield the leads of a lane by the time at which they are due."""
        return merge(*self._parts[lane], key=lambda entry: entry.due_at)

    def _entries(self, partition: str) -> Iterator[AgendaEntry]:
        """Yield the leads of a partition. If it cannot be read, it ends early, which must not stop the other alerts."""
        try:
            for entry in self._leads.agenda(partition, self._now):
                self.found = True
                if entry.lead_id == DIGEST:
                    self.digest = True
                    continue
                self.overdue = max(self.overdue, self._now - entry.overdue_since)
                yield entry
        except Exception as error:  # noqa: BLE001 - one unreadable part must not stop the other alerts
            self.unread += 1
            logger.error("agenda not read", extra={"error": str(sanitized(error))})


def _begun(entries: Iterator[AgendaEntry]) -> Iterator[AgendaEntry]:
    """Return the same entries after taking the first one."""
    return chain([first] if (first := next(entries, None)) else [], entries)


def report_undeliverable(count: Callable[[Worklist], int]) -> None:
    """Emit how many undeliverable leads the table has (`UndeliverableLeads`). Never raises.

    A process may die after it writes such a lead and before it emits the metric of the event. This count comes from
    the table, so the next sweep reports the lead anyway.
    """
    try:
        found = count(Worklist.UNDELIVERABLE)
    except Exception as error:  # noqa: BLE001 - this sweep has already sent its alerts
        logger.error("undeliverable leads not counted", extra={"error": str(sanitized(error))})
        return
    alert_metrics.add_metric("UndeliverableLeads", "Count", found)
