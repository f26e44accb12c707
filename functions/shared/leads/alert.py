"""What happens to a stored lead while staff are emailed about it: send attempts, SES reports, quarantine and redrive.

Each thing that can happen is a pure function from one `Progress` to the next. shared/store/ writes the result with
optimistic locking. plan.py says which email is next.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from shared.leads.notice import (
    INFORMATION,
    Notice,
    Outcome,
    Report,
    ReportKind,
    attempt_of,
    copy_name,
    email_name,
    email_of,
)
from shared.leads.plan import ended, of, planned, remaining, wanted, was_handed_over
from shared.leads.progress import AlertEvent, AlertState, Case, Progress, moved
from shared.leads.response import ResponseState

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

_AFTER_THE_ALERT = frozenset({Notice.REMINDER, Notice.ESCALATION})
_EVENTS = {
    ReportKind.DELIVERED: AlertEvent.DELIVERED,
    ReportKind.BOUNCED: AlertEvent.BOUNCED,
    ReportKind.COMPLAINED: AlertEvent.COMPLAINED,
    ReportKind.REJECTED: AlertEvent.REJECTED,
}
_FAILURES = frozenset({ReportKind.BOUNCED, ReportKind.COMPLAINED, ReportKind.REJECTED})


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
    if _is_of_an_earlier_round(progress, progress.notice, progress.attempts):
        # Staff did something during the attempt. Its recipients must hear of that.
        told = {recipient for recipient, outcome in outcomes.items() if outcome is Outcome.ACCEPTED}
        # A colleague who became the owner meanwhile may just have been told so.
        owner_told = was_handed_over(progress) and (
            progress.owner_told or (progress.notice is Notice.OWNER_REMINDER and progress.claimed_by in told)
        )
        after = replace(progress, told=progress.told | told, owner_told=owner_told)
        return planned(moved(after, AlertEvent.ACCEPTED), case, now)
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
    if not wanted(after):
        return planned(moved(after, AlertEvent.ACCEPTED), case, now)
    if after.notice in _AFTER_THE_ALERT and not _anyone_has(after, Notice.ALERT):
        # The alert bounced meanwhile, so someone must get the alert first.
        anyone_left = remaining(after, Notice.ALERT, case.team)
        return planned(moved(after, AlertEvent.ACCEPTED), case, now) if anyone_left else ended(after)
    rest = remaining(after, after.notice, case.team)
    # Information may fail, and if the owner cannot be reminded, everyone is.
    may_fail = after.notice in INFORMATION or after.notice is Notice.OWNER_REMINDER
    enough = may_fail or _anyone_has(after, after.notice)
    given_up = after.tries >= MOST_TRIES
    if enough and (given_up or not rest):
        lost = frozenset(email_name(after.notice, recipient) for recipient in rest)
        return planned(moved(replace(after, refused=after.refused | lost), AlertEvent.ACCEPTED), case, now)
    refused_so_far = of(after.refused, after.notice)
    if given_up or not (rest or refused_so_far):
        return ended(after)
    if not rest:  # SES refused all recipients, so try all of them again later
        after = replace(after, refused=after.refused - refused_so_far)
    untried = any(recipient not in outcomes for recipient in rest) and not any(
        o.concerns_everybody for o in outcomes.values()
    )
    wait = timedelta() if untried else backoff(after.tries, jitter)
    return replace(moved(after, AlertEvent.DEFERRED), due_at=now + wait)


def after_report(progress: Progress, case: Case, report: Report, now: datetime) -> Progress:
    """Return the progress after an SES report. Late, repeated and reordered reports do no harm."""
    if report.kind is ReportKind.DELAYED or _is_forgiven(progress, report):
        return progress
    after = _noted(progress, report, now)
    if after == progress or after.synthetic or after.state in {AlertState.SENDING, AlertState.QUARANTINED}:
        return after  # in SENDING, the sender handles the report when it records its outcome
    arrived = report.kind is ReportKind.DELIVERED
    if not wanted(after) or (after.state is AlertState.UNDELIVERABLE and not arrived):
        return after
    unclaimed = after.response is ResponseState.OPEN
    if unclaimed and not _anyone_has(after, Notice.ALERT) and not remaining(after, Notice.ALERT, case.team):
        return ended(after)
    if after.state is AlertState.PENDING and remaining(after, after.notice, case.team):
        return replace(after, due_at=now) if report.kind in _FAILURES else after
    event = AlertEvent.ACCEPTED if after.state is AlertState.PENDING else _EVENTS.get(report.kind)
    return planned(moved(after, event) if event else after, case, now)


def after_quarantine(progress: Progress, now: datetime) -> Progress:
    """Return the progress of a lead in quarantine. Nothing is due."""
    return replace(moved(progress, AlertEvent.QUARANTINED), due_at=None, overdue_since=None, quarantined_at=now)


def after_wait(progress: Progress, until: datetime) -> Progress:
    """Return the progress of a second request. It waits until `until`, because staff already know about the person."""
    return replace(moved(progress, AlertEvent.DEFERRED), tries=0, due_at=until, overdue_since=until)


def after_put_off(progress: Progress, case: Case, now: datetime) -> Progress:
    """Return the progress of a lead whose email is over the budget: the next summary lists it.

    An email that only informs is not sent, and no summary lists it. If staff did something during the attempt, what
    comes next follows from that.
    """
    if not wanted(progress) or _is_of_an_earlier_round(progress, progress.notice, progress.attempts):
        return planned(moved(progress, AlertEvent.ACCEPTED), case, now)
    if progress.notice in INFORMATION:
        lost = {email_name(progress.notice, recipient) for recipient in remaining(progress, progress.notice, case.team)}
        return planned(moved(replace(progress, refused=progress.refused | lost), AlertEvent.ACCEPTED), case, now)
    # The attempt that stops here is no try.
    return replace(moved(progress, AlertEvent.DEFERRED), tries=progress.tries - 1, due_at=now, in_summary=True)


def after_summary(progress: Progress, case: Case, outcomes: Mapping[str, Outcome], now: datetime) -> Progress:
    """Return the progress of a lead that a summary listed, instead of the email that was due.

    `outcomes` are those of the summary by recipient. Recipients without an outcome are emailed next.
    """
    sending = replace(
        moved(progress, AlertEvent.LEASED),
        attempts=progress.attempts + 1,
        tries=progress.tries + 1,
        in_summary=False,
    )
    return after_attempt(sending, case, outcomes, now, jitter=0)


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
        forgiven=progress.forgiven
        | {copy_name(each, progress.attempts) for each in progress.bounced | _emails_of(progress.rejected)},
        quarantined_at=None,
        due_at=now,
        overdue_since=now,
    )


def backoff(tries: int, jitter: float) -> timedelta:
    """Return the wait after try number `tries`: exponential, capped, with jitter in its upper half."""
    doublings = min(max(tries, 1) - 1, 10)  # the cap is reached long before 10 doublings
    longest: timedelta = min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)
    return longest * (0.5 + 0.5 * jitter)


def _noted(progress: Progress, report: Report, now: datetime) -> Progress:
    """Return `progress` with what a report says. What it says about an earlier round does not count for this one."""
    late = _is_of_an_earlier_round(progress, report.notice, report.attempt)
    plain_after = progress.plain_after or progress.attempts
    match report.kind:
        case ReportKind.DELIVERED | ReportKind.REJECTED if report.copy in progress.rejected:
            return progress  # a server may take an email first and reject its content later
        case ReportKind.DELIVERED | ReportKind.UNDETERMINED if late:
            return progress
        case ReportKind.DELIVERED:
            return replace(
                progress,
                accepted=progress.accepted | {report.email},
                delivered=progress.delivered | {report.copy},
                told_at=progress.told_at or now,
            )
        case ReportKind.UNDETERMINED:
            return replace(progress, doubted=progress.doubted | {report.copy})
        case ReportKind.REJECTED if report.attempt <= plain_after:
            after = progress if late else _without_a_copy(progress, report)
            return replace(after, plain_after=plain_after)
    accepted = progress.accepted if late else progress.accepted | {report.email}
    return replace(progress, accepted=accepted, bounced=progress.bounced | {report.email})


def _without_a_copy(progress: Progress, report: Report) -> Progress:
    """Return `progress` after the content of a copy was rejected. The recipient may have another copy."""
    delivered = progress.delivered - {report.copy}
    has_another_copy = report.email in _emails_of(delivered)
    return replace(
        progress,
        accepted=progress.accepted if has_another_copy else progress.accepted - {report.email},
        delivered=delivered,
        rejected=progress.rejected | {report.copy},
    )


def _is_forgiven(progress: Progress, report: Report) -> bool:
    """Whether a report is about an email that failed before a redrive or before its recipient used a link."""
    return any(email_of(copy) == report.email and report.attempt <= attempt_of(copy) for copy in progress.forgiven)


def _is_of_an_earlier_round(progress: Progress, notice: Notice, attempt: int) -> bool:
    return notice is not Notice.ALERT and attempt <= progress.round_after


def _anyone_has(progress: Progress, notice: Notice) -> bool:
    return bool(of(progress.accepted - progress.bounced, notice))


def _email_names(notice: Notice, outcomes: Mapping[str, Outcome], wanted: Outcome) -> frozenset[str]:
    return frozenset(email_name(notice, recipient) for recipient, outcome in outcomes.items() if outcome is wanted)


def _emails_of(copies: AbstractSet[str]) -> frozenset[str]:
    return frozenset(email_of(each) for each in copies)
