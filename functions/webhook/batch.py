"""Handles one batch of the table's stream: looks at each lead that changed, and sends rings at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from shared.runtime.telemetry import logger, sanitized
from shared.store.keys import lead_id_of
from webhook.line import Line, Receiver
from webhook.problems import count_problems
from webhook.tell import Teller
from webhook.told import Choice

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

# For so long a batch may send. A slow receiver must not hold up the stream; the run of the next minute goes on.
SEND_SECONDS: Final = 2.0


def look_at_each(records: Sequence[dict[str, Any]], teller: Teller, receiver: Receiver) -> "PartialItemFailureResponse":
    """Look at the lead of each record, and return the failed records in the format that Lambda expects.

    Only rings are sent. The run of the next minute tells the rest, so that a flood of requests holds up no ring. If the
    receiver fails, everything is only noted.
    """
    if not records or not receiver.is_set():
        return {"batchItemFailures": []}
    health = receiver.health()
    healthy = not health.failing and health.may_try(receiver.now())
    line = Line(receiver, health, Choice.RINGS, lambda spent: spent < SEND_SECONDS) if healthy else None
    failed: list[str] = []
    seen: dict[str, bool] = {}  # whether it went well, by lead: each is looked at once, as it is now
    for record in records:
        sequence = str(record["dynamodb"]["SequenceNumber"])
        try:
            lead_id = lead_id_of(record["dynamodb"]["Keys"])
            if lead_id not in seen:
                seen[lead_id] = False
                teller.look(lead_id, line)
                seen[lead_id] = True
            elif not seen[lead_id]:
                failed.append(sequence)
        except Exception as error:  # noqa: BLE001 - one bad record must not stop the others
            failed.append(sequence)
            count_problems()
            logger.error("stream record failed", extra={"sequence": sequence, "error": str(sanitized(error))})
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
