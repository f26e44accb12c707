"""What a visitor reads in the confirmation email, besides the help and the thanks."""

from typing import Final

SUBJECT: Final = "We have your request ({reference})"
NEXT: Final = "What happens next"
DO_NOT_WAIT: Final = "Please don't wait for us."
CHANGE: Final = "If you change your mind"
WITHDRAW: Final = (
    "You can withdraw your consent at any time: to all contact about your request, only to texts, or only to news by "
    "email. You can also ask us for a copy of your data, or ask us to erase it."
)
HOW: Final = (
    "Call us at {clinic_phone} and tell us your reference, {reference}. Please don't reply to this email: nobody reads "
    "the replies."
)
NOT_YOU: Final = (
    "If you didn't send us a request, someone typed your address by mistake. You don't need to do anything."
)
