"""The pages for what does not work at the desk: each says what happened and what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from desk.route import PageError
from desk.words.refused import NOTHING_CHANGED

_RETRY: Final = {"Retry-After": "60"}
_AGAIN: Final = ("", "Sign in")
_ADMINISTRATOR: Final = "your system administrator"


def signed_out() -> PageError:
    """Return the page for a form that somebody sent after their session had ended."""
    return PageError(
        HTTPStatus.UNAUTHORIZED,
        "You are signed out",
        f"{NOTHING_CHANGED} You were away for a while, or you signed out in another window.",
        "If you wrote something, go back and copy it. Then sign in and send it again.",
        link=_AGAIN,
    )


def no_role(email: str) -> PageError:
    """Return the page for an account without a role."""
    return PageError(
        HTTPStatus.FORBIDDEN,
        "Your account has no role here",
        f"You signed in as {email}, but this account may not see requests.",
        f"Ask {_ADMINISTRATOR} to give it a role. Then sign in again.",
        link=_AGAIN,
    )


def not_for_this_role() -> PageError:
    """Return the page for a route that needs another role."""
    return PageError(
        HTTPStatus.FORBIDDEN,
        "This page is for managers",
        f"{NOTHING_CHANGED} If you need it for your work, ask a manager.",
    )


def foreign_form() -> PageError:
    """Return the page for a form that is not from a page of this session."""
    return PageError(
        HTTPStatus.FORBIDDEN,
        "We couldn't accept this form",
        f"{NOTHING_CHANGED} The page was from an earlier sign-in, or the form didn't come from the desk.",
        "If you wrote something, go back and copy it. Then open the page again and send it from there.",
    )


def bad_form() -> PageError:
    """Return the page for a body that no page of the desk sends. It shows nothing of the body."""
    return PageError(
        HTTPStatus.BAD_REQUEST,
        "We couldn't read your form",
        f"{NOTHING_CHANGED} It may be too long. Open the page again, and send it from there.",
    )


def not_found() -> PageError:
    """Return the page for an unknown address."""
    return PageError(
        HTTPStatus.NOT_FOUND,
        "There is no such page",
        "The address may be incomplete. If you followed a link in an email, open it there again.",
    )


def not_allowed(allow: str) -> PageError:
    """Return the page for an HTTP method that the address does not support."""
    return PageError(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "That isn't possible here",
        f"{NOTHING_CHANGED} Go back, and use the buttons of the page.",
        headers={"Allow": allow},
    )


def sign_in_again() -> PageError:
    """Return the page for a sign-in that this browser did not begin, began too long ago, or finished already."""
    return PageError(
        HTTPStatus.BAD_REQUEST,
        "Please sign in again",
        "This sign-in took more than ten minutes, was used already, or began in another browser.",
        link=_AGAIN,
    )


def sign_in_refused() -> PageError:
    """Return the page for a sign-in that Cognito or our own checks did not accept."""
    return PageError(
        HTTPStatus.FORBIDDEN,
        "You couldn't be signed in",
        f"Please try again. If that doesn't help, tell {_ADMINISTRATOR}.",
        link=_AGAIN,
    )


def sign_in_out_of_reach() -> PageError:
    """Return the page if Cognito does not answer during a sign-in or when a session is checked."""
    return PageError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "We can't check your account right now",
        "Until we can, the desk shows and changes nothing. Please try again in a minute.",
        "The links in the emails about requests still work.",
        headers=_RETRY,
    )


def signed_out_of_the_desk_only(headers: Mapping[str, str]) -> PageError:
    """Return the page for a sign-out that could not reach Cognito."""
    return PageError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "You are signed out of the desk only",
        "We couldn't reach the sign-in page, so this browser may sign you in again without your password.",
        "If others use this computer, close all windows of the browser.",
        link=_AGAIN,
        headers=headers,
    )


def audit_out_of_reach() -> PageError:
    """Return the page if the audit cannot be written."""
    return PageError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "We can't keep records right now",
        "The desk must record who sees and changes what. Until it can, it shows nothing. Please try again in a minute.",
        "The links in the emails about requests still work.",
        headers=_RETRY,
    )


def out_of_reach(*, changing: bool) -> PageError:
    """Return the page for our own failure. `changing` is whether somebody sent a form."""
    title, text = (
        (
            "Your change may not have been saved",
            "We're having a technical problem. Look at the request before you try again.",
        )
        if changing
        else ("We couldn't show this page", "We're having a technical problem. Please try again in a minute.")
    )
    return PageError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        title,
        text,
        "The links in the emails about requests still work.",
        headers=_RETRY,
    )
