"""How an erasure moves on. Each is a pure function from one state of the order to the next."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.leads.erasure import SECOND_LOOK, Erasure, ErasureState

# A sender is at work on a lead for at most three minutes.
AGAIN_SOON: Final = timedelta(minutes=1)
# Somebody has to look at what could not be removed.
AGAIN_LATER: Final = timedelta(hours=1)


def put_off(erasure: Erasure, now: datetime) -> Erasure:
    """Wait for a sender that is at work on one of the leads."""
    return replace(erasure, due_at=now + AGAIN_SOON)


def erased(erasure: Erasure, held: Iterable[str], now: datetime) -> Erasure:
    """Everything that was found is gone. Look again later, because somebody may still write.

    If all leads are under legal hold, nothing was erased and nothing will be: the order ends and forgets the person.
    """
    held = tuple(held)
    if {*held} >= {*erasure.lead_ids}:
        return replace(
            erasure,
            state=ErasureState.LEFT_ALONE,
            held=held,
            erased_at=None,
            traces=(),
            person_keys=frozenset(),
            due_at=None,
        )
    return replace(
        erasure,
        state=ErasureState.LOOKING_AGAIN,
        erased_at=erasure.erased_at or now,
        held=held,
        due_at=now + SECOND_LOOK,
    )


def unproven(erasure: Erasure, problems: Iterable[str], found_elsewhere: int, now: datetime) -> Erasure:
    """Something was still there at the second look."""
    return replace(
        erasure,
        problems=tuple(sorted(set(problems))),
        found_elsewhere=found_elsewhere,
        due_at=now + AGAIN_LATER,
    )


def proven(erasure: Erasure, found_elsewhere: int, now: datetime) -> Erasure:
    """Nothing was found. The order forgets what it looked for."""
    return replace(
        erasure,
        state=ErasureState.PROVEN,
        problems=(),
        found_elsewhere=found_elsewhere,
        traces=(),
        person_keys=frozenset(),
        proven_at=now,
        due_at=None,
    )
