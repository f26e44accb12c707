"""A form as a visitor filled it in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.leads.fields import FIELDS
from shared.text import LANGUAGES
from shared.text import text as words
from submit.clean import multi_line
from submit.request import FieldProblem
from submit.saying import choice

if TYPE_CHECKING:
    from submit.form import Group

type Options = Iterable[tuple[str, str]]  # values and labels


@dataclass(frozen=True, slots=True)
class Filled:
    """What a visitor typed and what has to change, so a page can show both. Values are untrusted."""

    fields: Mapping[str, object]
    problems: tuple[FieldProblem, ...] = ()

    def value(self, name: str) -> str:
        """Return the text in a field."""
        given = self.fields.get(name)
        return _shown(given[-1] if isinstance(given, list) and given else given)

    def values(self, name: str) -> list[str]:
        """Return the texts in a field that are not empty. Of very many, only the first ones."""
        given = self.fields.get(name)
        texts = (_shown(each).strip() for each in (given[:_MOST] if isinstance(given, list) else [given]))
        return [text for text in texts if text]

    def is_readable(self, name: str) -> bool:
        """Return whether `values` has all that was sent in a field."""
        given = self.fields.get(name)
        sent = given if isinstance(given, list) else [given]
        return len(sent) <= _MOST and not any(isinstance(each, (list, dict)) for each in sent)

    def chosen(self, name: str, value: str, label: str = "", offered: Options = ()) -> bool:
        """Return whether a choice was made, by its value or by its label. `offered` are all options of the page."""
        return any(is_choice(name, text, value, label, offered) for text in self.values(name))

    def problem(self, name: str) -> str | None:
        """Return what has to change in a field, if anything."""
        return next((problem.message for problem in self.problems if problem.field == name), None)

    def touches(self, group: "Group") -> bool:
        """Return whether a group has text or problems in it. Such a group must not be folded."""
        return any(self.value(control.name) or self.problem(control.name) for control in group.controls)

    @property
    def carried(self) -> dict[str, str]:
        """Fields that the visitor did not type, such as the page, to send again with the form.

        If the page asks about a mistyped address, sending it again as it is insists on it.
        """
        kept = {name: self.value(name) for name in _CARRIED if self.value(name) and not self.problem(name)}
        asked = any(problem.suggestion for problem in self.problems)
        insists = self.value("email") if asked else self.value("email_as_typed")
        return kept | ({"email_as_typed": insists} if insists else {})


EMPTY = Filled({})

_MOST = 100  # values of one field; far more than any form has, and few enough for a page to look at them several times
_CARRIED = tuple(field.wire_name for field in FIELDS.values() if field.control == "carried")


def is_choice(name: str, text: str, value: str, label: str, offered: Options = ()) -> bool:
    """Return whether `text` makes the choice `value` of a field, by its value or its label in any language.

    A page shows `label`, and `offered` are all its options. A text that names one of them, or a choice in an earlier
    language, loads no further language.
    """
    if choice(text, {value: label or value}) is not None:
        return True
    if choice(text, dict(offered)) is not None:
        return False  # it names another one
    for code in LANGUAGES:
        fields = words(code).fields.FIELDS
        known = fields[name].choices if name in fields else {}
        if value not in known:
            return False  # such as yes, or a choice of the clinic's own: it has no other words
        if (found := choice(text, known)) is not None:
            return found == value
    return False


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return multi_line(value)  # as it would be stored, without characters that a page cannot show
        case int() | float():
            return str(value)
    return ""
