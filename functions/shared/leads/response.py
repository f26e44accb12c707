"""The answer to a lead: who took it, whether the person was reached, and which links still count."""

from enum import StrEnum


class ResponseState(StrEnum):
    """Where the answer to a lead stands."""

    OPEN = "open"  # nobody has taken it
    CLAIMED = "claimed"  # somebody has, and has not reached the person yet
    CLOSED = "closed"  # the person was reached


class ClaimAction(StrEnum):
    """What a link in a mail says."""

    CLAIM = "claim"
    REACHED = "reached"
    NO_ANSWER = "no_answer"


class Refusal(StrEnum):
    """Why an answer does not count."""

    CLOSED = "closed"  # the person was reached already
    USED = "used"  # this very link was used before
    YOURS = "yours"  # taken by the same recipient before
    CLAIMED = "claimed"  # taken by another recipient


class ClaimRefusedError(Exception):
    """An answer that changes nothing. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
