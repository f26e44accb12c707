"""Made-up people and the clinic they write to. Addresses at example.com, numbers from 555-01xx."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from leads.clinic import Clinic
from leads.lead import Lead, new_lead
from leads.request import parse_request

NOW = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)  # 10:30 AM in New York
CLINIC = Clinic(name="Riverbend Ketamine Clinic", phone="(202) 555-0143", time_zone="America/New_York")
SUBMISSION_ID = "made-up-submission-0001"

# Everything a form can send.
FORM: dict[str, object] = {
    "name": "Robin Example",
    "email": "robin@example.com",
    "phone": "(202) 555-0147",
    "preferred_contact": "phone",
    "best_time": "morning",
    "message": "I would like to know more.",
    "consent_contact": "on",
    "submission_id": SUBMISSION_ID,
}


def form(**changes: object) -> dict[str, object]:
    """Return a complete form with `changes`. None leaves a field out."""
    return {name: value for name, value in (FORM | changes).items() if value is not None}


def a_lead(number: int = 0, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    """Return the lead of a complete form. Another `number` is another person's."""
    request = parse_request(form(submission_id=f"made-up-submission-{number:04}"))
    return replace(new_lead(request, NOW), **changes)
