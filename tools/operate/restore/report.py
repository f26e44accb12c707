"""What `make restore` says before and after. It names requests by their references, and says nothing about people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.leads.clinic import Retention
from shared.leads.identity import reference
from shared.leads.lead import CONTACT, NEWS, TEXTS
from tools.operate.restore.bring_back import Returned
from tools.operate.restore.copies import Place
from tools.operate.restore.protection import Protection
from tools.operate.restore.since import Since, days_of
from tools.operate.restore.verdicts import Verdict
from tools.operate.restore.when import utc

PLAN: Final = """This restores the table {table} of the stack {stack}, in account {account}, {region}:
1. DynamoDB makes a copy of the table as of {at}: {copy}. That takes at least some minutes.
2. Missing items come back into the table from the copy. Nothing that is there is changed{named}.
   Nothing that was erased or has expired comes back.
3. Erasures are replayed, `make backfill` is run, you read what was lost, and the copy is deleted.
Requests that came back behave as they did at {at}. Staff get the emails that are due, so they may be
reminded of a request that they claimed or closed later. No visitor gets an email twice.
If it is interrupted, run the same command again."""
_NAMED: Final = ", except the requests that you named, which become what they were"
_LEFT_OVER: Final = (
    "Earlier restores left these copies behind, which have health data. Delete those that you do not need:"
)
_ENDED: Final = (
    "Requests are kept for {days} days at least after they are closed, and {at} is that long ago. Some may have ended"
    " since, for a good reason. Those that the audit or their timelines show as closed stay away, and the report lists"
    " them. Others may come back: look through them."
)
_CONSENTS: Final = {CONTACT: "no contact", TEXTS: "no texts", NEWS: "no news"}
_DAMAGED: Final = (
    "These requests were there, but cannot be read or do not have what the visitor sent. To replace them with the copy,"
    " run this again and name them in REFERENCES:"
)
_UNREADABLE: Final = (
    "These requests are damaged in the copy too: they cannot be read, or their end is no time. Look at them in the"
    " DynamoDB console, or restore to an earlier time:"
)
_GUARDED: Final = (
    "These requests came back with more protection than they had then: a withdrawn consent or a legal hold. A manager"
    " can undo it at the desk:"
)
_GUESSED: Final = (
    "A withdrawn consent, a wish for no contact or a legal hold could not be read in these requests. So they want no"
    " contact or are held now. Ask your colleagues what is right:"
)
_STAYED_AWAY: Final = (
    "The time of these requests is over, so they stayed away. To bring one back for seven days, run this again and name"
    " it in REFERENCES:"
)
_PROTECTED: Final = (
    "The audit has these as protected after that time, and the table has them no more. If the copy has them, they come"
    " back like this. A manager can undo it at the desk:"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the command is about to do. `protected` has what happened to leads that come back protected, by reference.

    `left_over` are copies of earlier restores.
    """

    stack: str
    table: str
    place: Place
    copy: str
    at: datetime
    now: datetime
    is_named: bool
    retention: Retention
    protected: Mapping[str, Since]
    left_over: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The result of a restore: the lists of `BringBack`, and what the audit says was `done` about leads that came back.

    `gone` are the ids of requests that somebody saw after the copy and that are missing.
    """

    at: datetime
    counts: Counter[Verdict]
    returned: Mapping[str, Returned]
    damaged: Mapping[str, str]
    unreadable: Mapping[str, str]
    protected: Mapping[str, str]
    guessed: Mapping[str, str]
    ended: Mapping[str, str]
    left: Mapping[str, Sequence[str]]
    done: Mapping[str, Sequence[str]]
    gone: tuple[str, ...]
    prefix: str
    replayed: str


def plan(planned: Plan) -> str:
    """Return what the command is about to do."""
    return "\n".join(_plan(planned))


def _plan(planned: Plan) -> Iterator[str]:
    yield PLAN.format(
        stack=planned.stack,
        table=planned.table,
        account=planned.place.account,
        region=planned.place.region,
        copy=planned.copy,
        at=utc(planned.at),
        named=_NAMED if planned.is_named else "",
    )
    shortest = min(days_of(planned.retention))
    if planned.now - planned.at >= timedelta(days=shortest):
        yield _ENDED.format(days=shortest, at=utc(planned.at))
    if planned.protected:
        yield _PROTECTED
        yield from sorted(f"  {name}: {_how(since.protection)}" for name, since in planned.protected.items())
    if planned.left_over:
        yield _LEFT_OVER
        yield from _listed(planned.left_over)


def _how(protection: Protection) -> str:
    said = [_CONSENTS[kind] for kind in sorted(protection.withdrawn)]
    return ", ".join([*said, *(["under legal hold"] if protection.held_at else [])])


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
    for words, leads in (
        (_DAMAGED, restored.damaged),
        (_UNREADABLE, restored.unreadable),
        (_GUARDED, restored.protected),
        (_GUESSED, restored.guessed),
        (_STAYED_AWAY, restored.ended),
    ):
        if leads:
            yield words
            yield from _listed(leads.values())
    yield ""
    yield f"What was lost: everything that changed after {at} in the requests that came back."
    yield "The audit does not have calls and claims by the links in emails. Your staff may remember them."
    if restored.left:
        yield "A part of the timeline of these requests was still in the table. It says what people did then:"
        yield from _by_request(restored, restored.left)
    if restored.done:
        yield (
            "The audit still has what was done at the desk. An erasure is not ordered again: order it now, if it was"
            " not refused then."
        )
        yield from _by_request(restored, restored.done)
    yield (
        f"Requests that came in after {at} are not in the copy. If the table lost them, they are lost. The alerts in"
        " the mailboxes of your staff still have their references and how to reach the people."
    )
    if restored.gone:
        yield "Somebody at the desk saw these after that time, and they are not in the table. Some may just have ended:"
        yield from _listed(reference(lead_id, restored.prefix) for lead_id in restored.gone)


def _by_request(restored: Restored, lines: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for lead_id, said in lines.items():
        yield f"  {restored.returned[lead_id].reference}"
        yield from (f"    {line}" for line in said)


def _listed(references: Iterable[str]) -> Iterator[str]:
    yield from (f"  {each}" for each in sorted(references))
