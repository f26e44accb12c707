"""The text of the page that finds requests."""

from typing import Final

from shared.leads.numbers import counted

LOOKED: Final = (
    "We looked for an exact phone number or email address in all requests, and for a part of a name, an address or a "
    "number in the newest 5,000 requests."
)
NOTHING_FOUND: Final = (
    "Try a part of the name, the last four digits of the phone number, or the reference. Accents and the order of "
    "names don't matter."
)
NO_REFERENCE: Final = (
    "No request has the reference {reference}. Check it for mistyped letters, or look for the person's name."
)
ONLY_REFERENCES: Final = (
    "An address can only have a reference, such as {prefix}-7Q2M-4XHD. Browsers keep addresses, so type a name, a "
    "phone number or an email address into the box below instead."
)
TOO_SHORT: Final = "Type a name, an email address, at least four digits of a phone number, or a reference."


def found_words(count: int) -> str:
    """Return how many requests were found."""
    return f"{counted(count, 'request')} found" if count else "No request found"


def too_many(shown: int) -> str:
    """Return what is said if there are more results than the page shows."""
    return f"More than {shown} requests found. These are the newest. Type more of the name to see fewer."
