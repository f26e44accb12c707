"""Rules that the table of fields and its words must keep. A violation names the file to edit."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from shared.leads.fields import FIELDS, GROUPS, Field, Group, Kind, Nowhere, Section, Stored
from shared.messages.reaching import RULES
from shared.text.en import fields as english
from shared.text.words import FieldWords, GroupWords

TABLE: Final = "functions/shared/leads/fields.py"
WORDS: Final = "functions/shared/text/en/fields.py"
REACHING: Final = "functions/shared/messages/reaching.py"

_ASKED = {"text", "email", "tel", "textarea", "select", "radio", "checkbox", "checkboxes"}
_UNASKED: Final = frozenset({"carried", "none"})
CONTROLS: Final[dict[Kind, AbstractSet[str]]] = {
    Kind.TEXT: {"text"},
    Kind.LONG_TEXT: {"textarea"},
    Kind.YES_NO: {"radio", "checkbox"},
    Kind.CHOICE: {"radio", "select"},
    Kind.SEVERAL: {"checkboxes"},
    Kind.EMAIL: {"email"},
    Kind.PHONE: {"tel"},
    Kind.PLACE: {"select"},
    Kind.TIME_ZONE: {"select"},
    Kind.CONSENT: {"checkbox"},
    Kind.FORM: {"carried"},
    Kind.TRAP: {"trap"},
    **dict.fromkeys((Kind.ADDRESS, Kind.CAMPAIGN, Kind.LANGUAGE), _UNASKED),
    **dict.fromkeys((Kind.SUBMISSION_ID, Kind.LINE, Kind.CLOCK, Kind.TOKEN), _UNASKED),
}
_TYPED = {Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE, Kind.CAMPAIGN}  # kinds that need a limit
_CHOSEN = {Kind.CHOICE, Kind.FORM, Kind.SEVERAL}
# Sections that show any field under its own label. The others have code for their fields.
_LABELED = {Section.WHO, Section.NEEDS, Section.MESSAGE, Section.TALKING_POINTS, Section.CAME_FROM}
_OF_THEIR_OWN = {
    Section.DO_FIRST: {"in_crisis"},
    Section.WAYS: {"email", "phone", "preferred_contact"},
    Section.AGREED: {"consent_contact", "consent_email_news"},
}


@dataclass(frozen=True, kw_only=True)
class Form:
    """The table and the words of one language. Tests leave parts out."""

    fields: Mapping[str, Field] = field(default_factory=lambda: FIELDS)
    groups: tuple[Group, ...] = GROUPS
    words: Mapping[str, FieldWords] = field(default_factory=lambda: english.FIELDS)
    group_words: Mapping[str, GroupWords] = field(default_factory=lambda: english.GROUPS)


def gaps(form: Form) -> list[str]:
    """Return what is missing or does not fit, each with the file to edit."""
    found = [*_groups(form)]
    found += [
        f"{name} has words but is not a field: remove them from {WORDS}" for name in form.words.keys() - form.fields
    ]
    for each in form.fields.values():
        found += [f"{each.name}: {gap}" for gap in (*_words(each, form), *_form(each), *_stored(each), *_shown(each))]
    return found


def _words(each: Field, form: Form) -> Iterator[str]:
    if (words := form.words.get(each.name)) is None:
        yield f"has no words for visitors: add them to FIELDS in {WORDS}"
        return
    if set(words.choices) != set(each.choices):
        yield f"has other choices in {WORDS} than in {TABLE}: {sorted(set(words.choices) ^ set(each.choices))}"
    if each.control == "select" and not each.required and not words.nothing:
        yield f"would send its first choice for a visitor who chose none: add `nothing` to its words in {WORDS}"
    if each.required and not words.missing:
        yield f"is required and says nothing where it is left out: add `missing` to its words in {WORDS}"


def _form(each: Field) -> Iterator[str]:
    if each.control not in CONTROLS[each.kind]:
        known = sorted(CONTROLS[each.kind])
        yield f"has the control {each.control!r}: a field of {each.kind} takes one of {known} in {TABLE}"
    if each.kind in _TYPED and each.max_length is None:
        yield f"has no limit: give it a max_length in {TABLE}"
    if (each.kind in _CHOSEN) != bool(each.choices):
        yield f"{'needs' if each.kind in _CHOSEN else 'takes no'} choices: see {each.kind} in {TABLE}"
    if each.alone is not None and each.alone not in each.choices:
        yield f"has no such choice as {each.alone!r}: correct `alone` in {TABLE}"


def _stored(each: Field) -> Iterator[str]:
    if isinstance(each.stored, Nowhere) and not each.stored.reason:
        yield f"is not stored, and nothing says why: write the reason into {TABLE}"
    if (each.stored is Stored.CONSENT) != (each.kind is Kind.CONSENT):
        yield f"is stored as {each.stored}: consents, and only these, are Stored.CONSENT in {TABLE}"


def _shown(each: Field) -> Iterator[str]:
    if isinstance(each.shown, Nowhere):
        if not each.shown.reason:
            yield f"is shown in no email, and nothing says why: name a section or the reason in {TABLE}"
        return
    section = each.shown.section
    if isinstance(each.stored, Nowhere):
        yield f"is not stored, so no email can show it: correct `stored` or `shown` in {TABLE}"
    if each.name not in _OF_THEIR_OWN.get(section, {each.name}):
        yield f"is shown in {section}, whose code does not know it: choose another section in {TABLE}"
    ruled = section is Section.MIND and each.name in {name for names, _ in RULES for name in names}
    if (section in _LABELED or (section is Section.MIND and not ruled)) and not each.shown.label:
        yield f"is shown in {section} without a label: add the label to its Shown in {TABLE}, or a rule to {REACHING}"
    if (section is Section.MESSAGE) != (each.kind is Kind.LONG_TEXT):
        yield f"is shown in {section}: long texts, and only these, are shown in Section.MESSAGE; correct {TABLE}"
    if each.shown.words is not None and set(each.shown.words) != set(each.choices):
        yield f"has words for staff for choices that it does not have: correct its Shown in {TABLE}"


def _groups(form: Form) -> Iterator[str]:
    placed = [name for group in form.groups for name in group.fields]
    for name, each in form.fields.items():
        times = placed.count(name)
        if each.control in _ASKED and times != 1:
            yield f"{name}: is in {times} groups of the page: name it in one of GROUPS in {TABLE}"
    yield from (
        f"{name}: is in a group of the page and has no control there: correct GROUPS in {TABLE}"
        for name in placed
        if name not in form.fields or form.fields[name].control not in _ASKED
    )
    yield from (
        f"the group {group.name} has no words: add them to GROUPS in {WORDS}"
        for group in form.groups
        if group.name not in form.group_words
    )
