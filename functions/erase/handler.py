"""Lambda entry point: carries out erasures every five minutes, the weekly check, or a job that an operator starts."""

from typing import TYPE_CHECKING, Any

from erase.settings import EraseSettings
from erase.wiring import wired
from shared.runtime.settings import read_settings
from shared.runtime.telemetry import entry_point, logger
from shared.runtime.trigger import starts_a_run

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_wired = wired(read_settings(EraseSettings))


@entry_point
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Erase what is due, and return how many orders were due. A job returns its own answer."""

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    if starts_a_run(event):
        return {"due": _wired.eraser.run(seconds_left)}
    if (answer := _wired.jobs.do(event, lambda: seconds_left() > 0)) is not None:
        return answer
    logger.info("event ignored")
    return {}
