"""One run each minute: notes what the stream missed, and tells what is due on the webhook's own lanes of the agenda."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import chain, islice
from typing import Final

from shared.leads.agenda import Lane, partitions
from shared.runtime.telemetry import metrics
from shared.store.leads import AgendaEntry
from webhook.health import Health
from webhook.line import Line, Receiver
from webhook.missed import Agenda, Missed
from webhook.problems import stopping_no_other
from webhook.tell import Teller
from webhook.told import LONGEST_BACKOFF, Choice

# At worst, one signal takes this long: two tries of five seconds, the name server, and the table's calls.
# Finding missed leads ends earlier.
SPARE_SECONDS: Final = 25.0
SPARE_SECONDS_OF_MISSED: Final = 60.0
_MOST_ENTRIES: Final = 1000


def run(agenda: Agenda, teller: Teller, missed: Missed, receiver: Receiver, seconds_left: Callable[[], float]) -> int:
    """Look at what is due, rings first, until the receiver fails or time is up. Return how many leads were looked at.

    Emits for how many seconds nothing has got through although something waits (`WebhookFailing`), and the heartbeat
    (`WebhookRuns`) once the agenda was read. A lead that raises an error does not stop the others. Raises botocore's
    errors.
    """
    looked_at = 0
    if receiver.is_set():
        health, now = receiver.health(), receiver.now()
        missed.note(lambda: seconds_left() > SPARE_SECONDS_OF_MISSED)
        line = _line(receiver, health, lambda _: seconds_left() > SPARE_SECONDS)
        until = now + LONGEST_BACKOFF if health.catch_up else now
        for entry, rings in _due(agenda, until, now):
            # Rings are noted even if nothing can be sent. The others wait until the receiver takes something.
            goes_on = seconds_left() > SPARE_SECONDS if rings else line.is_open and line.choice is Choice.ALL
            if not goes_on:
                break
            looked_at += 1
            with stopping_no_other(entry.lead_id):
                teller.look(entry.lead_id, line, at_once=health.catch_up)
        else:
            if health.catch_up and line.is_open and line.choice is Choice.ALL:
                receiver.remember(replace(line.health, catch_up=False))
        failing = line.health.failing_for(receiver.now()).total_seconds()
        if failing and not _waits(agenda, teller, now):
            failing = 0
        metrics.add_metric("WebhookFailing", "Seconds", int(failing))
    metrics.add_metric("WebhookRuns", "Count", 1)
    return looked_at


def _line(receiver: Receiver, health: Health, has_time: Callable[[float], bool]) -> Line:
    now = receiver.now()
    if health.rests(now):
        return Line(receiver, health, Choice.NEW_RINGS, lambda _: False)
    return Line(receiver, health, Choice.ALL if health.may_try(now) else Choice.NEW_RINGS, has_time)


def _due(agenda: Agenda, until: datetime, now: datetime) -> list[tuple[AgendaEntry, bool]]:
    """Return what is due, each with whether it is about a ring. Rings are first."""
    found = [(entry, True) for entry in _entries(agenda, Lane.WEBHOOK_RINGS, until)]
    # Without a time to ring, an entry has the time at which it is due.
    found += [
        (entry, entry.overdue_since != entry.due_at and entry.overdue_since <= now)
        for entry in _entries(agenda, Lane.WEBHOOK, until)
    ]
    return sorted(found, key=lambda each: not each[1])


def _entries(agenda: Agenda, lane: Lane, until: datetime) -> Iterator[AgendaEntry]:
    parts = (agenda(each, until) for each in partitions(lane))
    return islice(merge(*parts, key=lambda each: each.due_at), _MOST_ENTRIES)


def _waits(agenda: Agenda, teller: Teller, now: datetime) -> bool:
    """Whether a signal waits for its next try."""
    entries = chain.from_iterable(
        _entries(agenda, lane, now + LONGEST_BACKOFF) for lane in (Lane.WEBHOOK_RINGS, Lane.WEBHOOK)
    )
    return any(teller.is_waiting(each.lead_id) for each in entries)
