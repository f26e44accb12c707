"""The canary: a made-up request that goes the whole way every half hour, to see that the way is open.

Staff never see it. It is known by a registration that only the canary can write (canary_registry.py). Its name only
says that it is worth looking for one: a visitor can type any name.
"""

from datetime import datetime, timedelta
from typing import Final

from shared.leads import identity
from shared.leads.lead import Lead

CANARY_NAME: Final = "Canary Example"
# AWS's mailbox simulator: takes mail and has it reported as delivered, also for an account in the sandbox, and changes
# neither the sending quota nor the rates of bounces and complaints
# (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator).
SIMULATOR: Final = "success@simulator.amazonses.com"
_TIME_TO_FILL: Final = timedelta(seconds=75)  # as a person takes; less than a few seconds looks like a program


def canary_form(submission_id: str, now: datetime) -> dict[str, object]:
    """Return the canary's request as a form sends it. No two have the same content, which would look like spam."""
    return {
        "name": CANARY_NAME,
        "patient_is_adult": "yes",
        "email": SIMULATOR,
        "phone": "(202) 555-0100",  # kept free for examples
        "message": f"A test by the system itself, number {submission_id}.",
        "in_crisis": "no",
        "consent_contact": "yes",
        "submission_id": submission_id,
        "rendered_at": str(int((now - _TIME_TO_FILL).timestamp() * 1000)),
    }


def canary_lead_id(submission_id: str, now: datetime) -> str:
    """Return the id that the lead of `canary_form` will have. The submission id alone decides it."""
    return identity.lead_id(submission_id, "", now)


def looks_synthetic(lead: Lead) -> bool:
    """Whether `lead` may be the canary's, so that it is worth asking the registry."""
    return lead.name == CANARY_NAME
