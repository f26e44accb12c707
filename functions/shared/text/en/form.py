"""What a visitor reads on the form besides its fields. fields.py has those."""

from typing import Final

STAR: Final = "A star {star} marks what we need to know. The rest is up to you."
OPTIONAL: Final = "(optional)"
NOT_FOR_EMERGENCIES: Final = "This form is not for emergencies."
NOT_READ_AT_ONCE: Final = "We don't read it around the clock."
