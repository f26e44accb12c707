"""The response to a lead: what staff said about it with the buttons behind their links."""

from enum import StrEnum
from typing import Final

# How often the person must have been tried before staff may give up on reaching them.
TRIES_BEFORE_GIVING_UP: Final = 3
# The maximum number of actions on a lead, so a flood of presses cannot fill its item. The lead can still be closed.
MOST_ACTIONS: Final = 100


class ResponseState(StrEnum):
    """Follow-up state of a lead."""

    OPEN = "open"  # unclaimed
    CLAIMED = "claimed"  # claimed, but the person was not reached yet
    CLOSED = "closed"  # the person was reached, or the lead was closed for another reason


class ClosedAs(StrEnum):
    """Why a lead is closed."""

    REACHED = "reached"
    UNREACHABLE = "unreachable"
    SPAM = "spam"
    WRONG_NUMBER = "wrong_number"
    DUPLICATE = "duplicate"
    NOT_WANTED = "not_wanted"  # the person does not want to be contacted


class ClaimAction(StrEnum):
    """What a recipient can do about a lead. Each action but HAND_BACK makes the recipient the owner of the lead."""

    CLAIM = "claim"
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    EMAILED = "emailed"  # emailed the person and waits for their answer
    HAND_BACK = "hand_back"
    UNREACHABLE = "unreachable"
    SPAM = "spam"
    WRONG_NUMBER = "wrong_number"
    DUPLICATE = "duplicate"
    NOT_WANTED = "not_wanted"
    REOPEN = "reopen"


CLOSES: Final = {
    ClaimAction.REACHED: ClosedAs.REACHED,
    ClaimAction.UNREACHABLE: ClosedAs.UNREACHABLE,
    ClaimAction.SPAM: ClosedAs.SPAM,
    ClaimAction.WRONG_NUMBER: ClosedAs.WRONG_NUMBER,
    ClaimAction.DUPLICATE: ClosedAs.DUPLICATE,
    ClaimAction.NOT_WANTED: ClosedAs.NOT_WANTED,
}


class Refusal(StrEnum):
    """Why a link changes nothing."""

    CLOSED = "closed"  # the lead is closed already
    USED = "used"  # this link was used before
    YOURS = "yours"  # the same recipient claimed the lead before
    CLAIMED = "claimed"  # another recipient claimed the lead
    NOT_POSSIBLE = "not_possible"  # the lead's state does not allow this action


class ClaimRefusedError(Exception):
    """A link changes nothing. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
