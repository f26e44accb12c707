"""The form as a page shows it: groups of controls, from the top.

Made from the table of fields, its words and clinic.toml. The sample site and docs/form.html use it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from shared.leads import fields
from shared.leads.clinic import Clinic, ConsentText
from shared.leads.fields import FIELDS, GROUPS, Field, Kind
from shared.text.en import fields as words
from shared.text.en import form, help  # noqa: A004 - the name that templates use

# Words for form.html and the templates it includes: `text.form.STAR`, `text.help.CRISIS`.
TEXT: Final = {"fields": words, "form": form, "help": help}


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One field on the page. `kind` is the field's control in the table of fields."""

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

    title: str
    controls: tuple[Control, ...]
    hint: str | None = None
    folded: bool = False
    help: bool = False  # whether it shows the numbers to call now


def groups(clinic: Clinic) -> tuple[Group, ...]:
    """Return the whole form for one clinic."""
    return tuple(
        Group(
            words.GROUPS[group.name].title,
            tuple(_control(FIELDS[name], clinic) for name in group.fields if _is_asked(FIELDS[name], clinic)),
            hint=words.GROUPS[group.name].hint,
            folded=group.folded,
            help=group.help,
        )
        for group in GROUPS
    )


def labels() -> dict[str, str]:
    """Return the label of each field, by the name that a form sends."""
    return {field.wire_name: words.FIELDS[name].label for name, field in FIELDS.items()}


def _is_asked(field: Field, clinic: Clinic) -> bool:
    return field.kind is not Kind.PLACE or bool(clinic.places)


def _control(field: Field, clinic: Clinic) -> Control:
    said = words.FIELDS[field.name]
    hint = said.page_hint.format(minimum_age=clinic.minimum_age) if said.page_hint else said.hint
    here = words.TIME_ZONES.get(clinic.time_zone, clinic.time_zone)
    return Control(
        name=field.wire_name,
        kind=field.control,
        label=_agreed_to(field, clinic).text if field.kind is Kind.CONSENT else said.label,
        hint=hint,
        required=field.required,
        max_length=field.max_length,
        autocomplete=field.autocomplete,
        options=tuple(_options(field, clinic).items()),
        none=said.nothing.format(time_zone=here) if said.nothing else None,
    )


def _agreed_to(field: Field, clinic: Clinic) -> ConsentText:
    return cast("ConsentText", getattr(clinic, field.name))


def _options(field: Field, clinic: Clinic) -> Mapping[str, str]:
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
