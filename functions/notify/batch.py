"""Handles one batch of stream records. A record that fails does not affect the others."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

from shared.messages.send import AlertSender
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.store.keys import lead_id_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord, StreamRecord


def alert_each(
    records: Sequence[dict[str, Any]], sender: AlertSender, time_left: Callable[[], float]
) -> "PartialItemFailureResponse":
    """Send the alert of each record's lead, and return the failed records in the format Lambda expects.

    Only an unexpected error is a failure. If SES does not accept an email or `time_left()` (seconds) runs out, the lead
    is still on the agenda, and the sweep retries it.
    """
    # If every record fails, still return the list: the error that Powertools would raise quotes all the records.
    processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    with processor(list(records), _Alerts(sender, time_left).send):
        processor.process()
    return processor.response()


class _Alerts:
    """Sends the alerts of the records one by one, while there is time."""

    def __init__(self, sender: AlertSender, time_left: Callable[[], float]) -> None:
        self._sender = sender
        self._time_left = time_left
        self._out_of_time = False

    def send(self, record: "DynamoDBRecord") -> None:
        """Send one alert. Raises UnexpectedError, which quotes no data, because Powertools may log what it catches."""
        if self._out_of_time:
            return
        if self._time_left() <= 0:
            self._out_of_time = True
            logger.warning("batch out of time, left to sweep")
            return
        stream_record = record.dynamodb
        assert stream_record is not None  # noqa: S101 - every stream record has this part
        self._send(stream_record)

    def _send(self, record: "StreamRecord") -> None:
        logger.append_keys(sequence=record.sequence_number)
        try:
            lead_id = lead_id_of(record["Keys"])
            logger.append_keys(lead_id=lead_id)
            self._sender.send(lead_id)
        except Exception as error:  # noqa: BLE001 - one bad record must not stop the other alerts
            metrics.add_metric("StreamRecordsFailed", "Count", 1)
            safe = sanitized(error)
            logger.error("stream record failed", extra={"error": str(safe)})
            raise safe from None
        finally:
            logger.remove_keys(["sequence", "lead_id"])
