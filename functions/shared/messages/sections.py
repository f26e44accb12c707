"""The sections of an email that show what the person said. The table of fields says which field stands where."""

from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.fields import Field, Section, Shown, shown_in
from shared.leads.lead import Lead
from shared.leads.numbers import ordinal
from shared.leads.team import FORMER_RECIPIENT
from shared.messages.circumstances import Circumstances
from shared.messages.inert import inert
from shared.messages.reaching import Fact, ways
from shared.messages.wording import in_words

_WHO: Final = shown_in(Section.WHO, Section.WAYS)
_FIRST_WAY: Final = next(field for field, shown in _WHO if shown.section is Section.WAYS)
_NEEDS: Final = shown_in(Section.NEEDS)
_MESSAGE: Final = shown_in(Section.MESSAGE)
_TALKING_POINTS: Final = shown_in(Section.TALKING_POINTS)
_CAME_FROM: Final = shown_in(Section.CAME_FROM)

_ORDINALS: Final = ("", "", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


def who(lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    """Return who the person is, and how to reach them safely."""
    facts: list[Fact] = []
    for field, shown in _WHO:
        if field is _FIRST_WAY:
            facts += ways(lead)
        elif shown.section is Section.WHO:
            facts += _facts(((field, shown),), lead, clinic)
    return tuple(facts)


def needs(lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    """Return what they need: health details among it."""
    return _facts(_NEEDS, lead, clinic)


def messages(lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    """Return what they wrote, in as many lines as they did."""
    return _facts(_MESSAGE, lead, clinic)


def talking_points(lead: Lead, clinic: Clinic) -> tuple[str, ...]:
    """Return what to talk about on the call, in neutral words."""
    points: list[str] = []
    for field, shown in _TALKING_POINTS:
        if (answer := lead.answers.get(field.name)) is None:
            continue
        if shown.words is None:
            points.append(f"{shown.label}: {in_words(field, shown, answer, clinic)}")
        else:
            chosen = answer if isinstance(answer, tuple) else (answer,)
            points += [in_words(field, shown, choice, clinic) for choice in chosen]
    return tuple(points)


def came_from(lead: Lead) -> str | None:
    """Return where the visitor came from, in one line, or None where nothing is known."""
    known = ((shown.label, lead.answers.get(field.name)) for field, shown in _CAME_FROM)
    # Not "; ": a sign of ours right after their words could make a link of what is none ("www." and ";").
    return " \u00b7 ".join(f"{label} {inert(str(value))}" for label, value in known if value) or None


def agreed_to_news(lead: Lead) -> bool:
    """Whether they agreed to news by email. Without an address there is nothing to send."""
    return bool(lead.email) and any(consent.kind == "consent_email_news" for consent in lead.consents)


def not_shown(lead: Lead) -> str | None:
    """Return what an email with contact details only keeps to itself, or None where there is nothing more."""
    has_message = any(field.name in lead.answers for field, _ in _MESSAGE)
    has_answers = any(field.name in lead.answers for field, _ in (*_NEEDS, *_TALKING_POINTS))
    there = {
        (True, True): "There is a message, and there are answers about health.",
        (True, False): "There is a message.",
        (False, True): "There are answers about health.",
    }.get((has_message, has_answers))
    return there and (
        f"{there} This mail shows none of that, to keep health details out of mailboxes. It is stored with the "
        "request: ask whoever looks after the system."
    )


def before(around: Circumstances, *, shows_names: bool) -> str | None:
    """Return what is known of the person's earlier requests, in one line: `Third request from this person ...`."""
    history = around.history
    if history is None or history.number <= 1:
        return None
    count = f"{_ordinal(history.number)} request from this person since {around.day(history.since)}"
    first = history.first_reference
    if not shows_names:
        return f"{count}. The first was {first}."
    if history.first_claimed_by is None:
        return f"{count}. Nobody took the first, {first}."
    claimer = around.names.get(history.first_claimed_by, FORMER_RECIPIENT)
    return f"{count}, first taken by {claimer}. The first was {first}."


def _facts(rows: tuple[tuple[Field, Shown], ...], lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    return tuple(
        Fact(shown.label, in_words(field, shown, lead.answers[field.name], clinic))
        for field, shown in rows
        if field.name in lead.answers
    )


def _ordinal(number: int) -> str:
    return _ORDINALS[number] if number < len(_ORDINALS) else ordinal(number)
