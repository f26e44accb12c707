"""What happens to a stored lead when staff use the buttons behind their links or at the desk."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.leads.lead import CONTACT
from shared.leads.notice import INFORMATION, Notice, copy_name, recipient_of
from shared.leads.plan import (
    new_round,
    of,
    owner_of,
    owner_was_told,
    planned,
    wants_no_contact,
    was_handed_over,
)
from shared.leads.progress import AlertEvent, AlertState, Case, Progress, former_owner, former_owners, moved
from shared.leads.response import (
    CLOSES,
    LAST_CHANGES,
    MOST_ACTIONS,
    OUTCOMES,
    TRIES_BEFORE_GIVING_UP,
    ClaimAction,
    ClaimRefusedError,
    Outcome,
    Refusal,
    ResponseState,
)
from shared.leads.team import Team

# The emails of a claimed lead that ask everyone to do something.
_ASK_EVERYONE: Final = (Notice.CALL_AGAIN, Notice.NOT_REACHED)
# Each of these asks for another try later.
_GOES_ON: Final = frozenset({ClaimAction.NO_ANSWER, ClaimAction.EMAILED, ClaimAction.FOLLOW_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What an action at the desk has that a press of a link's button has not.

    `to` is the id of the new owner, if the lead is handed over. `to_address` is the new owner's email address, unless
    they are a recipient.
    """

    to: str | None = None
    to_address: str | None = None
    follow_up_at: datetime | None = None
    outcome: Outcome | None = None
    reason: str | None = None


def after_claim(  # noqa: PLR0913 - the parts of a claim
    progress: Progress,
    case: Case,
    action: ClaimAction,
    *,
    by: str,
    link: str,
    now: datetime,
    address: str | None = None,
    desk: Extra | None = None,
) -> Progress:
    """Return the progress after somebody did `action`. Raises ClaimRefusedError if it changes nothing.

    `by` is their id. `address` is their own email address if they are not a recipient. `link` identifies one press of
    one button, so pressing it twice counts once. `desk` is None if they used a link.
    """
    if refusal := refusal_of(progress, case, action, by=by, link=link):
        raise ClaimRefusedError(refusal)
    closes, extra = action in CLOSES, desk or Extra()
    owner, owner_address = _owner_after(progress, case, action, by=by, address=address, extra=extra)
    unanswered = action is ClaimAction.NO_ANSWER
    tried = progress.tried + unanswered
    # Emails reach a person who uses a link in one, whatever SES reported.
    own = set() if desk else {each for each in progress.bounced if recipient_of(each) == by}
    handed_over_at = _handed_over_at(progress, action, by=by, owner=owner, now=now)
    after = replace(
        new_round(progress),
        response=_response_after(action),
        claimed_by=owner,
        owner_address=owner_address,
        claimed_at=progress.claimed_at or now,
        handed_over_at=handed_over_at,
        owner_told=handed_over_at == progress.handed_over_at and owner_was_told(progress),
        action=action,
        acted_at=now,
        acted_by=by,
        acted_by_address=address,
        former_owners=_former_owners(progress, case, action, by=by, owner=owner),
        others_hear=_others_hear(progress, case, action, owner),
        tried=tried,
        tried_at=now if unanswered else progress.tried_at,
        call_again_at=call_again_at(case, tried, now) if unanswered else None,
        follow_up_at=_follow_up_at(progress, action, extra, now),
        outcome=(extra.outcome or OUTCOMES.get(action)) if closes else None,
        outcome_reason=extra.reason if closes else None,
        closed_at=now if closes else None,
        not_wanted_at=_no_contact_since(progress, action, by, now),
        rounds=0,
        again_at=None,
        links_used=progress.links_used | {link},
        bounced=progress.bounced - own,
        forgiven=progress.forgiven | {copy_name(each, progress.attempts) for each in own},
    )
    if after.state is AlertState.SENDING:
        return after  # the sender handles the claim when it records its outcome
    if after.state is AlertState.QUARANTINED and action is ClaimAction.SPAM:
        return after  # it expires as spam
    return planned(replace(moved(after, AlertEvent.CLAIMED), quarantined_at=None), case, now)


def refusal_of(progress: Progress, case: Case, action: ClaimAction, *, by: str, link: str) -> Refusal | None:
    """Return why `action` changes nothing, or None if it is possible."""
    if progress.response is ResponseState.CLOSED and action is not ClaimAction.REOPEN:
        return Refusal.CLOSED
    owner = owner_of(progress, case.team)
    if action is ClaimAction.CLAIM and progress.response is ResponseState.CLAIMED and owner:
        return Refusal.YOURS if owner == by else Refusal.CLAIMED
    if link in progress.links_used:
        return Refusal.USED
    if not _fits(progress, case, action, is_owner=owner == by):
        return Refusal.NO_CONTACT if _goes_on_without_contact(progress, action) else Refusal.NOT_POSSIBLE
    if action in CLOSES:
        return None
    return Refusal.TOO_MANY if had_too_many(progress, reopens=action is ClaimAction.REOPEN) else None


def had_too_many(progress: Progress, *, reopens: bool) -> bool:
    """Return whether there were too many actions for another one, which changes what closed the lead if it `reopens`.

    Closing a lead is always possible. It has to be reopened first, so that cannot go on forever either.
    """
    return progress.presses >= MOST_ACTIONS + (LAST_CHANGES if reopens else 0)


def may_act(progress: Progress, team: Team, by: str) -> bool:
    """Return whether somebody may act on a lead: recipients, and the lead's owner even if they are not a recipient."""
    return by in team.everybody or (progress.owner_address is not None and progress.claimed_by == by)


