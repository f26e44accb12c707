"""The life cycle of a lead after it was stored: which mail is due when, what leads from one state to the next.

Everything that happens (a send attempt, a report of SES, a staff member's answer, an operator's command) is a function
from one `Progress` to the next. They are pure; shared/store/ writes the result where nobody else has written meanwhile.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.leads.clinic import Clinic
from shared.leads.event import Event
from shared.leads.lead import Lead, Priority
from shared.leads.notice import Notice, Outcome, Report, ReportKind, email_name, recipient_of
from shared.leads.response import ClaimAction, ClaimRefusedError, Refusal, ResponseState
from shared.leads.spam import Reason
from shared.leads.team import Team

# How long a sender may hold a lead. Longer than any sender's timeout (a test compares the template), so a lease never
# ends while its holder is alive; a crashed sender delays an alert by this much at the most.
LEASE = timedelta(seconds=180)
# The first wait after a failed send and the longest. SES asks to back off exponentially on throttling
# (https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html); staff should not wait
# longer than a quarter of an hour once SES has recovered.
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=15)
# Tries before a mail counts as undeliverable: about three days of them. What lasts longer does not end by itself.
MOST_TRIES = 380
# Who asks again within this time gets one alert now and the next at the end of it: staff are on their way already.
SHORTLY = timedelta(minutes=10)


class AlertState(StrEnum):
    """Where the mail to staff stands. Each is visible: in the digest, in an alarm, or on the agenda."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # a recipient does not exist or is suppressed: the fallback recipients are next
    COMPLAINED = "complained"  # a recipient took us for spam: likewise
    REJECTED = "rejected"  # SES will not send the content: it goes out again with the reference only
    UNDELIVERABLE = "undeliverable"  # nobody could be told: an alarm, the digest, `make redrive`
    QUARANTINED = "quarantined"  # looks like spam: no alert, until somebody lets it out


class AlertEvent(StrEnum):
    """What can happen to a mail to staff."""

    LEASED = "leased"  # a sender took it
    ACCEPTED = "accepted"  # SES took it for everybody who has to have it
    DEFERRED = "deferred"  # somebody has to have it yet
    EXHAUSTED = "exhausted"  # nobody has it and nobody is left to try
    QUARANTINED = "quarantined"  # the spam screen (shared/leads/spam.py) kept it back
    DELIVERED = "delivered"  # SES's reports
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REJECTED = "rejected"
    CLAIMED = "claimed"  # somebody used a link in it
    REARMED = "rearmed"  # an operator let it go again


