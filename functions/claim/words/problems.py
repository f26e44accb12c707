"""The pages for links that do not work, and for failures."""

from http import HTTPStatus
from typing import Final

from claim.form import Press
from claim.words.buttons import again
from claim.words.refused import NOTHING_CHANGED
from claim.words.said import Said
from shared.leads.clinic import Clinic
from shared.leads.link import LINK_LIFE, Link


def expired(reference: str) -> Said:
    """Return the page for a link that is too old."""
    return Said(
        status=HTTPStatus.GONE,
        title="This link has expired",
        facts=(("Reference", reference),),
        text=(
            f"Links work for {LINK_LIFE.days} days after their email is sent. {NOTHING_CHANGED}",
            "Look for a newer email about this request. Its links may still work.",
        ),
    )


def former_recipient(reference: str) -> Said:
    """Return the page for the link of a recipient who left the clinic's list."""
    return Said(
        status=HTTPStatus.GONE,
        title="This link no longer works",
        facts=(("Reference", reference),),
        text=(
            f"The email went to an address that is no longer on the clinic's list. {NOTHING_CHANGED}",
            "Ask a colleague who gets these emails to look after this request.",
        ),
    )


def deleted(link: Link, clinic: Clinic) -> Said:
    """Return the page for a lead that no longer exists."""
    return Said(
        status=HTTPStatus.NOT_FOUND,
        title="This request no longer exists",
        facts=(("Reference", link.reference(clinic.reference_prefix)),),
        text=("It was deleted. We will send no more emails about it, and you don't need to do anything.",),
    )


def erased() -> Said:
    """Return the page for a lead that was erased. It shows nothing of the lead, not even its reference."""
    return Said(status=HTTPStatus.GONE, title="This request was erased", text=())


def bad_link() -> Said:
    """Return the page for an invalid token. It shows nothing of the token, which may be any text."""
    return Said(
        status=HTTPStatus.BAD_REQUEST,
        title="This link is incomplete",
        text=(
            f"Its address was cut off or changed. {NOTHING_CHANGED}",
            "Open the email again and use the link there, or copy the whole address of the link.",
            "If that doesn't help, use another email about the same request.",
        ),
    )


def bad_form() -> Said:
    """Return the page for a body that no button sends. It shows nothing of the body, which may be any text."""
    return Said(
        status=HTTPStatus.BAD_REQUEST,
        title="We couldn't read your choice",
        text=(NOTHING_CHANGED, "Open the link in the email again, and press a button on its page."),
    )


def not_allowed() -> Said:
    """Return the page for an HTTP method other than GET, HEAD and POST."""
    return Said(
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        title="That isn't possible here",
        text=(f"You can open this page and press its buttons. {NOTHING_CHANGED}", "Open the link in the email."),
        headers={"Allow": "GET, HEAD, POST"},
    )


_RETRY: Final = {"Retry-After": "60"}
_CALL_FIRST: Final = "If you are about to call the person, don't wait for this page."


def out_of_reach() -> Said:
    """Return the page if a service that we need fails when a link is opened."""
    return Said(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="We couldn't look up this request",
        text=("We're having a technical problem. Please open the link again in a minute.", _CALL_FIRST),
        headers=_RETRY,
    )


def maybe_saved(press: Press | None) -> Said:
    """Return the page if a service that we need fails after a press.

    We do not always know whether the choice was saved, so the page does not say that it was lost.
    """
    return Said(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="Your choice may not have been saved",
        text=(
            "We're having a technical problem. Please try again in a minute.",
            "Pressing twice does no harm, and the reminders continue until your choice is saved.",
            _CALL_FIRST,
        ),
        buttons=(again(press),),
        headers=_RETRY,
    )
