"""The decisions of a person at the desk. Each is a pure function from the stored lead to its progress.

They use the same state machine as the links in emails. A `press` is the random id of the form that was sent: sending
it twice counts once. `seen` is how many presses the form's page knew of (`Progress.presses`). With it, a decision that
would undo a colleague's is refused if the lead changed after the page was shown.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from shared.leads.claims import Extra, after_claim, had_too_many, refusal_of
from shared.leads.decisions import Decide, Rules, event_of, rearm
from shared.leads.event import Event
from shared.leads.person import Person
from shared.leads.plan import owner_of
from shared.leads.progress import AlertState, Case, Progress, StoredLead
from shared.leads.response import (
    MOST_ACTIONS,
    OUTCOMES,
    TRIES_BEFORE_GIVING_UP,
    ClaimAction,
    ClaimRefusedError,
    ClosedAs,
    Outcome,
    Refusal,
    ResponseState,
)
from shared.leads.retention import later_end

# What a person can do with one press, without anything else to say.
ACTIONS: Final = (
    ClaimAction.CLAIM,
    ClaimAction.REACHED,
    ClaimAction.NO_ANSWER,
    ClaimAction.EMAILED,
    ClaimAction.HAND_BACK,
    ClaimAction.REOPEN,
    ClaimAction.SPAM,
    ClaimAction.NOT_WANTED,
)
# A longer time is probably a mistyped year.
LONGEST_FOLLOW_UP: Final = timedelta(days=365)
# Nobody else is reminded before a follow-up, so that of an urgent lead must be soon.
LONGEST_URGENT_FOLLOW_UP: Final = timedelta(hours=24)
# Both say what a lead in quarantine is. Anything else needs one that was released or claimed.
_IN_QUARANTINE: Final = frozenset({ClaimAction.CLAIM, ClaimAction.SPAM})
# These would undo what a colleague did after the page was shown.
_OVERRIDES: Final = frozenset({ClaimAction.HAND_BACK, ClaimAction.REOPEN, ClaimAction.HAND_OVER, ClaimAction.FOLLOW_UP})
# These end what a colleague may have just begun. REACHED is no such action: a call that happened always counts.
_ENDS: Final = frozenset({ClaimAction.SPAM, ClaimAction.NOT_WANTED})
_CLOSING: Final = {
    Outcome.UNREACHABLE: ClaimAction.UNREACHABLE,
    Outcome.DUPLICATE: ClaimAction.DUPLICATE,
    Outcome.WRONG_NUMBER: ClaimAction.WRONG_NUMBER,
}  # with any other outcome, the person was reached


@dataclass(frozen=True, slots=True)
class _Press:
    """One press at the desk: who, the form's id, and how many presses its page knew of."""

    by: Person
    id: str
    seen: int | None

    def is_behind(self, progress: Progress) -> bool:
        """Whether the lead changed after the page was shown."""
        return self.seen is not None and self.seen != progress.presses

    def ignores_a_colleague(self, progress: Progress) -> bool:
        """Whether a colleague acted after the page was shown."""
        return self.is_behind(progress) and progress.acted_by != self.by.id


def act(  # noqa: PLR0913 - the parts of a decision
    action: ClaimAction, rules: Rules, now: datetime, *, by: Person, press: str, seen: int | None = None
) -> Decide:
    """Record one of ACTIONS. Raises ClaimRefusedError."""

    def decide(stored: StoredLead) -> Progress:
        if action not in ACTIONS:
            raise ClaimRefusedError(Refusal.NOT_POSSIBLE)
        return _acted(stored, action, rules, now, _Press(by, press, seen))

    return decide


def hand_over(  # noqa: PLR0913 - the parts of a decision
    rules: Rules, now: datetime, *, by: Person, to: Person, press: str, seen: int | None = None
) -> Decide:
    """Give a lead to a colleague, who gets an email at once. If `to` is `by`, they take it over from somebody else.

    Raises ClaimRefusedError.
    """
    extra = Extra(to=to.id, to_address=to.address_for(rules.team))

    def decide(stored: StoredLead) -> Progress:
        possible = owner_of(stored.progress, rules.team) != to.id
        said = _acted(stored, ClaimAction.HAND_OVER, rules, now, _Press(by, press, seen), extra, possible=possible)
        return _with(said, to=to.email)

    return decide


