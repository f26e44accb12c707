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


def no_such_request() -> PageError:
    """Return the page for a request that was deleted, or that never existed."""
    return PageError(
        HTTPStatus.NOT_FOUND,
        "There is no such request",
        "It was deleted, or the address is cut off or mistyped. Nothing was changed.",
        "If you have its reference, look for it with the box at the top.",
    )
