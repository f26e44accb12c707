"""Requests of a month in every state, for the tests of the report."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from shared.leads.lead import Lead
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import OUTCOMES, ClaimAction, Outcome, ResponseState
from shared.store.intake import new_lead_item
from shared.store.keys import attributes
from shared.store.progress_item import progress_attributes
from tests.unit.people import NOW, a_lead, but

if TYPE_CHECKING:
    from shared.store.keys import Item

SOURCES: Final = (None, "newsletter", "search", "magazine", "a rare one")
CAMPAIGNS: Final = (None, None, "spring", "summer", "autumn", "winter", "a|b")
_ACTIONS: Final = {outcome: action for action, outcome in OUTCOMES.items()}


def progress_of(dice: random.Random, received_at: datetime) -> Progress:  # noqa: PLR0911 - one for each state
    """Return a state that a request may be in some weeks later."""
    claimed: dict[str, Any] = {
        "claimed_at": received_at + timedelta(minutes=dice.randrange(4000)),
        "claimed_by": "staff-1",
    }
    closed: dict[str, Any] = {"response": ResponseState.CLOSED, "closed_at": received_at + timedelta(days=5), **claimed}
    match dice.randrange(12):
        case 0:
            return Progress()
        case 1 | 2:
            return Progress(response=ResponseState.CLAIMED, **claimed)
        case 3:
            return Progress(state=AlertState.QUARANTINED, quarantined_at=received_at)
        case 4:
            return Progress(action=ClaimAction.SPAM, **closed)
        case 5:
            return Progress(action=ClaimAction.REACHED, **closed)
        case 6:
            return Progress(action=ClaimAction.NOT_WANTED, not_wanted_at=received_at, **closed)  # as before 0.7.0
        case _:
            outcome = dice.choice([*Outcome, Outcome.BOOKED, Outcome.CAME, Outcome.CAME, Outcome.CAME])
            action = _ACTIONS.get(outcome, ClaimAction.REACHED)
            return Progress(action=action, outcome=outcome, **closed)


def requests(count: int, seed: int = 1, days: int = 70) -> Iterator[StoredLead]:
    """Yield requests that came in over some days around March 2026, in no order. Each fifth one is urgent."""
    dice = random.Random(seed)  # noqa: S311 - the same numbers each time
    some = but(a_lead(), message="Hello", in_crisis=None)
    for number in range(count):
        received_at = NOW + timedelta(days=dice.uniform(-days / 2, days / 2))
        received_at = received_at.replace(microsecond=received_at.microsecond // 1000 * 1000)  # as stored
        lead = but(
            some,
            id=f"{dice.randrange(10**8):08}{number:018}",
            received_at=received_at,
            utm_source=dice.choices(SOURCES, (40, 30, 20, 10, 0.1))[0],
            utm_campaign=dice.choices(CAMPAIGNS, (40, 20, 20, 10, 5, 1, 1))[0],
            location=dice.choice([None, "downtown", "riverside"]),
            locale=dice.choice([None, "en", "es"]),
            interest=dice.choice([None, "depression", "anxiety", "ptsd"]),
            form=dice.choice([None, "consultation", "reply", "callback"]),
            in_crisis=True if dice.random() < 0.2 else None,
        )
        yield StoredLead(lead=lead, progress=progress_of(dice, received_at))


def item_of(stored: StoredLead) -> "Item":
    """Return the item of a request, as the table has it."""
    progress = attributes(progress_attributes(stored))
    return new_lead_item(stored.lead) | progress


def a_request(number: int = 0, *, received_at: datetime = NOW, **answers: Any) -> Lead:  # noqa: ANN401 - any answer
    """Return one request."""
    return but(a_lead(number), received_at=received_at, **answers)
