"""What the webhook told about a lead, what it still has to tell, and when it looks at the lead again. Pure.

Each function returns the next state from the one before. Signals are derived from the lead itself, so it does not
matter which of its changes the stream delivered, or how often.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.lead import Priority
from shared.leads.plan import deadlines, wants_no_contact
from shared.leads.progress import AlertState, Case, Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.team import Team
from webhook.signals import Kind, Signal

# How long a signal is news. One that the receiver did not take for so long is given up, and what happened earlier than
# that before the webhook was turned on is not told.
NEWS_FOR: Final = timedelta(hours=24)
FIRST_BACKOFF: Final = timedelta(minutes=1)
LONGEST_BACKOFF: Final = timedelta(hours=1)
# Longer than the function may run (a test checks this), so nobody else tells the same signals meanwhile.
LEASE: Final = timedelta(seconds=120)
# The times of a lead depend on the clinic's hours and not on who gets its emails.
_NOBODY: Final = Team(staff=(), fallback=(), tell_others=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was noticed about a lead so far, and what is pending: noticed, but not taken by the receiver."""

    announced: bool = False  # whether NEW or URGENT was noticed
    seen: ResponseState = ResponseState.OPEN
    outcome: str | None = None
    undeliverable: bool = False
    rang_at: datetime | None = None  # when we noticed last that nobody had claimed it
    rings_at: datetime | None = None  # when nobody will have claimed it for too long
    pending: tuple[Signal, ...] = ()  # in order
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

    def can_be_told(self, now: datetime) -> bool:
        """Whether there is something to tell now, and nobody else is telling it."""
        free = self.leased_until is None or self.leased_until <= now
        return free and bool(self.pending) and (self.retry_at is None or self.retry_at <= now)


def noticed(told: Told, stored: StoredLead | None, clinic: Clinic, now: datetime) -> Told:
    """Return the state after a look at the lead. `stored` is None if it ended or was erased."""
    if stored is None or _is_hidden(stored.progress):
        return replace(told, pending=(), tries=0, retry_at=None, rings_at=None, leased_until=None)
    progress = stored.progress
    rings_at = _rings_at(told, stored, clinic)
    if not (_is_screened(progress) or (rings_at and rings_at <= now)):
        return replace(told, rings_at=rings_at)
    new = tuple(
        signal
        for signal in _signals(told, stored, rings_at, now)
        # A webhook that was just turned on tells no old stories.
        if told.version or signal.at > now - NEWS_FOR or signal.kind in {Kind.UNDELIVERABLE, Kind.NOBODY_CLAIMED}
    )
    rings = rings_at is not None and rings_at <= now
    pending = (*(each for each in told.pending if _is_news(each, now) and _is_true(each, progress)), *new)
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
        tries=told.tries if pending else 0,
        retry_at=retry_at if pending else None,
    )


def leased(told: Told, now: datetime) -> Told:
    """Return the state while somebody tells what is pending."""
    return replace(told, leased_until=now + LEASE)


def finished(told: Told, taken: AbstractSet[Signal], now: datetime, *, failed: bool) -> Told:
    """Return the state after a try. The receiver took `taken`; `failed` is whether it did not take the next one."""
    pending = tuple(each for each in told.pending if each not in taken)
    tries = told.tries + 1 if failed else 0
    retry_at = now + backoff(tries) if failed else now
    return replace(told, pending=pending, tries=tries, retry_at=retry_at if pending else None, leased_until=None)


def given_up(before: Told, after: Told, now: datetime) -> int:
    """Return how many signals a look gave up because the receiver did not take them in time."""
    return sum(not _is_news(each, now) and each not in after.pending for each in before.pending)


def backoff(tries: int) -> timedelta:
    """Return how long to wait after so many tries without success."""
    return min(FIRST_BACKOFF * (1 << min(tries - 1, 10)), LONGEST_BACKOFF)


def is_screened(stored: StoredLead) -> bool:
    """Whether it is known that a lead is from a person, and no spam."""
    return _is_screened(stored.progress) and not _is_hidden(stored.progress)


def _is_hidden(progress: Progress) -> bool:
    """Whether staff are not told either: the canary's leads, and those in quarantine or closed there."""
    return progress.synthetic or progress.state is AlertState.QUARANTINED


def _is_screened(progress: Progress) -> bool:
    return progress.reasons is not None or progress.response is not ResponseState.OPEN


def _rings_at(told: Told, stored: StoredLead, clinic: Clinic) -> datetime | None:
    """Return when nobody has claimed the lead for as long as the fallback recipients wait, if that was not noticed.

    The webhook has to ring even if no email goes out, so the time then runs from when the lead came in.
    """
    progress = stored.progress
    if progress.response is not ResponseState.OPEN or wants_no_contact(progress):
        return None
    since = progress.told_at or stored.lead.received_at
    handed_back_at = progress.acted_at if progress.acted_at and progress.acted_at > since else None
    if told.rang_at and not (handed_back_at and handed_back_at > told.rang_at):
        return None
    return deadlines(handed_back_at or since, Case(lead=stored.lead, clinic=clinic, team=_NOBODY))[1]


def _signals(told: Told, stored: StoredLead, rings_at: datetime | None, now: datetime) -> list[Signal]:
    lead, progress, found = stored.lead, stored.progress, list[Signal]()

    def add(kind: Kind, at: datetime, outcome: str | None = None) -> None:
        found.append(Signal(kind=kind, at=at, since=now, state=progress.response, outcome=outcome))

    if not told.announced:
        add(Kind.NEW if lead.priority is Priority.NORMAL else Kind.URGENT, lead.received_at)
    if progress.state is AlertState.UNDELIVERABLE and not told.undeliverable:
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
    return signal.since > now - NEWS_FOR


def _is_true(signal: Signal, progress: Progress) -> bool:
    """Whether a pending signal is still worth a ring: nobody should be woken about a lead that somebody has by now."""
    match signal.kind:
        case Kind.NOBODY_CLAIMED:
            return progress.response is ResponseState.OPEN
        case Kind.UNDELIVERABLE:
            return progress.state is AlertState.UNDELIVERABLE
    return True
