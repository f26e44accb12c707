"""The page after a press that changed nothing: why, and what is possible instead."""

from http import HTTPStatus
from typing import Final

from claim.errors import RefusedError
from claim.words.frame import Frame
from claim.words.next_steps import next_steps
from claim.words.opened import title_of
from claim.words.said import Offer, Said
from shared.leads.response import MOST_ACTIONS, Refusal
from shared.web.labels import LABELS

NOTHING_CHANGED: Final = "Nothing was changed."
RESTORE: Final = "If they have asked for contact since then, a manager can restore their consent at the desk."
_STATUS: Final = {Refusal.CLOSED: HTTPStatus.GONE, Refusal.USED: HTTPStatus.GONE}


def refused(frame: Frame, error: RefusedError, offer: Offer | None = None) -> Said:
    """Return the page about a press that changed nothing. Pressing twice is the usual reason."""
    view, status = error.view, _STATUS.get(error.refusal, HTTPStatus.CONFLICT)
    after = next_steps(view, frame.clock) if view.is_owner else ""
    return frame.page(view, _title(frame, error), *_text(frame, error), after, status=status, offer=offer)


def _is_repeated(error: RefusedError) -> bool:
    return error.repeated and error.refusal in _STATUS


def _title(frame: Frame, error: RefusedError) -> str:  # noqa: PLR0911 - one for each refusal
    if _is_repeated(error):
        return "Your choice was already saved"
    match error.refusal:
        case Refusal.CLOSED | Refusal.CLAIMED:
            return title_of(frame, error.view)
        case Refusal.YOURS if frame.people.is_one_person(error.view):
            return "You already claimed this request"
        case Refusal.YOURS:
            return "This mailbox already claimed this request"
        case Refusal.TOO_MANY:
            return "This request was changed too often"
        case Refusal.NO_CONTACT:
            return "This person does not want to be contacted"
    return "That isn't possible now"


def _text(frame: Frame, error: RefusedError) -> tuple[str, ...]:  # noqa: PLR0911 - one for each refusal
    if _is_repeated(error):
        return (f"Your choice was \u201c{LABELS[error.action]}\u201d. Pressing twice does no harm.",)
    claimed_at = error.view.progress.claimed_at
    first_claimed = f"It was first claimed {frame.clock.on(claimed_at)}." if claimed_at else ""
    match error.refusal:
        case Refusal.CLOSED:
            return (NOTHING_CHANGED, "If it was closed by mistake, reopen it.")
        case Refusal.YOURS:
            return (first_claimed,)
        case Refusal.CLAIMED:
            return (
                f"{first_claimed} {NOTHING_CHANGED}".strip(),
                "If you call the person anyway, say here how it went.",
            )
        case Refusal.NO_CONTACT:
            return (NOTHING_CHANGED, RESTORE)
        case Refusal.TOO_MANY:
            left = "It stays closed." if error.view.progress.closed_as else "You can still close it."
            return (f"More than {MOST_ACTIONS} actions are not possible. {left} {NOTHING_CHANGED}",)
    return (f"The request changed after this page was opened. {NOTHING_CHANGED}",)
