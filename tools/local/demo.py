"""`make demo`: posts one request of each form and one in Spanish, checks its alert, and books one at the desk."""

import json
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from shared.messages.wording import CONSULTATION, KINDS
from tools.local.demo_desk import at_the_desk
from tools.local.demo_mailbox import emails_about
from tools.local.deployment import session
from tools.local.local import Endpoints, throwaway_system
from tools.local.parameters import RECIPIENTS
from tools.local.progress import complain, say, step

_PATIENCE_SECONDS = 90
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


class Sample(NamedTuple):
    """One request. Each is from another person, because a second request from the same person waits."""

    sender: str
    proves: str
    media_type: str
    fields: Mapping[str, object]
    phone: str  # as stored
    kind: str  # the heading of its alert


SAMPLES: Final = (
    Sample(
        "Posting a request the way a script does",
        "a request becomes a stored lead and an email to staff, which shows no message by default",
        _JSON,
        {
            "name": "Sam Example",
            "asking_for": "self",
            "patient_is_adult": "yes",
            "email": "sam@example.com",
            "phone": "(202) 555-0147",
            "preferred_contact": "phone",
            "best_time": "morning",
            "time_zone": "America/Chicago",
            "voicemail_ok": "no",
            "interest": "depression",
            "symptoms": ["low_mood", "insomnia"],
            "message": "Two antidepressants have not helped me. I would like to know whether ketamine therapy could.",
            "treatments_tried": "two_or_more",
            "in_crisis": "no",
            "consent_contact": "yes",
        },
        "+12025550147",
        CONSULTATION,
    ),
    Sample(
        "Posting a plain form, like a browser without scripts",
        "the form needs no script",
        _FORM,
        {
            "name": "Alex Example",
            "patient_is_adult": "yes",
            "phone": "(202) 555-0148",
            "symptoms": ["low_mood", "fatigue"],
            "message": "Two antidepressants have not helped my brother.",
            "leave_empty": "",
            "consent_contact": "yes",
        },
        "+12025550148",
        CONSULTATION,
    ),
    Sample(
        "Posting a reply under an article",
        "a reply reaches staff, and they read that its form did not ask for the age",
        _FORM,
        {
            "form": "reply",
            "name": "Kim Example",
            "phone": "(202) 555-0149",
            "message": "Do you also see people who take antidepressants?",
            "leave_empty": "",
            "consent_contact": "yes",
        },
        "+12025550149",
        KINDS["reply"].heading,
    ),
    Sample(
        "Asking for a callback",
        "a name, a number and a time are enough",
        _FORM,
        {
            "form": "callback",
            "name": "Lee Example",
            "phone": "(202) 555-0151",
            "best_time": "evening",
            "leave_empty": "",
            "consent_contact": "yes",
        },
        "+12025550151",
        KINDS["callback"].heading,
    ),
    Sample(
        "Posting the Spanish form",
        "a request in Spanish reaches staff, and they read that it is in Spanish",
        _FORM,
        {
            "lang": "es",
            "name": "Ana Example",
            "patient_is_adult": "yes",
            "phone": "(202) 555-0152",
            "best_time": "morning",
            "message": "Dos antidepresivos no me han ayudado.",
            "leave_empty": "",
            "consent_contact": "yes",
        },
        "+12025550152",
        CONSULTATION,
    ),
)


def demo() -> int:
    """Post the samples, wait for their alerts and print everything. Return 0 only if all of it is correct."""
    say("Demo: a posted request becomes a stored lead and an email to staff.")
    wrong: list[str] = []
    with throwaway_system() as endpoints:
        references: dict[str, str] = {}
        for sample in SAMPLES:
            references[sample.sender], complaints = _try(sample, endpoints)
            wrong += complaints
        first = SAMPLES[0]
        lead_id = _lead(endpoints, references[first.sender])["pk"].removeprefix("LEAD#")
        wrong += at_the_desk(endpoints, references[first.sender], lead_id, str(first.fields["message"]))
    for complaint in wrong:
        complain(f"WRONG: {complaint}")
    if wrong:
        complain("The demo failed. See the lines above and the logs in .local/demo/logs/.")
    else:
        say("The demo succeeded: each request was stored and alerted, and one was booked at the desk. Next: make run.")
    return 1 if wrong else 0


