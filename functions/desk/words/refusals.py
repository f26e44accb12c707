"""The pages about an address of the desk that shows nothing."""

from http import HTTPStatus

from desk.route import PageError


def no_such_list() -> PageError:
    """Return the page for the name of a list that does not exist."""
    return PageError(
        HTTPStatus.NOT_FOUND,
        "There is no such list",
        "The address is cut off or mistyped.",
    )


def erased() -> PageError:
    """Return the page for a request that was erased."""
    return PageError(
        HTTPStatus.GONE,
        "This request was erased",
        "Everything that we stored about it was deleted, because somebody asked for that. Nobody can bring it back.",
    )


def too_large() -> PageError:
    """Return the page for an export that is larger than an answer of the desk can be."""
    return PageError(
        HTTPStatus.CONTENT_TOO_LARGE,
        "This export is too large for the desk",
        "Ask your system administrator to export it with a command. Nothing was changed.",
    )


def no_such_format() -> PageError:
    """Return the page for an export in a format that does not exist."""
    return PageError(
        HTTPStatus.BAD_REQUEST, "No format is chosen", "Go back, and press one of the two buttons of the export."
    )


def no_such_month() -> PageError:
    """Return the page for the report of a month that the desk does not have."""
    return PageError(
        HTTPStatus.NOT_FOUND,
        "There is no report of this month",
        "The desk has the reports of this month and of the 12 months before.",
        link=("/report", "Go to the report of this month"),
    )


def no_such_file() -> PageError:
    """Return the page for a CSV file that would have no request."""
    return PageError(
        HTTPStatus.BAD_REQUEST,
        "This file has no requests",
        "They were deleted meanwhile, or the form is an old one. Open the report again, and download from there.",
        link=("/report", "Go to the report"),
    )


def no_such_request() -> PageError:
    """Return the page for a request that was deleted, or that never existed."""
    return PageError(
        HTTPStatus.NOT_FOUND,
        "There is no such request",
        "It was deleted, or the address is cut off or mistyped. Nothing was changed.",
        "If you have its reference, look for it with the box at the top.",
    )
