"""One batch of stream records: each stands alone, so a bad one never holds up its neighbors."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

from shared.messages.send import AlertSender
from shared.runtime.telemetry import logger, metrics, sanitised
from shared.store.keys import lead_id_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord, StreamRecord


def alert_each(
    records: Sequence[dict[str, Any]], sender: AlertSender, time_left: Callable[[], float]
) -> "PartialItemFailureResponse":
    """Send the alert of each record's lead and return the records that failed, in Lambda's shape.

    An email that SES does not take is no failure here, nor is what `time_left()` (seconds) leaves undone: those leads
    are on the agenda. A failure is what we did not foresee.
    """
    # Where every record fails, Lambda gets the list as well: Powertools' own error would quote them all.
    processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    with processor(list(records), _Alerts(sender, time_left).send):
        processor.process()
    return processor.response()


class _Alerts:
    """Sends the alert of one record after the other, as long as there is time."""

    def __init__(self, sender: AlertSender, time_left: Callable[[], float]) -> None:
        self._sender = sender
        self._time_left = time_left
        self._out_of_time = False

    def send(self, record: "DynamoDBRecord") -> None:
        """Send one alert. Raises UnexpectedError: Powertools may log what it catches, so that must quote nobody."""
        if self._out_of_time:
            return
        if self._time_left() <= 0:
            self._out_of_time = True
            logger.warning("batch ran out of time, the rest is the sweep's")
            return
        stream_record = record.dynamodb
        assert stream_record is not None  # noqa: S101 - each record of a table's stream has this part
        self._send(stream_record)

    def _send(self, record: "StreamRecord") -> None:
        logger.append_keys(sequence=record.sequence_number)
        try:
            lead_id = lead_id_of(record["Keys"])
            logger.append_keys(lead_id=lead_id)
            self._sender.send(lead_id)
        except Exception as error:  # noqa: BLE001 - one poisoned record must not cost its neighbors their alerts
            metrics.add_metric("StreamRecordsFailed", "Count", 1)
            safe = sanitised(error)
            logger.error("stream record failed", extra={"error": str(safe)})
            raise safe from None
        finally:
            logger.remove_keys(["sequence", "lead_id"])
