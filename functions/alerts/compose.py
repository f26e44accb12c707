"""What an alert says. How much of the visitor's words it shows is the clinic's choice (AlertDetail)."""

import re
from zoneinfo import ZoneInfo

from aws.mailer import Message
from aws.runtime.files import templates
from aws.runtime.settings import AlertDetail
from leads.clinic import Clinic
from leads.contact import readable_phone
from leads.lead import Lead

_FOLDER = "alerts/new_lead"
_BEST_TIMES = {
    "morning": "in the morning",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
    "any": "any time",
}
# Mail programs make links of anything like "www.example.com", "a://b" or "a@b". A zero-width space after the sign
# stops that and changes nothing for the reader.
_LINK_SIGN = re.compile(r"(?<=\S)[.@:\u3002\uff0e\uff61](?=\S)|[/\\](?=[/\\])")


def inert(text: str) -> str:
    """Return visitor-typed `text` so that no mail program makes a link of any part of it."""
    return _LINK_SIGN.sub("\\g<0>\u200b", text)


def compose(lead: Lead, *, detail: AlertDetail, clinic: Clinic, with_reply_to: bool = True) -> Message:
    """Return the alert for a lead: `reference` shows nothing personal, `contact` how to reach the person, `full` all.

    The subject carries the reference only. Every value a visitor typed is inert text in both parts.
    """
    shows_contact = detail in {"contact", "full"}
    values = {
        "reference": lead.reference,
        "clinic": clinic.name,
        "received": f"{lead.received_at.astimezone(ZoneInfo(clinic.time_zone)):%A, %-d %B %Y at %-I:%M %p %Z}",
        "name": inert(lead.name) if shows_contact else None,
        "ways": _ways(lead) if shows_contact else (),
        "best_time": _BEST_TIMES.get(lead.best_time or "") if shows_contact else None,
        "message": inert(lead.message) if detail == "full" and lead.message else None,
        "has_message": lead.message is not None,
        "detail": detail,
    }
    files = templates(_FOLDER)
    return Message(
        subject=files.get_template("subject.txt").render(values).strip(),
        text=files.get_template("body.txt").render(values),
        html=files.get_template("body.html").render(values),
        reply_to=lead.email if with_reply_to and shows_contact and lead.email_may_be_used else None,
    )


def _ways(lead: Lead) -> tuple[tuple[str, str], ...]:
    """Return (label, value) for each way to reach the person, the preferred one first and marked."""
    phone = readable_phone(lead.phone) if lead.phone else None
    ways = [("phone", "Phone", phone), ("email", "Email", lead.email)]
    ways.sort(key=lambda way: way[0] != lead.preferred_contact)
    return tuple(
        (f"{label} (preferred)" if kind == lead.preferred_contact else label, value)
        for kind, label, value in ways
        if value
    )
