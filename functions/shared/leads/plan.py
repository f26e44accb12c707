"""The plan: which email to staff is due next for a lead, when, and who gets it.

Until the lead is closed, there is always a next email. After the last planned one, everyone is reminded again and
again. The exception is a person who does not want to be contacted: nobody is asked to do that.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from shared.leads.lead import CONTACT
from shared.leads.notice import INFORMATION, Notice, email_name, email_of, recipient_of
from shared.leads.progress import AlertEvent, Case, Progress, former_owners, moved
from shared.leads.response import ClaimAction, ResponseState
from shared.leads.team import Team

_ASK_TO_CLAIM = frozenset({Notice.ALERT, Notice.REMINDER, Notice.ESCALATION})


def to_send(progress: Progress, team: Team) -> tuple[str, ...]:
    """Return the recipients to email now; empty if the pending email is no longer needed."""
    return remaining(progress, progress.notice, team) if wanted(progress) else ()


def remaining(progress: Progress, notice: Notice, team: Team) -> tuple[str, ...]:
    """Return the recipients who still have to get `notice`, in order."""
    failing = _gone(progress) | _recipients_of(of(progress.refused, notice))
    return tuple(
        recipient
        for recipient in _audience(progress, notice, team, failing)
        if recipient not in failing and email_name(notice, recipient) not in progress.accepted
    )


def owner_of(progress: Progress, team: Team) -> str | None:
    """Return the owner of a lead, or None. A recipient who left the list is no owner."""
    known = progress.owner_address or progress.claimed_by in team.everybody
    return progress.claimed_by if known else None


def wanted(progress: Progress) -> bool:
    """Whether the due email is still needed. No email asks staff to claim a lead that is claimed.

    After a wish for no contact, a sender may still have the lease for a reminder.
    """
    if wants_no_contact(progress) and _reminds(progress):
        return False
    match progress.response:
        case ResponseState.OPEN:
            return progress.notice in _ASK_TO_CLAIM
        case ResponseState.CLAIMED:
            return progress.notice not in _ASK_TO_CLAIM | {Notice.CLOSED}
        case ResponseState.CLOSED:
            return progress.notice is Notice.CLOSED


def planned(progress: Progress, case: Case, now: datetime) -> Progress:
    """Return `progress` with the next email and its due time, or as undeliverable if no one is left to email."""
    progress = _told_of_the_hand_over(progress)
    found = _next(progress, case, now)
    if found is None and wants_no_contact(progress):
        unknown = progress.response is ResponseState.OPEN and not of(progress.accepted - progress.bounced, Notice.ALERT)
        if unknown and not progress.synthetic:
            return ended(progress)
    elif found is None and progress.response is not ResponseState.CLOSED and not progress.synthetic:
        another = _another_round(progress, case, now)
        found = _next(another, case, now)
        if found is None:
            return ended(progress)
        progress = another
    notice, due_at = found or (progress.notice, None)
    if notice is progress.notice and (due_at == progress.due_at or _both_past(due_at, progress.due_at, now)):
        return progress
    return replace(progress, notice=notice, tries=0, due_at=due_at, overdue_since=due_at, in_summary=False)


def _reminds(progress: Progress) -> bool:
    """Whether the due email asks staff to try the person. The email about a hand-over is news to the new owner."""
    hands_over = progress.notice is Notice.OWNER_REMINDER and was_handed_over(progress)
    return progress.notice not in INFORMATION | {Notice.ALERT} and not hands_over


def wants_no_contact(progress: Progress) -> bool:
    """Whether the person does not want to be contacted. Then staff get the alert and news, and no reminder."""
    return CONTACT in progress.all_withdrawn


def deadlines(told_at: datetime, case: Case) -> tuple[datetime, datetime]:
    """Return when to remind and when to escalate a lead that staff were first told about at `told_at`."""
    targets = case.clinic.targets
    return (
        case.later(told_at, targets.remind_after, targets.urgent_remind_after),
        case.later(told_at, targets.escalate_after, targets.urgent_escalate_after),
    )


def new_round(progress: Progress) -> Progress:
    """Return `progress` at the start of a new round: everyone gets all emails but the alert again."""
    return replace(
        progress,
        accepted=of(progress.accepted, Notice.ALERT),
        told=progress.told | _recipients_of(progress.accepted),
        delivered=of(progress.delivered, Notice.ALERT),
        refused=of(progress.refused, Notice.ALERT),
        doubted=frozenset(),
        round_after=progress.attempts,
    )


def ended(progress: Progress) -> Progress:
    """Return `progress` of a lead about which no one can be told. Operators get an alarm."""
    return replace(moved(progress, AlertEvent.EXHAUSTED), due_at=None, overdue_since=None, in_summary=False)


def of(names: AbstractSet[str], *notices: Notice) -> frozenset[str]:
    """Return those of the `names` of emails or copies that belong to one of `notices`."""
    return frozenset(each for each in names if each.partition("/")[0] in notices)


def _gone(progress: Progress) -> frozenset[str]:
    return _recipients_of(progress.bounced)


def _recipients_of(names: AbstractSet[str]) -> frozenset[str]:
    return frozenset(recipient_of(each) for each in names)


def _audience(progress: Progress, notice: Notice, team: Team, failing: AbstractSet[str]) -> tuple[str, ...]:
    """Return everyone who should get `notice`, whether or not they have it. Emails to `failing` do not arrive."""
    owner = tuple(filter(None, (owner_of(progress, team),)))
    if notice in INFORMATION:
        has_it = progress.told | _recipients_of(of(progress.accepted, Notice.ALERT))
        knows_it = {progress.claimed_by, progress.acted_by}
        others = tuple(each for each in team.everybody if each in has_it) if _others_are_told(progress, team) else ()
        had_it = (id_ for id_, address in former_owners(progress).items() if address or id_ in team.everybody)
        return tuple(each for each in dict.fromkeys((*others, *had_it)) if each not in knows_it)
    match notice:
        case Notice.ESCALATION if not progress.rounds:
            return tuple(recipient for recipient in team.fallback if recipient not in failing) or team.staff
        case Notice.ESCALATION:
            return team.everybody
        case Notice.OWNER_REMINDER:
            return owner
        case Notice.NOT_REACHED:
            return tuple(dict.fromkeys(team.everybody + owner))
    staff = team.staff + (team.fallback if any(each in failing for each in team.staff) else ())
    return tuple(dict.fromkeys(staff + owner)) if notice is Notice.CALL_AGAIN else staff


def _next(progress: Progress, case: Case, now: datetime) -> tuple[Notice, datetime] | None:
    """Return the next email that someone still has to get, and when.

    If the person of a claimed lead was not reached, someone has to hear of it. If no one can be told once that is due,
    the lead becomes undeliverable.
    """
    before: Notice | None = None
    for notice, due_at in _steps(progress, case, now):
        nobody_knows = notice is Notice.NOT_REACHED and not of(progress.accepted - progress.bounced, notice)
        if nobody_knows or remaining(progress, notice, case.team):
            # If SES does not know whether the email before arrived, do not wait for an answer to it.
            return notice, min(due_at, now) if before and _in_doubt(progress, before) else due_at
        if notice not in INFORMATION and not progress.again_at:  # a doubt hurries one email, once
            before = notice
    return None


def _in_doubt(progress: Progress, notice: Notice) -> bool:
    arrived = {email_of(copy) for copy in progress.delivered}
    return any(email_of(copy) not in arrived for copy in of(progress.doubted, notice))


def _steps(progress: Progress, case: Case, now: datetime) -> Iterator[tuple[Notice, datetime]]:
    """Yield the emails of the current round, each with its time."""
    if progress.response is ResponseState.OPEN:
        yield Notice.ALERT, now
    if progress.synthetic:
        return  # its sender knows no address of staff, even if somebody found the lead and claimed it
    silent = wants_no_contact(progress)
    if progress.again_at and not silent:
        yield (Notice.ESCALATION if progress.response is ResponseState.OPEN else Notice.NOT_REACHED), progress.again_at
        return
    if was_handed_over(progress) and not progress.owner_told:
        yield Notice.OWNER_REMINDER, progress.handed_over_at or now  # before the news: the new owner has to act
    # A colleague who had the lead hears of it, even if the others do not.
    if (_others_are_told(progress, case.team) or progress.former_owners) and (news := _news(progress)):
        yield news, now
    if silent:
        return
    if progress.response is ResponseState.OPEN:
        told_at = progress.told_at or now
        handed_back_at = progress.acted_at if progress.acted_at and progress.acted_at > told_at else None
        remind_at, escalate_at = deadlines(handed_back_at or told_at, case)
        yield Notice.REMINDER, handed_back_at or remind_at
        yield Notice.ESCALATION, escalate_at
    elif progress.response is ResponseState.CLAIMED:
        yield from _after_a_claim(progress, case, now)


def _others_are_told(progress: Progress, team: Team) -> bool:
    return team.tell_others and progress.others_hear


def _news(progress: Progress) -> Notice | None:
    """Return what the others are told about the last action. A lead that is handed back is no news but a reminder."""
    match progress.response:
        case ResponseState.OPEN:
            return None
        case ResponseState.CLAIMED:
            return Notice.NO_ANSWER if progress.action is ClaimAction.NO_ANSWER else Notice.CLAIMED
        case ResponseState.CLOSED:
            return Notice.CLOSED


def _after_a_claim(progress: Progress, case: Case, now: datetime) -> Iterator[tuple[Notice, datetime]]:
    targets = case.clinic.follow_up
    since = progress.acted_at or progress.claimed_at or now
    if progress.action is ClaimAction.NO_ANSWER:
        first = Notice.CALL_AGAIN
        ask_at = progress.call_again_at or since
    elif progress.action is ClaimAction.EMAILED:
        first = Notice.OWNER_REMINDER
        ask_at = case.later(since, targets.emailed_after, targets.urgent_emailed_after)
    elif progress.follow_up_at:
        first = Notice.OWNER_REMINDER
        ask_at = progress.follow_up_at
    else:
        first = Notice.OWNER_REMINDER
        ask_at = case.later(since, targets.claimed_after, targets.urgent_claimed_after)
    if progress.told_at is None and not progress.follow_up_at:
        ask_at = since  # no email about it was sent yet, so the owner does not know how to reach the person
    everyone_at = case.later(ask_at, targets.claimed_after, targets.urgent_claimed_after)
    if first is Notice.OWNER_REMINDER and not _can_be_reminded(progress, case.team):
        everyone_at = (progress.handed_over_at if was_handed_over(progress) else None) or ask_at
    yield first, ask_at
    yield Notice.NOT_REACHED, everyone_at


def was_handed_over(progress: Progress) -> bool:
    """Whether a lead was given to a colleague who has done nothing about it since. They have to hear of it at once."""
    return progress.response is ResponseState.CLAIMED and progress.handed_over_at is not None


def owner_was_told(progress: Progress) -> bool:
    """Whether SES accepted an email that tells the owner of a lead that it was given to them."""
    name = email_name(Notice.OWNER_REMINDER, progress.claimed_by or "")
    return progress.owner_told or (was_handed_over(progress) and name in progress.accepted)


def _told_of_the_hand_over(progress: Progress) -> Progress:
    """Return `progress` in a new round if the new owner was told, so that they also get the reminder of a follow-up."""
    if progress.follow_up_at and owner_was_told(progress) and not progress.owner_told:
        return replace(new_round(progress), owner_told=True)
    return progress


def _can_be_reminded(progress: Progress, team: Team) -> bool:
    """Whether emails reach the owner."""
    owner = owner_of(progress, team)
    reminder = email_name(Notice.OWNER_REMINDER, owner or "")
    return owner is not None and owner not in _gone(progress) and reminder not in progress.refused


def _another_round(progress: Progress, case: Case, now: datetime) -> Progress:
    targets = case.clinic.follow_up
    return replace(
        new_round(progress),
        rounds=progress.rounds + 1,
        again_at=case.later(now, targets.repeat_after, targets.urgent_repeat_after),
    )


def _both_past(one: datetime | None, other: datetime | None, now: datetime) -> bool:
    return one is not None and other is not None and one <= now and other <= now
