"""What the pages about erasing say: what is deleted, what stays, and the state of an erasure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from desk.words.kept import day
from desk.words.refused import NOTHING_CHANGED, Why
from shared.leads.erasure import Erasure, ErasureState
from shared.leads.numbers import counted
from shared.web.times import Times

# DynamoDB keeps point-in-time backups for this long.
BACKUPS: Final = timedelta(days=35)

DELETED: Final = (
    "The name, the contact details, the message and all answers of each request.",
    "The notes, the timeline, and what links a request to the person's other requests.",
    "The person's address on the list of addresses that our email service no longer writes to.",
)
STAYS: Final = (
    "A tombstone for each request: its reference, when it came in, when it was erased, and how it ended.",
    "The audit. It says who saw and did what, and has no words of the person.",
)
LATER: Final = (
    "It begins within a few minutes. Six hours later the system looks again, and proves that nothing is left.",
    f"Backups have the requests for {BACKUPS.days} more days.",
)
NONE_CHOSEN: Final = Why("No request is chosen", (f"Choose at least one request. {NOTHING_CHANGED}",))
NOTHING: Final = "Nothing was erased yet."
ABOUT: Final = (
    "Each erasure, newest first, with its proof. An erasure stays here for six years after its proof, without the "
    "person's data."
)


def is_held(references: tuple[str, ...]) -> Why:
    """Return why an erasure was not ordered: somebody put a request under legal hold."""
    return Why(
        "A request is under legal hold",
        (f"{', '.join(references)} cannot be erased until a manager ends the hold. {NOTHING_CHANGED}",),
    )


def emails(references: tuple[str, ...]) -> str:
    """Return which emails staff must delete."""
    return f"Delete these emails in your mailboxes: search for {' and for '.join(references)}."


def state(erasure: Erasure, clock: Times) -> str:
    """Return the state of an erasure in words."""
    match erasure.state:
        case ErasureState.ORDERED:
            return "Ordered. It begins within a few minutes"
        case ErasureState.LOOKING_AGAIN:
            due = f" {clock.soon(erasure.due_at)}" if erasure.due_at else ""
            return f"Erased. The second look, which proves it, comes{due}"
        case ErasureState.LEFT_ALONE:
            return "Nothing was erased: every request is under legal hold"
    return f"Proven {clock.on(erasure.proven_at)}" if erasure.proven_at else "Proven"


def proof(erasure: Erasure) -> str:
    """Return what the proof says, or "" while there is none."""
    if erasure.state is not ErasureState.PROVEN:
        return ""
    return "A full scan of everything that is stored found nothing of these requests anymore."


def problems(erasure: Erasure) -> Iterator[str]:
    """Yield what an erasure still found, and what it left alone. None of it has personal data."""
    yield from erasure.problems
    if erasure.found_elsewhere:
        found = counted(erasure.found_elsewhere, "item")
        yield f"{found} of other requests with the same data. This erasure does not cover them: find the person again."


def backups(erased_at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return when the last backup ends that has what was erased."""
    end = erased_at + BACKUPS
    return f"The last one {'ended' if end <= now else 'ends'} on {day(end, zone)}"
