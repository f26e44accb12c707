"""One sweep: ask the agenda what is due and do it, longest due first, until all is done or time is short."""

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Protocol

from shared.leads.agenda import SHARDS
from shared.leads.worklist import Worklist
from shared.messages.send import AlertSender
from shared.runtime.telemetry import alert_metrics, logger, metrics, sanitised
from shared.store.keys import DIGEST
from shared.store.leads import AgendaEntry


class AgendaOutOfReachError(Exception):
    """No part of the agenda could be read, so the sweep did nothing."""


class Digests(Protocol):
    """Who sends the digest."""

    def send(self) -> None:
        """Send it if it is due."""


def sweep(sender: AlertSender, digests: Digests, time_left: Callable[[], float]) -> int:
    """Do all that is due while `time_left()` (seconds) is above zero; return how many entries were looked at.

    Emits the heartbeat (`Sweeps`) and for how many seconds the longest-waiting lead has been due (`OldestOverdue`),
    however often it was tried; neither where a part of the agenda could not be read. What cannot be read or handled is
    left to the next sweep; it never stops the others. Raises AgendaOutOfReachError where nothing could be read.
    """
    now = sender.now()
    parts = [_read(sender, shard, now) for shard in SHARDS]
    if all(part is None for part in parts):
        raise AgendaOutOfReachError
    entries = sorted(
        chain.from_iterable(part for part in parts if part is not None),
        key=lambda entry: (entry.lead_id == DIGEST, entry.overdue_since),  # people first
    )
    waiting = [entry for entry in entries if entry.lead_id != DIGEST]
    oldest = max(0, int((now - waiting[0].overdue_since).total_seconds())) if waiting else 0
    looked_at = failed = 0
    for entry in entries:
        if time_left() <= 0:
            logger.warning("sweep ran out of time, the rest is due in the next one")
            break
        looked_at += 1
        logger.append_keys(lead_id=entry.lead_id)
        try:
            if entry.lead_id == DIGEST:
                digests.send()
            else:
                sender.send(entry.lead_id)
        except Exception as error:  # noqa: BLE001 - one poisoned lead must not cost the others their alerts
            failed += 1
            logger.error("due lead failed", extra={"error": str(sanitised(error))})
        finally:
            logger.remove_keys(["lead_id"])
    metrics.add_metric("DueLeadsFailed", "Count", failed)
    if None not in parts:
        metrics.add_metric("Sweeps", "Count", 1)
        metrics.add_metric("OldestOverdue", "Seconds", oldest)
    return looked_at


def _read(sender: AlertSender, shard: str, now: datetime) -> list[AgendaEntry] | None:
    """Return what one part of the agenda has due now, or None where the table does not answer."""
    try:
        return list(sender.leads.agenda(shard, now))
    except Exception as error:  # noqa: BLE001 - one part that cannot be read must not cost the others their alerts
        logger.error("agenda not read", extra={"error": str(sanitised(error))})
        return None


def report_undeliverable(count: Callable[[Worklist], int]) -> None:
    """Emit how many leads nobody could be told of (`UndeliverableLeads`), however long ago that was.

    The event that counts such a lead is lost when a process dies between its write and the end of its invocation. This
    count is taken from the table, so the next sweep reports what the event did not. It never stops a sweep.
    """
    try:
        found = count(Worklist.UNDELIVERABLE)
    except Exception as error:  # noqa: BLE001 - whatever it is, the alerts of this sweep are sent
        logger.error("undeliverable leads not counted", extra={"error": str(sanitised(error))})
        return
    alert_metrics.add_metric("UndeliverableLeads", "Count", found)
