"""The receiver's health: whether it takes signals, and when it may be tried again. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

# After so long without success, and at least so many tries, the webhook is disabled.
DISABLED_AFTER: Final = timedelta(hours=6)
LEAST_FAILURES: Final = 10
PROBE_EVERY: Final = timedelta(hours=1)
# A receiver that asked us to stop may have done so by mistake.
PROBE_GONE_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the last tries went. The webhook is disabled if its receiver fails for hours, or says that it is gone."""

    address: str | None = None  # a hash of the address that this is about
    failures: int = 0  # in a row
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    gone: bool = False  # the receiver answered 410: it asks us to stop
    probe_at: datetime | None = None  # when any signal may try a disabled webhook
    rests_until: datetime | None = None  # the receiver had too many messages
    catch_up: bool = False  # it works again, so what waits is due at once
    version: int = 0  # number of writes, for optimistic locking

    @property
    def failing(self) -> bool:
        """Whether the last try failed."""
        return self.failing_since is not None

    def rests(self, now: datetime) -> bool:
        """Whether the receiver asked for a rest that is not over."""
        return self.rests_until is not None and now < self.rests_until

    def may_try(self, now: datetime) -> bool:
        """Whether any signal may be sent. A new ring may try a disabled webhook too, so this does not count for it."""
        return not self.rests(now) and (self.probe_at is None or self.probe_at <= now)

    def failing_for(self, now: datetime) -> timedelta:
        """Return for how long nothing has got through. A disabled webhook counts as failing for an hour at least."""
        if self.failing_since is None:
            return timedelta()
        return max(now - self.failing_since, PROBE_EVERY if self.disabled_at else timedelta())


def of_address(health: Health, address: str | None) -> Health:
    """Return the health of the receiver at an address, by its hash. The failures of another address do not count.

    None means that the address cannot be read now.
    """
    if address is None or health.address == address:
        return health
    return Health(address=address, catch_up=health.address is not None, version=health.version)


def after_success(health: Health) -> Health:
    """Return the health after the receiver took a signal."""
    return Health(address=health.address, catch_up=health.catch_up or health.failing, version=health.version)


def after_rest(health: Health, now: datetime, rest: timedelta) -> Health:
    """Return the health after the receiver asked for a rest. That is no failure, but an alarm if it never ends."""
    return replace(health, failing_since=health.failing_since or now, rests_until=now + rest)


def after_failure(health: Health, now: datetime, *, gone: bool) -> Health:
    """Return the health after a try without success."""
    since, failures = health.failing_since or now, health.failures + 1
    too_long = now - since >= DISABLED_AFTER and failures >= LEAST_FAILURES
    disabled_at = health.disabled_at or (now if too_long or gone else None)
    gone = health.gone or gone
    wait = PROBE_GONE_EVERY if gone else PROBE_EVERY
    return replace(
        health,
        failures=failures,
        failing_since=since,
        disabled_at=disabled_at,
        gone=gone,
        probe_at=now + wait if disabled_at else None,
        rests_until=None,
    )
