"""The labels of the actions, and why a lead is closed, in words."""

from typing import Final

from shared.leads.progress import Progress
from shared.leads.response import ClaimAction, ClosedAs, Outcome

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
# What came of a closed lead, in the order in which the desk offers it.
OUTCOMES: Final = {
    Outcome.BOOKED: "Booked a consultation",
    Outcome.CAME: "Came to the consultation",
    Outcome.NO_SHOW: "Did not come to the consultation",
    Outcome.NOT_SUITABLE: "No consultation follows",
    Outcome.DECLINED: "Decided against a consultation",
    Outcome.REFERRED: "Referred elsewhere",
    Outcome.UNREACHABLE: CLOSED_AS[ClosedAs.UNREACHABLE],
    Outcome.DUPLICATE: CLOSED_AS[ClosedAs.DUPLICATE],
    Outcome.WRONG_NUMBER: CLOSED_AS[ClosedAs.WRONG_NUMBER],
}
if missing := set(Outcome) - set(OUTCOMES):
    raise TypeError(f"add the words for {sorted(missing)} to functions/shared/web/labels.py")
NOT_A_REQUEST: Final = (
    ClaimAction.SPAM,
    ClaimAction.WRONG_NUMBER,
    ClaimAction.DUPLICATE,
    ClaimAction.NOT_WANTED,
)


def closed_as_in_words(progress: Progress) -> str | None:
    """Return why a lead is closed, and what came of it if that is known, or None if it is not closed."""
    closed_as = progress.closed_as
    if closed_as is ClosedAs.REACHED and progress.outcome:
        return OUTCOMES[progress.outcome]
    return CLOSED_AS[closed_as] if closed_as else None
