"""The forms as a page shows them: groups of controls, from the top.

Made from the table of fields, its words and clinic.toml. The sample site and the forms to paste in docs use them too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from shared.leads import fields
from shared.leads.clinic import Clinic, ConsentText
from shared.leads.fields import FIELDS, FORMS, GROUPS, Field, Kind
from shared.text import Text
from shared.text.words import FieldWords


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
    each needs its own prefix.
    """
    return tuple(
        Group(
            f"{prefix}{group.name}",
            text.fields.GROUPS[group.name].title,
            tuple(
                _control(FIELDS[name], group, clinic, prefix, text)
                for name in group.fields
                if _is_asked(FIELDS[name], clinic)
            ),
            hint=text.fields.GROUPS[group.name].hint,
            folded=group.folded,
            help=group.help,
        )
        for group in FORMS.get(form_name, GROUPS)
    )


def labels(clinic: Clinic, text: Text) -> dict[str, str]:
    """Return the label of each field on a page, by the name that a form sends."""
    return {field.wire_name: _label(text.fields.FIELDS[name], clinic) for name, field in FIELDS.items()}


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
        label=_agreed_to(field, clinic).text if field.kind is Kind.CONSENT else label,
        hint=_hint(field, said, clinic, text),
        required=field.required or field.name in group.needed,
        max_length=field.max_length,
        autocomplete=field.autocomplete,
        options=tuple(_options(field, clinic, text).items()),
        none=said.nothing.format(time_zone=here) if said.nothing else None,
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
    words = text.fields
    match field.kind:
        case Kind.CHOICE | Kind.SEVERAL:
            return {choice: words.FIELDS[field.name].choices[choice] for choice in field.choices}
        case Kind.YES_NO if field.control == "radio":
            return words.YES_OR_NO
        case Kind.PLACE:
            return clinic.place_names
        case Kind.TIME_ZONE:
            return words.TIME_ZONES
    return {}
