"""`make demo`: posts one request, waits for its alert and checks both."""

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
    """Post a sample request, wait for its alert and print both. Return 0 only if both are correct."""
    say("Demo: a posted request becomes a stored lead and an email to staff.")
    with throwaway_system() as endpoints:
        with step("Posting a request the way the form's script does"):
            reference = _post(endpoints.api)
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
        wrong = _wrong(reference, lead, alert)
    for complaint in wrong:
        complain(f"WRONG: {complaint}")
    if wrong:
        complain("The demo failed. See the lines above and the logs in .local/demo/logs/.")
    else:
        say("The demo succeeded: the request was stored and staff got the alert. Next: make run.")
    return 1 if wrong else 0


def _post(api: str) -> str:
    body = json.dumps({**SAMPLE, "submission_id": str(uuid.uuid4())}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own loopback
        f"{api}/consultations", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own loopback
        return str(json.load(answer)["reference"])


def _alert(endpoints: Endpoints, reference: str) -> dict[str, Any]:
    """Return the first email about the request, or an empty one after `_PATIENCE_SECONDS`."""
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
    """Return the stored lead once SES accepted its alert, or in its current state after 10 seconds."""
    table = session().resource("dynamodb", endpoint_url=endpoints.aws).Table(endpoints.table)
    deadline = time.monotonic() + 10
    while True:
        leads = [item for item in table.scan(ConsistentRead=True)["Items"] if item.get("reference") == reference]
        if (leads and leads[0]["alert_state"] == "accepted") or time.monotonic() > deadline:
            return {name: str(value) for name, value in sorted(leads[0].items())} if leads else {}
        time.sleep(0.2)


def _wrong(reference: str, lead: dict[str, Any], alert: dict[str, Any]) -> list[str]:
    checks = {
        "the lead is not in the table": bool(lead),
        "the lead differs from the request": lead.get("name") == SAMPLE["name"]
        and lead.get("message") == SAMPLE["message"],
        "the phone number is not in E.164 format": lead.get("phone") == "+12025550147",
        "the lead does not say that SES accepted the alert": lead.get("alert_state") == "accepted",
        "no reminder is planned": lead.get("alert_notice") == "reminder" and "agenda_at" in lead,
        "the alert went to the wrong address": alert.get("To") in [[recipient] for recipient in RECIPIENTS],
        "the alert has no link to claim the request": "/claim/" in alert.get("BodyText", ""),
        "the alert's subject is not just the reference and the heading": alert.get("Subject")
        == f"{reference} New consultation request",
        "the alert does not name the person to call": str(SAMPLE["name"]) in alert.get("BodyText", ""),
        "the alert shows the message, although AlertDetail is contact": "antidepressants"
        not in alert.get("BodyText", "antidepressants"),
    }
    return [complaint for complaint, right in checks.items() if not right]
