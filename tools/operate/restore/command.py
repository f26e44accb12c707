"""The command `make restore`: its steps, from the time that somebody typed to what was lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.leads.event import OPERATOR
from shared.leads.identity import reference
from shared.runtime.files import clinic
from shared.store.audit import Audit
from shared.store.erasures import Erasures
from shared.store.leads import ERASED_AT
from tools.operate.backfill import backfill
from tools.operate.errors import explained
from tools.operate.invoke import FunctionFailedError, Run
from tools.operate.people import Ask, Say, replay
from tools.operate.restore.aftermath import aftermath
from tools.operate.restore.bring_back import AT_ONCE, DAMAGE, BringBack, marked, reference_of
from tools.operate.restore.copies import Copy, Place, name_of_copy
from tools.operate.restore.erased import tombstones
from tools.operate.restore.kinds import Kind, is_of_the_canary, kind_of, owner_of
from tools.operate.restore.left_behind import begin, deleted, naming
from tools.operate.restore.report import Plan, Restored, plan, report
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
_REPLAY: Final = "Now run `make replay-erasures`: it could not be done now."
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
    """Restore the table, say what came back and what was lost, and return whether the copy is deleted.

    Raises OperateError and botocore's errors.

    `ask` asks a question at the terminal; None if there is none. Tests replace the `copy`.
    """
    at, named = as_of(typed.time, stack.now()), names(typed.references)
    copy = copy or Copy(stack.copies, stack.table, name_of_copy(stack.name, at), at)
    place, there = copy.place(), copy.exists()
    with naming(copy, say, is_there=there):
        if not there:
            copy.check_window()
        say(plan(_planned(stack, copy, place, at, is_named=bool(named), say=say)))
        if not typed.yes:
            _confirm(f"{stack.name} {place.region}", ask)
    if not there:
        begin(copy)
    with naming(copy, say):
        copy.wait(say)
        say(report(_bring_back(stack, copy, at, named, say)))
    return deleted(copy)


def _planned(stack: Stack, copy: Copy, place: Place, at: datetime, *, is_named: bool, say: Say) -> Plan:  # noqa: PLR0913 - what a plan has
    """Return what is about to be done. Raises AuditError and botocore's errors."""
    target, erased = Target(stack.leads, stack.table), tombstones(stack.audit, stack.audit_table)
    protected = {
        reference(lead_id, clinic().reference_prefix): since
        for lead_id, since in aftermath(Audit(stack.audit, stack.audit_table), at).protected().items()
        if lead_id not in erased and target.lead(lead_id) is None
    }
    return Plan(
        stack=stack.name,
        table=stack.table,
        place=place,
        copy=copy.name,
        at=at,
        now=stack.now(),
        is_named=is_named,
        retention=clinic().retention,
        protected=protected,
        left_over=_left_over(copy, say),
    )


def _left_over(copy: Copy, say: Say) -> list[str]:
    """Return the copies that earlier restores left behind. Somebody who may not list tables goes on without them."""
    try:
        return copy.left_over()
    except ClientError as error:
        say(f"Copies of earlier restores cannot be listed. {explained(error)}")
        return []


def _bring_back(stack: Stack, copy: Copy, at: datetime, named: frozenset[str], say: Say) -> Restored:
    """Bring back what is missing from the table. Raises OperateError, AuditError and botocore's errors."""
    say("Looking through the copy")
    survey = _survey(copy.items(), named)
    audit, target = Audit(stack.audit, stack.audit_table), Target(stack.leads, stack.table)
    found = aftermath(audit, at)
    audit.write(stack.now(), actor=OPERATOR, email="", action=ACTION, lead_ids=sorted(survey.named), details=marked(at))
    judge = Judge(
        as_of=at,
        now=stack.now(),
        tombstones=tombstones(stack.audit, stack.audit_table),
        canaries=survey.canaries,
        named=survey.named,
        retention=clinic().retention,
    )
    back = BringBack(judge=judge, target=target, aftermath=found, say=say, at_once=stack.at_once)
    say("Requests come back")
    back.leads(copy.items())
    say("What belongs to them comes back")
    back.others(copy.items())
    replayed = _replay(stack.erase)
    back.scrub(_about_to_be_erased(stack))
    say("Every request gets its end and its links: make backfill")
    _backfill(stack.follow_up, say)
    known = {*judge.tombstones, *back.ended}
    return Restored(
        at=at,
        counts=back.counts,
        returned=back.returned,
        damaged=back.damaged,
        unreadable=back.unreadable,
        protected=back.protected,
        guessed=back.guessed,
        ended=back.ended,
        left=back.left,
        done=found.lines(back.returned),
        gone=tuple(each for each in sorted(found.seen - known) if target.lead(each) is None),
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


def _replay(run: Run) -> str:
    """Replay erasures, and return what came of it. An error must not keep the report away."""
    try:
        return replay(run)
    except (OperateError, ClientError, BotoCoreError) as error:
        return f"{explained(error)} {_REPLAY}"


def _about_to_be_erased(stack: Stack) -> frozenset[str]:
    """Return the leads that an order will erase, or has erased and will look at again."""
    try:
        orders = [*Erasures(stack.leads, stack.table, stack.now).all()]
    except DAMAGE:  # an order is damaged: the function that erases says so, again and again
        return frozenset()
    return frozenset(lead_id for order in orders if not order.proven_at for lead_id in order.covered)


def _backfill(run: Run, say: Say) -> None:
    try:
        if backfill(run, say):
            return
    except (FunctionFailedError, OperateError, ClientError, BotoCoreError):
        pass  # what to do is the same
    say(_BACKFILL)


def _confirm(name: str, ask: Ask | None) -> None:
    if ask is None:
        raise OperateError("There is no terminal to ask. Add YES=1 to restore without a question.")
    try:
        typed = " ".join(ask(f"Type {name} to restore it: ").split())
    except EOFError:
        typed = ""
    except KeyboardInterrupt:
        raise OperateError("Stopped. Nothing is done.") from None
    if typed != name:
        raise OperateError("Nothing is done: that is not the name of the stack and its region.")
