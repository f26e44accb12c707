"""One sweep: ask the agenda what is due and do it, longest due first, until all is done or time is short."""

from collections.abc import Callable
from itertools import chain

from alerts.send import AlertSender
from aws.runtime.telemetry import logger, metrics, sanitised
from leads.agenda import SHARDS


def sweep(sender: AlertSender, time_left: Callable[[], float]) -> int:
    """Send every alert that is due while `time_left()` (seconds) is above zero; return how many leads were looked at.

    Emits the heartbeat (`Sweeps`) and how many seconds the longest-waiting due lead has waited (`OldestOverdue`).
    A lead that cannot be handled is counted and left to the next sweep; it never stops the others.
    """
    started = sender.now()
    due = sorted(
        chain.from_iterable(sender.table.due(shard, started) for shard in SHARDS), key=lambda lead: lead.overdue_since
    )
    oldest = int((started - due[0].overdue_since).total_seconds()) if due else 0
    looked_at = failed = 0
    for lead in due:
        if time_left() <= 0:
            logger.warning("sweep ran out of time, the rest is due in the next one")
            break
        looked_at += 1
        try:
            sender.send(lead.lead_id)
        except Exception as error:  # noqa: BLE001 - one poisoned lead must not cost the others their alerts
            failed += 1
            logger.error("due lead failed", extra={"error": str(sanitised(error)), "lead_id": lead.lead_id})
    metrics.add_metric("Sweeps", "Count", 1)
    metrics.add_metric("DueLeadsFailed", "Count", failed)
    metrics.add_metric("OldestOverdue", "Seconds", oldest)
    return looked_at
