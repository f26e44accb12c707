"""What a visitor reads on the built-in pages, besides the form, the answers and the help."""

from typing import Final

BACK: Final = "Back to the clinic's website"

# The form, shown again because something has to change.
AGAIN: Final = "Your request"
KEPT: Final = "Everything you typed is still here."
REST_KEPT: Final = "Everything else you typed is still here."
MOST_KEPT: Final = "Most of what you typed is still here. Please check it before you send it."
NOT_KEPT: Final = "What you typed is not on this page. Your browser's Back button may bring it back."
NAMES_ONLY: Final = "To protect you, we left this out: {names}. You don't need to send it."
ALSO: Final = "Also in your request"
ALSO_HINT: Final = "These answers have no place in the form above. They are sent again with it."
SEND_AGAIN: Final = "Send it again"
SEND: Final = "Send my request"
THE_FORM: Final = "The form"  # the label of an unknown field
DEVELOPERS: Final = "For the developer of this site"

# The page at the API's own address.
START_TITLE: Final = "This is where the clinic's website sends requests"
START_SHORT: Final = "Requests"
START: Final = (
    "There is nothing to fill in here. To ask for a consultation, use the form on the clinic's website or call."
)
