"""Does something for one order, so that a failure does not stop the others."""

from collections.abc import Callable

from shared.leads.erasure import Erasure
from shared.runtime.telemetry import logger, metrics, sanitized


def attempt[T](step: str, erasure: Erasure, do: Callable[[], T]) -> T | None:
    """Return the result of `do`, or None if it failed. Then the order stays due, counts as unproven and is logged."""
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - one order must not stop the others
        metrics.add_metric("ErasuresUnproven", "Count", 1)
        logger.error("erasure failed", extra={"erasure": erasure.id, "step": step, "error": str(sanitized(error))})
        return None
