"""What staff read: the clinic's side of the choices that a form offers, and what to do first.

None of it judges whether a person can be treated. That is for a clinician who has talked to them.
"""

from typing import Final

from shared.leads.choices import Choices
from shared.leads.clinic import CRISIS_LINE, EMERGENCY_NUMBER
from shared.leads.lead import Lead, Priority
from shared.messages.inert import inert

# Before the subject. Discreet: a subject shows on locked phones.
SUBJECT_PREFIX: Final = {Priority.NORMAL: "", Priority.HIGH: "Read first: ", Priority.URGENT: "URGENT: "}

ASKING_FOR: Final[Choices] = {
    "self": "Themselves",
    "family_or_friend": "A family member or friend",
    "patient": "A patient (they are a clinician)",
}
_IF_NOT_REACHED: Final = (
    f"If you cannot reach them, keep trying, call or text {CRISIS_LINE} for advice, and call {EMERGENCY_NUMBER} if you "
    "think anyone is in danger."
)
_TREATMENTS_TRIED: Final[Choices] = {
    "none": "Has not tried a treatment yet.",
    "one": "Has tried one treatment.",
    "two_or_more": "Has tried two or more treatments.",
}
_HEALTH_NOTES: Final[Choices] = {
    "psychosis_history": "Ask about psychosis, now or earlier.",
    "uncontrolled_blood_pressure": "Ask about high blood pressure that is not under control.",
    "pregnant_or_nursing": "Ask about pregnancy or nursing.",
    "substance_use": "Ask about substance use.",
    "none": "Says that none of the health points on the form apply.",
    "discuss_on_call": "Would rather talk about health history on the call.",
}


def said(choices: Choices, choice: str | None) -> str | None:
    """Return the words for `choice`. One that is no longer offered, such as a place given up, stands for itself."""
    return None if choice is None else choices.get(choice, inert(choice))


def talking_points(lead: Lead) -> tuple[str, ...]:
    """Return what to talk about on the call, in neutral words."""
    points = (
        said(_TREATMENTS_TRIED, lead.treatments_tried),
        *(said(_HEALTH_NOTES, note) for note in lead.health_notes),
    )
    return tuple(point for point in points if point)


def do_first(lead: Lead, *, shows_contact: bool) -> tuple[str, ...]:
    """Return what staff must read before anything else: a headline and perhaps a sentence; nothing if not urgent.

    Without contact details, it does not say why: that somebody is in crisis is theirs.
    """
    if lead.priority is Priority.NORMAL:
        return ()
    if not shows_contact:
        return ("Urgent: look at this request first.",)
    if lead.priority is Priority.HIGH:
        return (
            "This request has words in it that people in crisis use.",
            f"Read it first, and {'call' if lead.phone else 'write'} soon.",
        )
    how = "CALL NOW" if lead.phone else "There is no phone number: WRITE NOW"
    return (
        f"{how}, at any hour. This person says they are in crisis.",
        _IF_NOT_REACHED,
    )


def not_shown(lead: Lead) -> str | None:
    """Return what a mail with contact details only keeps to itself, or None where there is nothing more."""
    has_answers = bool(lead.interest or lead.symptoms or lead.treatments_tried or lead.health_notes)
    there = {
        (True, True): "There is a message, and there are answers about health.",
        (True, False): "There is a message.",
        (False, True): "There are answers about health.",
    }.get((lead.message is not None, has_answers))
    return there and (
        f"{there} This mail shows none of that, to keep health details out of mailboxes. It is stored with the "
        "request: ask whoever looks after the system."
    )


def came_from(lead: Lead) -> str | None:
    """Return where the visitor came from, in one line, or None where nothing is known."""
    known = (
        ("form on", lead.page),
        ("came from", lead.referrer),
        ("campaign source", lead.utm_source),
        ("medium", lead.utm_medium),
        ("campaign", lead.utm_campaign),
        ("term", lead.utm_term),
        ("content", lead.utm_content),
    )
    # Not "; ": a sign of ours right after their words could make a link of what is none ("www." and ";").
    return " \u00b7 ".join(f"{label} {inert(value)}" for label, value in known if value) or None
