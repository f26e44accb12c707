"""What a mail about a lead says. How much of the visitor's words it shows is the clinic's choice (AlertDetail)."""

from collections.abc import Mapping
from datetime import datetime

from shared.leads.choices import INTEREST, SYMPTOMS
from shared.leads.clinic import Clinic, Help
from shared.leads.history import History
from shared.leads.lead import Lead
from shared.leads.link import Links
from shared.leads.notice import Notice
from shared.messages.inert import inert
from shared.messages.notices import ABOUT_LINKS, HEADINGS, NO_LINKS, Circumstances, before, why
from shared.messages.reaching import Fact, points_to_mind, ways
from shared.messages.settings import AlertDetail
from shared.messages.wording import ASKING_FOR, SUBJECT_PREFIX, came_from, do_first, not_shown, said, talking_points
from shared.runtime.files import templates
from shared.services.mailer import Message

# Folders of templates: one for all that ask staff to act, because whoever is told last may have seen none before.
_REQUEST, _TAKEN, _CONFIRMATION = "shared/messages/request", "shared/messages/claimed", "shared/messages/confirmation"


def compose(  # noqa: PLR0913 - what a mail is made of
    notice: Notice,
    lead: Lead,
    *,
    detail: AlertDetail,
    clinic: Clinic,
    now: datetime,
    with_reply_to: bool = True,
    flags: tuple[str, ...] = (),
    links: Links | None = None,
    history: History | None = None,
    names: Mapping[str, str] | None = None,
    claimed_by: str | None = None,
    claimed_at: datetime | None = None,
    told_at: datetime | None = None,
    to_fallback: bool = False,
) -> Message:
    """Return an email to one person: `reference` shows nothing personal, `contact` how to reach the person, `full` all.

    The subject carries the reference, how urgent it is and what the mail is for. Every value a visitor typed is inert
    text in both parts; only an address that staff may write to is left for them to click, and `links`, which are ours
    (None where they could not be made). `flags` are static words on what looks like spam; every detail shows them.

    `names` has the address of each recipient, `claimed_by` is the recipient of who answered last and `claimed_at` when
    the lead was taken, `told_at` when SES first took a mail about it. `to_fallback` says that this mail is for a
    fallback recipient. Moments are aware.
    """
    around = Circumstances(
        clinic=clinic,
        now=now,
        names=names or {},
        claimed_by=claimed_by,
        claimed_at=claimed_at,
        told_at=told_at,
        to_fallback=to_fallback,
    )
    if notice is Notice.CLAIMED:
        return _taken(lead, around)
    shows_contact = detail in {"contact", "full"}
    values = {
        "prefix": SUBJECT_PREFIX[lead.priority],
        "heading": HEADINGS[notice],
        "reference": lead.reference,
        "clinic": clinic.name,
        "received": around.clock(lead.received_at),
        "priority": lead.priority,
        "do_first": do_first(lead, shows_contact=shows_contact),
        "why": why(notice, lead, around, shows_contact=shows_contact),
        "late": notice is Notice.ESCALATION,
        "before": before(history, around, shows_names=shows_contact),
        "links": links,
        "may_be_taken": notice is not Notice.CALL_AGAIN,
        "about_links": ABOUT_LINKS,
        "no_links": NO_LINKS,
        "shows_contact": shows_contact,
        **(_contact(lead, clinic) if shows_contact else {}),
        **(_more(lead) if detail == "full" else {"not_shown": not_shown(lead)}),
        "shows_all": detail == "full",
        "flags": flags,
    }
    reply_to = lead.email if with_reply_to and shows_contact and lead.email_may_be_used else None
    return message(_REQUEST, values, reply_to=reply_to)


def compose_confirmation(reference: str, clinic: Clinic, help: Help) -> Message:  # noqa: A002 - the field's own word
    """Return the mail that tells a visitor that their request is stored. Nothing in it is theirs but its reference."""
    return message(_CONFIRMATION, {"reference": reference, "clinic": clinic, "help": help})


def _taken(lead: Lead, around: Circumstances) -> Message:
    """Return the mail to the others: somebody has it."""
    return message(
        _TAKEN,
        {
            "reference": lead.reference,
            "heading": HEADINGS[Notice.CLAIMED],
            "clinic": around.clinic.name,
            "who": around.claimer,
            "taken_at": around.clock(around.claimed_at) if around.claimed_at else None,
        },
    )


def message(folder: str, values: Mapping[str, object], *, reply_to: str | None = None) -> Message:
    """Return the mail that the templates in `folder` make of `values`."""
    files = templates(folder, "shared/messages")
    return Message(
        subject=files.get_template("subject.txt").render(values).strip(),
        text=files.get_template("body.txt").render(values),
        html=files.get_template("body.html").render(values),
        reply_to=reply_to,
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
