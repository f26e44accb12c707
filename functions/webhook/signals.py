"""The signals: what the webhook says about a lead, each of them once. No signal has a word of a visitor."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.leads.response import ResponseState
from shared.store.keys import moment, timestamp


class Kind(StrEnum):
    """What happened. The field `event` of the body."""

    NEW = "new"
    URGENT = "urgent"  # a new lead that is urgent; it gets no NEW
    UNDELIVERABLE = "undeliverable"  # no email about it reached anybody
    NOBODY_CLAIMED = "nobody_claimed"
    CLAIMED = "claimed"
    OUTCOME = "outcome"  # the lead is closed, or somebody corrected what came of it
    TEST = "test"  # an operator tries the receiver


_RINGS: Final = frozenset({Kind.URGENT, Kind.NOBODY_CLAIMED, Kind.UNDELIVERABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal about a lead."""

    kind: Kind
    at: datetime  # when it happened
    since: datetime  # when we noticed; after a day without success, we give it up unless it rings
    state: ResponseState  # of the lead when we noticed
    outcome: str | None = None  # what came of the lead, only of OUTCOME

    def __post_init__(self) -> None:
        # As the table keeps them, so that a signal is the same before and after it was stored.
        object.__setattr__(self, "at", moment(timestamp(self.at)))
        object.__setattr__(self, "since", moment(timestamp(self.since)))

    @property
    def rings(self) -> bool:
        """Whether somebody has to act now, perhaps at night."""
        return self.kind in _RINGS

    def id(self, lead_id: str) -> str:
        """Return the id. It is the same in each try, so the receiver can drop repeats."""
        told = "#".join((lead_id, self.kind, timestamp(self.at), self.outcome or ""))
        return f"msg_{hashlib.sha256(told.encode()).hexdigest()[:32]}"
