"""All log lines and metrics of the process, for tests that look for what must not be in them."""

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, cast

from shared.runtime.telemetry import alert_metrics, logger, metrics, write_metrics

if TYPE_CHECKING:
    import logging


@contextmanager
def everything_printed() -> Iterator[StringIO]:
    """Collect what Powertools prints. Its logger keeps the first stream it got, so this replaces that stream."""
    printed = StringIO()
    handler = cast("logging.StreamHandler[StringIO]", logger.registered_handler)
    before = handler.setStream(printed)
    try:
        with redirect_stdout(printed):
            yield printed
            write_metrics()
    finally:
        if before is not None:
            handler.setStream(before)


def counted(name: str) -> list[float]:
    """Return the values added to a metric and not yet written out, for any service."""
    values: list[float] = (metrics.metric_set | alert_metrics.metric_set).get(name, {}).get("Value", [])
    return values
