"""What the webhook told about a lead, what it still has to tell, and when it looks at the lead again. Pure.

Each function returns the next state from the one before. Signals are derived from the lead itself, so it does not
matter which of its changes the stream delivered, or how often.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.lead import Priority
from shared.leads.plan import deadlines, wants_no_contact
from shared.leads.progress import AlertState, Case, Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.spam import THRESHOLD
from shared.leads.team import Team
from webhook.signals import Kind, Signal

# How long a signal is news. What happened earlier is not told, and a signal that the receiver did not take for so long
# is given up. A ring is not given up as long as it is true.
NEWS_FOR: Final = timedelta(hours=24)
FIRST_BACKOFF: Final = timedelta(minutes=1)
LONGEST_BACKOFF: Final = timedelta(hours=1)
LONGEST_BACKOFF_OF_RINGS: Final = timedelta(minutes=5)
# Longer than the function may run (a test checks this), so nobody else tells the same signals meanwhile.
LEASE: Final = timedelta(seconds=120)
# The times of a lead depend on the clinic's hours and not on who gets its emails.
_NOBODY: Final = Team(staff=(), fallback=(), tell_others=False)


class Result(StrEnum):
    """What the receiver did with a signal."""

    TAKEN = "taken"
    REFUSED = "refused"  # it has something against this one message, and takes others
    FAILED = "failed"
    RESTS = "rests"  # it had too many; trying again counts as no failure


class Choice(StrEnum):
    """Which signals may be sent."""

    ALL = "all"
    RINGS = "rings"
    NEW_RINGS = "new_rings"  # those that the receiver did not refuse before


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was noticed about a lead so far, and what is pending: noticed, but not taken by the receiver."""

    announced: bool = False  # whether NEW or URGENT was noticed
    visible_at: datetime | None = None  # when it was released, if it was in quarantine
    seen: ResponseState = ResponseState.OPEN
    outcome: str | None = None
    undeliverable: bool = False
    rang_at: datetime | None = None  # when we noticed last that nobody had claimed it
    rings_at: datetime | None = None  # when nobody will have claimed it for too long
    pending: tuple[Signal, ...] = ()  # rings first, otherwise in the order in which we noticed them
    tries: int = 0  # tries without success in a row
    retry_at: datetime | None = None
    leased_until: datetime | None = None
    version: int = 0  # number of writes, for optimistic locking

    @property
    def due_at(self) -> datetime | None:
        """When to look at the lead again, or None if only a change of the lead matters."""
        if self.leased_until:
            return self.leased_until
        return min(filter(None, (self.retry_at if self.pending else None, self.rings_at)), default=None)

    @property
    def is_ring_due(self) -> bool:
        """Whether the next look is about a ring."""
        return _has_ring(self.pending) or (self.due_at is not None and self.due_at == self.rings_at)

    def to_send(
        self, choice: Choice, now: datetime, tried: AbstractSet[Signal] = frozenset(), *, at_once: bool = False
    ) -> Signal | None:
        """Return the signal to send next, or None if somebody else sends it or nothing is due.

        `tried` are those that were tried just now. `at_once` is whether those that wait for another try are due.
        """
        leased = self.leased_until is not None and self.leased_until > now
        if leased or not (at_once or tried or self.retry_at is None or self.retry_at <= now):
            return None
        if choice is Choice.NEW_RINGS and self.tries:
            return None
        fitting = (each for each in self.pending if each not in tried and (choice is Choice.ALL or each.rings))
        return next(fitting, None)


def noticed(told: Told, stored: StoredLead | None, clinic: Clinic, now: datetime) -> Told:
    """Return the state after a look at the lead. `stored` is None if it ended or was erased."""
    if stored is None or _is_hidden(stored.progress):
        return Told(version=told.version)  # what is released later is told as if it came then
    progress = stored.progress
    if told.visible_at is None and _was_released(progress):
        told = replace(told, visible_at=progress.told_at or now)
    rings_at = _rings_at(told, stored, clinic)
    rings = rings_at is not None and rings_at <= now
    if not (_is_screened(progress) or rings):
        return replace(told, rings_at=rings_at)
    found = _signals(told, stored, rings_at, now)
    new = tuple(each for each in found if each.at > now - NEWS_FOR and _is_true(each, progress))
    waiting = tuple(each for each in told.pending if _is_news(each, now) and _is_true(each, progress))
    if _has_ring(new):
        # They would arrive after the ring, and a pager would take it for answered.
        waiting, new = _without_ends(waiting), _without_ends(new)
    pending = tuple(sorted(waiting + new, key=lambda each: not each.rings))
    retry_at = now if new else told.retry_at
    return replace(
        told,
        announced=True,
        seen=progress.response,
        outcome=_outcome(progress),
        undeliverable=progress.state is AlertState.UNDELIVERABLE,
        rang_at=now if rings else told.rang_at,
        rings_at=None if rings else rings_at,
        pending=pending,
        tries=told.tries if pending and not _has_ring(new) else 0,
        retry_at=retry_at if pending else None,
    )


def leased(told: Told, now: datetime) -> Told:
    """Return the state while somebody tells what is pending."""
    return replace(told, leased_until=now + LEASE)


