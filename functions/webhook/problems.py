"""Problems with single leads: each is counted and logged, and stops nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.runtime.telemetry import logger, metrics, sanitized


def count_problems(number: int = 1) -> None:
    """Count problems. One is enough for an alarm."""
    metrics.add_metric("WebhookProblems", "Count", number)


@contextmanager
def stopping_no_other(lead_id: str) -> Iterator[None]:
    """Let no error about a lead stop the work on the others."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - one bad lead must not stop the others
        count_problems()
        logger.error("webhook lead failed", extra={"lead_id": lead_id, "error": str(sanitized(error))})
