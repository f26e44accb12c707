"""Words for staff: the visitor's answers, and what to do first."""

from collections.abc import Mapping
from typing import Final

from shared.leads.clinic import CRISIS_LINE, EMERGENCY_NUMBER, Clinic
from shared.leads.fields import Field, Kind, Shown
from shared.leads.lead import Answer, Lead, Priority
from shared.messages.inert import inert
from shared.text.en.fields import FIELDS as WORDS
from shared.text.en.fields import YES_OR_NO

# These start the subject. They must be discreet, because locked phones show subjects.
SUBJECT_PREFIX: Final = {Priority.NORMAL: "", Priority.HIGH: "Read first: ", Priority.URGENT: "URGENT: "}

_IF_NOT_REACHED: Final = (
    f"If you cannot reach them, keep trying, call or text {CRISIS_LINE} for advice, and call {EMERGENCY_NUMBER} if you "
    "think anyone is in danger."
)


def in_words(field: Field, shown: Shown, answer: Answer, clinic: Clinic) -> str:
    """Return an answer in words. A choice that is no longer offered, such as a closed location, is shown as stored."""
    match answer:
        case bool():
            return YES_OR_NO["yes" if answer else "no"]
        case str():
            return _labels(field, shown, clinic).get(answer, inert(answer))
    return ", ".join(in_words(field, shown, each, clinic) for each in answer)


def _labels(field: Field, shown: Shown, clinic: Clinic) -> Mapping[str, str]:
    if field.kind is Kind.PLACE:
        return clinic.place_names
    return shown.words or WORDS[field.name].choices


def do_first(lead: Lead, *, shows_contact: bool) -> tuple[str, ...]:
    """Return what staff must read first: a headline and perhaps a sentence, or nothing if the lead is not urgent.

    An email without contact details does not give the reason, because a person's crisis is private.
    """
    if lead.priority is Priority.NORMAL:
        return ()
    if not shows_contact:
        return ("Urgent: look at this request first.",)
    if lead.priority is Priority.HIGH:
        return (
            "This request contains words that people in crisis use.",
            f"Read it first, and {'call' if lead.phone else 'email'} soon.",
        )
    how = "CALL NOW" if lead.phone else "There is no phone number: EMAIL NOW"
    return (
        f"{how}, at any hour. This person says they are in crisis.",
        _IF_NOT_REACHED,
    )
