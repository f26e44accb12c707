"""One sweep of the agenda: handle what is due, the longest overdue first, until everything is done or time is up."""

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Protocol

from shared.leads.agenda import SHARDS
from shared.leads.worklist import Worklist
from shared.messages.send import AlertSender
from shared.runtime.telemetry import alert_metrics, logger, metrics, sanitized
from shared.store.keys import DIGEST
from shared.store.leads import AgendaEntry


class AgendaOutOfReachError(Exception):
    """The agenda could not be read, so the sweep did nothing."""


class Digests(Protocol):
    """The sender of the digest."""

    def send(self) -> None:
        """Send the digest if it is due."""


def sweep(sender: AlertSender, digests: Digests, time_left: Callable[[], float]) -> int:
    """Handle what is due while `time_left()` (seconds) is above zero, and return the number of entries handled.

    Emits the heartbeat (`Sweeps`) and how long the oldest lead has been overdue, in seconds (`OldestOverdue`). It emits
    neither if a part of the agenda could not be read. An entry that fails is left to the next sweep and does not stop
    the others. Raises AgendaOutOfReachError if no part of the agenda could be read.
    """
    now = sender.now()
    parts = [_read(sender, shard, now) for shard in SHARDS]
    if all(part is None for part in parts):
        raise AgendaOutOfReachError
    entries = sorted(
        chain.from_iterable(part for part in parts if part is not None),
        key=lambda entry: (entry.lead_id == DIGEST, entry.overdue_since),  # leads before the digest
    )
    waiting = [entry for entry in entries if entry.lead_id != DIGEST]
    oldest = max(0, int((now - waiting[0].overdue_since).total_seconds())) if waiting else 0
    looked_at = failed = 0
    for entry in entries:
        if time_left() <= 0:
            logger.warning("sweep out of time, left to next sweep")
            break
        looked_at += 1
        logger.append_keys(lead_id=entry.lead_id)
        try:
            if entry.lead_id == DIGEST:
                digests.send()
            else:
                sender.send(entry.lead_id)
        except Exception as error:  # noqa: BLE001 - one bad lead must not stop the other alerts
            failed += 1
            logger.error("due lead failed", extra={"error": str(sanitized(error))})
        finally:
            logger.remove_keys(["lead_id"])
    metrics.add_metric("DueLeadsFailed", "Count", failed)
    if None not in parts:
        metrics.add_metric("Sweeps", "Count", 1)
        metrics.add_metric("OldestOverdue", "Seconds", oldest)
    return looked_at


def _read(sender: AlertSender, shard: str, now: datetime) -> list[AgendaEntry] | None:
    """Return what is due in one part of the agenda, or None if it cannot be read."""
    try:
        return list(sender.leads.agenda(shard, now))
    except Exception as error:  # noqa: BLE001 - one unreadable part must not stop the other alerts
        logger.error("agenda not read", extra={"error": str(sanitized(error))})
        return None


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
