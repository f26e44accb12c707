"""The life cycle of a stored lead: its states, the transitions between them, and which email is due when.

Each thing that can happen (a send attempt, an SES report, a claim, an operator's command) is a pure function from one
`Progress` to the next. shared/store/ writes the result with optimistic locking.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.leads.clinic import Clinic
from shared.leads.event import Event
from shared.leads.lead import Lead, Priority
from shared.leads.notice import Notice, Outcome, Report, ReportKind, copy_name, email_name, email_of, recipient_of
from shared.leads.response import ClaimAction, ClaimRefusedError, Refusal, ResponseState
from shared.leads.spam import Reason
from shared.leads.team import Team

# How long a sender keeps its lease. This is longer than any sender's timeout in the template (a test checks this), so a
# lease never ends while its sender is running. A crashed sender delays an alert by at most this long.
LEASE = timedelta(seconds=180)
# The first and the longest wait after a failed send. SES recommends exponential backoff on throttling
# (https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html). Once SES has recovered, staff should
# not wait longer than 15 minutes.
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=15)
# Maximum number of tries for one email. They take about three days. A problem that lasts longer needs an operator.
MOST_TRIES = 380
# A second request from the same person waits until this long after the previous one: staff already know about them.
SHORTLY = timedelta(minutes=10)


class AlertState(StrEnum):
    """The state of the emails to staff. Each state shows up in the digest, in an alarm or on the agenda."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # a recipient does not exist or is suppressed; the fallback recipients are next
    COMPLAINED = "complained"  # a recipient reported spam; the fallback recipients are next
    REJECTED = "rejected"  # SES rejected the content; the email is sent again with the reference only
    UNDELIVERABLE = "undeliverable"  # no one could be told; operators get an alarm and run `make redrive`
    QUARANTINED = "quarantined"  # looks like spam; no alert until an operator releases it


class AlertEvent(StrEnum):
    """What can happen to the emails to staff."""

    LEASED = "leased"  # a sender got the lease
    ACCEPTED = "accepted"  # SES accepted it for everyone who must get it
    DEFERRED = "deferred"  # someone still has to get it
    EXHAUSTED = "exhausted"  # no one has it, and no recipient is left to try
    QUARANTINED = "quarantined"  # the spam screen (shared/leads/spam.py) quarantined the lead
    DELIVERED = "delivered"  # SES's reports
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REJECTED = "rejected"
    CLAIMED = "claimed"  # a recipient used a link
    REARMED = "rearmed"  # an operator resent or released it


