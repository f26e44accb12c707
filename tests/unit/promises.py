"""The promises about every stored lead, whatever happened to it. Two random tests check them."""

from datetime import datetime, timedelta

from shared.leads.clinic import FollowUp
from shared.leads.hours import THEIR_DAY, Hours, person_zone
from shared.leads.notice import Notice
from shared.leads.plan import of, wants_no_contact, was_handed_over
from shared.leads.progress import AlertState, Case, Progress
from shared.leads.response import ClaimAction, ResponseState

# Long enough for a weekend and some holidays, or for the two weeks in which a person's preferred time of day is
# respected.
LONGEST_WAIT = timedelta(days=15)
# After "Emailed and waiting" comes the owner's reminder, and then everyone's. An owner who did not have the alert gets
# the first of them at once.
LONGEST_URGENT_WAIT = timedelta(minutes=FollowUp().urgent_emailed_after + FollowUp().urgent_claimed_after)
ASKING = (Notice.ALERT, Notice.REMINDER, Notice.ESCALATION)
_REMIND = {Notice.REMINDER, Notice.ESCALATION, Notice.OWNER_REMINDER, Notice.CALL_AGAIN, Notice.NOT_REACHED}
_BEGUN = {AlertState.PENDING, AlertState.SENDING}
_SHOWN = {AlertState.UNDELIVERABLE, AlertState.QUARANTINED}


def broken_promise(progress: Progress, case: Case, now: datetime) -> str | None:
    """Return what is wrong with the state of a lead `now`. None means that it is due, closed, or visible to staff."""
    if progress.due_at is not None:
        return _broken_wish(progress) or _broken_plan(progress, case, now)
    if progress.overdue_since is not None:
        return "overdue and not on the agenda"
    if progress.state in _SHOWN:
        return None
    if progress.state in _BEGUN:
        return "begun and forgotten"
    # The canary's email was accepted, and nobody reads it. Nobody is asked to contact a person who does not want that.
    done = progress.synthetic or progress.response is ResponseState.CLOSED or wants_no_contact(progress)
    return None if done else "nobody is reminded"


def _broken_plan(progress: Progress, case: Case, now: datetime) -> str | None:
    assert progress.due_at is not None
    claimed = progress.response is ResponseState.CLAIMED
    if claimed and progress.due_at == progress.follow_up_at:
        return None  # somebody chose this time
    if progress.due_at > now + LONGEST_WAIT:
        return "due in the far future"
    if claimed and case.urgent and progress.due_at > now + LONGEST_URGENT_WAIT:
        return "urgent, and quiet for too long"
    if claimed and progress.action is ClaimAction.NO_ANSWER and not case.urgent and not _by_day(progress, case):
        return "a call in the person's night"
    reminds = progress.notice in {Notice.REMINDER, Notice.ESCALATION} and progress.state not in _BEGUN
    if reminds and not of(progress.accepted - progress.bounced, Notice.ALERT):
        return "nobody has the alert"
    return None


def _broken_wish(progress: Progress) -> str | None:
    reminds = progress.notice in _REMIND and not was_handed_over(progress) and progress.state is not AlertState.SENDING
    return "reminded to contact a person who does not want that" if wants_no_contact(progress) and reminds else None


def _by_day(progress: Progress, case: Case) -> bool:
    """Whether the call is between 8 and 21 where the person is, or at the clinic if that is not known."""
    assert progress.call_again_at is not None
    zone = person_zone(case.lead.time_zone) or case.clinic.hours.zone
    return Hours(zone, ((THEIR_DAY,),) * 7).is_open(progress.call_again_at)
