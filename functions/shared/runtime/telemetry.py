"""Logs and metrics. Both carry ids, counts and static messages, never anything a visitor wrote."""

import traceback
from functools import wraps
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Handler[R] = Callable[[dict[str, Any], LambdaContext], R]

logger = Logger()  # service and level come from the template (POWERTOOLS_SERVICE_NAME, POWERTOOLS_LOG_LEVEL)
metrics = Metrics()  # namespace and service come from the template (POWERTOOLS_METRICS_NAMESPACE)
# What several functions count about alerts, under one name of a service, so that one alarm watches all of them. All
# instances of Metrics share their values; an ephemeral one has its own.
alert_metrics = EphemeralMetrics(service="alerts")


class UnexpectedError(Exception):
    """Something we did not foresee. Its text says where, and not what: the cause may quote a visitor."""


def sanitised(error: BaseException) -> UnexpectedError:
    """Return an error that is safe to log and to raise in the place of `error`: its type and where it came from.

    Exceptions quote their input (botocore's ParamValidationError prints whole values), and Lambda's runtime prints
    what leaves a handler. Raise the result `from None`.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-5:]))
    return UnexpectedError(f"{type(error).__name__} at {where}")


def entry_point[R](handler: "Handler[R]") -> "Handler[R]":
    """Decorate a Lambda handler: request ids on every log line, metrics written out, no exception that quotes anybody.

    The event is never logged.
    """

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handler)
    def guarded(event: dict[str, Any], context: "LambdaContext") -> R:
        try:
            return handler(event, context)
        except Exception as error:  # noqa: BLE001 - whatever it is, its text must not reach the log
            safe = sanitised(error)
            logger.error("invocation failed", extra={"error": str(safe)})  # noqa: TRY400 - a traceback would quote it
            raise safe from None
        finally:
            write_metrics()

    return guarded


def write_metrics() -> None:
    """Write out what this invocation counted, and begin anew."""
    for each in (metrics, alert_metrics):
        if each.metric_set:  # a preflight counts nothing, of which Powertools would warn
            each.flush_metrics()
