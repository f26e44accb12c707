"""The receiver's health: whether it takes signals, and when it may be tried again. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

# After so long without success, and at least so many tries, the webhook is disabled.
DISABLED_AFTER: Final = timedelta(hours=6)
LEAST_FAILURES: Final = 10
PROBE_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the last tries went. The webhook is disabled if its receiver fails for hours, or says that it is gone."""

    failures: int = 0  # in a row
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    gone: bool = False  # the receiver answered 410: it asks us to stop
    probe_at: datetime | None = None  # when one signal may try a disabled webhook
    version: int = 0  # number of writes, for optimistic locking

    @property
    def failing(self) -> bool:
        """Whether the last try failed."""
        return self.failing_since is not None

    def may_try(self, now: datetime) -> bool:
        """Whether a run may send. A receiver that asked us to stop is tried by an operator only."""
        return self.disabled_at is None or (not self.gone and (self.probe_at is None or self.probe_at <= now))

    def failing_for(self, now: datetime) -> timedelta:
        """Return for how long nothing has got through. A disabled webhook counts as failing for an hour at least."""
        if self.failing_since is None:
            return timedelta()
        return max(now - self.failing_since, PROBE_EVERY if self.disabled_at else timedelta())


def after_success(health: Health) -> Health:
    """Return the health after the receiver took a signal."""
    return Health(version=health.version)


def after_failure(health: Health, now: datetime, *, gone: bool) -> Health:
    """Return the health after a try without success."""
    since, failures = health.failing_since or now, health.failures + 1
    too_long = now - since >= DISABLED_AFTER and failures >= LEAST_FAILURES
    disabled_at = health.disabled_at or (now if too_long or gone else None)
    return replace(
        health,
        failures=failures,
        failing_since=since,
        disabled_at=disabled_at,
        gone=health.gone or gone,
        probe_at=now + PROBE_EVERY if disabled_at else None,
    )