def call_again_at(case: Case, tried: int, now: datetime) -> datetime:
    """Return when to try the person again after they were tried `tried` times without an answer.

    If the lead is urgent, the first wait is a few minutes at any hour, and it doubles up to an hour.
    """
    if not case.urgent:
        return case.clinic.hours.best_moment(case.lead.best_time, case.lead.time_zone, now)
    targets = case.clinic.follow_up
    minutes = targets.urgent_no_answer_after << min(tried - 1, 10)
    return now + timedelta(minutes=min(minutes, max(targets.urgent_repeat_after, targets.urgent_no_answer_after)))


def asked_everyone(progress: Progress) -> bool:
    """Return whether everyone was asked to call the person of a claimed lead since staff did something."""
    being_asked = progress.state is AlertState.SENDING and progress.notice in _ASK_EVERYONE
    return bool(being_asked or of(progress.accepted, *_ASK_EVERYONE) or progress.rounds)


def _owner_after(  # noqa: PLR0913 - the parts of a claim
    progress: Progress, case: Case, action: ClaimAction, *, by: str, address: str | None, extra: Extra
) -> tuple[str | None, str | None]:
    """Return the id of the owner after `action`, and their own email address if they are not a recipient."""
    match action:
        case ClaimAction.HAND_BACK:
            return None, None
        case ClaimAction.HAND_OVER if extra.to:
            return extra.to, extra.to_address
        case ClaimAction.FOLLOW_UP if owner := owner_of(progress, case.team):
            return owner, progress.owner_address
    return by, address


def _former_owners(
    progress: Progress, case: Case, action: ClaimAction, *, by: str, owner: str | None
) -> frozenset[str]:
    """Return the former owners who have to hear of `action`, or did not hear of an earlier one yet."""
    before = owner_of(progress, case.team) if progress.response is ResponseState.CLAIMED else None
    heard = {recipient_of(each) for each in of(progress.accepted | progress.refused, *INFORMATION)}
    waiting = {id_: address for id_, address in former_owners(progress).items() if id_ not in heard}
    if before and (before != owner or action in CLOSES):
        waiting[before] = progress.owner_address
    return frozenset(former_owner(id_, address) for id_, address in waiting.items() if id_ not in {by, owner})


def _handed_over_at(
    progress: Progress, action: ClaimAction, *, by: str, owner: str | None, now: datetime
) -> datetime | None:
    """Return when the owner was given the lead, if they have not done anything about it since."""
    if owner is None or owner == by or action in CLOSES:
        return None
    if action is ClaimAction.HAND_OVER:
        return now
    return progress.handed_over_at if owner == progress.claimed_by else None


def _follow_up_at(progress: Progress, action: ClaimAction, extra: Extra, now: datetime) -> datetime | None:
    """Return when the owner is reminded. A new owner gets the follow-up with the lead, if it is still to come."""
    if action is ClaimAction.HAND_OVER and progress.follow_up_at and progress.follow_up_at > now:
        return progress.follow_up_at
    return extra.follow_up_at


def _no_contact_since(progress: Progress, action: ClaimAction, by: str, now: datetime) -> datetime | None:
    """Return when the person asked for no contact, if they ever did.

    That stays true whatever staff do later, with one exception: it was a slip if the same colleague reopens the lead
    as the very next thing.
    """
    since = progress.no_contact_since
    if action is ClaimAction.NOT_WANTED:
        return since or now
    if CONTACT in progress.withdrawn:
        return since  # the withdrawal has to be undone first (consent.py)
    was_next = progress.action is ClaimAction.NOT_WANTED and progress.outcome_reason is None
    if action is ClaimAction.REOPEN and was_next and progress.acted_by == by and since == progress.acted_at:
        return None
    return since


def _others_hear(progress: Progress, case: Case, action: ClaimAction, owner: str | None) -> bool:
    """Return whether the other recipients must hear of `action`, because it changes what they believe or were asked."""
    sending = progress.state is AlertState.SENDING
    asked = asked_everyone(progress)
    # The news comes after the email to a new owner.
    owner_is_first = was_handed_over(progress) and not owner_was_told(progress)
    news_is_due = sending or owner_is_first or (progress.notice in INFORMATION and progress.due_at is not None)
    not_told_yet = progress.others_hear and news_is_due
    unclaimed = progress.response is ResponseState.OPEN or owner_of(progress, case.team) != owner
    # They were told that the person will be tried again, or are told so now.
    tries = ClaimAction.NO_ANSWER in {action, progress.action}
    return bool(asked or not_told_yet or unclaimed or tries) or action is ClaimAction.REOPEN


def _fits(progress: Progress, case: Case, action: ClaimAction, *, is_owner: bool) -> bool:
    """Return whether `action` makes sense in the lead's state, for its owner or for somebody else."""
    if _goes_on_without_contact(progress, action):
        return False
    match action:
        case ClaimAction.REOPEN:
            return progress.response is ResponseState.CLOSED
        case ClaimAction.HAND_BACK:
            return is_owner and progress.response is ResponseState.CLAIMED
        case ClaimAction.UNREACHABLE:
            return progress.tried >= TRIES_BEFORE_GIVING_UP
        case ClaimAction.EMAILED:
            return case.lead.email_may_be_used
    return True


def _goes_on_without_contact(progress: Progress, action: ClaimAction) -> bool:
    return action in _GOES_ON and wants_no_contact(progress)


def _response_after(action: ClaimAction) -> ResponseState:
    if action in CLOSES:
        return ResponseState.CLOSED
    return ResponseState.OPEN if action is ClaimAction.HAND_BACK else ResponseState.CLAIMED
