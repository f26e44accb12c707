"""Every sentence that a visitor reads. Each language is one folder with the same modules and the same names."""

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shared.text import shape

DEFAULT: Final = "en"
_LONGEST: Final = 100  # characters of a language's name

# The folders here, English first. os.listdir costs a cold start less than pathlib.
LANGUAGES: Final[tuple[str, ...]] = tuple(
    sorted(
        (name for name in os.listdir(os.path.dirname(__file__)) if name.isalpha()),  # noqa: PTH120, PTH208
        key=lambda name: (name != DEFAULT, name),
    )
)


class Text:
    """The words of one language. Each attribute is a module of its folder, loaded when somebody first needs it."""

    if TYPE_CHECKING:
        answers: shape.Answers
        confirmation: shape.Confirmation
        fields: shape.Fields
        form: shape.Form
        help: shape.Help
        pages: shape.Pages
        problems: shape.Problems
        script: shape.Script
        thanks: shape.Thanks

    def __init__(self, code: str) -> None:
        self.code: Final = code

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - mypy knows the modules from above
        """Load a module. Afterward it is an attribute like others, so this is not called again."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            found = _module(f"shared.text.{self.code}.{name}")
        except ModuleNotFoundError:
            raise AttributeError(name) from None
        setattr(self, name, found)
        return found

    @property
    def name_for_staff(self) -> str:
        """The language's name in English."""
        return str(_module(f"shared.text.{self.code}").NAME_FOR_STAFF)


@cache
def text(language: str) -> Text:
    """Return the words of a language. Raises KeyError if there is no folder for it."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Text(language)


def language_of(value: object) -> str | None:
    """Return the language that a form or a page names, such as "es-MX" or "Español", or None if we do not have it."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    said = value.strip().casefold()
    code = said.replace("_", "-").partition("-")[0]
    if code in LANGUAGES:
        return code
    return next((each for each in LANGUAGES if said in _module(f"shared.text.{each}").NAMES), None)


def _module(name: str) -> Any:  # noqa: ANN401 - a module's names have many types
    __import__(name)
    return sys.modules[name]
