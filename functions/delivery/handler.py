"""Lambda entry point: one SES event from EventBridge."""

from typing import TYPE_CHECKING, Any

from delivery.record import reports
from delivery.settings import DeliverySettings
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_reports = reports(read_settings(DeliverySettings))


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> None:  # noqa: ARG001 - not needed
    """Record one SES report."""
    _reports.record(event)
