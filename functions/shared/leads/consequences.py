"""The consequences of a change to a lead: timeline entry, metrics and log fields.

All of them are derived from the written change, so logs and metrics always match it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.leads.event import Event, Result
from shared.leads.notice import Outcome
from shared.leads.progress import AlertState, Progress, StoredLead


class Metric(StrEnum):
    """The metrics that count changes of leads."""

    ACCEPTED = "AlertsAccepted"
    DEFERRED = "AlertsDeferred"
    WAITING = "AlertsWaiting"
    PUT_OFF = "AlertsPutOff"  # over the budget: the next summary lists the lead
    SUMMARIZED = "AlertsSummarized"
    UNDELIVERABLE = "AlertsUndeliverable"
    REFUSED = "AlertsRefused"
    BLOCKED = "AlertsBlocked"
    QUARANTINED = "RequestsQuarantined"
    REARMED = "LeadsRearmed"
    CLAIMED = "RequestsClaimed"
    REACHED = "RequestsReached"
    NO_ANSWER = "CallsUnanswered"
    EMAILED = "VisitorsEmailed"
    HANDED_BACK = "RequestsHandedBack"
    CLOSED = "RequestsClosed"  # for another reason than that the person was reached
    REOPENED = "RequestsReopened"
    HANDED_OVER = "RequestsHandedOver"
    FOLLOW_UP_SET = "FollowUpsSet"


_COUNTED: Final = {
    "claimed": Metric.CLAIMED,
    "reached": Metric.REACHED,
    "no_answer": Metric.NO_ANSWER,
    "emailed": Metric.EMAILED,
    "handed_back": Metric.HANDED_BACK,
    "closed": Metric.CLOSED,
    "reopened": Metric.REOPENED,
    "handed_over": Metric.HANDED_OVER,
    "follow_up_set": Metric.FOLLOW_UP_SET,
    "redriven": Metric.REARMED,
    "released": Metric.REARMED,
    "alert_waits": Metric.WAITING,
    "put_off": Metric.PUT_OFF,
    "summarized": Metric.SUMMARIZED,
    "quarantined": Metric.QUARANTINED,
}
_OF_RESULTS: Final[dict[Result | None, Metric]] = {
    Result.DEFERRED: Metric.DEFERRED,
    Result.ACCEPTED: Metric.ACCEPTED,
}
_OF_OUTCOMES: Final = {Outcome.REFUSED: Metric.REFUSED, Outcome.BLOCKED: Metric.BLOCKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """The consequences of one change. `entry` goes to the timeline and the log, and each metric goes up by one."""

    entry: Event | None
    metrics: tuple[Metric, ...]


def consequences(before: StoredLead, after: StoredLead) -> Consequences:
    """Return the consequences of a change that was written."""
    event = after.progress.event
    return Consequences(
        entry=event,
        metrics=tuple(_metrics(before.progress, after.progress, event)) if event else (),
    )


def _metrics(before: Progress, after: Progress, event: Event) -> list[Metric]:
    found = [name for outcome, name in _OF_OUTCOMES.items() if outcome in event.outcomes.values()]
    if after.state is AlertState.UNDELIVERABLE and before.state is not AlertState.UNDELIVERABLE:
        return [*found, Metric.UNDELIVERABLE]
    if event.kind in _COUNTED:
        return [*found, _COUNTED[event.kind]]
    return [*found, _OF_RESULTS[event.result]] if event.result in _OF_RESULTS else found
