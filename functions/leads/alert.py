"""The life cycle of a staff alert: which states there are, what leads from one to the next, and what is due when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# How long the stream has to start an alert before the sweep may. Longer than a cold start, shorter than a sweep.
STREAM_GRACE = timedelta(seconds=60)
# How long a sender may hold a lead. Longer than any sender's timeout (a test compares the template), so a lease never
# ends while its holder is alive; a crashed sender delays an alert by this much at the most.
LEASE = timedelta(seconds=120)
# The first wait after a failed send and the longest. SES asks to back off exponentially on throttling
# (https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html); staff should not wait
# longer than a quarter of an hour once SES has recovered.
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=15)


class AlertState(StrEnum):
    """Where the alert of a lead stands. What can be leased is on the agenda, and nothing else is."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"  # looks like spam: no alert, until somebody sets it back to pending by hand


class AlertEvent(StrEnum):
    """What can happen to an alert."""

    LEASED = "leased"  # a sender took it
    ACCEPTED = "accepted"  # SES took the message: it is on its way, which is not yet delivered
    DEFERRED = "deferred"  # SES throttled us, was out of reach, or answered nothing we can rely on
    REFUSED = "refused"  # SES will not take this message for these recipients or from this account
    QUARANTINED = "quarantined"  # the spam screen (leads/spam.py) kept it back


TRANSITIONS: dict[tuple[AlertState, AlertEvent], AlertState] = {
    (AlertState.PENDING, AlertEvent.LEASED): AlertState.SENDING,
    # A lease that ran out: its sender crashed, perhaps after SES had accepted. Staff mail is at least once.
    (AlertState.SENDING, AlertEvent.LEASED): AlertState.SENDING,
    (AlertState.SENDING, AlertEvent.ACCEPTED): AlertState.ACCEPTED,
    (AlertState.SENDING, AlertEvent.DEFERRED): AlertState.PENDING,
    # Refusals are tried again too: what made SES refuse (sandbox, paused account) ends without telling us.
    (AlertState.SENDING, AlertEvent.REFUSED): AlertState.PENDING,
    (AlertState.SENDING, AlertEvent.QUARANTINED): AlertState.QUARANTINED,
}
LEASABLE = tuple(state for state, event in TRANSITIONS if event is AlertEvent.LEASED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertProgress:
    """How far an alert has come. `attempts` counts sends begun, `refusals` permanent refusals."""

    state: AlertState
    attempts: int
    refusals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What follows from an event: the new progress and when to look again, or None once nothing is due."""

    progress: AlertProgress
    due_at: datetime | None


def after_send(
    progress: AlertProgress, event: AlertEvent, now: datetime, *, has_fallback: bool, jitter: float
) -> NextStep:
    """Return what follows from the end of a send attempt. `jitter` is a random number from 0 to 1.

    Raises KeyError for an event that the state does not allow.
    """
    refused = event is AlertEvent.REFUSED
    after = AlertProgress(
        state=TRANSITIONS[progress.state, event],
        attempts=progress.attempts,
        refusals=progress.refusals + refused,
    )
    if after.state not in LEASABLE:
        return NextStep(progress=after, due_at=None)
    if refused and has_fallback and use_fallback(after):
        return NextStep(progress=after, due_at=now)  # the fallback recipients have not been tried: no reason to wait
    return NextStep(progress=after, due_at=now + backoff(after.attempts, jitter))


def use_fallback(progress: AlertProgress) -> bool:
    """Whether the fallback recipients are next. Each refusal changes sides, so neither mailbox is given up on."""
    return progress.refusals % 2 == 1


def backoff(attempts: int, jitter: float) -> timedelta:
    """Return how long to wait after attempt number `attempts`: doubling, capped, spread over its upper half."""
    doublings = min(attempts - 1, 10)  # the cap is reached long before; keeps the power small
    longest: timedelta = min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)
    return longest * (0.5 + 0.5 * jitter)
