"""What `make restore` says before and after. It names requests by their references, and says nothing about people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.leads.identity import reference
from tools.operate.restore.aftermath import Aftermath
from tools.operate.restore.bring_back import Returned
from tools.operate.restore.verdicts import Verdict
from tools.operate.restore.when import utc

_MOST_LISTED: Final = 100
PLAN: Final = """This restores the table {table} of the stack {stack}:
1. DynamoDB makes a copy of the table as of {at}: {copy}. That takes at least some minutes.
2. Missing items come back into the table from the copy. Nothing that is there is changed{named}.
   Nothing that was erased or has expired comes back.
3. Erasures are replayed, `make backfill` is run, the copy is deleted, and you read what was lost.
Requests that came back behave as they did at {at}. Staff get the emails that are due, so they may be
reminded of a request that they claimed or closed later. No visitor gets an email twice.
If it is interrupted, run the same command again."""
_NAMED: Final = ", except the requests that you named, which become what they were"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The result of a restore. `gone` are the ids of requests that somebody saw after the copy and that are missing."""

    at: datetime
    counts: Counter[Verdict]
    returned: Mapping[str, Returned]
    damaged: Mapping[str, str]
    aftermath: Aftermath
    gone: tuple[str, ...]
    prefix: str
    replayed: str


def plan(*, stack: str, table: str, copy: str, at: datetime, named: bool) -> str:
    """Return what the command is about to do."""
    return PLAN.format(stack=stack, table=table, copy=copy, at=utc(at), named=_NAMED if named else "")


def report(restored: Restored) -> str:
    """Return what was restored and what was lost."""
    return "\n".join(_lines(restored))


def _lines(restored: Restored) -> Iterator[str]:
    at = utc(restored.at)
    yield f"The copy had {restored.counts.total():,} items:"
    for verdict in Verdict:
        if restored.counts[verdict]:
            yield f"  {restored.counts[verdict]:,} {verdict}"
    states = Counter(each.state for each in restored.returned.values())
    by_state = ", ".join(f"{count:,} {state}" for state, count in sorted(states.items()))
    yield f"Requests that came back: {len(restored.returned):,}{f' ({by_state})' if by_state else ''}"
    yield from _listed(each.reference for each in restored.returned.values())
    yield f"Erasures: {restored.replayed}"
    if restored.damaged:
        yield (
            "These requests were there, but cannot be read or do not have what the visitor sent. To replace them with"
            " the copy, run this again and name them in REFERENCES:"
        )
        yield from _listed(restored.damaged.values())
    yield ""
    yield f"What was lost: everything that changed after {at} in the requests that came back."
    yield "Calls and claims by the links in emails left no other trace. Your staff may remember them."
    if restored.aftermath.done:
        yield (
            "The audit still has what was done at the desk. If it is about a withdrawn consent, a legal hold or an"
            " erasure, do it again now:"
        )
        for lead_id, lines in restored.aftermath.done.items():
            yield f"  {restored.returned[lead_id].reference}"
            yield from (f"    {line}" for line in lines)
    yield (
        f"Requests that came in after {at} are not in the copy. If the table lost them, they are lost. The alerts in"
        " the mailboxes of your staff still have their references and how to reach the people."
    )
    if restored.gone:
        yield "Somebody at the desk saw these after that time, and they are not in the table. Some may just have ended:"
        yield from _listed(reference(lead_id, restored.prefix) for lead_id in restored.gone)


def _listed(references: Iterable[str]) -> Iterator[str]:
    found = sorted(references)
    for each in found[:_MOST_LISTED]:
        yield f"  {each}"
    if len(found) > _MOST_LISTED:
        yield f"  and {len(found) - _MOST_LISTED:,} more"
