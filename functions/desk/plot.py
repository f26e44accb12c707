"""The plot of requests by day: where its bars are. The page draws them as SVG, without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

# The picture's size. It is stretched to the width of the page, so it has no text: the page has that around it.
HEIGHT: Final = 100
_STEP, _GAP = 20, 4
_WEEKEND: Final = 5  # Saturday, as `date.weekday` counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day: its bar, from the top left corner, and its number in words."""

    x: int
    y: int
    width: int
    height: int
    weekend: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The bars, the width of the picture, the largest number, and what the picture shows in one sentence."""

    bars: tuple[Bar, ...]
    width: int
    most: int
    words: str


def plot(days: Sequence[tuple[date, int]]) -> Plot:
    """Return the plot of a month's requests by day."""
    most = max(count for _, count in days)
    busiest = next(day for day, count in days if count == most)
    return Plot(
        bars=tuple(_bar(number, day, count, most) for number, (day, count) in enumerate(days)),
        width=len(days) * _STEP,
        most=most,
        words=f"Requests by day. The most, {most:,}, came in on {busiest:%A, %B %-d}." if most else "No requests.",
    )


def _bar(number: int, day: date, count: int, most: int) -> Bar:
    # A day with any request has a bar that can be seen.
    height = max(2, round(HEIGHT * count / most)) if count else 0
    return Bar(
        x=number * _STEP + _GAP // 2,
        y=HEIGHT - height,
        width=_STEP - _GAP,
        height=height,
        weekend=day.weekday() >= _WEEKEND,
        words=f"{day:%a, %b %-d}: {count:,}",
    )
