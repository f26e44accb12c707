"""A visitor's own words, apart from ours."""

import unicodedata
from typing import Literal, NamedTuple

from shared.messages.inert import inert


class Quote(NamedTuple):
    """Text that a visitor typed. Emails mark each of its lines, so none of them looks like our own sentence."""

    text: str

    @classmethod
    def of(cls, typed: str) -> "Quote":
        """Return a quote of `typed` that no email client turns into a link."""
        return cls(inert(typed))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the text."""
        return tuple(self.text.splitlines()) or ("",)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The direction of the first letter that has one. Not all email clients can find out."""
        strong = (unicodedata.bidirectional(character) for character in self.text)
        return "rtl" if next((each for each in strong if each in {"L", "R", "AL"}), "L") != "L" else "ltr"


class Words(NamedTuple):
    """An answer in words: ours, or the visitor's own if `typed`."""

    text: str
    typed: bool = False
