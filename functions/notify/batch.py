"""One batch of stream records: each stands alone, so that a bad one never holds up its neighbours."""

from collections.abc import Callable, Iterable
from typing import Any

from shared.messages.send import AlertSender
from shared.runtime.telemetry import logger, metrics, sanitised
from shared.store.keys import lead_id_of


def alert_each(
    records: Iterable[dict[str, Any]], sender: AlertSender, time_left: Callable[[], float]
) -> list[dict[str, str]]:
    """Send the alert of each record's lead and return Lambda's list of the records that failed.

    Mail that SES does not take is no failure here, nor is what `time_left()` (seconds) leaves undone: those leads are
    on the agenda. What fails is what we did not foresee.
    """
    failures = []
    for record in records:
        if time_left() <= 0:
            logger.warning("batch ran out of time, the rest is the sweep's")
            break
        stream_record = record["dynamodb"]
        try:
            sender.send(lead_id_of(stream_record["Keys"]))
        except Exception as error:  # noqa: BLE001 - one poisoned record must not cost its neighbours their alerts
            metrics.add_metric("StreamRecordsFailed", "Count", 1)
            logger.error(
                "stream record failed",
                extra={"error": str(sanitised(error)), "sequence": stream_record["SequenceNumber"]},
            )
            failures.append({"itemIdentifier": stream_record["SequenceNumber"]})
    return failures
