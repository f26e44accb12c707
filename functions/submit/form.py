"""The forms as a page shows them: groups of controls, from the top.

Made from the table of fields, its words and clinic.toml. The sample site and the forms to paste in docs use them too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from shared.leads import fields
from shared.leads.choices import labels_of
from shared.leads.clinic import Clinic, ConsentText
from shared.leads.fields import FIELDS, FORMS, GROUPS, Field, Kind
from shared.text import Text
from shared.text.words import FieldWords

if TYPE_CHECKING:
    from shared.leads.questions import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One field on the page. `kind` is the field's control in the table of fields."""

    id: str  # unique on the page
    name: str
    kind: fields.Control
    label: str
    hint: str | None = None
    required: bool = False
    max_length: int | None = None
    autocomplete: str | None = None
    options: tuple[tuple[str, str], ...] = ()  # (value sent, label)
    none: str | None = None  # the label of the empty choice, if there is one


@dataclass(frozen=True, slots=True)
class Group:
    """Controls that belong together. A group that staff do not need for a call starts folded."""

    id: str  # unique on the page
    title: str
    controls: tuple[Control, ...]
    hint: str | None = None
    folded: bool = False
    help: bool = False  # whether it shows the numbers to call now


def groups(clinic: Clinic, form_name: str, prefix: str, text: Text) -> tuple[Group, ...]:
    """Return a whole form for one clinic and language: one of FORMS in the table of fields, or the consultation form.

    `form_name` may be anything that a visitor sent. `prefix` starts every id. Forms on the same page share fields, so
    each needs its own prefix. The clinic's own questions come after the fields of their group; short forms have none.
    """
    return tuple(
        Group(
            f"{prefix}{group.name}",
            text.fields.GROUPS[group.name].title,
            (
                *(
                    _control(FIELDS[name], group, clinic, prefix, text)
                    for name in group.fields
                    if _is_asked(FIELDS[name], clinic)
                ),
                *(
                    _own_control(question, clinic, prefix, text)
                    for question in clinic.questions
                    if question.group == group.name
                ),
            ),
            hint=text.fields.GROUPS[group.name].hint,
            folded=group.folded,
            help=group.help,
        )
        for group in FORMS.get(form_name, GROUPS)
    )


def labels(clinic: Clinic, text: Text) -> dict[str, str]:
    """Return the label of each field on a page, by the name that a form sends."""
    own = {question.id: question.label.of(text.code) for question in clinic.questions}
    return {field.wire_name: _label(text.fields.FIELDS[name], clinic) for name, field in FIELDS.items()} | own


def _is_asked(field: Field, clinic: Clinic) -> bool:
    return field.kind is not Kind.PLACE or bool(clinic.places)


def _control(field: Field, group: fields.Group, clinic: Clinic, prefix: str, text: Text) -> Control:
    words = text.fields
    said = words.FIELDS[field.name]
    label = words.GROUPS[group.name].labels.get(field.name) or _label(said, clinic)
    here = words.TIME_ZONES.get(clinic.time_zone, clinic.time_zone)
    return Control(
        id=f"{prefix}{field.wire_name}",
        name=field.wire_name,
        kind=field.control,
        label=_agreed_to(field, clinic).text.of(text.code) if field.kind is Kind.CONSENT else label,
        hint=_hint(field, said, clinic, text),
        required=field.required or field.name in group.needed,
        max_length=field.max_length,
        autocomplete=field.autocomplete,
        options=tuple(_options(field, clinic, text).items()),
        none=said.nothing.format(time_zone=here) if said.nothing else None,
    )


def _own_control(question: "Question", clinic: Clinic, prefix: str, text: Text) -> Control:
    field = question.field
    return Control(
        id=f"{prefix}{question.id}",
        name=question.id,
        kind=field.control,
        label=question.label.of(text.code),
        hint=question.hint.of(text.code) if question.hint else None,
        required=question.required,
        max_length=field.max_length,
        options=tuple(_options(field, clinic, text).items()),
        none=text.form.CHOOSE if field.control == "select" else None,
    )


def _label(said: FieldWords, clinic: Clinic) -> str:
    return said.page_label.format(minimum_age=clinic.minimum_age) if said.page_label else said.label


def _hint(field: Field, said: FieldWords, clinic: Clinic, text: Text) -> str | None:
    if field.name == "in_crisis":
        return text.form.CRISIS_WITHOUT_CONSENT if clinic.crisis_without_consent else text.form.CRISIS
    return said.page_hint.format(minimum_age=clinic.minimum_age) if said.page_hint else said.hint


def _agreed_to(field: Field, clinic: Clinic) -> ConsentText:
    return cast("ConsentText", getattr(clinic, field.name))


def _options(field: Field, clinic: Clinic, text: Text) -> Mapping[str, str]:
    match field.kind:
        case Kind.CHOICE | Kind.SEVERAL | Kind.PLACE:
            return labels_of(field, clinic, text)
        case Kind.YES_NO if field.control == "radio":
            return text.fields.YES_OR_NO
        case Kind.TIME_ZONE:
            return text.fields.TIME_ZONES
    return {}