def follow_up(  # noqa: PLR0913 - the parts of a decision
    rules: Rules, now: datetime, *, by: Person, at: datetime, press: str, seen: int | None = None
) -> Decide:
    """Remind the owner of a lead at a time from now to LONGEST_FOLLOW_UP. Claims a lead that has no owner.

    If the lead is urgent, the time is at most LONGEST_URGENT_FOLLOW_UP ahead. Raises ClaimRefusedError.
    """
    possible, extra = now < at <= now + LONGEST_FOLLOW_UP, Extra(follow_up_at=at)

    def decide(stored: StoredLead) -> Progress:
        said = _acted(stored, ClaimAction.FOLLOW_UP, rules, now, _Press(by, press, seen), extra, possible=possible)
        if rules.case(stored).urgent and at > now + LONGEST_URGENT_FOLLOW_UP:
            raise ClaimRefusedError(Refusal.TOO_FAR)
        return _with(said, follow_up_at=at.astimezone(UTC).isoformat(timespec="minutes"))

    return decide


def settle(  # noqa: PLR0913 - the parts of a decision
    outcome: Outcome,
    reason: str | None,
    rules: Rules,
    now: datetime,
    *,
    by: Person,
    press: str,
    seen: int | None = None,
) -> Decide:
    """Close a lead and say what came of it, or change that of a closed lead. Raises ClaimRefusedError.

    `reason` is what the person wrote about it. A lead that was closed as spam must be reopened first.
    """
    pressed, said = _Press(by, press, seen), {"outcome": str(outcome), "text": reason or ""}

    def decide(stored: StoredLead) -> Progress:
        if stored.progress.response is ResponseState.CLOSED:
            return _with(_changed(stored.progress, outcome, reason, now, pressed), **said)
        action, extra = _CLOSING.get(outcome, ClaimAction.REACHED), Extra(outcome=outcome, reason=reason or None)
        owner = owner_of(stored.progress, rules.team)
        if owner and owner != by.id and press not in stored.progress.links_used:
            _refuse_if_behind(stored.progress, rules.case(stored), action, pressed)
        return _with(_acted(stored, action, rules, now, pressed, extra), **said)

    return decide


def note(text: str, now: datetime, *, by: Person, press: str) -> Decide:
    """Add what a person wrote to the timeline.

    The lead remembers the note and its time. So sending it again writes the same entry again, in case that failed the
    first time. This also proves that the lead still exists, so no note outlives it.
    """
    noted = f"{press}-{sha256(text.encode()).hexdigest()[:16]}"
    details = {"by": by.email, "text": text, "press": press}

    def decide(stored: StoredLead) -> Progress:
        progress = stored.progress
        at = progress.noted_at if progress.noted == noted and progress.noted_at else now
        event = Event(kind="note", at=at, actor=by.id, details=details)
        closed = progress.response is ResponseState.CLOSED
        until = later_end(progress, at) if closed else progress.kept_until
        return replace(progress, noted=noted, noted_at=at, kept_until=until, event=event)

    return decide


def release(now: datetime, *, by: Person, press: str) -> Decide:
    """Release a lead from quarantine. Raises MovedOnError if it is not there anymore, and ClaimRefusedError."""
    return _rearmed(AlertState.QUARANTINED, now, by, press)


def tell_again(now: datetime, *, by: Person, press: str) -> Decide:
    """Send the alert again about a lead that no one could be told about.

    Raises MovedOnError if somebody knows it, and ClaimRefusedError.
    """
    return _rearmed(AlertState.UNDELIVERABLE, now, by, press)


def _rearmed(found_in: AlertState, now: datetime, by: Person, press: str) -> Decide:
    again = rearm(found_in, now, by=by.id, details={"by": by.email})

    def decide(stored: StoredLead) -> Progress:
        used = stored.progress.links_used
        if press in used:
            raise ClaimRefusedError(Refusal.USED)
        # Nothing limits how often this is possible, so it must not use up the actions that close a lead.
        return replace(again(stored), links_used=used | {press} if len(used) < MOST_ACTIONS else used)

    return decide


