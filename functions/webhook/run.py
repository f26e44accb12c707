"""One run each minute: looks at what is due on the webhook's own lane of the agenda."""

from collections.abc import Callable, Iterator
from heapq import merge
from typing import Final, Protocol

from shared.leads.agenda import Lane, partitions
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.store.leads import AgendaEntry
from webhook.line import Line, Receiver
from webhook.tell import Teller

# At worst, one lead takes this long: three signals of five seconds, and the table's calls.
SPARE_SECONDS: Final = 30.0


class Agenda(Protocol):
    """The webhook's lane of the agenda."""

    def __call__(self, partition: str) -> Iterator[AgendaEntry]:
        """Yield what is due in a partition, in order."""


def run(agenda: Agenda, teller: Teller, receiver: Receiver, seconds_left: Callable[[], float]) -> int:
    """Look at what is due, until the receiver fails or time is up. Return how many leads were looked at.

    Emits for how many seconds nothing has got through (`WebhookFailing`), and the heartbeat (`WebhookRuns`) once the
    agenda was read. A lead that raises an error does not stop the others. Raises botocore's errors.
    """
    looked_at = 0
    health = receiver.health.read()
    if receiver.is_set():
        if health.may_try(receiver.now()):
            line = Line(receiver, health)
            for entry in merge(*(agenda(each) for each in partitions(Lane.WEBHOOK)), key=lambda each: each.due_at):
                looked_at += 1
                if seconds_left() < SPARE_SECONDS or not _goes_on(entry.lead_id, teller, line):
                    break
            health = line.health
        metrics.add_metric("WebhookFailing", "Seconds", int(health.failing_for(receiver.now()).total_seconds()))
    metrics.add_metric("WebhookRuns", "Count", 1)
    return looked_at


def _goes_on(lead_id: str, teller: Teller, line: Line) -> bool:
    """Look at one lead, and return whether the next one may be tried."""
    try:
        return teller.look(lead_id, line)
    except Exception as error:  # noqa: BLE001 - one bad lead must not stop the others
        metrics.add_metric("WebhookLeadsFailed", "Count", 1)
        logger.error("webhook lead failed", extra={"lead_id": lead_id, "error": str(sanitized(error))})
        return True
