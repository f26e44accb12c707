"""A form as a visitor filled it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.leads.fields import FIELDS
from shared.text.en import fields as words
from submit.clean import multi_line
from submit.request import FieldProblem
from submit.saying import choice, yes_or_no

if TYPE_CHECKING:
    from submit.form import Group


@dataclass(frozen=True, slots=True)
class Filled:
    """What a visitor typed and what has to change, so a page can show both. Values are untrusted."""

    fields: Mapping[str, object]
    problems: tuple[FieldProblem, ...] = ()

    def value(self, name: str) -> str:
        """Return the text in a field."""
        given = self.fields.get(name)
        return _shown(given[-1] if isinstance(given, list) and given else given)

    def chosen(self, name: str, value: str) -> bool:
        """Return whether a choice was made. Every accepted spelling of yes and no counts, and so do labels."""
        given = self.fields.get(name)
        several = given if isinstance(given, list) else [given]
        if value in words.YES_OR_NO:
            return any(yes_or_no(each) is (value == "yes") for each in several)
        known = {value: words.FIELDS[name].choices.get(value, value)} if name in words.FIELDS else {}
        return any(choice(each, known) is not None for each in several)

    def problem(self, name: str) -> str | None:
        """Return what has to change in a field, if anything."""
        return next((problem.message for problem in self.problems if problem.field == name), None)

    def touches(self, group: "Group") -> bool:
        """Return whether a group has text or problems in it. Such a group must not be folded."""
        return any(self.value(control.name) or self.problem(control.name) for control in group.controls)

    @property
    def carried(self) -> dict[str, str]:
        """Fields that the visitor did not type, such as the page, to send again with the form."""
        return {name: self.value(name) for name in _CARRIED if self.value(name) and not self.problem(name)}


EMPTY = Filled({})

_CARRIED = tuple(field.wire_name for field in FIELDS.values() if field.control == "carried")


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return multi_line(value)  # as it would be stored, without characters that a page cannot show
        case int() | float():
            return str(value)
    return ""
