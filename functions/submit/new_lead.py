"""Makes a lead from a valid request."""

from datetime import datetime
from typing import Final

from shared.leads.clinic import Clinic, ConsentText
from shared.leads.fields import ANSWERS, CONSENTS
from shared.leads.identity import LeadIds, Signs
from shared.leads.lead import Answer, Consent, Lead
from submit.request import ConsultationRequest

NO_NAME: Final = "(no name)"
_ANSWERS: Final = tuple(field.name for field in ANSWERS)


def new_lead(
    request: ConsultationRequest,
    received_at: datetime,
    clinic: Clinic,
    ids: LeadIds,
    visitor_language: str | None = None,
) -> Lead:
    """Return the lead for `request`, received at `received_at` (aware, UTC).

    `visitor_language` is what the browser asks for. It counts for answers if the form did not say its own language.
    """
    fingerprint = ids.fingerprint(request.content())
    signs = Signs(
        trap_filled=request.leave_empty, rendered_at=request.rendered_at, turnstile_token=request.turnstile_token
    )
    return Lead(
        id=ids.lead_id(request.submission_id, fingerprint, received_at, signs),
        received_at=received_at,
        fingerprint=fingerprint,
        answers=_answers(request, visitor_language),
        own_answers=request.own_answers,
        reference_prefix=clinic.reference_prefix,
        consents=_consents(request, clinic),
        also_sent=request.also_sent,
        age_unknown=request.patient_is_adult is not True,
        trap_filled=request.leave_empty,
        seconds_to_fill=_seconds_to_fill(request.rendered_at, received_at),
    )


def _answers(request: ConsultationRequest, visitor_language: str | None) -> dict[str, Answer]:
    given = vars(request)
    answers = {name: answer for name in _ANSWERS if (answer := given[name]) is not None and answer != ()}
    answers.setdefault("name", NO_NAME)  # a person in crisis need not give one
    if visitor_language is not None:
        answers.setdefault("locale", visitor_language)
    return answers


def _consents(request: ConsultationRequest, clinic: Clinic) -> tuple[Consent, ...]:
    # The person saw the text of the form, whatever the browser asks for. A form that says no language is in the first.
    language, sent = clinic.language_for(request.locale), request.consent_languages
    return tuple(
        _consent(field.name, getattr(clinic, field.name), sent.get(field.name, language))
        for field in CONSENTS
        if getattr(request, field.name)
    )


def _consent(kind: str, wording: ConsentText, language: str) -> Consent:
    return Consent(kind=kind, version=wording.version, text_hash=wording.hash_in(language))


def _seconds_to_fill(rendered_at: int | None, received_at: datetime) -> int | None:
    if rendered_at is None:
        return None
    seconds = int((received_at.timestamp() - rendered_at / 1000) // 1)  # rounds down: half a second early is -1
    # The visitor's clock may be wrong. Ignore a negative time and a time longer than a day.
    return seconds if 0 <= seconds <= 86_400 else None  # noqa: PLR2004 - a day
