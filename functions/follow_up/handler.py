"""Lambda entry point: one sweep of the agenda, every minute."""

from typing import TYPE_CHECKING, Any

from alerts.send import alert_sender
from aws.runtime.settings import AlertSettings, read_settings
from aws.runtime.telemetry import entry_point
from follow_up.sweep import sweep

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_sender = alert_sender(read_settings(AlertSettings))

# One lead takes at the most two table calls and one mail with all their tries: 28 seconds. What does not start now
# is taken up in a minute.
_SPARE_SECONDS = 30


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, int]:  # noqa: ARG001 - a schedule's event
    """Send what is due. Returns how many leads were looked at, for whoever invokes it by hand."""
    looked_at = sweep(_sender, time_left=lambda: context.get_remaining_time_in_millis() / 1000 - _SPARE_SECONDS)
    return {"looked_at": looked_at}
