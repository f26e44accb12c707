"""The command `make restore`: its steps, from the time that somebody typed to what was lost."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from shared.leads.event import OPERATOR
from shared.runtime.files import clinic
from shared.store.audit import Audit, AuditError
from shared.store.leads import ERASED_AT
from tools.operate.backfill import backfill
from tools.operate.invoke import FunctionFailedError, Run
from tools.operate.people import Ask, Say, replay
from tools.operate.restore.aftermath import aftermath
from tools.operate.restore.bring_back import AT_ONCE, BringBack, marked, reference_of
from tools.operate.restore.copies import Copy, name_of_copy
from tools.operate.restore.erased import tombstones
from tools.operate.restore.kinds import Kind, is_of_the_canary, kind_of, owner_of
from tools.operate.restore.report import Restored, plan, report
from tools.operate.restore.target import Target
from tools.operate.restore.verdicts import Judge
from tools.operate.restore.when import as_of, names
from tools.operate.stack import OperateError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item

ACTION: Final = "restore_table"
# A table that suddenly gets many writes throttles some of them.
RETRIES: Final = Config(max_pool_connections=AT_ONCE, retries={"mode": "standard", "total_max_attempts": 8})
_GOES_ON: Final = "Run the same command again: it goes on where it stopped."
_BACKFILL: Final = "Now run `make backfill`: it could not be done now."


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The stack to restore: the clients of its tables, and what invokes its functions. Tests replace them.

    `copies` is the client of the copy. Tests of the steps have each table in memory.
    """

    name: str
    table: str
    audit_table: str
    leads: "DynamoDBClient"
    copies: "DynamoDBClient"
    audit: "DynamoDBClient"
    erase: Run
    follow_up: Run
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    at_once: int = AT_ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody typed: TIME, REFERENCES, and whether YES=1."""

    time: str
    references: str
    yes: bool


def restore(stack: Stack, typed: Typed, say: Say, *, ask: Ask | None, copy: Copy | None = None) -> str:
    """Restore the table, and return what came back and what was lost. Raises OperateError and botocore's errors.

    `ask` asks a question at the terminal; None if there is none. Tests replace the `copy`.
    """
    at, named = as_of(typed.time, stack.now()), names(typed.references)
    copy = copy or Copy(stack.copies, stack.table, name_of_copy(stack.name, at), at)
    there = copy.exists()
    if not there:
        copy.check_window()
    say(plan(stack=stack.name, table=stack.table, copy=copy.name, at=at, named=bool(named)))
    if not typed.yes:
        _confirm(stack.name, ask)
    if not there:
        copy.begin()
    try:
        copy.wait(say)
        restored = _bring_back(stack, copy, at, named, say)
    except KeyboardInterrupt:
        raise OperateError(f"Stopped. {_GOES_ON}") from None
    except AuditError as error:
        raise OperateError(f"The audit cannot be written or read ({error.reason}). {_GOES_ON}") from None
    except TimeoutError as error:
        raise OperateError(f"Stopped: {error}. {_GOES_ON}") from None
    return f"{report(restored)}\n{_without(copy)}"


def _without(copy: Copy) -> str:
    """Delete the copy, and say so. An error must not take the report with it."""
    try:
        copy.delete()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return f"The copy {copy.name} could not be deleted ({code}). Delete it in the DynamoDB console."
    return f"The copy {copy.name} is deleted."


def _bring_back(stack: Stack, copy: Copy, at: datetime, named: frozenset[str], say: Say) -> Restored:
    """Bring back what is missing from the table. Raises OperateError, AuditError and botocore's errors."""
    say("Looking through the copy")
    survey = _survey(copy.items(), named)
    audit, target = Audit(stack.audit, stack.audit_table), Target(stack.leads, stack.table)
    audit.write(stack.now(), actor=OPERATOR, email="", action=ACTION, lead_ids=sorted(survey.named), details=marked(at))
    judge = Judge(
        as_of=at,
        now=stack.now(),
        tombstones=tombstones(stack.audit, stack.audit_table),
        canaries=survey.canaries,
        named=survey.named,
    )
    back = BringBack(judge=judge, target=target, say=say, at_once=stack.at_once)
    say("Requests come back")
    back.leads(copy.items())
    say("What belongs to them comes back")
    back.others(copy.items())
    replayed = replay(stack.erase)
    say("Every request gets its end and its links: make backfill")
    _backfill(stack.follow_up, say)
    found = aftermath(audit, back.returned, at)
    gone = sorted(each for each in found.seen if each not in judge.tombstones and target.lead(each) is None)
    return Restored(
        at=at,
        counts=back.counts,
        returned=back.returned,
        damaged=back.damaged,
        aftermath=found,
        gone=tuple(gone),
        prefix=clinic().reference_prefix,
        replayed=replayed,
    )


@dataclass(frozen=True, slots=True)
class _Survey:
    """What has to be known about the whole copy before the first write: the ids of some leads."""

    canaries: frozenset[str]
    named: frozenset[str]


def _survey(items: "Iterable[Item]", named: frozenset[str]) -> _Survey:
    """Look through the copy once. Raises OperateError if a name stands for no request or for several."""
    canaries: set[str] = set()
    found: dict[str, set[str]] = {name: set() for name in named}
    for item in items:
        if is_of_the_canary(item):
            canaries.add(owner_of(item))
        if kind_of(item) is Kind.LEAD and ERASED_AT not in item:
            for name in (reference_of(item), owner_of(item)):
                if name in found:
                    found[name].add(owner_of(item))
    if unknown := sorted(name for name, ids in found.items() if not ids):
        raise OperateError(f"The copy has no request {', '.join(unknown)}. Correct REFERENCES, and run this again.")
    for name, ids in found.items():
        if len(ids) > 1:
            raise OperateError(
                f"Several requests are called {name}. Name one of them by its id: {', '.join(sorted(ids))}"
            )
    return _Survey(frozenset(canaries), frozenset().union(*found.values()))


def _backfill(run: Run, say: Say) -> None:
    with suppress(FunctionFailedError):
        if backfill(run, say):
            return
    say(_BACKFILL)


def _confirm(stack: str, ask: Ask | None) -> None:
    if ask is None:
        raise OperateError("There is no terminal to ask. Add YES=1 to restore without a question.")
    try:
        typed = ask(f"Type {stack} to restore it: ").strip()
    except EOFError:
        typed = ""
    if typed != stack:
        raise OperateError("Nothing is done: that is not the name of the stack.")
