"""Words for staff: the visitor's answers, and what to do first."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.leads.clinic import CRISIS_LINE, EMERGENCY_NUMBER, Clinic
from shared.leads.dialing import caution
from shared.leads.fields import Field, Kind, Shown
from shared.leads.lead import Answer, Lead, Priority
from shared.leads.response import Outcome
from shared.messages.quote import Words
from shared.text.en.fields import FIELDS, YES_OR_NO

# These start the subject. They must be discreet, because locked phones show subjects.
SUBJECT_PREFIX: Final = {Priority.NORMAL: "", Priority.HIGH: "Read first: ", Priority.URGENT: "URGENT: "}

# How a lead was closed. "{who}" is the owner.
CLOSED_AS: Final = {
    "reached": "{who} reached the person.",
    "unreachable": "{who} could not reach the person.",
    "spam": "{who} found that it was spam.",
    "wrong_number": "{who} found that the phone number was wrong.",
    "duplicate": "{who} found that it repeats another request.",
    "not_wanted": "{who} learned that the person no longer wants to be contacted.",
}

# What came of a lead whose person was reached. "{who}" is the owner. The words say nothing about anyone's health.
OUTCOMES: Final = {
    Outcome.BOOKED: "{who} booked a consultation.",
    Outcome.CAME: "{who} noted that the person came to the consultation.",
    Outcome.NO_SHOW: "{who} noted that the person did not come to the consultation.",
    Outcome.NOT_SUITABLE: "{who} reached the person. No consultation follows.",
    Outcome.DECLINED: "{who} reached the person. No consultation follows.",
    Outcome.REFERRED: "{who} reached the person and referred them elsewhere.",
}


class FormWords(NamedTuple):
    """What a request from a short form is called. A subject has the heading, so it must be discreet."""

    heading: str
    said: str


# By the value of the field `form`.
KINDS: Final[Mapping[str, FormWords]] = {
    "reply": FormWords("New reply to an article", "Left a reply under an article"),
    "callback": FormWords("New callback request", "Asked for a callback"),
}
CONSULTATION: Final = "New consultation request"  # the heading of all others

NOT_AGREED: Final = "They did not check the box that says you may contact them."

NO_CONTACT: Final = "Do not contact this person."
_THEY_SAID_SO: Final = "They said that they do not want to be contacted."
_STILL_IN_CRISIS: Final = (
    f"They also said that somebody is in crisis. If you think anyone is in danger, call {EMERGENCY_NUMBER}."
)
_UNUSUAL_NUMBER: Final = "Before you dial, read the note beside the phone number."
_IF_NOT_REACHED: Final = (
    f"If you cannot reach them, keep trying, call or text {CRISIS_LINE} for advice, and call {EMERGENCY_NUMBER} if you "
    "think anyone is in danger."
)


def in_words(field: Field, shown: Shown, answer: Answer, clinic: Clinic) -> Words:
    """Return an answer in words. A choice that is no longer offered, such as a closed location, is shown as stored."""
    match answer:
        case bool():
            return Words(YES_OR_NO["yes" if answer else "no"])
        case str():
            ours = _labels(field, shown, clinic).get(answer)
            return Words(answer, typed=True) if ours is None else Words(ours)
    each = [in_words(field, shown, one, clinic) for one in answer]
    return Words(", ".join(words.text for words in each), typed=any(words.typed for words in each))


def _labels(field: Field, shown: Shown, clinic: Clinic) -> Mapping[str, str]:
    if field.kind is Kind.PLACE:
        return clinic.place_names
    return shown.words or FIELDS[field.name].choices


def kind_of(lead: Lead) -> FormWords | None:
    """Return what kind of request it is, or None if it is from the consultation form."""
    return KINDS.get(lead.form or "")


def agreement(lead: Lead) -> str:
    """Return what the person said to the box "You may contact me" or later, and whether to contact them soon."""
    if lead.no_contact:
        return "The person asked for no contact after they sent this request."
    if not lead.may_be_contacted:
        return NOT_AGREED
    soon = "" if lead.priority is Priority.URGENT else " Please contact them soon."
    return f"The person agreed to be contacted about this request.{soon}"


def do_first(lead: Lead, *, shows_contact: bool, night: bool = False) -> tuple[str, ...]:
    """Return what staff must read first: a headline and perhaps sentences, or nothing if the lead is not urgent.

    A wish for no contact comes before everything else. An email without contact details does not say why a lead is
    urgent, because a person's crisis is private. `night` is whether it is night where the person is.
    """
    if lead.no_contact:
        in_crisis = shows_contact and lead.priority is Priority.URGENT
        return (NO_CONTACT, _THEY_SAID_SO, *((_STILL_IN_CRISIS,) if in_crisis else ()))
    if lead.priority is Priority.NORMAL:
        return ()
    if not shows_contact:
        return ("Urgent: look at this request first.",)
    if lead.priority is Priority.HIGH and night:
        return (
            "This request contains words that people in crisis use.",
            "Read it now. It is night where the person is: call now only if you think they are in danger.",
        )
    if lead.priority is Priority.HIGH:
        return (
            "This request contains words that people in crisis use.",
            f"Read it first, and {'call' if lead.phone else 'email'} soon.",
        )
    how = "CALL NOW" if lead.phone else "There is no phone number: EMAIL NOW"
    unusual = lead.phone is not None and caution(lead.phone) is not None
    return (
        f"{how}, at any hour. This person says they are in crisis, or asks for someone who is.",
        *((_UNUSUAL_NUMBER,) if unusual else ()),
        _IF_NOT_REACHED,
    )
