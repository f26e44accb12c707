"""What a change of a lead brings with it: timeline entry, metrics, log fields and when the lead expires.

All of it follows from what was written, so no log line or metric can say something else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.leads.alert import AlertState, Progress, StoredLead
from shared.leads.event import Event
from shared.leads.notice import Outcome
from shared.leads.spam import QUARANTINE_RETENTION

# The canary removes its own leads. One that it could not remove expires.
CANARY_RETENTION: Final = timedelta(hours=1)


class Metric(StrEnum):
    """What a change of a lead counts."""

    ACCEPTED = "AlertsAccepted"
    DEFERRED = "AlertsDeferred"
    WAITING = "AlertsWaiting"
    UNDELIVERABLE = "AlertsUndeliverable"
    REFUSED = "AlertsRefused"
    BLOCKED = "AlertsBlocked"
    QUARANTINED = "RequestsQuarantined"
    REARMED = "LeadsRearmed"
    CLAIMED = "RequestsClaimed"
    REACHED = "RequestsReached"
    UNANSWERED = "CallsUnanswered"


_COUNTED: Final = {
    "claimed": Metric.CLAIMED,
    "reached": Metric.REACHED,
    "no_answer": Metric.UNANSWERED,
    "redriven": Metric.REARMED,
    "released": Metric.REARMED,
    "alert_waits": Metric.WAITING,
    "quarantined": Metric.QUARANTINED,
}
_OF_OUTCOMES: Final = {Outcome.REFUSED: Metric.REFUSED, Outcome.BLOCKED: Metric.BLOCKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What follows from one change: the entry for timeline and log, metrics that count one, when the lead expires."""

    entry: Event | None
    metrics: tuple[Metric, ...]
    expires_at: datetime | None


def consequences(before: StoredLead, after: StoredLead) -> Consequences:
    """Return what follows from the change that was written."""
    event = after.progress.event
    return Consequences(
        entry=event,
        metrics=tuple(_metrics(before.progress, after.progress, event)) if event else (),
        expires_at=expires_at(after),
    )


def _metrics(before: Progress, after: Progress, event: Event) -> list[Metric]:
    found = [name for outcome, name in _OF_OUTCOMES.items() if outcome in event.outcomes.values()]
    if after.state is AlertState.UNDELIVERABLE and before.state is not AlertState.UNDELIVERABLE:
        return [*found, Metric.UNDELIVERABLE]
    if event.kind in _COUNTED:
        return [*found, _COUNTED[event.kind]]
    if before.state is AlertState.SENDING and after.state is not AlertState.SENDING:
        return [*found, Metric.DEFERRED if after.state is AlertState.PENDING else Metric.ACCEPTED]
    return found


def expires_at(stored: StoredLead) -> datetime | None:
    """Return when a lead expires, or None where its state gives it no end."""
    if stored.progress.synthetic:
        return stored.lead.received_at + CANARY_RETENTION
    if stored.progress.quarantined_at:
        return stored.progress.quarantined_at + QUARANTINE_RETENTION
    return None
