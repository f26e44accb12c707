"""Measures how fast a sweep sends many due alerts, and how much of the agenda it reads before the first one.

The table and SES are in memory. Each call takes as long as at AWS, so this measures the waiting.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING, Final, NoReturn, cast

from follow_up.sweep import sweep
from shared.leads.agenda import Lane
from shared.leads.team import Team
from shared.messages.side_items import SideItems
from shared.runtime.telemetry import alert_metrics, metrics
from shared.runtime.together import AT_ONCE
from shared.services.mailer import Message
from shared.store.intake import STREAM_GRACE
from shared.store.people import People
from tests.unit.dynamodb import NAME as TABLE
from tests.unit.dynamodb import MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.long_agenda import Agenda, CountingSender, many
from tests.unit.output import everything_printed
from tests.unit.senders import NO_DIGEST, Rehearsal
from tools.bench import markdown
from tools.bench.lambdas import FunctionError
from tools.bench.measure import Figure
from tools.bench.targets import Verdict
from tools.local.progress import step

if TYPE_CHECKING:
    from shared.messages.send import AlertSender

DUE: Final = 1_000
LONG: Final = 300_000
MOST_READ: Final = 1_000
SES_SECONDS: Final = 0.1
TABLE_SECONDS: Final = 0.004
_BAR: Final = 0.25  # at least four times as fast
_URGENT = 40
_HANDLED = 200  # leads of the long agenda that are handled before time is up


_TEXT = """\
## Many due leads

A sweep sent the alerts of {due:,} due leads to one recipient. The table and SES were in memory: each call of the table
took {table:.0f} ms, and each email {ses:.0f} ms. This SES had no rate limit. An account with SES's usual first rate of
14 emails a second is throttled, and then the sweep slows down to one lead at a time.

{rows}

With {long:,} due leads, a sweep read {read:,} entries of the agenda before its first email. The {urgent} urgent leads
among them came first.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One drain: the seconds that it took, and the leases and emails that it needed."""

    at_once: int
    seconds: float
    leases: int
    emails: int


@dataclass(frozen=True, slots=True)
class Drained:
    """All measurements. `read` entries of a long agenda were read before the first email."""

    alone: Run
    together: Run
    read: int

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The targets and the results."""
        return (
            Verdict(
                f"draining {DUE:,} due leads, wall time: one lead at a time",
                Figure(self.together.seconds / self.alone.seconds, 0.0),
                _BAR,
            ),
            Verdict(
                f"entries read before the first email, of {LONG:,} due: {MOST_READ:,}",
                Figure(self.read / MOST_READ, 0.0),
                1.0,
            ),
        )


def measure() -> Drained:
    """Drain the same leads twice. Raises FunctionError unless both runs do the same."""
    for each in (metrics, alert_metrics):
        each.namespace = "bench"
    with step(f"Draining: {DUE:,} due leads, one at a time"):
        alone = _run(1)
    with step(f"Draining: {DUE:,} due leads, {AT_ONCE} at once"):
        together = _run(AT_ONCE)
    if (alone.leases, alone.emails) != (together.leases, together.emails) or alone.leases != DUE:
        raise FunctionError(f"The two runs differ, or a lead was leased twice: {alone}, {together}")
    with step(f"Draining: the first emails of {LONG:,} due leads"):
        read = _read_before_the_first_email()
    return Drained(alone, together, read)


def text(drained: Drained) -> str:
    """Return the section about draining as Markdown, with a heading of the second level."""
    runs = [
        (str(each.at_once), f"{each.seconds:.0f}", f"{DUE / each.seconds:.1f}", f"{each.leases:,}", f"{each.emails:,}")
        for each in (drained.alone, drained.together)
    ]
    columns = ("leads at once", "seconds", "leads a second", "leases", "emails")
    return _TEXT.format(
        due=DUE,
        long=LONG,
        table=TABLE_SECONDS * 1e3,
        ses=SES_SECONDS * 1e3,
        rows=markdown.table(columns, runs, numbers=range(len(columns))),
        read=drained.read,
        urgent=_URGENT,
    )


class _SlowMailer:
    """SES, with its usual response time."""

    def __init__(self, desk: Rehearsal) -> None:
        self._desk = desk

    def send(self, message: Message, *, to: tuple[str, ...], tags: Mapping[str, str]) -> str:
        time.sleep(SES_SECONDS)
        return self._desk.mailer.send(message, to=to, tags=tags)


def _slowly[T](do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:  # noqa: ARG001
    time.sleep(TABLE_SECONDS)
    return do()


def _run(at_once: int) -> Run:
    dynamodb = MemoryDynamoDB(strict=False)
    desk = Rehearsal(table=MemoryLeads(dynamodb))
    people = People(dynamodb.client(), TABLE)
    items = SideItems(
        people=people,
        repeats=desk.table.repeats,
        key=lambda: b"made-up",
        now=desk.clock,
    )
    sender = desk.sender(
        mailer=_SlowMailer(desk),
        history=items.history,
        person_keys=items.person_keys,
        record=items.record,
        team=Team(staff=("staff-1",), fallback=()),
    )
    ids = [desk.store(number, phone=f"+1202555{number:04}", email=None) for number in range(DUE)]
    desk.clock.time += STREAM_GRACE
    dynamodb.carry = _slowly
    with everything_printed():
        started = time.monotonic()
        handled = sweep(sender, NO_DIGEST, lambda: 60.0, at_once=at_once)
        seconds = time.monotonic() - started
    if handled != DUE:
        raise FunctionError(f"A sweep of {DUE} due leads handled {handled}")
    leases = sum(desk.table.progress_of(each).attempts for each in ids)
    return Run(at_once, seconds, leases, len(desk.mailer.sent))


def _read_before_the_first_email() -> int:
    sender = CountingSender(Agenda(many(LONG - _URGENT) | many(_URGENT, Lane.URGENT)))
    left = chain([60.0] * _HANDLED, count(0, 0))
    with everything_printed():
        sweep(cast("AlertSender", sender), NO_DIGEST, partial(next, left), at_once=1)
    if any(not lead.startswith(Lane.URGENT) for lead in sender.sent[:_URGENT]):
        raise FunctionError("An ordinary lead was handled before an urgent one")
    return sender.read[0]
