"""How fast requests were claimed, against the clinic's target."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Protocol


class Waited(Protocol):
    """A request, and when it was first claimed."""

    @property
    def received_at(self) -> datetime:
        """When it came in."""

    @property
    def claimed_at(self) -> datetime | None:
        """When it was first claimed, or None if it is unclaimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast some requests were claimed, in minutes."""

    received: int
    claimed: int
    median_minutes: float | None  # of those that were claimed
    in_time: int  # claimed within `target_minutes`
    judged: int  # claimed, or waiting for longer than `target_minutes`
    target_minutes: int


def speed(leads: Iterable[Waited], now: datetime, target: int, minutes: Callable[[datetime, datetime], float]) -> Speed:
    """Return how fast requests were claimed. `minutes` measures the time in between.

    Time counts from when the request came in, because that is how long the person waited.
    """
    received, waits, late = 0, list[float](), 0
    for lead in leads:
        received += 1
        if lead.claimed_at:
            waits.append(minutes(lead.received_at, lead.claimed_at))
        else:
            late += minutes(lead.received_at, now) > target
    return Speed(
        received=received,
        claimed=len(waits),
        median_minutes=median(waits) if waits else None,
        in_time=sum(each <= target for each in waits),
        judged=len(waits) + late,
        target_minutes=target,
    )


def elapsed_minutes(start: datetime, end: datetime) -> float:
    """Return the minutes between two moments, at any hour."""
    return (end - start) / timedelta(minutes=1)
