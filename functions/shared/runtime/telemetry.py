"""Logs and metrics. Both contain ids, counts and static messages, never anything a visitor typed."""

import traceback
from functools import wraps
from pathlib import PurePath
from threading import RLock
from typing import TYPE_CHECKING, Any, override

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.metrics import MetricResolution, MetricUnit
    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Handler[R] = Callable[[dict[str, Any], LambdaContext], R]

logger = Logger()  # service and level come from the template (POWERTOOLS_SERVICE_NAME, POWERTOOLS_LOG_LEVEL)
# Held while a line is printed. Powertools prints metrics in two pieces, and a log line in between would damage both.
_printing = logger.registered_handler.lock or RLock()


class SafeMetrics(EphemeralMetrics):
    """Metrics that several threads may emit. Powertools' own would lose values, and it prints every 100th at once."""

    @override
    def add_metric(
        self, name: str, unit: "MetricUnit | str", value: float, resolution: "MetricResolution | int" = 60
    ) -> None:
        with _printing:
            super().add_metric(name, unit, value, resolution)

    @override
    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        with _printing:
            super().flush_metrics(raise_on_empty_metrics)


metrics = SafeMetrics()  # namespace and service come from the template (POWERTOOLS_METRICS_NAMESPACE)
# Metrics about alerts, which several functions emit. They share one service name, so one alarm covers all functions.
alert_metrics = SafeMetrics(service="alerts")


class UnexpectedError(Exception):
    """An unexpected error. Its text has the place in the code and not the cause, which may quote a visitor."""


def sanitized(error: BaseException) -> UnexpectedError:
    """Return an error that is safe to log and raise instead of `error`. It has only the type and the place in the code.

    Exceptions quote their input (botocore's ParamValidationError prints whole values), and Lambda's runtime prints
    every exception that a handler raises. Raise the result `from None`.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-5:]))
    return UnexpectedError(f"{type(error).__name__} at {where}")


def entry_point[R](handler: "Handler[R]") -> "Handler[R]":
    """Decorate a Lambda handler: add request ids to log lines, write metrics, and sanitize exceptions.

    The event is never logged.
    """

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handler)
    def guarded(event: dict[str, Any], context: "LambdaContext") -> R:
        try:
            return handler(event, context)
        except Exception as error:  # noqa: BLE001 - the text of any exception must stay out of the log
            safe = sanitized(error)
            logger.error("invocation failed", extra={"error": str(safe)})  # noqa: TRY400 - a traceback quotes the input
            raise safe from None
        finally:
            write_metrics()

    return guarded


def write_metrics() -> None:
    """Write the metrics of this invocation and reset them."""
    for each in (metrics, alert_metrics):
        if each.metric_set:  # a preflight has no metrics, and Powertools would warn
            each.flush_metrics()