def _try(sample: Sample, endpoints: Endpoints) -> tuple[str, list[str]]:
    """Post a sample, and print its lead and its alert. Return its reference, and what is wrong with them."""
    say()
    with step(sample.sender):
        reference = _post(sample, endpoints)
    with step(f"Waiting for the alert, up to {_PATIENCE_SECONDS} seconds"):
        alert = _alert(endpoints, reference)
    lead = _lead(endpoints, reference)
    say()
    say("The lead in the table:")
    say(json.dumps(lead, indent=2, ensure_ascii=False))
    say()
    say("The email to staff:")
    say(f"From: {alert.get('Source')}\nTo: {', '.join(alert.get('To', []))}\nSubject: {alert.get('Subject')}\n")
    say(alert.get("BodyText", "(no email arrived)"))
    wrong = _wrong(sample, reference, lead, alert)
    say(f"{'This does not prove' if wrong else 'This proves'}: {sample.proves}.")
    return reference, [f"{sample.sender}: {complaint}" for complaint in wrong]


def _post(sample: Sample, endpoints: Endpoints) -> str:
    """Send a sample and return its reference. A plain form finds it on the page after the redirect."""
    if sample.media_type == _JSON:
        body = json.dumps({**sample.fields, "submission_id": str(uuid.uuid4())})
    else:
        body = urllib.parse.urlencode(sample.fields, doseq=True)
    accept = _JSON if sample.media_type == _JSON else "text/html"
    request = urllib.request.Request(  # noqa: S310 - our own loopback
        f"{endpoints.api}/consultations",
        data=body.encode(),
        headers={"Content-Type": sample.media_type, "Accept": accept},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own loopback
        if sample.media_type == _JSON:
            return str(json.load(answer)["reference"])
        thanks = urllib.parse.urlsplit(str(answer.url))
        return urllib.parse.parse_qs(thanks.query)["reference"][0]


def _alert(endpoints: Endpoints, reference: str) -> dict[str, Any]:
    """Return the first email about the request, or an empty one after `_PATIENCE_SECONDS`."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := emails_about(endpoints, reference):
            return found[0]
        time.sleep(0.5)
    return {}


def _lead(endpoints: Endpoints, reference: str) -> dict[str, Any]:
    """Return the stored lead once SES accepted its alert, or in its current state after 10 seconds."""
    table = session().resource("dynamodb", endpoint_url=endpoints.aws).Table(endpoints.table)
    deadline = time.monotonic() + 10
    while True:
        leads = [item for item in table.scan(ConsistentRead=True)["Items"] if item.get("reference") == reference]
        if (leads and leads[0]["alert_state"] == "accepted") or time.monotonic() > deadline:
            return {name: str(value) for name, value in sorted(leads[0].items())} if leads else {}
        time.sleep(0.2)


def _wrong(sample: Sample, reference: str, lead: dict[str, Any], alert: dict[str, Any]) -> list[str]:
    text, sent = alert.get("BodyText", ""), sample.fields
    checks = {
        "the lead is not in the table": bool(lead),
        "the lead differs from the request": all(
            lead.get(name) == sent.get(name) for name in ("name", "message", "best_time", "form")
        ),
        "the phone number is not in E.164 format": lead.get("phone") == sample.phone,
        "the lead does not say that SES accepted the alert": lead.get("alert_state") == "accepted",
        "no reminder is planned": lead.get("alert_notice") == "reminder" and "agenda_at" in lead,
        "the alert went to the wrong address": alert.get("To") in [[recipient] for recipient in RECIPIENTS],
        "the alert has no link to claim the request": "/claim/" in text,
        "the alert's subject is not just the reference and the heading": alert.get("Subject")
        == f"{reference} {sample.kind}",
        "the alert does not name the person to call": str(sent["name"]) in text,
        "the alert shows the message, although AlertDetail is contact": bool(text) and "antidep" not in text,
        "only the alert of a Spanish request says so": ("Wrote in Spanish" in text) == (sent.get("lang") == "es"),
        "the lead does not name its language": lead.get("locale") == sent.get("lang"),
        "only the alert of a short form says to ask for the age": ("Ask their age first" in text) == ("form" in sent),
    }
    return [complaint for complaint, right in checks.items() if not right]
