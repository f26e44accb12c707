"""The promises about every stored lead, whatever happened to it. Two random tests check them."""

from datetime import datetime, timedelta

from shared.leads.notice import Notice, email_name
from shared.leads.plan import remaining
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.response import ResponseState

# Long enough for a weekend and some holidays, or for the two weeks in which a person's preferred time of day is
# respected.
LONGEST_WAIT = timedelta(days=15)
ASKING = (Notice.ALERT, Notice.REMINDER, Notice.ESCALATION)
_BEGUN = {AlertState.PENDING, AlertState.SENDING}
_SHOWN = {AlertState.UNDELIVERABLE, AlertState.QUARANTINED}


def broken_promise(progress: Progress, case: Case, now: datetime) -> str | None:  # noqa: PLR0911 - one answer for each
    """Return what is wrong with the state of a lead `now`. None means that it is due, done, or visible to staff."""
    if progress.due_at is not None:
        return "due in the far future" if progress.due_at > now + LONGEST_WAIT else None
    if progress.overdue_since is not None:
        return "overdue and not on the agenda"
    if progress.state in _SHOWN:
        return None
    if progress.state in _BEGUN:
        return "begun and forgotten"
    if progress.synthetic:
        return None  # its email was accepted; nobody reads it
    match progress.response:
        case ResponseState.CLOSED:
            return None
        case ResponseState.CLAIMED:
            waits = progress.call_again_at and remaining(progress, Notice.CALL_AGAIN, case.team)
            return "nobody calls again" if waits else None
    if not any(
        email_name(Notice.ALERT, box) in progress.accepted - progress.bounced
        for box in case.team.staff + case.team.fallback
    ):
        return "nobody has the alert"
    return next((f"{notice} forgotten" for notice in ASKING if remaining(progress, notice, case.team)), None)