def _acted(  # noqa: PLR0913, PLR0917 - the parts of an action
    stored: StoredLead,
    action: ClaimAction,
    rules: Rules,
    now: datetime,
    press: _Press,
    extra: Extra | None = None,
    *,
    possible: bool = True,
) -> Progress:
    """Return the progress after an action, with its event. `possible` is whether its own details make sense."""
    progress, case, by = stored.progress, rules.case(stored), press.by
    if press.id in progress.links_used:
        raise ClaimRefusedError(Refusal.USED)
    if progress.in_quarantine and action not in _IN_QUARANTINE:
        raise ClaimRefusedError(Refusal.QUARANTINED)
    if action in _OVERRIDES and press.is_behind(progress):
        raise ClaimRefusedError(_faster(progress, case, action, by))
    if action in _ENDS:
        _refuse_if_behind(progress, case, action, press)
    refusal = refusal_of(progress, case, action, by=by.id, link=press.id)
    if refusal or not possible:
        raise ClaimRefusedError(refusal or Refusal.NOT_POSSIBLE)
    address = by.address_for(rules.team)
    after = after_claim(
        progress, case, action, by=by.id, link=press.id, now=now, address=address, desk=extra or Extra()
    )
    return replace(after, event=event_of(action, now, by.id, {"by": by.email}))


def _changed(progress: Progress, outcome: Outcome, reason: str | None, now: datetime, press: _Press) -> Progress:
    """Return the progress of a closed lead after somebody corrected what came of it."""
    if press.id in progress.links_used:
        raise ClaimRefusedError(Refusal.USED)
    if press.is_behind(progress):
        raise ClaimRefusedError(Refusal.CLOSED)
    if had_too_many(progress, reopens=True):
        raise ClaimRefusedError(Refusal.TOO_MANY)
    if not _may_change(progress, outcome):
        raise ClaimRefusedError(Refusal.NOT_POSSIBLE)
    return replace(
        progress,
        action=_closing_action(progress, outcome),
        outcome=outcome,
        outcome_reason=reason or None,
        closed_at=progress.closed_at or progress.acted_at or now,
        not_wanted_at=progress.no_contact_since,
        kept_until=later_end(progress, now),
        links_used=progress.links_used | {press.id},
        event=Event(kind="outcome_changed", at=now, actor=press.by.id, details={"by": press.by.email}),
    )


def _with(progress: Progress, **details: str) -> Progress:
    """Return `progress` with more details in its event. Empty ones are left out."""
    event = progress.event
    assert event is not None  # noqa: S101 - each action has one
    kept = {name: value for name, value in details.items() if value}
    return replace(progress, event=replace(event, details={**event.details, **kept}))


def _refuse_if_behind(progress: Progress, case: Case, action: ClaimAction, press: _Press) -> None:
    if press.ignores_a_colleague(progress):
        raise ClaimRefusedError(_faster(progress, case, action, press.by))


def _faster(progress: Progress, case: Case, action: ClaimAction, by: Person) -> Refusal:
    """Return what a colleague did who was faster."""
    if progress.response is ResponseState.CLOSED and action is not ClaimAction.REOPEN:
        return Refusal.CLOSED
    owner = owner_of(progress, case.team)
    return Refusal.CLAIMED if owner and owner != by.id else Refusal.NOT_POSSIBLE


def _may_change(progress: Progress, outcome: Outcome) -> bool:
    """Whether the outcome of a closed lead may become `outcome`."""
    enough = outcome is not Outcome.UNREACHABLE or progress.tried >= TRIES_BEFORE_GIVING_UP
    return enough and progress.closed_as is not ClosedAs.SPAM


def _closing_action(progress: Progress, outcome: Outcome) -> ClaimAction:
    """Return the action that says the same as `outcome`: the last one if it does."""
    if progress.action and OUTCOMES.get(progress.action) is outcome:
        return progress.action
    return _CLOSING.get(outcome, ClaimAction.REACHED)
