"""What a visitor reads on the form besides its fields. fields.py has those."""

from typing import Final

STAR: Final = "We need the answers with a star {star} and one way to reach you. The rest is up to you."
CHOOSE: Final = "Please choose"  # the empty choice of a list
OPTIONAL: Final = "(optional)"
TRAP: Final = "Leave this empty"  # the label of the trap, in case somebody hears it read out

# The button of each form. A page that shows a form again has its own.
BUTTONS: Final = {"consultation": "Send my request", "reply": "Send my reply", "callback": "Call me back"}

# Beside the numbers to call now.
DO_NOT_WAIT: Final = "If you need help now, please don't wait for us."
NOT_READ_AT_ONCE: Final = "It may be a while before someone reads this form."

# What happens if the visitor says that they are in crisis. The second is for a clinic with `crisis_without_consent`.
CRISIS: Final = "We ask our staff to look at this first, at any hour."
CRISIS_WITHOUT_CONSENT: Final = (
    "We ask our staff to look at this first, at any hour. All we need is a phone number or an email address. You can "
    "skip the rest."
)
