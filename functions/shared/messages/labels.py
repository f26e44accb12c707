"""The labels of the actions, and why a lead is closed, in words."""

from typing import Final

from shared.leads.response import ClaimAction, ClosedAs

# The labels of the buttons. The emails use the first three too.
LABELS: Final = {
    ClaimAction.CLAIM: "Claim this request",
    ClaimAction.REACHED: "Reached",
    ClaimAction.NO_ANSWER: "No answer",
    ClaimAction.EMAILED: "Emailed and waiting",
    ClaimAction.HAND_BACK: "Hand back",
    ClaimAction.UNREACHABLE: "Could not reach",
    ClaimAction.SPAM: "Spam",
    ClaimAction.WRONG_NUMBER: "Wrong number",
    ClaimAction.DUPLICATE: "Duplicate of another request",
    ClaimAction.NOT_WANTED: "Does not want to be contacted",
    ClaimAction.REOPEN: "Reopen this request",
}
CLOSED_AS: Final = {
    ClosedAs.REACHED: "Reached",
    ClosedAs.UNREACHABLE: "Could not be reached",
    ClosedAs.SPAM: "Spam",
    ClosedAs.WRONG_NUMBER: "Wrong number",
    ClosedAs.DUPLICATE: "Duplicate of another request",
    ClosedAs.NOT_WANTED: "Does not want to be contacted",
}
NOT_A_REQUEST: Final = (
    ClaimAction.SPAM,
    ClaimAction.WRONG_NUMBER,
    ClaimAction.DUPLICATE,
    ClaimAction.NOT_WANTED,
)
