"""The lead: one person's request for a consultation, as the clinic keeps it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.leads import identity
from shared.leads.clinic import Clinic, ConsentText
from shared.leads.crisis import mentions_crisis
from shared.leads.request import ConsultationRequest


class Priority(StrEnum):
    """How soon staff should act. It changes how an alert looks, never whether it is sent."""

    NORMAL = "normal"
    HIGH = "high"  # words of crisis in what was written
    URGENT = "urgent"  # the person says they are in crisis now


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person agreed to, and where they read it. `digest` is of the words, should a version be used twice."""

    kind: str  # the form's field
    version: str  # of the text in clinic.toml
    digest: str  # SHA-256 of the text, 16 hexadecimal digits
    given_at: datetime  # aware, UTC
    page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a person asked for and how to reach them. Text is normalised and untrusted: escape it where it is shown."""

    id: str
    received_at: datetime  # aware, UTC
    fingerprint: str  # of what the person said; tells a repeat from another request under the same id

    # As the request has them; see shared/leads/request.py.
    name: str
    asking_for: str | None = None
    email: str | None = None
    phone: str | None = None  # E.164, perhaps with " ext. N"
    preferred_contact: str | None = None
    best_time: str | None = None
    time_zone: str | None = None
    voicemail_ok: bool | None = None
    discreet: bool | None = None
    call_me: str | None = None
    location: str | None = None
    interest: str | None = None
    symptoms: tuple[str, ...] = ()
    message: str | None = None
    treatments_tried: str | None = None
    health_notes: tuple[str, ...] = ()
    in_crisis: bool | None = None
    page: str | None = None
    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None

    consents: tuple[Consent, ...] = ()
    # What the spam screen looks at (shared/leads/spam.py).
    trap_filled: bool = False
    seconds_to_fill: int | None = None  # from the form's appearance to its arrival; None where nobody measured
    turnstile_token: str | None = None

    @property
    def reference(self) -> str:
        """What staff and the visitor call this lead, e.g. `KC-7Q2M-4XHD`."""
        return identity.reference(self.id)

    @property
    def email_may_be_used(self) -> bool:
        """Whether staff may write to the person: they gave an address and did not ask for another way."""
        return self.email is not None and (self.phone is None or self.preferred_contact in {None, "email"})

    @property
    def texts_may_be_sent(self) -> bool:
        """Whether staff may text the person: only who agreed to it (47 U.S.C. 227, the TCPA)."""
        return self.phone is not None and any(consent.kind == "consent_texts" for consent in self.consents)

    @property
    def priority(self) -> Priority:
        """How soon staff should act."""
        if self.in_crisis:
            return Priority.URGENT
        written = (self.message, self.name, self.call_me)
        return Priority.HIGH if any(text and mentions_crisis(text) for text in written) else Priority.NORMAL


# Attributes of a lead that are the request's own, unchanged.
_TAKEN_OVER: Final = frozenset(Lead.__dataclass_fields__) & frozenset(ConsultationRequest.model_fields)


def new_lead(request: ConsultationRequest, received_at: datetime, clinic: Clinic) -> Lead:
    """Return the lead that `request`, received at `received_at` (aware, UTC), stands for."""
    fingerprint = identity.fingerprint(request.content())
    return Lead(
        id=identity.lead_id(request.submission_id, fingerprint, received_at),
        received_at=received_at,
        fingerprint=fingerprint,
        consents=_consents(request, received_at, clinic),
        trap_filled=request.homepage,
        seconds_to_fill=_seconds_to_fill(request.rendered_at, received_at),
        **{name: getattr(request, name) for name in _TAKEN_OVER},
    )


def _consents(request: ConsultationRequest, received_at: datetime, clinic: Clinic) -> tuple[Consent, ...]:
    texts: dict[str, tuple[bool | None, ConsentText]] = {
        "consent_contact": (request.consent_contact, clinic.consent_contact),
        "consent_texts": (request.consent_texts, clinic.consent_texts),
        "consent_email_news": (request.consent_email_news, clinic.consent_email_news),
    }
    return tuple(
        Consent(
            kind=kind,
            version=wording.version,
            digest=hashlib.sha256(wording.text.encode()).hexdigest()[:16],
            given_at=received_at,
            page=request.page,
        )
        for kind, (given, wording) in texts.items()
        if given
    )


def _seconds_to_fill(rendered_at: int | None, received_at: datetime) -> int | None:
    if rendered_at is None:
        return None
    seconds = int((received_at.timestamp() - rendered_at / 1000) // 1)  # down, so that half a second early is negative
    # The visitor's clock, not ours: what comes out negative or longer than a day says nothing.
    return seconds if 0 <= seconds <= 86_400 else None  # noqa: PLR2004 - a day
