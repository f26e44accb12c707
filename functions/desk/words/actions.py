"""What a person can do about a request: labels, confirmations, and why something is not possible."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from shared.leads.response import ClaimAction
from shared.web.labels import LABELS


class Act(StrEnum):
    """An action of the desk. The value is in its address, and in the address of the page after it."""

    CLAIM = "claim"
    REACHED = "reached"
    NO_ANSWER = "no-answer"
    EMAILED = "emailed"
    HAND_BACK = "hand-back"
    HAND_OVER = "hand-over"
    FOLLOW_UP = "follow-up"
    NOTE = "note"
    OUTCOME = "outcome"
    SPAM = "spam"
    RELEASE = "release"
    NOT_WANTED = "not-wanted"
    TELL_AGAIN = "tell-again"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    HOLD = "hold"
    UNHOLD = "unhold"


# The actions that only managers have.
OF_MANAGERS: Final = frozenset({Act.HOLD, Act.UNHOLD})
# The actions that may change several requests of a person.
OF_A_PERSON: Final = frozenset({Act.WITHDRAW, Act.RESTORE})
# The actions that need nothing but a press, and that the links in emails know too.
PRESSES: Final = {
    Act.CLAIM: ClaimAction.CLAIM,
    Act.REACHED: ClaimAction.REACHED,
    Act.NO_ANSWER: ClaimAction.NO_ANSWER,
    Act.EMAILED: ClaimAction.EMAILED,
    Act.HAND_BACK: ClaimAction.HAND_BACK,
    Act.REOPEN: ClaimAction.REOPEN,
    Act.SPAM: ClaimAction.SPAM,
    Act.NOT_WANTED: ClaimAction.NOT_WANTED,
}
BUTTONS: Final = {
    **{act: LABELS[action] for act, action in PRESSES.items()},
    Act.SPAM: "Close as spam",
    Act.RELEASE: "Not spam: release it",
    Act.TELL_AGAIN: "Email staff again",
    Act.HAND_OVER: "Hand it over",
    Act.FOLLOW_UP: "Set the follow-up",
    Act.NOTE: "Add the note",
    Act.OUTCOME: "Save the outcome",
    Act.WITHDRAW: "Save the withdrawal",
    Act.RESTORE: "Undo the withdrawal",
    Act.HOLD: "Put it under legal hold",
    Act.UNHOLD: "End the legal hold",
}
# In the address of the page after a form that was sent before, and after somebody handed a request to themselves.
SENT_BEFORE: Final = "saved"
TOOK_OVER: Final = "took-over"
# What the page says right after an action, by the key in its address.
DONE: Final[Mapping[str, str]] = {
    Act.CLAIM: "You claimed this request. After you call or email the person, say here how it went.",
    Act.REACHED: "You reached the person, so the request is closed. If you know the outcome, save it too.",
    Act.NO_ANSWER: "Noted: no answer. The request is yours and stays open.",
    Act.EMAILED: "Noted: you emailed the person. When they reply, say here how it went.",
    Act.HAND_BACK: "You handed this request back. Nobody has it now, and everyone is asked to claim it.",
    Act.HAND_OVER: "You handed this request over. Your colleague gets an email about it now.",
    Act.FOLLOW_UP: "The follow-up is set. The owner gets a reminder at that time.",
    Act.NOTE: "Your note was added.",
    Act.OUTCOME: "The outcome was saved.",
    Act.SPAM: "The request is closed as spam. If that was a mistake, reopen it.",
    Act.RELEASE: "The request was released. Staff get an alert about it now.",
    Act.NOT_WANTED: "The request is closed. The person does not want to be contacted.",
    Act.TELL_AGAIN: "Everybody who gets alerts is emailed about this request now.",
    Act.REOPEN: "The request is open again, and it is yours.",
    Act.WITHDRAW: "The withdrawal is saved.",
    Act.RESTORE: "The withdrawal is undone.",
    Act.HOLD: "The request is under legal hold. Nothing deletes it until a manager ends the hold.",
    Act.UNHOLD: "The legal hold ended. The request is kept as long as any other, but at least seven days from now.",
    TOOK_OVER: "You took this request over. It is yours now.",
    SENT_BEFORE: "That was already saved. Sending it twice does no harm.",
}
# As above, if somebody has the request: then only its owner gets the email.
OWNER_TOLD_AGAIN: Final = "The owner of this request is emailed about it now."
if missing := set(Act) - set(DONE) or set(Act) - set(BUTTONS):
    raise TypeError(f"add the words for {sorted(missing)} to functions/desk/words/actions.py")


def counts_for(act: Act, count: int) -> str:
    """Return for how many requests of a person a withdrawal counts, or a consent counts again."""
    requests = "this request" if count == 1 else f"{count} requests of this person"
    return f"The consent counts again for {requests}." if act is Act.RESTORE else f"It counts for {requests}."


def gets_email_again(owner: str | None) -> str:
    """Return who gets the email of "Email staff again": the owner, or everybody if nobody has the request."""
    who = "only the owner gets the email" if owner else "everybody who gets alerts is emailed"
    return f"\u201c{BUTTONS[Act.TELL_AGAIN]}\u201d: {who}{f', {owner}' if owner else ''}."
