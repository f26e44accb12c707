"""Every email that the system can send, and each as the MIME message that recipients get."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import product
from typing import Any, Final

from follow_up.owner_report.email import compose_owner_report
from follow_up.summary.email import Reader, compose_summary
from shared.leads.clinic import Help
from shared.leads.history import History
from shared.leads.lead import CONSENT_KINDS
from shared.leads.month import Month
from shared.leads.notice import INFORMATION, Notice
from shared.leads.progress import Progress, StoredLead
from shared.leads.report import Dated, report
from shared.leads.report_facts import unpacked
from shared.leads.report_result import row_of
from shared.leads.response import ClaimAction
from shared.leads.spam import Reason
from shared.messages import emails
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.wording import CLOSED_AS, OUTCOMES
from shared.services.mailer import Message, SesMailer
from shared.text import LANGUAGES, text
from tests.unit.digests import on_the_list
from tests.unit.emails import DESK, DETAILS, FLAGS, LINKS, NAMES, bare, render_email
from tests.unit.people import CLINIC, HELP_PHONE, NOW, a_full_lead
from tests.unit.report_rows import requests
from tests.unit.test_digest import digest_of, read
from tests.unit.test_digest_email import mail_of

ASKING: Final = [notice for notice in Notice if notice not in INFORMATION]

_HISTORY = History(
    number=3,
    since=NOW - timedelta(days=60),
    latest=NOW - timedelta(days=2),
    first_reference="KC-7Q2M-4XHD",
    first_claimed_by="staff-1",
)
_SUMMARIZED = Progress(in_summary=True, reasons=(Reason.TOO_FAST,))
_MANY_LINES = "I have tried a lot.\n\n\u05e9\u05dc\u05d5\u05dd www.clinic.example \U0001f33f" + " and more" * 40


def around(**changes: Any) -> Circumstances:  # noqa: ANN401 - any circumstance
    given: dict[str, Any] = {
        "clinic": CLINIC,
        "now": NOW,
        "names": NAMES,
        "claimed_by": "staff-2",
        "claimed_at": NOW - timedelta(minutes=10),
        "acted_at": NOW - timedelta(minutes=10),
        "history": _HISTORY,
        "flags": FLAGS,
    }
    return Circumstances(**given | changes)


def every_email() -> dict[str, Message]:
    """Return an email of each kind, with everything that it can show, by a name that says which it is."""
    return dict(_every_email())


def _confirmation(language: str) -> Message:
    return emails.confirmation("KC-7Q2M-4XHD", CLINIC, Help(clinic_phone=HELP_PHONE), text(language))


def _every_email() -> Iterator[tuple[str, Message]]:
    phones = {"": "+12025550147", " costly": "+19005550100"}
    for detail, urgent, (costly, phone) in product(DETAILS, (False, True), phones.items()):
        lead = a_full_lead(in_crisis=urgent, phone=phone, message=_MANY_LINES, time_zone="Asia/Tokyo")
        name = f"{detail}{' urgent' if urgent else ''}{costly}"
        for notice in ASKING:
            more: dict[str, Any] = {"history": _HISTORY, "flags": FLAGS, "claimed_by": "staff-2", "to_fallback": True}
            yield f"{notice} {name}", render_email(notice, lead, detail, **more)
    for detail, urgent in product(DETAILS, (False, True)):
        unwanted = a_full_lead(in_crisis=urgent, message=_MANY_LINES, withdrawn=CONSENT_KINDS)
        for notice in ASKING:
            name = f"{notice} {detail}{' urgent' if urgent else ''}, no contact"
            yield name, render_email(notice, unwanted, detail, claimed_by="staff-2", flags=FLAGS)
    yield "alert without links, no contact", render_email(Notice.ALERT, bare(withdrawn=CONSENT_KINDS), links=None)
    yield "alert without links", render_email(Notice.ALERT, bare(), links=None)
    for notice in sorted(INFORMATION):
        yield notice, render_email(notice, bare(), claimed_by="staff-2", tried=2, call_again_at=NOW)
    for action in ClaimAction:
        envelope, happened = Envelope(detail="full", links=LINKS, desk=DESK), around(action=action, acted_by="staff-1")
        yield f"after {action}", emails.not_reached(bare(), happened, envelope)
        yield f"to the owner after {action}", emails.owner_reminder(bare(), happened, envelope)
    for how in CLOSED_AS:
        yield f"closed as {how}", emails.closed(bare(), around(closed_as=how))
    for outcome in OUTCOMES:
        yield f"closed: {outcome}", emails.closed(bare(), around(closed_as="reached", outcome=outcome))
    yield from ((f"confirmation in {language}", _confirmation(language)) for language in LANGUAGES)
    listed, old = on_the_list(1), on_the_list(2, minutes_ago=100 * 24 * 60)
    named = {listed.lead_id: read(listed, lead={"name": "\u05e9\u05dc\u05d5\u05dd Example"})}
    lists = {"undeliverable": [on_the_list(5)], "quarantined": [on_the_list(6)]}
    pages = {listed.lead_id: LINKS.page}
    rows = [Dated(each.lead.received_at, unpacked(str(row_of(each)))) for each in requests(300, days=20)]
    month = report(rows, Month(2026, 3), CLINIC, NOW)
    for detail, urgent in product(DETAILS, (False, True)):
        listing = [StoredLead(lead=a_full_lead(in_crisis=urgent, message=_MANY_LINES), progress=_SUMMARIZED)] * 3
        pages_of = {listing[0].lead.id: LINKS.page}
        reader = Reader(clinic=CLINIC, now=NOW, detail=detail, names=NAMES, pages=pages_of, desk=DESK)
        made, _ = compose_summary(listing, reader, urgent=urgent, more=True)
        yield f"summary {detail}{' urgent' if urgent else ''}", made
    yield "owner report", compose_owner_report(month, CLINIC, "https://api.example.com/v1")
    yield "digest", mail_of(digest_of(listed, old, leads=named, **lists), "full", pages)


class _Postbox:
    """Stands in for SES, and keeps the last request."""

    def __init__(self) -> None:
        self.request: dict[str, Any] = {}

    def send_email(self, **request: Any) -> dict[str, str]:  # noqa: ANN401 - whatever SES takes
        self.request = request
        return {"MessageId": "made-up-message"}


def as_mime(message: Message, clinic: str = CLINIC.name) -> bytes:
    """Return an email as SES composes it from our request."""
    postbox: Any = _Postbox()
    mailer = SesMailer(postbox, sender_name=clinic, sender_address="leads@example.com", configuration_set="x")
    mailer.send(message, to=("frontdesk@example.com",), tags={})
    request = postbox.request
    simple = request["Content"]["Simple"]
    made = EmailMessage(policy=SMTP)
    made["To"] = ", ".join(request["Destination"]["ToAddresses"])
    made["Subject"] = simple["Subject"]["Data"]
    made["Date"] = NOW
    made["Message-ID"] = "<0100018f-made-up-000000@email.amazonses.com>"
    for header in simple["Headers"]:
        made[header["Name"]] = header["Value"]
    made.set_content(simple["Body"]["Text"]["Data"], cte="quoted-printable")
    made.add_alternative(simple["Body"]["Html"]["Data"], subtype="html", cte="quoted-printable")
    # As text, because SES takes it as it is.
    return f"From: {request['FromEmailAddress']}\r\n".encode("ascii") + made.as_bytes()
