"""The canary: a synthetic request that runs through the whole system every half hour, to check that it works.

Staff never see it. Senders recognize it by a registration that only the canary can write (canary_registry.py). The name
in the request is not proof, because a visitor can type any name. It only tells senders to look for a registration.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads import report_row
from shared.leads.clinic import Clinic
from shared.leads.identity import LeadIds, Signs
from shared.leads.lead import Lead

if TYPE_CHECKING:
    from shared.leads.questions import Question

CANARY_NAME: Final = report_row.CANARY_NAME  # there, because `submit` does not load this module
# The SES mailbox simulator. It accepts emails and reports them as delivered, even in the sandbox. It does not affect
# the sending quota or the bounce and complaint rates
# (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator).
SIMULATOR: Final = "success@simulator.amazonses.com"
_TIME_TO_FILL: Final = timedelta(seconds=75)  # a realistic time; a few seconds would look like spam


def canary_form(submission_id: str, now: datetime, clinic: Clinic) -> dict[str, object]:
    """Return the canary's request as a form sends it. Each has different content, because repeats look like spam.

    It answers the clinic's own questions that need an answer. Otherwise the API would refuse it.
    """
    return {
        "name": CANARY_NAME,
        "patient_is_adult": "yes",
        "email": SIMULATOR,
        "phone": "(202) 555-0100",  # reserved for fictional use
        "message": f"Automatic test request {submission_id}.",
        "in_crisis": "no",
        "consent_contact": "yes",
        "submission_id": submission_id,
        "rendered_at": str(_rendered_at(now)),
        **{question.id: _answer(question) for question in clinic.questions if question.required},
    }


def _answer(question: "Question") -> str:
    return next(iter(question.choices), "no" if question.kind == "yes_no" else "Automatic test")


def canary_lead_id(submission_id: str, now: datetime, ids: LeadIds) -> str:
    """Return the id of the lead that `canary_form` creates with the same arguments."""
    # With a submission id, the content plays no part.
    return ids.lead_id(submission_id, "", now, Signs(rendered_at=_rendered_at(now)))


def _rendered_at(now: datetime) -> int:
    return int((now - _TIME_TO_FILL).timestamp() * 1000)


def looks_synthetic(lead: Lead) -> bool:
    """Whether `lead` may be the canary's. Only then must a sender check the registry."""
    return lead.name == CANARY_NAME
