"""What a visitor reads on the built-in pages, besides the form, the answers and the help."""

from typing import Final

CALL_NOW: Final = "Call or text {crisis_line} now. If you are in danger, call {emergency_number}."
BACK: Final = "Back to the clinic's website"

# The form, shown again because something has to change.
AGAIN: Final = "Your request"
KEPT: Final = "Everything you typed is still here."
SEND_AGAIN: Final = "Send it again"
THE_FORM: Final = "The form"  # the label of an unknown field
