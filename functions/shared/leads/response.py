"""The response to a lead: what staff said about it, with the buttons behind their links or at the desk."""

from enum import StrEnum
from typing import Final

# How often the person must have been tried before staff may give up on reaching them.
TRIES_BEFORE_GIVING_UP: Final = 3
# The maximum number of actions on a lead, so a flood of presses cannot fill its item. The lead can still be closed, and
# what closed it can be corrected LAST_CHANGES times: by reopening it or by another outcome.
MOST_ACTIONS: Final = 100
LAST_CHANGES: Final = 2


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


class Outcome(StrEnum):
    """What came of a closed lead. Reports count it, and it decides how long the lead is kept."""

    BOOKED = "booked"
    CAME = "came"
    NO_SHOW = "no_show"
    NOT_SUITABLE = "not_suitable"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    REFERRED = "referred"
    DUPLICATE = "duplicate"
    WRONG_NUMBER = "wrong_number"


class ClaimAction(StrEnum):
    """What staff can do about a lead.

    Each action makes the person who does it the owner of the lead, with three exceptions: HAND_BACK leaves it without
    one, HAND_OVER gives it to a colleague, and after FOLLOW_UP the owner keeps it.
    """

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
    HAND_OVER = "hand_over"
    FOLLOW_UP = "follow_up"  # the owner is reminded at a time that somebody chose


# These need more than a press of a button, so no link stands for one, and no page of a link has a button for it.
DESK_ONLY: Final = frozenset({ClaimAction.HAND_OVER, ClaimAction.FOLLOW_UP})
OF_LINKS: Final = tuple(action for action in ClaimAction if action not in DESK_ONLY)

CLOSES: Final = {
    ClaimAction.REACHED: ClosedAs.REACHED,
    ClaimAction.UNREACHABLE: ClosedAs.UNREACHABLE,
    ClaimAction.SPAM: ClosedAs.SPAM,
    ClaimAction.WRONG_NUMBER: ClosedAs.WRONG_NUMBER,
    ClaimAction.DUPLICATE: ClosedAs.DUPLICATE,
    ClaimAction.NOT_WANTED: ClosedAs.NOT_WANTED,
}

# What came of a lead that one of these actions closed. After REACHED, staff can say it at the desk. Spam has none.
OUTCOMES: Final = {
    ClaimAction.UNREACHABLE: Outcome.UNREACHABLE,
    ClaimAction.WRONG_NUMBER: Outcome.WRONG_NUMBER,
    ClaimAction.DUPLICATE: Outcome.DUPLICATE,
    ClaimAction.NOT_WANTED: Outcome.DECLINED,
}


class Refusal(StrEnum):
    """Why a press changes nothing."""

    CLOSED = "closed"  # the lead is closed already
    USED = "used"  # this press counted before
    YOURS = "yours"  # the same person claimed the lead before
    CLAIMED = "claimed"  # somebody else claimed the lead
    QUARANTINED = "quarantined"  # the lead is in quarantine: somebody has to release or claim it first
    TOO_FAR = "too_far"  # the follow-up of an urgent lead is too far ahead
    TOO_MANY = "too_many"  # the lead had MOST_ACTIONS; if it is open, it can still be closed
    NO_CONTACT = "no_contact"  # the person does not want to be contacted
    NOT_POSSIBLE = "not_possible"  # the lead's state does not allow this action


class ClaimRefusedError(Exception):
    """A press changes nothing. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
