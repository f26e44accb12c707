"""A form as somebody filled it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.leads.fields import FIELDS
from submit.clean import multi_line
from submit.request import NO, YES, FieldProblem

if TYPE_CHECKING:
    from submit.form import Group


@dataclass(frozen=True, slots=True)
class Filled:
    """What a person typed into the form, and what has to change, to show both again. Values are untrusted."""

    fields: Mapping[str, object]
    problems: tuple[FieldProblem, ...] = ()

    def value(self, name: str) -> str:
        """Return what was typed."""
        given = self.fields.get(name)
        return _shown(given[-1] if isinstance(given, list) and given else given)

    def chosen(self, name: str, value: str) -> bool:
        """Whether a choice was made. The many ways to say yes and no count as such."""
        given = self.fields.get(name)
        said = {_shown(each).strip().lower() for each in (given if isinstance(given, list) else [given])}
        return bool(said & ({value} | _SYNONYMS.get(value, set())))

    def problem(self, name: str) -> str | None:
        """Return what has to change in a field."""
        return next((problem.message for problem in self.problems if problem.field == name), None)

    def touches(self, group: "Group") -> bool:
        """Whether anything in a group was typed or has to change, so that it should not be folded."""
        return any(self.value(control.name) or self.problem(control.name) for control in group.controls)

    @property
    def carried(self) -> dict[str, str]:
        """What was sent along with the form that the person did not type, to be sent along again."""
        return {name: self.value(name) for name in _CARRIED if self.value(name) and not self.problem(name)}


EMPTY = Filled({})

_SYNONYMS = {"yes": set(YES), "no": set(NO)}
_CARRIED = tuple(field.wire_name for field in FIELDS.values() if field.control == "carried")


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return multi_line(value)  # as it would be stored: without what a page cannot hold
        case int() | float():
            return str(value)
    return ""
