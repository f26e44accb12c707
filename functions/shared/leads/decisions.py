"""The decisions: every way to change a stored lead. A decision is a pure function from the stored lead to its progress.

The store (shared/store/leads.py) calls a decision with the current lead, and again if another writer was faster. The
decision says what happened in `Progress.event`, and consequences.py derives the rest from that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from shared.leads.alert import (
    LEASE,
    after_attempt,
    after_put_off,
    after_quarantine,
    after_report,
    after_summary,
    after_wait,
    rearmed,
)
from shared.leads.claims import after_claim
from shared.leads.clinic import Clinic
from shared.leads.event import OPERATOR, Event, Result
from shared.leads.notice import INFORMATION, Notice, Outcome, Report
from shared.leads.plan import to_send
from shared.leads.progress import AlertEvent, AlertState, Case, Progress, StoredLead, moved
from shared.leads.response import OUTCOMES, ClaimAction, ResponseState
from shared.leads.spam import Screening
from shared.leads.team import Team

type Decide = Callable[[StoredLead], Progress]

# Other endings are named after the email, such as "reminder_accepted".
_ENDINGS = {Result.QUARANTINED: "quarantined", Result.WAITING: "alert_waits", Result.PUT_OFF: "put_off"}
_CLAIM_EVENTS = {
    ClaimAction.CLAIM: "claimed",
    ClaimAction.REACHED: "reached",
    ClaimAction.NO_ANSWER: "no_answer",
    ClaimAction.EMAILED: "emailed",
    ClaimAction.HAND_BACK: "handed_back",
    ClaimAction.REOPEN: "reopened",
    ClaimAction.HAND_OVER: "handed_over",
    ClaimAction.FOLLOW_UP: "follow_up_set",
}  # the others close the lead, with a reason


class NotDueError(Exception):
    """Nothing is due for the lead now: it is done, another sender has the lease, or it is too early to retry."""


class MovedOnError(Exception):
    """The lead is no longer in the state in which it was found."""


class ConfirmedBeforeError(Exception):
    """The visitor's confirmation was already sent or started, or they do not want to be contacted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules for following up on leads: the clinic's hours and targets, and the recipients."""

    clinic: Clinic
    team: Team

    def case(self, stored: StoredLead) -> Case:
        """Return the lead together with these rules."""
        return Case(lead=stored.lead, clinic=self.clinic, team=self.team)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a sender, from the lease to the outcome.

    `token` identifies the lease, and `number` is the lead's attempt number. `outcomes` are by recipient, and `reasons`
    are error codes of SES. `synthetic` is set once the sender knows that the lead is the canary's.
    `person_keys` are the digests of the person, if they are known.
    """

    token: str
    number: int
    notice: Notice
    screening: Screening | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    reasons: frozenset[str] = frozenset()
    synthetic: bool = False
    person_keys: frozenset[str] = frozenset()

    @property
    def surely_unsent(self) -> bool:
        """Whether SES said that it did not send any email. After an unclear answer, it may have."""
        said = set(self.outcomes.values())
        return bool(said) and said <= {Outcome.THROTTLED, Outcome.REFUSED, Outcome.BLOCKED}


def lease(now: datetime, token: str) -> Decide:
    """Lease a lead that is due. The lead is due again when the lease ends, so the sweep retries if the sender crashed.

    A lead is due if its agenda time has come. A lead that was never tried is due right away, because the stream starts
    the first alert. Raises NotDueError.
    """

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        is_new = not progress.attempts and progress.response is ResponseState.OPEN
        if progress.due_at is None or progress.in_summary or (progress.due_at > now and not is_new):
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
    """Record the outcomes of an attempt. `jitter` is a random number from 0 to 1."""

    def outcome(stored: StoredLead) -> tuple[Progress, Result]:
        after = after_attempt(stored.progress, rules.case(stored), attempt.outcomes, now, jitter=jitter)
        results = {AlertState.PENDING: Result.DEFERRED, AlertState.UNDELIVERABLE: Result.UNDELIVERABLE}
        sent = Outcome.ACCEPTED in attempt.outcomes.values()
        return after, results.get(after.state, Result.ACCEPTED if sent else Result.SKIPPED)

    return _ended(attempt, now, outcome)


def quarantine(attempt: Attempt, rules: Rules, now: datetime) -> Decide:
    """Quarantine the lead until the operator releases it, unless somebody claimed it or wrote a note meanwhile."""

    def outcome(stored: StoredLead) -> tuple[Progress, Result]:
        if stored.progress.response is ResponseState.OPEN and stored.progress.noted is None:
            return after_quarantine(stored.progress, now), Result.QUARANTINED
        return after_attempt(stored.progress, rules.case(stored), {}, now, jitter=0), Result.SKIPPED

    return _ended(attempt, now, outcome)


def wait(attempt: Attempt, until: datetime, now: datetime) -> Decide:
    """Delay the alert until `until`, because staff were just alerted about the same person."""
    return _ended(attempt, now, lambda stored: (after_wait(stored.progress, until), Result.WAITING))


