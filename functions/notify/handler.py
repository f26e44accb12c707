"""Lambda entry point: a batch of stream records of new leads."""

from typing import TYPE_CHECKING, Any

from notify.batch import alert_each
from shared.messages.send import seconds_to_spare
from shared.messages.settings import AlertSettings
from shared.messages.wiring import alert_sender
from shared.runtime.settings import read_settings
from shared.runtime.stream_records import records_of
from shared.runtime.telemetry import entry_point

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

_sender = alert_sender(read_settings(AlertSettings))


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> "PartialItemFailureResponse":
    """Alert staff of each lead in the batch, and return the records that Lambda must retry."""
    return alert_each(records_of(event), _sender, seconds_to_spare(context.get_remaining_time_in_millis))
