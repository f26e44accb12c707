"""Numbers and durations in words."""

from datetime import timedelta

_MINUTES = {"day": 24 * 60, "hour": 60, "minute": 1}


def counted(count: int, name: str) -> str:
    """Return a count with its noun: "1 minute", "3 minutes"."""
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def ordinal(number: int) -> str:
    """Return "1st", "2nd", "11th"."""
    tens, ones = divmod(number % 100, 10)
    return f"{number}{'th' if tens == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(ones, 'th')}"


def duration(time: timedelta) -> str | None:
    """Return a duration in its largest unit, rounded down: "3 hours". None if it is less than a minute."""
    minutes = int(time / timedelta(minutes=1))
    return next((counted(minutes // size, name) for name, size in _MINUTES.items() if minutes >= size), None)
