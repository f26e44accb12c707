"""The shape of the words for one answer of the API, the same in every language."""

from typing import NamedTuple


class AnswerWords(NamedTuple):
    """What happened, and what to do next. `for_developers` is for people who build the clinic's site."""

    title: str
    detail: str
    for_developers: str | None = None
