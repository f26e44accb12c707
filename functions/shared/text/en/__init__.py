"""American English."""

from typing import Final

LANGUAGE: Final = "en"  # for the lang attribute of pages
