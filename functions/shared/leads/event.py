"""An event: one thing that happened to a lead, as its timeline, metrics and log tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.leads.notice import Outcome

# Actors that are no recipient. A recipient acts under its id (team.py).
SYSTEM: Final = "system"
OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, when (aware, UTC), and who did it: a recipient's id, `OPERATOR` or `SYSTEM`.

    `details` are ids and documented words, never anything a visitor typed. `outcomes` is what SES said to each
    recipient of an attempt, by id.
    """

    kind: str
    at: datetime
    actor: str = SYSTEM
    details: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
