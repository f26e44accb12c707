"""Counts and logs what the desk could not do. Each has an alarm."""

from shared.runtime.telemetry import logger, metrics, sanitized


def count_unreachable_audit(reason: str) -> None:
    """Count and log an entry that could not be written, or a page of the audit that could not be read."""
    metrics.add_metric("AuditUnreachable", "Count", 1)
    logger.error("audit out of reach", extra={"reason": reason})


def count_unreachable_pool(reason: str) -> None:
    """Count and log a page that was not shown because Cognito did not answer."""
    metrics.add_metric("DeskPagesFailed", "Count", 1)
    logger.error("user pool out of reach", extra={"reason": reason})


def count_failure(error: Exception) -> None:
    """Count and log a page that failed for a reason that we did not expect."""
    metrics.add_metric("DeskPagesFailed", "Count", 1)
    logger.error("desk failed", extra={"error": str(sanitized(error))})


def count_refused_sign_in(reason: str) -> None:
    """Count and log a sign-in that failed after Cognito's own page."""
    metrics.add_metric("SignInsFailed", "Count", 1)
    logger.warning("sign-in refused", extra={"reason": reason})
