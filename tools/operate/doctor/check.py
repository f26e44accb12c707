"""Runs the checks. One that fails is shown as unknown, and never stops the others."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Finding, unknown
from tools.operate.doctor.known import Known, NotInTheStackError
from tools.operate.errors import explained

_OLD: Final = "Deploy this version first: docs/deploy.md, Update."

type Look = Callable[[Clients, Known], Iterable[Finding]]
type Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Check:
    """A question about the stack, and the function that answers it."""

    title: str
    look: Look


@dataclass(frozen=True, slots=True)
class Subject:
    """The checks about one part of the stack. They run one after the other, beside those of other subjects."""

    title: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the doctor's page."""

    subject: str
    check: str
    finding: Finding


def examine(
    ask: Clients, stack: Known, subjects: Sequence[Subject], say: Say, time_left: Callable[[], float]
) -> list[Line]:
    """Run all checks and return their lines, in order. Each subject that is done is said. Never raises."""
    done: dict[Future[list[Line]], Subject] = {}
    with ThreadPoolExecutor(len(subjects)) as threads:
        for subject in subjects:
            done[threads.submit(_examine, ask, stack, subject, time_left)] = subject
        for number, each in enumerate(as_completed(done), 1):
            say(f"{number} of {len(subjects)}: {done[each].title}")
    return [line for each in done for line in each.result()]


def _examine(ask: Clients, stack: Known, subject: Subject, time_left: Callable[[], float]) -> list[Line]:
    lines = []
    for check in subject.checks:
        late = time_left() <= 0
        found = [unknown("There was no time left to look.", "Run this again.")] if late else look(check, ask, stack)
        lines += [Line(subject.title, check.title, finding) for finding in found]
    return lines


def look(check: Check, ask: Clients, stack: Known) -> list[Finding]:
    """Return what a check found. Never raises."""
    found: list[Finding] = []
    try:
        found.extend(check.look(ask, stack))  # what it finds before an error counts too
    except NotInTheStackError as error:
        found.append(unknown(f"The stack lacks {error}.", _OLD))
    except (ClientError, BotoCoreError) as error:
        found.append(unknown(f"Could not look. {explained(error)}"))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one check, the others count
        found.append(unknown(f"Could not look ({type(error).__name__}: {error})."))
    return found
