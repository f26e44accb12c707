"""Lambda entry point: one run of the canary, every half hour."""

from typing import TYPE_CHECKING, Any

from canary.fly import canary
from canary.settings import CanarySettings
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point, logger
from shared.runtime.trigger import starts_a_run

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_canary = canary(read_settings(CanarySettings))


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, bool]:  # noqa: ARG001 - not needed
    """Run the canary. The result is for operators who invoke the function by hand."""
    if not starts_a_run(event):
        logger.info("event ignored")
        return {}
    return {"accepted": _canary.fly()}
