"""The clinic's own questions, `[[questions]]` in clinic.toml. A lead stores their answers as `own_answers`."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Final, Literal

from shared.leads.fields import Control, Field, Kind, Section, Shown, Stored
from shared.leads.localized import Localized, localized

MAX_TEXT_LENGTH: Final = 500  # characters of an answer in words
_MOST_BUTTONS: Final = 5  # a longer choice is a list, so that a phone shows it in one line

type QuestionKind = Literal["text", "yes_no", "choice", "several"]

_KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind.TEXT,
    "yes_no": Kind.YES_NO,
    "choice": Kind.CHOICE,
    "several": Kind.SEVERAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One of the clinic's own questions."""

    id: str  # what a form sends
    kind: QuestionKind
    label: Localized
    group: str  # the group of the consultation form that shows it, after the group's own fields: fields.GROUPS
    health: bool  # whether the answer is about health: emails show it only if they may show everything
    staff_label: str  # what staff read before the answer
    hint: Localized | None = None
    choices: Mapping[str, Localized] = attribute(default_factory=dict, hash=False)  # by id, in the order of the form
    required: bool = False

    @property
    def field(self) -> Field:
        """This question as a field, so that what reads and shows fields does so with it."""
        return Field(
            name=self.id,
            kind=_KINDS[self.kind],
            control=self._control,
            stored=Stored.ANSWER,
            shown=self.shown,
            required=self.required,
            max_length=MAX_TEXT_LENGTH if self.kind == "text" else None,
            choices=tuple(self.choices),
        )

    @property
    def shown(self) -> Shown:
        """Where staff see the answer, and under which label."""
        return Shown(self.section, self.staff_label)

    @property
    def section(self) -> Section:
        """The section of emails and of the desk that shows the answer. Any words may say something about health."""
        if self.health:
            return Section.TALKING_POINTS
        return Section.MESSAGE if self.kind == "text" else Section.WHO

    @property
    def _control(self) -> Control:
        match self.kind:
            case "text":
                return "text"
            case "several":
                return "checkboxes"
            case "choice" if len(self.choices) > _MOST_BUTTONS:
                return "select"
        return "radio"


def question_of(written: Mapping[str, Any], languages: tuple[str, ...]) -> Question:
    """Return the question that a checked clinic.toml describes."""
    label, hint = localized(written["label"], languages), written.get("hint")
    return Question(
        id=written["id"],
        kind=written["kind"],
        label=label,
        group=written["group"],
        health=written["health"],
        staff_label=written.get("staff_label") or label.for_staff.rstrip("?: "),
        hint=None if hint is None else localized(hint, languages),
        choices={choice: localized(each, languages) for choice, each in written.get("choices", {}).items()},
        required=written.get("required", False),
    )
