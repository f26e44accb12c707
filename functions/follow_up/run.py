"""One run of `follow_up`: what is due, urgent requests first, and the summaries of what is over the budget."""

from collections.abc import Callable

from follow_up.day_use import DayUseNote
from follow_up.digest.send import Digester
from follow_up.summary.send import Summaries
from follow_up.sweep import sweep
from shared.messages.send import AlertSender


def run(
    sender: AlertSender,
    digester: Digester,
    summaries: Summaries,
    day_use: DayUseNote,
    time_left: Callable[[], float],
) -> int:
    """Handle what is due while `time_left()` (seconds) is above zero. Return how many entries the sweep handled.

    The urgent summary comes first, and again after the sweep, which may have put urgent requests into it. Raises
    AgendaOutOfReachError.
    """
    day_use.renew(sender.now())
    digester.ensure()
    summaries.try_to_send(urgent=True)
    handled = sweep(sender, digester, time_left)
    for urgent in (True, False):
        if time_left() > 0:
            summaries.try_to_send(urgent=urgent)
    return handled