_S, _E = AlertState, AlertEvent
# What a sender may take, once it is due: from a state after SENDING, a reminder or the fallback's mail.
LEASABLE = (_S.PENDING, _S.SENDING, _S.ACCEPTED, _S.DELIVERED, _S.BOUNCED, _S.COMPLAINED, _S.REJECTED)
_SENT = (_S.ACCEPTED, _S.DELIVERED, _S.BOUNCED, _S.COMPLAINED, _S.REJECTED)
TRANSITIONS: dict[tuple[AlertState, AlertEvent], AlertState] = {
    # A lease that ran out (SENDING): its sender crashed, perhaps after SES had accepted. Staff mail is at least once.
    **{(state, _E.LEASED): _S.SENDING for state in LEASABLE},
    (_S.SENDING, _E.ACCEPTED): _S.ACCEPTED,
    (_S.SENDING, _E.DEFERRED): _S.PENDING,
    (_S.SENDING, _E.EXHAUSTED): _S.UNDELIVERABLE,
    (_S.SENDING, _E.QUARANTINED): _S.QUARANTINED,
    # Reports come late, twice and in any order. One that is not in this table changes no state.
    **{(state, _E.BOUNCED): _S.BOUNCED for state in _SENT},
    **{(state, _E.COMPLAINED): _S.COMPLAINED for state in _SENT},
    **{(state, _E.REJECTED): _S.REJECTED for state in _SENT},
    **{(state, _E.EXHAUSTED): _S.UNDELIVERABLE for state in (_S.PENDING, *_SENT)},
    (_S.ACCEPTED, _E.DELIVERED): _S.DELIVERED,
    (_S.UNDELIVERABLE, _E.DELIVERED): _S.DELIVERED,
    # SES has it although we had no answer we could rely on.
    (_S.PENDING, _E.ACCEPTED): _S.ACCEPTED,
    # Who answers has it, whatever SES said.
    **{(state, _E.CLAIMED): _S.DELIVERED for state in (_S.PENDING, *_SENT, _S.UNDELIVERABLE)},
    (_S.UNDELIVERABLE, _E.REARMED): _S.PENDING,
    (_S.QUARANTINED, _E.REARMED): _S.PENDING,
}
_AFTER_THE_ALERT = frozenset({Notice.REMINDER, Notice.ESCALATION})
_EVENTS = {
    ReportKind.DELIVERED: AlertEvent.DELIVERED,
    ReportKind.BOUNCED: AlertEvent.BOUNCED,
    ReportKind.COMPLAINED: AlertEvent.COMPLAINED,
    ReportKind.REJECTED: AlertEvent.REJECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a lead has come. Emails are named as in notice.py; of sets, the order of reports does not matter."""

    state: AlertState = AlertState.PENDING
    notice: Notice = Notice.ALERT  # what is due next or under way
    attempts: int = 0  # begun, ever
    tries: int = 0  # begun for what is due next
    refusals: int = 0  # of SES, ever
    accepted: frozenset[str] = frozenset()  # mails that SES took
    delivered: frozenset[str] = frozenset()  # mails that arrived
    refused: frozenset[str] = frozenset()  # mails that SES did not take for their recipient
    bounced: frozenset[str] = frozenset()  # mails that came back, or whose recipient complained
    rejected: frozenset[str] = frozenset()  # mails whose content SES did not send, with their attempts
    plain_after: int = 0  # the attempts up to this number showed what a visitor wrote; those after it may not
    redriven: int = 0  # the attempts up to an operator's last redrive
    forgiven: frozenset[str] = (
        frozenset()
    )  # mails that came back before it: what SES still says of those comes too late
    told_at: datetime | None = None  # when SES first took a mail: the first-response clock starts
    response: ResponseState = ResponseState.OPEN
    claimed_by: str | None = None  # the recipient of who took it
    claimed_at: datetime | None = None  # when somebody first took it
    call_again_at: datetime | None = None
    links_used: frozenset[str] = frozenset()
    synthetic: bool = False  # the canary's: one mail to a simulator, and nobody waits for an answer
    due_at: datetime | None = None  # when to look again; None once nothing is due
    overdue_since: datetime | None = None  # when what is due was due at first, whatever was tried since
    lease: str | None = None  # the token of the sender that holds the lead
    reasons: tuple[Reason, ...] | None = None  # what the spam screen found; None until it has looked
    score: int | None = None
    quarantined_at: datetime | None = None  # None again once somebody let the lead out
    confirmed_at: datetime | None = None  # when the visitor's confirmation was begun
    version: int = 0  # counts the writes
    # What led here, for consequences.py. It is not stored, and two states are the same whatever led to them.
    event: Event | None = field(default=None, compare=False)

    @property
    def shows_reference_only(self) -> bool:
        """Whether mails must leave out all that a visitor wrote, because SES rejected it."""
        return self.plain_after > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLead:
    """A lead as the table has it: what was asked, and how far it has come."""

    lead: Lead
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lead, and by which rules it is followed up."""

    lead: Lead
    clinic: Clinic
    team: Team

    @property
    def urgent(self) -> bool:
        """Whether minutes count at any hour."""
        return self.lead.priority is not Priority.NORMAL


def to_send(progress: Progress, team: Team) -> tuple[str, ...]:
    """Return the mailboxes that a sender has to write to now: none where what is due has no reason any more."""
    return remaining(progress, progress.notice, team) if _wanted(progress) else ()


def remaining(progress: Progress, notice: Notice, team: Team) -> tuple[str, ...]:
    """Return the mailboxes that still have to get `notice`, in order."""
    gone = {recipient_of(each) for each in progress.bounced}
    refused = {recipient_of(each) for each in progress.refused if each.startswith(f"{notice}/")}
    match notice:
        case Notice.ESCALATION:
            wanted = tuple(recipient for recipient in team.fallback if recipient not in gone | refused) or team.staff
        case Notice.CLAIMED:
            has_it = {recipient_of(each) for each in progress.accepted}
            wanted = tuple(
                recipient for recipient in team.everybody if recipient in has_it and recipient != progress.claimed_by
            )
        case _:
            failing = any(recipient in gone | refused for recipient in team.staff)
            wanted = team.staff + (team.fallback if failing else ())
    return tuple(
        recipient
        for recipient in wanted
        if recipient not in gone and recipient not in refused and email_name(notice, recipient) not in progress.accepted
    )


def after_attempt(
    progress: Progress,
    case: Case,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    *,
    jitter: float,
) -> Progress:
    """Return what follows from the end of an attempt: `outcomes` by recipient, `jitter` a random number from 0 to 1.

    A recipient that was not tried has no outcome and is tried the next time.
    """
    accepted = _email_names(progress.notice, outcomes, Outcome.ACCEPTED)
    accepted -= {
        each for each in accepted if f"{each}/{progress.attempts}" in progress.rejected
    }  # the report was quicker
    refused = _email_names(progress.notice, outcomes, Outcome.REFUSED)
    after = replace(
        progress,
        accepted=progress.accepted | accepted,
        refused=progress.refused | refused,
        refusals=progress.refusals + len(refused),
        told_at=progress.told_at or (now if accepted else None),
    )
    if not _wanted(after):
        return _next(moved(after, AlertEvent.ACCEPTED), case, now)
    if after.notice in _AFTER_THE_ALERT and not _somebody_has(after, Notice.ALERT):
        # Meanwhile the alert came back: first of all somebody has to have it.
        anybody_left = remaining(after, Notice.ALERT, case.team)
        return _next(moved(after, AlertEvent.ACCEPTED), case, now) if anybody_left else _ended(after)
    rest = remaining(after, after.notice, case.team)
    refused_so_far = _of(after.notice, after.refused)
    # That somebody has taken a lead is good to know and no more.
    enough = _somebody_has(after, after.notice) or after.notice is Notice.CLAIMED
    if not rest and enough:
        return _next(moved(after, AlertEvent.ACCEPTED), case, now)
    if after.tries >= MOST_TRIES or not (rest or refused_so_far):
        if not enough:
            return _ended(after)
        given_up = frozenset(email_name(after.notice, recipient) for recipient in rest)
        return _next(moved(replace(after, refused=after.refused | given_up), AlertEvent.ACCEPTED), case, now)
    if not rest:  # everybody was refused: from the beginning, later
        after = replace(after, refused=after.refused - refused_so_far)
    untried = any(recipient not in outcomes for recipient in rest) and not any(
        o.concerns_everybody for o in outcomes.values()
    )
    wait = timedelta() if untried else backoff(after.tries, jitter)
    return replace(moved(after, AlertEvent.DEFERRED), due_at=now + wait)


def after_report(progress: Progress, case: Case, report: Report, now: datetime) -> Progress:
    """Return what follows from a report of SES. Late, repeated and reordered reports do no harm."""
    too_late = report.attempt <= progress.redriven and report.email in progress.forgiven
    if report.kind is ReportKind.DELAYED or too_late:
        return progress
    after = _noted(progress, report, now)
    if after == progress or after.synthetic or after.state in {AlertState.SENDING, AlertState.QUARANTINED}:
        return after  # the sender who is at it finds the report when it writes down its outcome
    arrived = report.kind is ReportKind.DELIVERED
    if not _wanted(after) or (after.state is AlertState.UNDELIVERABLE and not arrived):
        return after
    if not _somebody_has(after, Notice.ALERT) and not remaining(after, Notice.ALERT, case.team):
        return _ended(after)
    if after.state is AlertState.PENDING and remaining(after, after.notice, case.team):
        return after if arrived else replace(after, due_at=now)
    event = AlertEvent.ACCEPTED if after.state is AlertState.PENDING else _EVENTS[report.kind]
    return _next(moved(after, event), case, now)


def after_claim(  # noqa: PLR0913 - what an answer is made of
    progress: Progress, case: Case, action: ClaimAction, *, by: str, link: str, now: datetime
) -> Progress:
    """Return what follows from a staff member's answer by a link. Raises ClaimRefusedError where it does not count."""
    if progress.response is ResponseState.CLOSED:
        raise ClaimRefusedError(Refusal.CLOSED)
    if action is ClaimAction.CLAIM and progress.response is ResponseState.CLAIMED:
        raise ClaimRefusedError(Refusal.YOURS if progress.claimed_by == by else Refusal.CLAIMED)
    if link in progress.links_used:
        raise ClaimRefusedError(Refusal.USED)
    lead = case.lead
    again = action is ClaimAction.NO_ANSWER
    after = replace(
        progress,
        response=ResponseState.CLOSED if action is ClaimAction.REACHED else ResponseState.CLAIMED,
        claimed_by=by,
        claimed_at=progress.claimed_at or now,
        links_used=progress.links_used | {link},
        call_again_at=case.clinic.hours.best_moment(lead.best_time, lead.time_zone, now) if again else None,
    )
    if again:  # whoever was told before is told again
        before = _of(Notice.CALL_AGAIN, after.accepted | after.refused)
        after = replace(
            after,
            accepted=after.accepted - before,
            delivered=after.delivered - before,
            refused=after.refused - before,
        )
    if after.state is AlertState.SENDING:
        return after  # the sender who is at it finds the answer when it writes down its outcome
    return _next(moved(after, AlertEvent.CLAIMED), case, now)


def after_quarantine(progress: Progress, now: datetime) -> Progress:
    """Return what follows from the spam screen's verdict: nothing is due."""
    return replace(moved(progress, AlertEvent.QUARANTINED), due_at=None, overdue_since=None, quarantined_at=now)


def after_wait(progress: Progress, until: datetime) -> Progress:
    """Return what follows where the person's last request is so recent that its alert is enough for now."""
    return replace(moved(progress, AlertEvent.DEFERRED), tries=0, due_at=until, overdue_since=until)


def rearmed(progress: Progress, now: datetime) -> Progress:
    """Return what follows when an operator lets a lead go again: everybody who has to know is told from the beginning.

    For a lead that ended undeliverable or is in quarantine.
    """
    return replace(
        moved(progress, AlertEvent.REARMED),
        notice=Notice.ALERT,
        tries=0,
        accepted=progress.accepted - progress.bounced,
        refused=frozenset(),
        bounced=frozenset(),
        rejected=frozenset(),
        plain_after=0,
        redriven=progress.attempts,
        forgiven=progress.forgiven | progress.bounced | {each.rpartition("/")[0] for each in progress.rejected},
        quarantined_at=None,
        due_at=now,
        overdue_since=now,
    )


def backoff(tries: int, jitter: float) -> timedelta:
    """Return how long to wait after try number `tries`: doubling, capped, spread over its upper half."""
    doublings = min(max(tries, 1) - 1, 10)  # the cap is reached long before; keeps the power small
    longest: timedelta = min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)
    return longest * (0.5 + 0.5 * jitter)


