"""An event: one thing that happened to a lead, as its timeline, metrics and log tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.leads.notice import Outcome

# Actors that are no recipient. A recipient acts under its id (team.py).
SYSTEM: Final = "system"
OPERATOR: Final = "operator"


class Result(StrEnum):
    """How an attempt to send an email ended."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    UNDELIVERABLE = "undeliverable"
    WAITING = "waiting"
    QUARANTINED = "quarantined"
    LEASE_LOST = "lease_lost"  # another sender has the lease now, and its outcome counts
    NOT_DUE = "not_due"  # nothing to send, another sender has the lease, or it is too early to retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, when (aware, UTC), and who did it: a recipient's id, `OPERATOR` or `SYSTEM`.

    `details` are ids and documented words, never anything a visitor typed. `outcomes` is what SES said to each
    recipient of an attempt, by id. `result` is set only when an attempt ends, and is not stored.
    """

    kind: str
    at: datetime
    actor: str = SYSTEM
    details: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    result: Result | None = None
