"""Shape of the words that every language has for one answer of the API."""

from typing import NamedTuple


class AnswerWords(NamedTuple):
    """What happened, and what to do next."""

    title: str
    detail: str
