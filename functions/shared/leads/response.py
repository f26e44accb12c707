"""The answer to a lead: who took it, whether the person was reached, and which links still count."""

from enum import StrEnum


class Response(StrEnum):
    """Where the answer to a lead stands."""

    OPEN = "open"  # nobody has taken it
    CLAIMED = "claimed"  # somebody has, and has not reached the person yet
    CLOSED = "closed"  # the person was reached


class Answer(StrEnum):
    """What a link in a mail says."""

    TAKE = "take"
    REACHED = "reached"
    NO_ANSWER = "no_answer"


class Refusal(StrEnum):
    """Why an answer does not count."""

    CLOSED = "closed"  # the person was reached already
    USED = "used"  # this very link was used before
    YOURS = "yours"  # taken by the same mailbox before
    TAKEN = "taken"  # taken by another mailbox


class AnswerRefusedError(Exception):
    """An answer that changes nothing. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
