"""An event: one thing that happened to a lead. It goes to the timeline, the metrics and the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.leads.notice import Outcome

# Actors that are not people. The actor of a person's event is the id of the person or recipient (team.py).
SYSTEM: Final = "system"
OPERATOR: Final = "operator"


class Result(StrEnum):
    """How an attempt to send an email ended."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    THROTTLED = "throttled"  # deferred because SES throttles; only the caller of the sender sees this
    SKIPPED = "skipped"  # no one needed the email anymore, or no one could get it; the plan goes on
    UNDELIVERABLE = "undeliverable"
    WAITING = "waiting"
    PUT_OFF = "put_off"  # over the budget; the next summary lists the lead
    DROPPED = "dropped"  # over the budget, and not important
    QUARANTINED = "quarantined"
    LEASE_LOST = "lease_lost"  # another sender has the lease now, and its outcome counts
    NOT_DUE = "not_due"  # nothing to send, another sender has the lease, or it is too early to retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, when (aware, UTC), and the actor: a person's or recipient's id, `OPERATOR` or `SYSTEM`.

    `details` has only ids and documented words, never text that a visitor typed. There are three exceptions, which go
    into the timeline and never into a log: `by` and `to` are the email addresses of staff, and `text` is what staff
    wrote at the desk. `outcomes` has the response of SES for
    each recipient of an attempt, by id. `result` is set only when an attempt ends, and is not stored.
    """

    kind: str
    at: datetime
    actor: str = SYSTEM
    details: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    result: Result | None = None
