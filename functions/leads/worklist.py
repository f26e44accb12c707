"""The worklist: which leads somebody should look at, for the digest."""

from enum import StrEnum

from leads.alert import AlertState, Progress
from leads.response import Response


class Worklist(StrEnum):
    """The list that a lead is on."""

    OPEN = "open"  # nobody has reached the person yet
    UNDELIVERABLE = "undeliverable"  # nobody could be told
    QUARANTINED = "quarantined"  # looks like spam
    CLOSED = "closed"  # the person was reached


def worklist(progress: Progress) -> Worklist | None:
    """Return the list that a lead is on; None for the canary's, which nobody looks at."""
    if progress.synthetic:
        return None
    if progress.response is Response.CLOSED:
        return Worklist.CLOSED
    if progress.state is AlertState.QUARANTINED:
        return Worklist.QUARANTINED
    if progress.state is AlertState.UNDELIVERABLE and progress.response is Response.OPEN:
        return Worklist.UNDELIVERABLE
    return Worklist.OPEN
