"""Where a visitor can get help now. Every page, every answer and the confirmation email use these words."""

from typing import Final

TITLE: Final = "If you need help now"
DANGER: Final = "In danger? Call {emergency_number}."
CRISIS: Final = "In crisis? {call} or {text}, day or night."  # filled with the two below
CALL: Final = "Call {crisis_line}"
TEXT: Final = "text {crisis_line}"
CLINIC: Final = "To reach the clinic, call {clinic_phone}."

IN_CRISIS: Final = "We're glad you told us. Please don't wait for us."
# All of it as one text, for a script that shows no other help.
PLAIN: Final = (
    "If you are in danger now, call {emergency_number}. If you are in crisis, call or text {crisis_line}, any time. "
    "To reach the clinic, call {clinic_phone}."
)