def over_budget(attempt: Attempt, rules: Rules, now: datetime) -> Decide:
    """Put the lead into the next summary, or drop an email that only informs, because it is over the budget."""

    def outcome(stored: StoredLead) -> tuple[Progress, Result]:
        after = after_put_off(stored.progress, rules.case(stored), now)
        dropped = Result.DROPPED if stored.progress.notice in INFORMATION else Result.SKIPPED
        return after, Result.PUT_OFF if after.in_summary else dropped

    return _ended(attempt, now, outcome)


def told_in_summary(notice: Notice, outcomes: Mapping[str, Outcome], rules: Rules, now: datetime) -> Decide:
    """Record that a summary listed the lead, instead of the email for `notice`. `outcomes` are those of the summary.

    Raises MovedOnError if the lead does not wait for a summary with this notice anymore.
    """

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        if not progress.in_summary or progress.notice is not notice:
            raise MovedOnError
        told = {each: outcomes[each] for each in to_send(progress, rules.team) if each in outcomes}
        details = {
            "attempt": str(progress.attempts + 1),
            "notice": str(notice),
            "recipients": ", ".join(f"{each} {said}" for each, said in told.items()),
        }
        after = after_summary(progress, rules.case(stored), told, now)
        kind = "summarized" if Outcome.ACCEPTED in told.values() else "summary_refused"
        return replace(after, event=Event(kind=kind, at=now, details=details, outcomes=told))

    return decide


def _ended(attempt: Attempt, now: datetime, outcome: Callable[[StoredLead], tuple[Progress, Result]]) -> Decide:
    """End an attempt and its lease. If another sender has the lease by now, only the timeline gets an entry."""
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
            after = replace(after, lease=None, person_keys=attempt.person_keys or after.person_keys)
        kind = _ENDINGS.get(result) or f"{attempt.notice}_{result}"
        event = Event(kind=kind, at=now, details=details, outcomes=attempt.outcomes, result=result)
        return replace(after, event=event)

    return decide


def report(told: Report | None, event: Event, rules: Rules, now: datetime) -> Decide:
    """Record what SES reported about an email to staff. `told` is None if only the timeline gets an entry."""

    def decide(stored: StoredLead) -> Progress:
        after = stored.progress if told is None else after_report(stored.progress, rules.case(stored), told, now)
        return replace(after, event=event)

    return decide


def claim(  # noqa: PLR0913 - the parts of a claim
    action: ClaimAction,
    rules: Rules,
    now: datetime,
    *,
    by: str,
    link: str,
    address: str | None = None,
    together_with: str | None = None,
) -> Decide:
    """Record what somebody did about a lead; see `after_claim`. Raises ClaimRefusedError.

    `together_with` is the reference of the person's other lead on whose page they did it.
    """
    event = event_of(action, now, by, {"with": together_with} if together_with else {})

    def decide(stored: StoredLead) -> Progress:
        case = rules.case(stored)
        after = after_claim(stored.progress, case, action, by=by, link=link, now=now, address=address)
        return replace(after, event=event)

    return decide


def event_of(action: ClaimAction, now: datetime, by: str, details: Mapping[str, str]) -> Event:
    """Return what an action is in the timeline. If it closes the lead without the person reached, it says why."""
    kind = _CLAIM_EVENTS.get(action, "closed")
    why = {"reason": str(action)} if kind == "closed" else {}
    return Event(kind=kind, at=now, actor=by, details={**why, **details})


def rearm(
    found_in: AlertState, now: datetime, *, by: str = OPERATOR, details: Mapping[str, str] = MappingProxyType({})
) -> Decide:
    """Redrive or release a lead. `by` is the actor.

    Raises MovedOnError if the lead is no longer in the state `found_in`, or is closed.
    """
    kind = {AlertState.UNDELIVERABLE: "redriven", AlertState.QUARANTINED: "released"}[found_in]

    def decide(stored: StoredLead) -> Progress:
        if stored.progress.state is not found_in or stored.progress.response is ResponseState.CLOSED:
            raise MovedOnError
        return replace(rearmed(stored.progress, now), event=Event(kind=kind, at=now, actor=by, details=details))

    return decide


def confirm(now: datetime) -> Decide:
    """Record that the visitor's confirmation was started.

    Raises ConfirmedBeforeError if it already was, or if the person withdrew the consent to be contacted meanwhile.
    """

    def decide(stored: StoredLead) -> Progress:
        if stored.progress.confirmed_at or stored.lead.no_contact:
            raise ConfirmedBeforeError
        return replace(stored.progress, confirmed_at=now)

    return decide


def fill_in(person_keys: frozenset[str]) -> Decide:
    """Add what older versions did not store: when a lead was closed, what came of it, and the person's digests.

    The version always grows, so the lead is written, with every attribute that follows from its state.
    """

    def decide(stored: StoredLead) -> Progress:
        progress, closed = stored.progress, stored.progress.response is ResponseState.CLOSED
        outcome = OUTCOMES.get(progress.action) if closed and progress.action else None
        return replace(
            progress,
            closed_at=(progress.closed_at or progress.acted_at) if closed else None,
            outcome=progress.outcome or outcome,
            not_wanted_at=progress.no_contact_since,
            person_keys=person_keys,
            version=progress.version + 1,
        )

    return decide


def note(event: Event) -> Decide:
    """Add a timeline entry without any other change."""
    return lambda stored: replace(stored.progress, event=event)
