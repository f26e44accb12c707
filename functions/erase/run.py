"""One run: every order that is due, the first looks before the second ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from erase.attempt import attempt
from erase.first_look import Look
from erase.second_look import SecondLook
from shared.leads.erasure import Erasure, ErasureState
from shared.runtime.telemetry import logger, metrics
from shared.store.erasures import Erasures

# At worst, looking at the leads of one order takes this long.
SPARE_SECONDS: Final = 60.0
# How a first look ended, in the log.
_OUTCOMES: Final = {
    ErasureState.ORDERED: "put_off",
    ErasureState.LOOKING_AGAIN: "erased",
    ErasureState.LEFT_ALONE: "left_alone",
}


@dataclass(frozen=True, kw_only=True)
class Eraser:
    """Carries out orders. A run that is interrupted is continued by the next one."""

    erasures: Erasures
    look: Look
    second_look: SecondLook
    now: Callable[[], datetime]

    def run(self, seconds_left: Callable[[], float]) -> int:
        """Handle what is due while there is time. Return how many orders were due. Raises botocore's errors.

        An order that fails is due again at the next run, does not stop the others, and counts as unproven. Emits the
        heartbeat once the orders were read.
        """

        def goes_on() -> bool:
            return seconds_left() > SPARE_SECONDS

        now = self.now()
        due = [each for each in self.erasures.all() if each.due_at and each.due_at <= now]
        metrics.add_metric("ErasureRuns", "Count", 1)
        due.sort(key=lambda each: each.ordered_at)
        for erasure in due:
            if erasure.state is ErasureState.ORDERED and goes_on():
                attempt("first_look", erasure, partial(self._first, erasure))
        again = [each for each in due if each.state is ErasureState.LOOKING_AGAIN]
        if again and goes_on():
            # If the table cannot be searched in time, none of them is proven, and the first one stands for all.
            attempt("search", again[0], partial(self.second_look.at, again, goes_on))
        return len(due)

    def _first(self, erasure: Erasure) -> None:
        looked = self.look.first(erasure)
        self.erasures.write(looked)
        outcome = _OUTCOMES[looked.state]
        logger.info(
            "erasure looked at",
            extra={"erasure": erasure.id, "outcome": outcome, "lead_ids": list(erasure.lead_ids)},
        )