def deadlines(told_at: datetime, case: Case) -> tuple[datetime, datetime]:
    """Return when to remind and when to escalate: opening hours count, or every minute for an urgent lead."""
    targets, hours = case.clinic.targets, case.clinic.hours
    if case.urgent:
        return (
            told_at + timedelta(minutes=targets.urgent_remind_after),
            told_at + timedelta(minutes=targets.urgent_escalate_after),
        )
    return hours.open_after(told_at, targets.remind_after), hours.open_after(told_at, targets.escalate_after)


def _next(progress: Progress, case: Case, now: datetime) -> Progress:
    """Return `progress` with what is due next, and when."""
    notice, due_at = _plan(progress, case, now)
    if notice is progress.notice and due_at == progress.due_at:
        return progress
    return replace(progress, notice=notice, tries=0, due_at=due_at, overdue_since=due_at)


def _plan(progress: Progress, case: Case, now: datetime) -> tuple[Notice, datetime | None]:
    if progress.response is ResponseState.OPEN:
        remind_at, escalate_at = deadlines(progress.told_at or now, case)
        steps: tuple[tuple[Notice, datetime], ...] = (
            (Notice.ALERT, now),
            (Notice.REMINDER, remind_at),
            (Notice.ESCALATION, escalate_at),
        )
        if progress.synthetic:
            steps = steps[:1]
    else:
        steps = ((Notice.CLAIMED, now),) if case.team.tell_others else ()
        if progress.response is ResponseState.CLAIMED and progress.call_again_at:
            steps += ((Notice.CALL_AGAIN, progress.call_again_at),)
    for notice, due_at in steps:
        if remaining(progress, notice, case.team):
            return notice, due_at
    return progress.notice, None


