"""How long a request has waited for staff, next to the target.

Minutes count as they do for the reminders (shared/leads/plan.py): from the moment when staff were told, and only while
the clinic is open, unless the request is urgent.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.leads.clinic import Clinic
from shared.leads.lead import Priority
from shared.leads.numbers import duration

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The wait in words, and whether it is longer than the target."""

    words: str
    late: bool = False


def waiting(since: datetime, priority: Priority, clinic: Clinic, now: datetime) -> Waiting:
    """Return the wait of an unclaimed request. `since` is when staff were told, or when it came in."""
    urgent = priority is not Priority.NORMAL
    target = clinic.targets.urgent_remind_after if urgent else clinic.targets.remind_after
    passed = max(now - since, timedelta())
    counts = passed if urgent else clinic.hours.open_minutes(since, now) * _MINUTE
    late = counts > target * _MINUTE
    said = f"Waiting {_time(passed)}"
    if late:
        return Waiting(f"{said}, target {target} min: late", late=True)
    return Waiting(f"{said}{_of_it_open(passed, counts)}, target {target} min")


def _of_it_open(passed: timedelta, counts: timedelta) -> str:
    """Return what part of a wait counts, unless all of it does."""
    if passed - counts < _MINUTE:
        return ""
    return f", {_time(counts)} of it in opening hours" if counts >= _MINUTE else ", all of it outside opening hours"


def _time(passed: timedelta) -> str:
    words = duration(passed)
    return re.sub(" minutes?$", " min", words) if words else "less than 1 min"
