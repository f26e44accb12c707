"""The page that a link opens."""

from typing import Final

from claim.claim import Opened
from claim.view import View
from claim.words.frame import Frame
from claim.words.next_steps import next_steps
from claim.words.said import Said
from shared.leads.claims import asked_everyone
from shared.leads.progress import AlertState
from shared.leads.response import ClaimAction, ResponseState

_TITLES: Final = {
    ClaimAction.CLAIM: "Claim this request?",
    ClaimAction.REACHED: "Did you reach them?",
    ClaimAction.NO_ANSWER: "No answer?",
}
NO_CONTACT: Final = "Do not contact this person: they said that they do not want that. There are no more reminders."
_HOW_IT_WENT: Final = "After you call or email the person, say here how it went."


def opened(frame: Frame, page: Opened) -> Said:
    """Return the page of a link. A link for one choice asks for it first, if it is possible."""
    view, action = page.view, page.view.link.action
    if action in _TITLES and page.after:
        return frame.page(view, _TITLES[action], _if_pressed(frame, action, page.after), first=action, asks=True)
    return frame.page(view, title_of(frame, view), *_advice(frame, view), asks=True)


def title_of(frame: Frame, view: View) -> str:
    """Return who has the lead, as the title of a page."""
    if view.progress.response is ResponseState.CLOSED:
        return "This request is closed"
    if view.owner is None:
        return "Nobody has claimed this request"
    if not view.is_owner:
        return "A colleague claimed this request"
    return "You claimed this request" if frame.people.is_one_person(view) else "This request is claimed"


def _if_pressed(frame: Frame, action: ClaimAction, after: View) -> str:
    if after.wants_no_contact and action is ClaimAction.CLAIM:
        return f"The request will be yours. {NO_CONTACT}"
    match action:
        case ClaimAction.CLAIM:
            return f"You will get back to this person. {next_steps(after, frame.clock)}".strip()
        case ClaimAction.REACHED:
            return (
                "This closes the request, and the reminders stop. If they asked you to call again, don't press it yet."
            )
    return f"The request will be yours and stays open. {next_steps(after, frame.clock)}".strip()


def _advice(frame: Frame, view: View) -> tuple[str, ...]:  # noqa: PLR0911 - one for each state
    if view.progress.response is ResponseState.CLOSED:
        return ("You don't need to do anything. If the request was closed by mistake, reopen it.",)
    if view.progress.state is AlertState.QUARANTINED:
        return ("It looks like spam, so no alert was sent. Claim it if you think that it is from a person.",)
    if view.wants_no_contact:
        return (NO_CONTACT, "If there is nothing left to do, please close this request.")
    if view.owner is None:
        return ("Claim it if you will get back to this person.",)
    if view.is_owner:
        return (_HOW_IT_WENT, next_steps(view, frame.clock))
    if asked_everyone(view.progress):
        return ("We asked everyone to call, because nobody has reached this person yet.", _HOW_IT_WENT)
    return ("You don't need to do anything now. If you call the person anyway, say here how it went.",)
