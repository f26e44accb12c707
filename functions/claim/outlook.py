"""The outlook: which reminders come next about a lead if staff do nothing more."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared.leads.notice import INFORMATION, Notice, email_name
from shared.leads.plan import planned, remaining
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.response import ResponseState

# Nothing is sent about leads in these states.
_SILENT: Final = frozenset({AlertState.UNDELIVERABLE, AlertState.QUARANTINED})
# Enough for "we remind you, and then everyone".
_HOW_MANY: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One email that reminds staff of a lead, and when it is due."""

    notice: Notice
    at: datetime


def reminders(progress: Progress, case: Case, now: datetime) -> tuple[Reminder, ...]:
    """Return the next reminders, in order; none of a closed lead. A reminder that is late is due now."""
    if progress.response is ResponseState.CLOSED or progress.state in _SILENT:
        return ()
    quiet = replace(case, team=replace(case.team, tell_others=False))  # leaves out what only informs
    found: list[Reminder] = []
    ahead = planned(progress, quiet, now)
    while ahead.due_at and len(found) < _HOW_MANY:
        if ahead.notice is not Notice.ALERT:
            found.append(Reminder(notice=ahead.notice, at=max(ahead.due_at, now)))
        sent = {email_name(ahead.notice, each) for each in remaining(ahead, ahead.notice, quiet.team)}
        ahead = planned(replace(ahead, accepted=ahead.accepted | sent), quiet, max(ahead.due_at, now))
    return tuple(found)


def tells_others(progress: Progress, case: Case, now: datetime) -> bool:
    """Return whether the next email tells the other recipients what staff did."""
    ahead = planned(progress, case, now)
    return ahead.due_at is not None and ahead.notice in INFORMATION
