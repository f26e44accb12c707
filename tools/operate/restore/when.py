"""The time of a restore, as somebody types it."""

import re
from datetime import UTC, datetime
from typing import Final

from shared.leads.identity import LEAD_ID, REFERENCE_PATTERN
from tools.operate.stack import OperateError

_EXAMPLE: Final = "TIME=2026-11-29T03:00Z, or TIME=2026-11-28T22:00-05:00"
_NAMES: Final = re.compile(rf"{REFERENCE_PATTERN.pattern}|{LEAD_ID}")


def as_of(typed: str, now: datetime) -> datetime:
    """Return the time that somebody typed, in UTC and whole seconds. Raises OperateError, which says what to type."""
    text = typed.strip()
    if not text:
        raise OperateError(f"Name the last time at which the table was right: {_EXAMPLE}")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OperateError(f"TIME is not a date and a time. Type it like {_EXAMPLE}") from None
    if found.tzinfo is None:
        raise OperateError(f"TIME has no time zone. Add Z for UTC, or the offset of your zone: {_EXAMPLE}")
    try:
        found = found.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise OperateError(f"TIME is too far away. Type it like {_EXAMPLE}") from None
    if found > now:
        raise OperateError(f"TIME is in the future: it is {utc(now)} now. Name the last time at which all was right.")
    return found


def utc(moment: datetime) -> str:
    """Return a time as the command prints it, and as somebody may type it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def names(typed: str) -> frozenset[str]:
    """Return the references and ids in REFERENCES. Raises OperateError."""
    found = frozenset(typed.upper().replace(",", " ").split())
    if any(not _NAMES.fullmatch(each) for each in found):
        raise OperateError(
            'REFERENCES has something that is no reference. Type them with spaces: REFERENCES="KC-7Q2M-4XHD KC-..."'
        )
    return found
