"""American English."""

from typing import Final

LANGUAGE: Final = "en"  # for the lang attribute of pages
NAME: Final = "English"
NAME_FOR_STAFF: Final = "English"
