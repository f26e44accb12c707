"""One run of `follow_up`: what is due, urgent requests first, and the summaries of what is over the budget."""

import time
from collections.abc import Callable

from follow_up.day_use import DayUseNote
from follow_up.digest.send import Digester
from follow_up.summary.send import Summaries
from follow_up.sweep import sweep
from shared.messages.send import AlertSender
from shared.runtime.together import AT_ONCE


def run(  # noqa: PLR0913 - the parts of a run, and two that tests replace
    sender: AlertSender,
    digester: Digester,
    summaries: Summaries,
    day_use: DayUseNote,
    time_left: Callable[[], float],
    *,
    at_once: int = AT_ONCE,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Handle what is due while `time_left()` (seconds) is above zero. Return how many entries the sweep handled.

    The urgent summary comes first, and again after the sweep, which may have put urgent requests into it. Raises
    AgendaOutOfReachError.
    """
    day_use.renew(sender.now())
    digester.ensure()
    summaries.try_to_send(urgent=True)
    handled = sweep(sender, digester, time_left, at_once=at_once, sleep=sleep)
    for urgent in (True, False):
        if time_left() > 0:
            summaries.try_to_send(urgent=urgent)
    return handled
