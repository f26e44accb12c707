"""One sweep: ask the agenda what is due and do it, longest due first, until all is done or time is short."""

from collections.abc import Callable
from itertools import chain

from alerts.send import AlertSender
from aws.runtime.telemetry import logger, metrics, sanitised
from leads.agenda import SHARDS
from leads.alert import LONGEST_BACKOFF


def sweep(sender: AlertSender, time_left: Callable[[], float]) -> int:
    """Send every alert that is due while `time_left()` (seconds) is above zero; return how many leads were looked at.

    Emits the heartbeat (`Sweeps`) and how many seconds the longest-waiting lead has waited (`OldestOverdue`), whether
    it is due now or waits for its next try: somebody is waiting either way. A lead that cannot be handled is counted
    and left to the next sweep; it never stops the others.
    """
    now = sender.now()
    # Nothing on the agenda lies further ahead than the longest backoff.
    entries = sorted(
        chain.from_iterable(sender.table.agenda(shard, now + LONGEST_BACKOFF) for shard in SHARDS),
        key=lambda entry: entry.overdue_since,
    )
    oldest = max(0, int((now - entries[0].overdue_since).total_seconds())) if entries else 0
    looked_at = failed = 0
    for entry in entries:
        if entry.due_at > now:
            continue
        if time_left() <= 0:
            logger.warning("sweep ran out of time, the rest is due in the next one")
            break
        looked_at += 1
        try:
            sender.send(entry.lead_id)
        except Exception as error:  # noqa: BLE001 - one poisoned lead must not cost the others their alerts
            failed += 1
            logger.error("due lead failed", extra={"error": str(sanitised(error)), "lead_id": entry.lead_id})
    metrics.add_metric("Sweeps", "Count", 1)
    metrics.add_metric("DueLeadsFailed", "Count", failed)
    metrics.add_metric("OldestOverdue", "Seconds", oldest)
    return looked_at
