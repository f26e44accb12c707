"""Lambda entry point: one sweep of the agenda, every minute."""

from typing import TYPE_CHECKING, Any

from alerts.send import alert_sender, seconds_to_spare
from aws.runtime.settings import AlertSettings, read_settings
from aws.runtime.telemetry import entry_point
from follow_up.sweep import sweep

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_sender = alert_sender(read_settings(AlertSettings))


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, int]:  # noqa: ARG001 - a schedule's event
    """Send what is due. Returns how many leads were looked at, for whoever invokes it by hand."""
    looked_at = sweep(_sender, seconds_to_spare(context.get_remaining_time_in_millis))
    return {"looked_at": looked_at}
