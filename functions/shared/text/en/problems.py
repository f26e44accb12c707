"""What a visitor is told to change in a form. None of it repeats what was typed."""

from collections.abc import Iterable
from typing import Final

BAD_EMAIL: Final = "This does not look like an email address we can write to. Check it, e.g. name@example.com."
BAD_PHONE: Final = "This does not look like a phone number we can call. Give it with the area code."
BAD_CHOICE: Final = "Choose {choices}."
BAD_SUBMISSION_ID: Final = (
    "Use 16 to 64 letters, digits, hyphens or underscores, new for each visitor, or leave it out."
)
TOO_LONG: Final = "This is too long: shorten it to {max_length} characters."
NOT_YES_OR_NO: Final = "Send yes or no."
NOT_TEXT: Final = "Send this as text."

TOO_YOUNG: Final = "We treat people of {minimum_age} and older only."

NO_WAY_TO_REACH: Final = "Give an email address or a phone number, so that we can reach you."
NO_EMAIL_TO_WRITE_TO: Final = "You asked us to email you: give an email address, or choose another way."
NO_PHONE_TO_CALL: Final = "You asked us to call you: give a phone number, or choose another way."
NO_PHONE_TO_TEXT: Final = "You asked us to text you: give a phone number, or choose another way."
NO_CONSENT_TO_TEXTS: Final = "You asked us to text you: tick the box that allows it, or choose another way."


def listed(words: Iterable[str]) -> str:
    """Return "a, b or c"."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