_S, _E = AlertState, AlertEvent
# States in which a sender may lease a lead that is due. After the alert, reminders and escalations become due.
LEASABLE = (_S.PENDING, _S.SENDING, _S.ACCEPTED, _S.DELIVERED, _S.BOUNCED, _S.COMPLAINED, _S.REJECTED)
_SENT = (_S.ACCEPTED, _S.DELIVERED, _S.BOUNCED, _S.COMPLAINED, _S.REJECTED)
TRANSITIONS: dict[tuple[AlertState, AlertEvent], AlertState] = {
    # From SENDING: the lease expired because its sender crashed. SES may have accepted its emails, so staff may get
    # them twice.
    **{(state, _E.LEASED): _S.SENDING for state in LEASABLE},
    (_S.SENDING, _E.ACCEPTED): _S.ACCEPTED,
    (_S.SENDING, _E.DEFERRED): _S.PENDING,
    (_S.SENDING, _E.EXHAUSTED): _S.UNDELIVERABLE,
    (_S.SENDING, _E.QUARANTINED): _S.QUARANTINED,
    # Reports may be late, repeated or out of order. One that is not in this table does not change the state.
    **{(state, _E.BOUNCED): _S.BOUNCED for state in _SENT},
    **{(state, _E.COMPLAINED): _S.COMPLAINED for state in _SENT},
    **{(state, _E.REJECTED): _S.REJECTED for state in _SENT},
    **{(state, _E.EXHAUSTED): _S.UNDELIVERABLE for state in (_S.PENDING, *_SENT)},
    (_S.ACCEPTED, _E.DELIVERED): _S.DELIVERED,
    (_S.UNDELIVERABLE, _E.DELIVERED): _S.DELIVERED,
    # SES accepted the email although its response was lost.
    (_S.PENDING, _E.ACCEPTED): _S.ACCEPTED,
    # A recipient who uses a link has the email, whatever SES reported.
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
    """Follow-up state of a lead. Sets contain email names (notice.py), so the order of reports does not matter."""

    state: AlertState = AlertState.PENDING
    notice: Notice = Notice.ALERT  # the email that is due next or being sent
    attempts: int = 0  # attempts started in total
    tries: int = 0  # attempts started for `notice`
    refusals: int = 0  # refusals by SES in total
    accepted: frozenset[str] = frozenset()  # emails that SES accepted
    delivered: frozenset[str] = frozenset()  # copies (notice.py) that were delivered, and not rejected later
    refused: frozenset[str] = frozenset()  # emails that SES refused for their recipient
    bounced: frozenset[str] = frozenset()  # emails that bounced or whose recipient complained
    rejected: frozenset[str] = frozenset()  # copies whose content was rejected, by SES or by the recipient's server
    plain_after: int = 0  # attempts after this number must not show visitor text; 0 means no limit
    redriven: int = 0  # number of attempts at the last redrive or release
    # Emails that failed before the last redrive or release. Later reports on those attempts are ignored.
    forgiven: frozenset[str] = frozenset()
    told_at: datetime | None = None  # when SES first accepted an email; starts the first-response clock
    response: ResponseState = ResponseState.OPEN
    claimed_by: str | None = None  # the owner: the recipient who used a link last
    claimed_at: datetime | None = None  # when it was first claimed
    call_again_at: datetime | None = None
    links_used: frozenset[str] = frozenset()
    synthetic: bool = False  # the canary's; its one email goes to a simulator, and no one claims it
    due_at: datetime | None = None  # when to look again; None once nothing is due
    overdue_since: datetime | None = None  # when `notice` first became due, before any retries
    lease: str | None = None  # the token of the sender that has the lease
    reasons: tuple[Reason, ...] | None = None  # results of the spam screen; None until it has run
    score: int | None = None
    quarantined_at: datetime | None = None  # None again after release
    confirmed_at: datetime | None = None  # when the visitor's confirmation was started
    version: int = 0  # number of writes, for optimistic locking
    # What just happened, for consequences.py. It is not stored, and not compared.
    event: Event | None = field(default=None, compare=False)

    @property
    def shows_reference_only(self) -> bool:
        """Whether emails must leave out everything the visitor wrote, because SES rejected it."""
        return self.plain_after > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLead:
    """A lead as stored: the request and its follow-up state."""

    lead: Lead
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lead and the rules for its follow-up."""

    lead: Lead
    clinic: Clinic
    team: Team

    @property
    def urgent(self) -> bool:
        """Whether deadlines ignore opening hours."""
        return self.lead.priority is not Priority.NORMAL


def to_send(progress: Progress, team: Team) -> tuple[str, ...]:
    """Return the recipients to email now; empty if the pending email is no longer needed."""
    return remaining(progress, progress.notice, team) if _wanted(progress) else ()


def remaining(progress: Progress, notice: Notice, team: Team) -> tuple[str, ...]:
    """Return the recipients who still have to get `notice`, in order."""
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
    """Return the progress after an attempt. `outcomes` are by recipient; `jitter` is a random number from 0 to 1.

    A recipient without an outcome was not tried and is next.
    """
    accepted = _email_names(progress.notice, outcomes, Outcome.ACCEPTED)
    # SES may report a rejection before the sender records the attempt.
    accepted -= {each for each in accepted if copy_name(each, progress.attempts) in progress.rejected}
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
    if after.notice in _AFTER_THE_ALERT and not _anyone_has(after, Notice.ALERT):
        # The alert bounced meanwhile, so someone must get the alert first.
        anyone_left = remaining(after, Notice.ALERT, case.team)
        return _next(moved(after, AlertEvent.ACCEPTED), case, now) if anyone_left else _ended(after)
    rest = remaining(after, after.notice, case.team)
    refused_so_far = _of(after.notice, after.refused)
    # An email about a claim is only for information, so it may fail.
    enough = _anyone_has(after, after.notice) or after.notice is Notice.CLAIMED
    if not rest and enough:
        return _next(moved(after, AlertEvent.ACCEPTED), case, now)
    if after.tries >= MOST_TRIES or not (rest or refused_so_far):
        if not enough:
            return _ended(after)
        given_up = frozenset(email_name(after.notice, recipient) for recipient in rest)
        return _next(moved(replace(after, refused=after.refused | given_up), AlertEvent.ACCEPTED), case, now)
    if not rest:  # SES refused all recipients, so try all of them again later
        after = replace(after, refused=after.refused - refused_so_far)
    untried = any(recipient not in outcomes for recipient in rest) and not any(
        o.concerns_everybody for o in outcomes.values()
    )
    wait = timedelta() if untried else backoff(after.tries, jitter)
    return replace(moved(after, AlertEvent.DEFERRED), due_at=now + wait)


def after_report(progress: Progress, case: Case, report: Report, now: datetime) -> Progress:
    """Return the progress after an SES report. Late, repeated and reordered reports do no harm."""
    too_late = report.attempt <= progress.redriven and report.email in progress.forgiven
    if report.kind in {ReportKind.DELAYED, ReportKind.UNDETERMINED} or too_late:
        return progress
    after = _noted(progress, report, now)
    if after == progress or after.synthetic or after.state in {AlertState.SENDING, AlertState.QUARANTINED}:
        return after  # in SENDING, the sender handles the report when it records its outcome
    arrived = report.kind is ReportKind.DELIVERED
    if not _wanted(after) or (after.state is AlertState.UNDELIVERABLE and not arrived):
        return after
    if not _anyone_has(after, Notice.ALERT) and not remaining(after, Notice.ALERT, case.team):
        return _ended(after)
    if after.state is AlertState.PENDING and remaining(after, after.notice, case.team):
        return after if arrived else replace(after, due_at=now)
    event = AlertEvent.ACCEPTED if after.state is AlertState.PENDING else _EVENTS[report.kind]
    return _next(moved(after, event), case, now)


def after_claim(  # noqa: PLR0913 - the parts of a claim
    progress: Progress, case: Case, action: ClaimAction, *, by: str, link: str, now: datetime
) -> Progress:
    """Return the progress after a recipient used a link. Raises ClaimRefusedError if the link changes nothing.

    Each of the three actions makes the recipient the owner of the lead.
    """
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
    if again:  # everyone gets a new "time to try again" email
        before = _of(Notice.CALL_AGAIN, after.accepted | after.refused)
        after = replace(
            after,
            accepted=after.accepted - before,
            delivered=after.delivered - _of(Notice.CALL_AGAIN, after.delivered),
            refused=after.refused - before,
        )
    if after.state is AlertState.SENDING:
        return after  # the sender handles the claim when it records its outcome
    return _next(moved(after, AlertEvent.CLAIMED), case, now)


def after_quarantine(progress: Progress, now: datetime) -> Progress:
    """Return the progress of a lead in quarantine. Nothing is due."""
    return replace(moved(progress, AlertEvent.QUARANTINED), due_at=None, overdue_since=None, quarantined_at=now)


def after_wait(progress: Progress, until: datetime) -> Progress:
    """Return the progress of a second request. It waits until `until`, because staff already know about the person."""
    return replace(moved(progress, AlertEvent.DEFERRED), tries=0, due_at=until, overdue_since=until)


def rearmed(progress: Progress, now: datetime) -> Progress:
    """Return the progress after a redrive or release: the alert is due now, for everyone who does not have it.

    The lead must be undeliverable or in quarantine.
    """
    return replace(
        moved(progress, AlertEvent.REARMED),
        notice=Notice.ALERT,
        tries=0,
        accepted=progress.accepted - progress.bounced,
        delivered=frozenset(each for each in progress.delivered if email_of(each) not in progress.bounced),
        refused=frozenset(),
        bounced=frozenset(),
        rejected=frozenset(),
        plain_after=0,
        redriven=progress.attempts,
        forgiven=progress.forgiven | progress.bounced | _emails_of(progress.rejected),
        quarantined_at=None,
        due_at=now,
        overdue_since=now,
    )


def backoff(tries: int, jitter: float) -> timedelta:
    """Return the wait after try number `tries`: exponential, capped, with jitter in its upper half."""
    doublings = min(max(tries, 1) - 1, 10)  # the cap is reached long before 10 doublings
    longest: timedelta = min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)
    return longest * (0.5 + 0.5 * jitter)


def deadlines(told_at: datetime, case: Case) -> tuple[datetime, datetime]:
    """Return when to remind and when to escalate. Only opening hours count, except for an urgent lead."""
    targets, hours = case.clinic.targets, case.clinic.hours
    if case.urgent:
        return (
            told_at + timedelta(minutes=targets.urgent_remind_after),
            told_at + timedelta(minutes=targets.urgent_escalate_after),
        )
    return hours.open_after(told_at, targets.remind_after), hours.open_after(told_at, targets.escalate_after)


def _next(progress: Progress, case: Case, now: datetime) -> Progress:
    """Return `progress` with the next email and its due time."""
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
    """Whether the due email is still needed. No email asks staff to claim a lead that is claimed."""
    asks = progress.notice in {Notice.ALERT, Notice.REMINDER, Notice.ESCALATION}
    if progress.notice is Notice.CALL_AGAIN:
        return progress.response is ResponseState.CLAIMED
    return (progress.response is ResponseState.OPEN) is asks


def _noted(progress: Progress, report: Report, now: datetime) -> Progress:
    each = {report.email}
    if report.copy in progress.rejected and report.kind in {ReportKind.DELIVERED, ReportKind.REJECTED}:
        return progress  # a server may take an email first and reject its content later
    if report.kind is ReportKind.DELIVERED:
        return replace(
            progress,
            accepted=progress.accepted | each,
            delivered=progress.delivered | {report.copy},
            told_at=progress.told_at or now,
        )
    plain_after = progress.plain_after or progress.attempts
    if report.kind is ReportKind.REJECTED and report.attempt <= plain_after:
        delivered = progress.delivered - {report.copy}
        has_another_copy = report.email in _emails_of(delivered)
        return replace(
            progress,
            accepted=progress.accepted if has_another_copy else progress.accepted - each,
            delivered=delivered,
            rejected=progress.rejected | {report.copy},
            plain_after=plain_after,
        )
    return replace(progress, accepted=progress.accepted | each, bounced=progress.bounced | each)


def moved(progress: Progress, event: AlertEvent) -> Progress:
    """Return `progress` in the state after `event`, or in the same state if TRANSITIONS has no entry for it."""
    return replace(progress, state=TRANSITIONS.get((progress.state, event), progress.state))


def _ended(progress: Progress) -> Progress:
    return replace(moved(progress, AlertEvent.EXHAUSTED), due_at=None, overdue_since=None)


def _anyone_has(progress: Progress, notice: Notice) -> bool:
    return bool(_of(notice, progress.accepted - progress.bounced))


def _email_names(notice: Notice, outcomes: Mapping[str, Outcome], wanted: Outcome) -> frozenset[str]:
    return frozenset(email_name(notice, recipient) for recipient, outcome in outcomes.items() if outcome is wanted)


def _emails_of(copies: AbstractSet[str]) -> frozenset[str]:
    return frozenset(email_of(each) for each in copies)


def _of(notice: Notice, names: AbstractSet[str]) -> frozenset[str]:
    return frozenset(each for each in names if each.startswith(f"{notice}/"))
