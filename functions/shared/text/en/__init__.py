"""American English."""

from typing import Final

NAMES: Final = ("english", "inglés", "ingles")  # what a form may call it, in small letters
NAME_FOR_STAFF: Final = "English"
