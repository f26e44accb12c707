"""How a moment stands in the table."""

from datetime import UTC, datetime


def timestamp(moment: datetime) -> str:
    """Return `moment` (aware) as fixed-width UTC text with milliseconds, so that text order is time order."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def moment(text: str) -> datetime:
    """Return the moment that `timestamp` wrote."""
    return datetime.fromisoformat(text)
