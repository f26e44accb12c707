"""What an alert says. How much of the visitor's words it shows is the clinic's choice (AlertDetail)."""

from zoneinfo import ZoneInfo

from alerts.inert import inert
from alerts.reaching import Fact, points_to_mind, ways
from alerts.wording import ASKING_FOR, SUBJECT_PREFIX, came_from, do_first, not_shown, said, talking_points
from aws.mailer import Message
from aws.runtime.files import templates
from aws.runtime.settings import AlertDetail
from leads.choices import INTEREST, SYMPTOMS
from leads.clinic import Clinic
from leads.lead import Lead

_FOLDER = "alerts/new_lead"


def compose(
    lead: Lead, *, detail: AlertDetail, clinic: Clinic, with_reply_to: bool = True, flags: tuple[str, ...] = ()
) -> Message:
    """Return the alert for a lead: `reference` shows nothing personal, `contact` how to reach the person, `full` all.

    The subject carries the reference and how urgent it is. Every value a visitor typed is inert text in both parts;
    only an address that staff may write to is left for them to click. `flags` are static words on what looks like
    spam; every detail shows them.
    """
    shows_contact = detail in {"contact", "full"}
    values = {
        "prefix": SUBJECT_PREFIX[lead.priority],
        "reference": lead.reference,
        "clinic": clinic.name,
        "received": f"{lead.received_at.astimezone(ZoneInfo(clinic.time_zone)):%A, %-d %B %Y at %-I:%M %p %Z}",
        "priority": lead.priority,
        "do_first": do_first(lead, shows_contact=shows_contact),
        "shows_contact": shows_contact,
        **(_contact(lead, clinic) if shows_contact else {}),
        **(_more(lead) if detail == "full" else {"not_shown": not_shown(lead)}),
        "shows_all": detail == "full",
        "flags": flags,
    }
    files = templates(_FOLDER)
    return Message(
        subject=files.get_template("subject.txt").render(values).strip(),
        text=files.get_template("body.txt").render(values),
        html=files.get_template("body.html").render(values),
        reply_to=lead.email if with_reply_to and shows_contact and lead.email_may_be_used else None,
    )


def _contact(lead: Lead, clinic: Clinic) -> dict[str, object]:
    """Return who it is, and how and when to reach them safely."""
    return {
        "mind": points_to_mind(lead, clinic),
        "who": (
            Fact("Name", inert(lead.name)),
            *_facts(("Asking for", said(ASKING_FOR, lead.asking_for))),
            *ways(lead),
            *_facts(("Would like to come to", said(clinic.place_names, lead.location))),
        ),
        # Without an address there is nothing to send.
        "news": bool(lead.email) and any(consent.kind == "consent_email_news" for consent in lead.consents),
    }


def _more(lead: Lead) -> dict[str, object]:
    """Return what else they said: health details among it."""
    symptoms = [said(SYMPTOMS, symptom) or "" for symptom in lead.symptoms]
    return {
        "needs": _facts(("Would like help with", said(INTEREST, lead.interest)), ("Living with", ", ".join(symptoms))),
        "message": inert(lead.message) if lead.message else None,
        "talking_points": talking_points(lead),
        "came_from": came_from(lead),
    }


def _facts(*said_or_not: tuple[str, str | None]) -> tuple[Fact, ...]:
    return tuple(Fact(label, value) for label, value in said_or_not if value)
