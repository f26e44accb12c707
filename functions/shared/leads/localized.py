"""A text of the clinic for visitors, in each of its languages."""

from collections.abc import Mapping
from typing import Final, NamedTuple

STAFF_LANGUAGE: Final = "en"


class Localized(NamedTuple):
    """A text in each of the clinic's languages: (language, text), the clinic's first language first.

    A text for all languages is one pair with the language "".
    """

    texts: tuple[tuple[str, str], ...]

    def of(self, language: str) -> str:
        """Return the text in a language, or in the clinic's first one."""
        return next((text for code, text in self.texts if code == language), self.texts[0][1])

    @property
    def for_staff(self) -> str:
        """The text that staff read."""
        return self.of(STAFF_LANGUAGE)

    @property
    def all(self) -> tuple[str, ...]:
        """Each different text."""
        return tuple(dict.fromkeys(text for _, text in self.texts))


def localized(written: str | Mapping[str, str], languages: tuple[str, ...]) -> Localized:
    """Return a text as clinic.toml has it: one for every language, or a table by language."""
    if isinstance(written, str):
        return Localized((("", written),))
    return Localized(tuple((code, written[code]) for code in languages))
