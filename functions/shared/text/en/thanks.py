"""What a visitor reads once we have the request: on the page, from form.js and in the confirmation email."""

from typing import Final

SHORT: Final = "Thank you"
TITLE: Final = "Thank you. We\u00a0have your request."  # no line break after "We"
REFERENCE: Final = "Your reference is {reference}. You don't need it, but it helps when you call."
NEXT: Final = "Someone from the clinic will contact you. You don't need to do anything else."
URGENT_NEXT: Final = (
    "We asked our staff to look at your request first. Until you hear from them, please use the numbers above."
)