def tried(told: Told, signal: Signal, result: Result, now: datetime) -> Told:
    """Return the state after the receiver was told a signal. The lease ends."""
    told = replace(told, leased_until=None)
    match result:
        case Result.TAKEN:
            return replace(told, pending=tuple(each for each in told.pending if each != signal))
        case Result.RESTS:
            return told
    tries = told.tries + 1
    return replace(told, tries=tries, retry_at=now + backoff(tries, rings=_has_ring(told.pending)))


def given_up(before: Told, after: Told, now: datetime) -> int:
    """Return how many signals a look gave up because the receiver did not take them in time."""
    return sum(not _is_news(each, now) and each not in after.pending for each in before.pending)


def backoff(tries: int, *, rings: bool) -> timedelta:
    """Return how long to wait after so many tries without success. `rings` is whether a ring waits."""
    longest = LONGEST_BACKOFF_OF_RINGS if rings else LONGEST_BACKOFF
    return min(FIRST_BACKOFF * (1 << min(tries - 1, 10)), longest)


def is_screened(stored: StoredLead) -> bool:
    """Whether it is known that a lead is from a person, and no spam."""
    return _is_screened(stored.progress) and not _is_hidden(stored.progress)


def _is_hidden(progress: Progress) -> bool:
    """Whether staff are not told either: the canary's leads, and those in quarantine or closed there."""
    return progress.synthetic or progress.state is AlertState.QUARANTINED


def _is_screened(progress: Progress) -> bool:
    return progress.reasons is not None or progress.response is not ResponseState.OPEN


def _was_released(progress: Progress) -> bool:
    """Whether a lead was in quarantine, and somebody released it."""
    return progress.redriven > 0 and (progress.score or 0) >= THRESHOLD


def _has_ring(signals: Iterable[Signal]) -> bool:
    return any(each.rings for each in signals)


def _without_ends(signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    return tuple(each for each in signals if each.kind not in {Kind.CLAIMED, Kind.OUTCOME})


def _visible_since(told: Told, stored: StoredLead) -> datetime:
    """Return since when staff could have known about a lead."""
    return told.visible_at or stored.lead.received_at


def _rings_at(told: Told, stored: StoredLead, clinic: Clinic) -> datetime | None:
    """Return when nobody has claimed the lead for as long as the fallback recipients wait, if that was not noticed.

    The webhook has to ring even if no email goes out, so the time then runs from when the lead came in or was released.
    """
    progress = stored.progress
    if progress.response is not ResponseState.OPEN or wants_no_contact(progress):
        return None
    since = progress.told_at or _visible_since(told, stored)
    handed_back_at = progress.acted_at if progress.acted_at and progress.acted_at > since else None
    if told.rang_at and not (handed_back_at and handed_back_at > told.rang_at):
        return None
    return deadlines(handed_back_at or since, Case(lead=stored.lead, clinic=clinic, team=_NOBODY))[1]


def _signals(told: Told, stored: StoredLead, rings_at: datetime | None, now: datetime) -> list[Signal]:
    progress, found = stored.progress, list[Signal]()
    since = _visible_since(told, stored)

    def add(kind: Kind, at: datetime, outcome: str | None = None) -> None:
        found.append(Signal(kind=kind, at=at, since=now, state=progress.response, outcome=outcome))

    if not told.announced:
        add(Kind.NEW if stored.lead.priority is Priority.NORMAL else Kind.URGENT, since)
    # If we never looked at the lead, this may have been so for long.
    fresh = told.version > 0 or (progress.told_at or since) > now - NEWS_FOR
    if progress.state is AlertState.UNDELIVERABLE and not told.undeliverable and fresh:
        add(Kind.UNDELIVERABLE, now)
    if rings_at and rings_at <= now:
        add(Kind.NOBODY_CLAIMED, rings_at)
    if progress.response is ResponseState.CLAIMED and told.seen is not ResponseState.CLAIMED:
        add(Kind.CLAIMED, progress.acted_at or now)
    outcome = _outcome(progress)
    if outcome and told.seen is not ResponseState.CLOSED:
        add(Kind.OUTCOME, progress.closed_at or now, outcome)
    elif outcome and outcome != told.outcome:
        add(Kind.OUTCOME, now, outcome)
    return found


def _outcome(progress: Progress) -> str | None:
    closed_as = progress.closed_as
    return str(progress.outcome or closed_as) if closed_as else None


def _is_news(signal: Signal, now: datetime) -> bool:
    return signal.rings or signal.since > now - NEWS_FOR


def _is_true(signal: Signal, progress: Progress) -> bool:
    """Whether a signal is still worth a ring: nobody should be woken about a lead that somebody has by now."""
    match signal.kind:
        case Kind.URGENT:
            return progress.response is ResponseState.OPEN
        case Kind.NOBODY_CLAIMED:
            return progress.response is ResponseState.OPEN and not wants_no_contact(progress)
        case Kind.UNDELIVERABLE:
            return progress.state is AlertState.UNDELIVERABLE and progress.response is not ResponseState.CLOSED
    return True
