"""Lambda entry point: one flight of the canary, every half hour."""

from typing import TYPE_CHECKING, Any

from canary.fly import canary
from canary.settings import CanarySettings
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_canary = canary(read_settings(CanarySettings))


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, bool]:  # noqa: ARG001 - a schedule's event
    """Go the whole way. Returns whether it is open, for whoever invokes it by hand."""
    return {"accepted": _canary.fly()}
