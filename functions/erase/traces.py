"""Recognizes the traces of a person in an item: contact details, name and longer texts."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from shared.leads.contact import normalize_email

if TYPE_CHECKING:
    from shared.store.keys import Item

_PHONE: Final = re.compile(r"(\+[0-9]+)( ext\. [0-9]+)?", re.ASCII)
_HOME: Final = "+1"
# What people type between the digits of a number.
_BETWEEN: Final = re.compile(r"[\s().+/-]+")


class Words:
    """The text of an item, in the forms in which traces are looked for. Each is made when it is first needed."""

    def __init__(self, item: "Item") -> None:
        self._item = item

    @cached_property
    def text(self) -> str:
        """Every string in the item, in lower case."""
        return "|".join(_strings(dict(self._item))).lower()

    @cached_property
    def digits(self) -> str:
        """The same text without what people type between digits."""
        return _BETWEEN.sub("", self.text)


class Traces:
    """What to look for in the items of the table."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: set[str] = set()
        self._numbers: set[str] = set()
        for text in texts:
            if number := _PHONE.fullmatch(text):
                # Also finds it with its country code.
                self._numbers.add(number[1].removeprefix(_HOME).removeprefix("+"))
            else:
                self._texts.add(text.lower())

    def are_in(self, words: Words) -> bool:
        """Whether an item has one of them, in any attribute and in any case."""
        return any(text in words.text for text in self._texts) or any(
            number in words.digits for number in self._numbers
        )


def addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the email addresses among the texts that an order looks for."""
    return tuple(text for text in texts if normalize_email(text) == text)


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any value in DynamoDB's typed form
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _strings(each)
        case list() | set() | tuple():
            for each in value:
                yield from _strings(each)
