"""The shape of the words for one answer of the API, the same in every language."""

from typing import NamedTuple


class AnswerWords(NamedTuple):
    """What happened, and what to do next."""

    title: str
    detail: str
