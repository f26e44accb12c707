"""What a visitor reads in the confirmation email, besides the help and the thanks."""

from typing import Final

SUBJECT: Final = "We have your request ({reference})"
NEXT: Final = "What happens next"
DO_NOT_WAIT: Final = "Please don't wait for us."
CHANGE: Final = "If you change your mind"
WITHDRAW: Final = (
    "Call the clinic, tell us your reference, and say that you want to withdraw your request. We will not contact you "
    "about it again."
)
NOT_YOU: Final = (
    "If you didn't send us a request, someone typed your address by mistake. You don't need to do anything. Please "
    "don't reply to this email. Call us instead."
)
