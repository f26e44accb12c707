"""The choices of a field and the words for them. Everything that shows, reads or lists choices asks here.

They are the built-in ones (fields.py and the words in shared/text), or the clinic's own from clinic.toml.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.leads.clinic import Clinic
from shared.leads.fields import Field, Kind

if TYPE_CHECKING:
    from shared.leads.localized import Localized
    from shared.text import Text


def choices_of(field: Field, clinic: Clinic) -> tuple[str, ...]:
    """Return what a form may send and a lead may store for a field, in display order."""
    own = own_choices(field, clinic)
    return field.choices if own is None else tuple(own)


def labels_of(field: Field, clinic: Clinic, text: "Text") -> Mapping[str, str]:
    """Return the label of each choice of a field, in display order and in the language of `text`."""
    own = own_choices(field, clinic)
    if own is not None:
        return {choice: label.of(text.code) for choice, label in own.items()}
    labels = text.fields.FIELDS[field.name].choices
    return {choice: labels[choice] for choice in field.choices}


def own_choices(field: Field, clinic: Clinic) -> "Mapping[str, Localized] | None":
    """Return the choices that clinic.toml has for a field, or None if it has the built-in ones."""
    if field.kind is Kind.PLACE:
        return {place.id: place.name for place in clinic.places}
    if (own := clinic.choices.get(field.name)) is not None:
        return own
    question = clinic.question(field.name) if clinic.questions else None
    return None if question is None else question.choices
