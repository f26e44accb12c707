"""The response to a lead: whether it is claimed, and whether the person was reached."""

from enum import StrEnum


class ResponseState(StrEnum):
    """Follow-up state of a lead."""

    OPEN = "open"  # unclaimed
    CLAIMED = "claimed"  # claimed, but the person was not reached yet
    CLOSED = "closed"  # the person was reached


class ClaimAction(StrEnum):
    """What a recipient can do with a link. Each action makes the recipient the owner of the lead."""

    CLAIM = "claim"
    REACHED = "reached"
    NO_ANSWER = "no_answer"


class Refusal(StrEnum):
    """Why a link changes nothing."""

    CLOSED = "closed"  # the person was reached already
    USED = "used"  # this link was used before
    YOURS = "yours"  # the same recipient claimed the lead before
    CLAIMED = "claimed"  # another recipient claimed the lead


class ClaimRefusedError(Exception):
    """A link changes nothing. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
