"""Counts and logs links that change nothing, and failures behind a choice that is saved."""

from shared.runtime.telemetry import logger, metrics, sanitized


def count_refused(outcome: str) -> None:
    """Count and log a link that changed nothing."""
    metrics.add_metric("LinksRefused", "Count", 1)
    logger.info("link refused", extra={"outcome": outcome})


def count_failure(error: Exception) -> None:
    """Count and log a page, or a part of it, that failed."""
    metrics.add_metric("LinkPagesFailed", "Count", 1)
    logger.error("page failed", extra={"error": str(sanitized(error))})
