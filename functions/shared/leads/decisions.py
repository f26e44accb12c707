"""The decisions: everything that can change a stored lead, each from what is stored to what comes next.

The store (shared/store/leads.py) calls a decision with the lead as it is now, and again where somebody else wrote
meanwhile. A decision is pure. It names what happened in `Progress.event`, and consequences.py tells the rest from that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.leads.alert import (
    LEASE,
    AlertEvent,
    AlertState,
    Case,
    Progress,
    StoredLead,
    after_attempt,
    after_claim,
    after_quarantine,
    after_report,
    after_wait,
    moved,
    rearmed,
)
from shared.leads.clinic import Clinic
from shared.leads.event import OPERATOR, Event, Result
from shared.leads.notice import Notice, Outcome, Report
from shared.leads.response import ClaimAction
from shared.leads.spam import Screening
from shared.leads.team import Team

type Decide = Callable[[StoredLead], Progress]

# Other endings are named after the email, such as "reminder_accepted".
_ENDINGS = {Result.QUARANTINED: "quarantined", Result.WAITING: "alert_waits"}
_CLAIM_EVENTS = {ClaimAction.CLAIM: "claimed", ClaimAction.REACHED: "reached", ClaimAction.NO_ANSWER: "no_answer"}


class NotDueError(Exception):
    """Nothing is due for a lead now: it is done, another sender holds its lease, or it is to be tried later."""


class MovedOnError(Exception):
    """A lead is no longer where an operator found it."""


class ConfirmedBeforeError(Exception):
    """The visitor's confirmation was sent, or begun, before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What decides how leads are followed up: the clinic's hours and targets, and who is told."""

    clinic: Clinic
    team: Team

    def case(self, stored: StoredLead) -> Case:
        """Return the lead with these rules."""
        return Case(lead=stored.lead, clinic=self.clinic, team=self.team)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sender's attempt, from its lease to its end.

    `token` proves the lease, `number` counts the lead's attempts. `outcomes` is what SES said, by recipient; `reasons`
    are SES's error codes. `synthetic` is set once the lead is known to be the canary's.
    """

    token: str
    number: int
    notice: Notice
    screening: Screening | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    reasons: frozenset[str] = frozenset()
    synthetic: bool = False


def lease(now: datetime, token: str) -> Decide:
    """Take what is due. The lease's end is the next agenda time, so a dead sender's lead comes back.

    Due is what nobody has tried yet (the stream brings it at once) and what the agenda says is due. Raises NotDueError.
    """

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        if progress.due_at is None or (progress.attempts and progress.due_at > now):
            raise NotDueError
        return replace(
            moved(progress, AlertEvent.LEASED),
            attempts=progress.attempts + 1,
            tries=progress.tries + 1,
            lease=token,
            due_at=now + LEASE,
        )

    return decide


def finish(attempt: Attempt, rules: Rules, now: datetime, *, jitter: float) -> Decide:
    """Write down what follows from the emails of an attempt. `jitter` is a random number from 0 to 1."""

    def outcome(stored: StoredLead) -> tuple[Progress, Result]:
        after = after_attempt(stored.progress, rules.case(stored), attempt.outcomes, now, jitter=jitter)
        results = {AlertState.PENDING: Result.DEFERRED, AlertState.UNDELIVERABLE: Result.UNDELIVERABLE}
        return after, results.get(after.state, Result.ACCEPTED)

    return _ended(attempt, now, outcome)


def quarantine(attempt: Attempt, now: datetime) -> Decide:
    """Keep the lead back until staff have looked at it."""
    return _ended(attempt, now, lambda stored: (after_quarantine(stored.progress, now), Result.QUARANTINED))


def wait(attempt: Attempt, until: datetime, now: datetime) -> Decide:
    """Let the alert wait `until` then: staff were told of the same person a moment ago."""
    return _ended(attempt, now, lambda stored: (after_wait(stored.progress, until), Result.WAITING))


def _ended(attempt: Attempt, now: datetime, outcome: Callable[[StoredLead], tuple[Progress, Result]]) -> Decide:
    """End an attempt, and its lease. Where the lease has passed to another sender, that one's outcome stands."""
    details = {"attempt": str(attempt.number)}
    if attempt.outcomes:
        details["recipients"] = ", ".join(f"{each} {said}" for each, said in attempt.outcomes.items())
    if attempt.reasons:
        details["reason"] = ", ".join(sorted(attempt.reasons))

    def decide(stored: StoredLead) -> Progress:
        if stored.progress.lease != attempt.token:
            after, result = stored.progress, Result.LEASE_LOST
        else:
            known = replace(stored.progress, synthetic=stored.progress.synthetic or attempt.synthetic)
            if attempt.screening:
                known = replace(known, reasons=attempt.screening.reasons, score=attempt.screening.score)
            after, result = outcome(replace(stored, progress=known))
            after = replace(after, lease=None)
        kind = _ENDINGS.get(result) or f"{attempt.notice}_{result}"
        event = Event(kind=kind, at=now, details=details, outcomes=attempt.outcomes, result=result)
        return replace(after, event=event)

    return decide


def report(told: Report | None, event: Event, rules: Rules, now: datetime) -> Decide:
    """Write down what SES reported of an email to staff; `told` is None where that changes nothing."""

    def decide(stored: StoredLead) -> Progress:
        after = stored.progress if told is None else after_report(stored.progress, rules.case(stored), told, now)
        return replace(after, event=event)

    return decide


def claim(action: ClaimAction, rules: Rules, now: datetime, *, by: str, link: str) -> Decide:
    """Write down a recipient's answer by a link. Raises ClaimRefusedError."""

    def decide(stored: StoredLead) -> Progress:
        after = after_claim(stored.progress, rules.case(stored), action, by=by, link=link, now=now)
        return replace(after, event=Event(kind=_CLAIM_EVENTS[action], at=now, actor=by))

    return decide


def rearm(found_in: AlertState, now: datetime) -> Decide:
    """Let a lead go again, as an operator asked. Raises MovedOnError where it left `found_in` meanwhile."""
    kind = {AlertState.UNDELIVERABLE: "redriven", AlertState.QUARANTINED: "released"}[found_in]

    def decide(stored: StoredLead) -> Progress:
        if stored.progress.state is not found_in:
            raise MovedOnError
        return replace(rearmed(stored.progress, now), event=Event(kind=kind, at=now, actor=OPERATOR))

    return decide


def confirm(now: datetime) -> Decide:
    """Give the one permit for the visitor's confirmation. Raises ConfirmedBeforeError."""

    def decide(stored: StoredLead) -> Progress:
        if stored.progress.confirmed_at:
            raise ConfirmedBeforeError
        return replace(stored.progress, confirmed_at=now)

    return decide


def note(event: Event) -> Decide:
    """Write an entry on the timeline; nothing else changes."""
    return lambda stored: replace(stored.progress, event=event)
