"""`make demo`: the main job once, from the form's post to the mail, checked."""

import json
import time
import urllib.parse
import urllib.request
import uuid
from typing import Any

from tools.local.deployment import session
from tools.local.local import Endpoints, throwaway_system
from tools.local.parameters import RECIPIENTS
from tools.local.progress import complain, say, step

SAMPLE: dict[str, object] = {
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
}
_PATIENCE_SECONDS = 90


def demo() -> int:
    """Post a sample request, wait for its alert, print both; return 0 only if both are right."""
    say("The main job, once: a posted request becomes a stored lead and a staff alert")
    with throwaway_system() as endpoints:
        with step("Posting a request as a form's script would"):
            reference = _post(endpoints.api)
        with step("Waiting for the alert"):
            mail = _mail(endpoints, reference)
        lead = _lead(endpoints, reference)
        say()
        say("The lead in the table:")
        say(json.dumps(lead, indent=2, ensure_ascii=False))
        say()
        say("The mail to staff:")
        say(f"From: {mail.get('Source')}\nTo: {', '.join(mail.get('To', []))}\nSubject: {mail.get('Subject')}\n")
        say(mail.get("BodyText", "(no mail came)"))
        wrong = _wrong(reference, lead, mail)
    for complaint in wrong:
        complain(f"WRONG: {complaint}")
    say("The main job works." if not wrong else "The main job does not work: see above and .local/demo/logs/.")
    return 1 if wrong else 0


def _post(api: str) -> str:
    body = json.dumps({**SAMPLE, "submission_id": str(uuid.uuid4())}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own loopback
        f"{api}/consultations", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own loopback
        return str(json.load(answer)["reference"])


def _mail(endpoints: Endpoints, reference: str) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{endpoints.mailbox}/messages.json", timeout=10) as answer:  # noqa: S310
            messages: list[dict[str, Any]] = json.load(answer)
        for message in messages:
            if reference in message["Subject"]:
                return message
        time.sleep(0.5)
    return {}


def _lead(endpoints: Endpoints, reference: str) -> dict[str, Any]:
    """Return the stored lead once its alert is written down, or as it stands when patience ends."""
    table = session().resource("dynamodb", endpoint_url=endpoints.aws).Table(endpoints.table)
    deadline = time.monotonic() + 10
    while True:
        leads = [item for item in table.scan(ConsistentRead=True)["Items"] if item.get("reference") == reference]
        if (leads and leads[0]["alert_state"] == "accepted") or time.monotonic() > deadline:
            return {name: str(value) for name, value in sorted(leads[0].items())} if leads else {}
        time.sleep(0.2)


def _wrong(reference: str, lead: dict[str, Any], mail: dict[str, Any]) -> list[str]:
    checks = {
        "the lead is not in the table": bool(lead),
        "the lead is not what was sent": lead.get("name") == SAMPLE["name"]
        and lead.get("message") == SAMPLE["message"],
        "the phone number is not in E.164": lead.get("phone") == "+12025550147",
        "the alert is not written down as accepted": lead.get("alert_state") == "accepted",
        "no reminder is planned": lead.get("alert_notice") == "reminder" and "agenda_at" in lead,
        "the mail went to somebody else": mail.get("To") in [[recipient] for recipient in RECIPIENTS],
        "the mail has no link to take the request": "/claim/" in mail.get("BodyText", ""),
        "the mail's subject has more in it than the reference": mail.get("Subject")
        == f"{reference} New consultation request",
        "the mail does not say whom to call": str(SAMPLE["name"]) in mail.get("BodyText", ""),
        "the mail shows the message, which AlertDetail=contact keeps out": "antidepressants"
        not in mail.get("BodyText", "antidepressants"),
    }
    return [complaint for complaint, right in checks.items() if not right]