def _wanted(progress: Progress) -> bool:
    """Whether what is due has a reason still: nobody is asked to take what is taken."""
    asks = progress.notice in {Notice.ALERT, Notice.REMINDER, Notice.ESCALATION}
    if progress.notice is Notice.CALL_AGAIN:
        return progress.response is ResponseState.CLAIMED
    return (progress.response is ResponseState.OPEN) is asks


def _noted(progress: Progress, report: Report, now: datetime) -> Progress:
    each = {report.email}
    if report.kind is ReportKind.DELIVERED:
        told_at = progress.told_at or now
        return replace(
            progress, accepted=progress.accepted | each, delivered=progress.delivered | each, told_at=told_at
        )
    if report.kind is ReportKind.REJECTED:
        with_attempt = f"{report.email}/{report.attempt}"
        plain_after = progress.plain_after or progress.attempts
        if with_attempt in progress.rejected:
            return progress
        if report.attempt <= plain_after:
            return replace(
                progress,
                accepted=progress.accepted - each,
                rejected=progress.rejected | {with_attempt},
                plain_after=plain_after,
            )
    return replace(progress, accepted=progress.accepted | each, bounced=progress.bounced | each)


def moved(progress: Progress, event: AlertEvent) -> Progress:
    """Return `progress` in the state that `event` leads to; the same state where the table knows no such event."""
    return replace(progress, state=TRANSITIONS.get((progress.state, event), progress.state))


def _ended(progress: Progress) -> Progress:
    return replace(moved(progress, AlertEvent.EXHAUSTED), due_at=None, overdue_since=None)


def _somebody_has(progress: Progress, notice: Notice) -> bool:
    return bool(_of(notice, progress.accepted - progress.bounced))


def _email_names(notice: Notice, outcomes: Mapping[str, Outcome], wanted: Outcome) -> frozenset[str]:
    return frozenset(email_name(notice, recipient) for recipient, outcome in outcomes.items() if outcome is wanted)


def _of(notice: Notice, names: AbstractSet[str]) -> frozenset[str]:
    return frozenset(each for each in names if each.startswith(f"{notice}/"))
