"""The pages after a press that was saved: what was saved, what happens next, and what else is possible now."""

from typing import Final

from claim.claim import Saved, SavedTogether
from claim.view import View
from claim.words.buttons import closes_others
from claim.words.facts import claimed_by
from claim.words.frame import Frame
from claim.words.next_steps import news, next_steps
from claim.words.opened import NO_CONTACT
from claim.words.said import Choice, Offer, Said
from shared.leads.plan import owner_of
from shared.leads.progress import StoredLead
from shared.leads.response import CLOSES, ClaimAction, ClosedAs
from shared.web.labels import CLOSED_AS

_CLOSED: Final = ("You will get no more reminders.", "If this was a mistake, press \u201cUndo\u201d.")
_TITLES: Final = {
    ClaimAction.CLAIM: "You claimed this request.",
    ClaimAction.REACHED: "Request closed.",
    ClaimAction.NO_ANSWER: "Noted: no answer.",
    ClaimAction.EMAILED: "Noted: you emailed them.",
    ClaimAction.HAND_BACK: "You handed this request back.",
    ClaimAction.REOPEN: "This request is open again.",
}


def saved(frame: Frame, page: Saved) -> Said:
    """Return the page after a press."""
    view, action = page.view, page.action
    return frame.page(
        view,
        _TITLES.get(action) or f"Request closed: {CLOSED_AS[CLOSES[action]].lower()}.",
        *_text(frame, view, action),
        offer=offer(frame, view, page.others),
        undo=True,
    )


def noted_in_short() -> Said:
    """Return the page to show when the full page fails."""
    return Said(
        title="Your choice was saved.",
        text=("We couldn't show the rest of this page.", "You don't need to press the button again."),
    )


def saved_together(frame: Frame, page: SavedTogether) -> Said:
    """Return the page after closing the person's other requests."""
    text = []
    if page.closed:
        text.append(f"Also closed: {_list(page.closed)}. To undo that, use the links in the emails about them.")
    if page.failed:
        text.append(
            f"Not closed: {_list(page.failed)}. Somebody changed them at the same time, or we had a technical problem. "
            "Open the email about each one."
        )
    title = "Not all requests could be closed" if page.failed else "Requests closed."
    if not page.closed and not page.failed:
        title, text = "Nothing was changed.", ["No other request was checked."]
    return frame.page(page.view, title, *text, offer=offer(frame, page.view, page.others), undo=True)


def offer(frame: Frame, view: View, others: tuple[StoredLead, ...]) -> Offer | None:
    """Return the question whether to close the person's other open requests, or None if there are none."""
    if not others:
        return None
    reached = view.progress.closed_as is ClosedAs.REACHED
    return Offer(
        title="Reached for these too?" if reached else "Close these too?",
        text="These have the same phone number or email address, and are still open. Uncheck any that may be from "
        "somebody else, or that are not settled yet."
        if reached
        else "These have the same phone number or email address, and are still open. Uncheck any that may be from "
        "somebody else.",
        choices=tuple(Choice(reference=each.lead.reference, text=_about(frame, each)) for each in others),
        button=closes_others(view, ClaimAction.REACHED, "Reached for these too")
        if reached
        else closes_others(view, ClaimAction.NOT_WANTED, "Close these too"),
    )


def _text(frame: Frame, view: View, action: ClaimAction) -> tuple[str, ...]:  # noqa: PLR0911 - one for each action
    after = next_steps(view, frame.clock)
    if view.wants_no_contact and view.progress.closed_as is None:
        return (NO_CONTACT, *news(view))
    match action:
        case ClaimAction.CLAIM:
            return (*news(view), "After you call or email the person, say here how it went.", after)
        case ClaimAction.REACHED:
            return ("Thank you for reaching this person.", *news(view), *_CLOSED)
        case ClaimAction.NO_ANSWER:
            return ("The request is yours and stays open.", after, *news(view))
        case ClaimAction.EMAILED:
            return (
                "The request is yours and stays open.",
                "When they reply, say here how it went.",
                after,
                *news(view),
            )
        case ClaimAction.HAND_BACK:
            return ("Nobody has it now.", after)
        case ClaimAction.REOPEN:
            return ("It is yours now. If you can't follow up, press \u201cHand back\u201d.", after, *news(view))
    return (*news(view), *_CLOSED)


def _about(frame: Frame, other: StoredLead) -> str:
    received = frame.clock.on(other.lead.received_at).removeprefix("on ")
    owner = claimed_by(owner_of(other.progress, frame.team), other.progress, frame.people)
    claimed = f"{owner[0].lower()}{owner[1:]}" if owner.startswith("Nobody") else f"claimed by {owner}"
    return f"received {received}, {claimed}"


def _list(stored: tuple[StoredLead, ...]) -> str:
    return ", ".join(each.lead.reference for each in stored)
