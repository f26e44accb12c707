"""Handles one batch of stream records: urgent leads first, several at once. A record that fails stops no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shared.leads.agenda import Lane, lane_of
from shared.leads.event import Result
from shared.messages.send import AlertSender
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.runtime.together import AT_ONCE, together
from shared.store.keys import lead_id_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

# A batch starts at most this many ordinary leads, in at most this many seconds. The sweep sends the rest within about a
# minute. So each batch of a flood is short, and an urgent lead in a later batch does not wait long.
MOST_ORDINARY: Final = 20
ORDINARY_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class _Record:
    """A stream record: its place in the stream, and the key of its lead."""

    sequence: str
    key: Any

    @property
    def lead_id(self) -> str:
        """The id of the lead. Raises an error if the key is not that of an item of our table."""
        return lead_id_of(self.key)


def alert_each(
    records: Sequence[dict[str, Any]],
    sender: AlertSender,
    time_left: Callable[[], float],
    *,
    at_once: int = AT_ONCE,
) -> "PartialItemFailureResponse":
    """Send the alert of each record's lead, and return the failed records in the format Lambda expects.

    Urgent leads come first, then those that could not be looked at, then the ordinary ones. Of these, no more start
    once SES throttles or a limit above is reached.

    Only an unexpected error is a failure. If a lead is not started, `time_left()` (seconds) runs out, or SES does not
    accept an email, the lead is still on the agenda, and the sweep sends the alert.
    """
    found = [_Record(each["dynamodb"]["SequenceNumber"], each["dynamodb"].get("Keys", {})) for each in records]
    alerts = _Alerts(sender)

    def in_time() -> bool:
        return time_left() > 0

    lanes = _lanes(found, sender, in_time, at_once)
    first = sorted((each for each in found if lanes.get(each) is not Lane.ORDINARY), key=lambda each: each not in lanes)
    begun = together(first, alerts.send, in_time, at_once=at_once)

    ends = time_left() - ORDINARY_SECONDS
    ordinary = [each for each in found if lanes.get(each) is Lane.ORDINARY][:MOST_ORDINARY]
    begun += together(
        ordinary, alerts.send, lambda: in_time() and time_left() > ends and not alerts.throttled, at_once=at_once
    )
    if begun < len(found):
        logger.warning("batch not finished, left to sweep")
    return {"batchItemFailures": [{"itemIdentifier": each.sequence} for each in found if each in alerts.failed]}


def _lanes(
    records: Sequence[_Record], sender: AlertSender, in_time: Callable[[], bool], at_once: int
) -> dict[_Record, Lane]:
    """Return the lane of each record's lead. It ends at the first lead that cannot be read: reading more may take long.

    If all leads start at once, their order does not matter, and none is read.
    """
    found: dict[_Record, Lane] = {}
    failed: list[_Record] = []

    def look(record: _Record) -> None:
        try:
            stored = sender.leads.read(record.lead_id)
            found[record] = lane_of(stored.lead) if stored else Lane.ORDINARY
        except Exception as error:  # noqa: BLE001 - the leads are handled anyway, in another order
            failed.append(record)
            logger.warning("lead not looked at", extra={"sequence": record.sequence, "error": str(sanitized(error))})

    if len(records) > at_once:
        together(records, look, lambda: in_time() and not failed, at_once=at_once)
    return found


class _Alerts:
    """Sends the alerts of records. Threads share it, so it only adds and sets a flag."""

    def __init__(self, sender: AlertSender) -> None:
        self._sender = sender
        self.failed: set[_Record] = set()
        self.throttled = False

    def send(self, record: _Record) -> None:
        """Send one alert. Never raises."""
        logger.thread_safe_append_keys(sequence=record.sequence)
        try:
            lead_id = record.lead_id
            logger.thread_safe_append_keys(lead_id=lead_id)
            if self._sender.send(lead_id) is Result.THROTTLED:
                self.throttled = True
        except Exception as error:  # noqa: BLE001 - one bad record must not stop the other alerts
            self.failed.add(record)
            metrics.add_metric("StreamRecordsFailed", "Count", 1)
            logger.error("stream record failed", extra={"error": str(sanitized(error))})
        finally:
            logger.thread_safe_remove_keys(["sequence", "lead_id"])
