"""The sections of an email that show the request. leads/fields.py assigns each field to a section."""

from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.fields import Field, Section, Shown, shown_in
from shared.leads.lead import Lead
from shared.leads.numbers import ordinal
from shared.leads.team import FORMER_RECIPIENT
from shared.messages.circumstances import Circumstances
from shared.messages.quote import Quote
from shared.messages.reaching import Fact, Point, fact_of, point_of, ways
from shared.messages.wording import in_words
from shared.text.en import fields as words

_WHO: Final = shown_in(Section.WHO, Section.WAYS)
_FIRST_WAY: Final = next(field for field, shown in _WHO if shown.section is Section.WAYS)
# Of these, also what fits no answer is shown with the contact details: a second phone number, or "after 5 pm".
_CONTACT: Final = frozenset(
    field.name for field, _ in shown_in(Section.WHO, Section.WAYS, Section.MIND, Section.DO_FIRST)
)
_NEEDS: Final = shown_in(Section.NEEDS)
_MESSAGE: Final = shown_in(Section.MESSAGE)
_TALKING_POINTS: Final = shown_in(Section.TALKING_POINTS)
_CAME_FROM: Final = shown_in(Section.CAME_FROM)

# Spam filters judge words, and a later email must arrive too. So only the first one has the visitor's.
_IN_FIRST_EMAIL: Final = (
    "To read it, open the request at the desk, or find the first email with this reference in your mailbox."
)
_IN_NO_EMAIL: Final = (
    "To keep health details out of mailboxes, this email does not show everything. Open the request at the desk to "
    "read the rest."
)

_ORDINALS: Final = ("", "", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


def who(lead: Lead, clinic: Clinic, *, shows_ways: bool = True) -> tuple[Fact, ...]:
    """Return who the person is and how to reach them. Without `shows_ways`, no number or address is shown."""
    facts: list[Fact] = []
    for field, shown in _WHO:
        if field is _FIRST_WAY:
            facts += ways(lead, clinic) if shows_ways else ()
        elif shown.section is Section.WHO:
            facts += _facts(((field, shown),), lead, clinic)
    typed = (
        Fact(f"{_question(name)}, also sent", quote=Quote.of(value))
        for name, value in lead.also_sent
        if name in _CONTACT and shows_ways
    )
    return (*facts, *typed)


def needs(lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    """Return what the person needs. This includes health details."""
    return _facts(_NEEDS, lead, clinic)


def messages(lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    """Return the person's own words, with their line breaks, and what the form sent besides its fields."""
    typed = tuple(
        Fact(f"{fact.label}, as the visitor typed it", quote=fact.quote or Quote.of(fact.value))
        for fact in _facts(_MESSAGE, lead, clinic)
    )
    sent = "\n".join(f"{_question(name)}: {value}" for name, value in lead.also_sent if name not in _CONTACT)
    return (*typed, Fact("Also sent with the form, as it was sent", quote=Quote.of(sent))) if sent else typed


def talking_points(lead: Lead, clinic: Clinic) -> tuple[Point, ...]:
    """Return what to talk about on the call, in neutral words."""
    points: list[Point] = []
    for field, shown in _TALKING_POINTS:
        if (answer := lead.answers.get(field.name)) is None:
            continue
        if shown.words is None:
            points.append(point_of(shown.label, in_words(field, shown, answer, clinic)))
        else:
            chosen = answer if isinstance(answer, tuple) else (answer,)
            said = (in_words(field, shown, choice, clinic) for choice in chosen)
            points += [point_of(shown.label, each) if each.typed else Point(each.text) for each in said]
    return tuple(points)


def came_from(lead: Lead) -> tuple[Fact, ...]:
    """Return where the visitor came from, as far as we know."""
    known = ((shown.label, lead.answers.get(field.name)) for field, shown in _CAME_FROM)
    return tuple(Fact(f"{label[0].upper()}{label[1:]}", quote=Quote.of(str(value))) for label, value in known if value)


def not_shown(lead: Lead, *, in_first_email: bool) -> str | None:
    """Return a note about what is left out if the email shows only contact details, or None if nothing is left out.

    `in_first_email` says whether the first email about the lead shows everything.
    """
    has_message = any(name not in _CONTACT for name, _ in lead.also_sent) or any(
        field.name in lead.answers for field, _ in _MESSAGE
    )
    has_answers = any(field.name in lead.answers for field, _ in (*_NEEDS, *_TALKING_POINTS))
    what = {
        (True, True): "a message and answers about health",
        (True, False): "a message",
        (False, True): "answers about health",
    }.get((has_message, has_answers))
    return what and f"The request also has {what}. {_IN_FIRST_EMAIL if in_first_email else _IN_NO_EMAIL}"


def before(around: Circumstances, *, shows_names: bool) -> str | None:
    """Return one line about the person's earlier requests: `Third request from this person ...`."""
    history = around.history
    if history is None or history.number <= 1:
        return None
    count = f"{_ordinal(history.number)} request from this person since {around.day(history.since)}"
    first = history.first_reference
    if not shows_names:
        return f"{count}. The first was {first}."
    if history.first_claimed_by is None:
        return f"{count}. The first, {first}, was not claimed."
    claimer = around.names.get(history.first_claimed_by) or history.first_owner_address or FORMER_RECIPIENT
    return f"{count}. The first, {first}, was claimed by {claimer}."


def _question(name: str) -> str:
    """Return what staff know a field as: its label, or its name in a form that we do not know."""
    return words.FIELDS[name].label.rstrip("?") if name in words.FIELDS else name


def _facts(rows: tuple[tuple[Field, Shown], ...], lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    return tuple(
        fact_of(shown.label, in_words(field, shown, lead.answers[field.name], clinic))
        for field, shown in rows
        if field.name in lead.answers
    )


def _ordinal(number: int) -> str:
    return _ORDINALS[number] if number < len(_ORDINALS) else ordinal(number)
