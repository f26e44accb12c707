"""The lead: one person's request for a consultation, as the clinic keeps it."""

from dataclasses import dataclass
from datetime import datetime

from leads import identity
from leads.request import BestTime, ConsultationRequest, PreferredContact


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a person asked for and how to reach them. Text is normalised and untrusted: escape it where it is shown."""

    id: str
    received_at: datetime  # aware, UTC
    fingerprint: str  # of what the person said; tells a repeat from another request under the same id
    name: str
    email: str | None
    phone: str | None  # E.164, perhaps with " ext. N"
    preferred_contact: PreferredContact | None
    best_time: BestTime | None
    message: str | None

    @property
    def reference(self) -> str:
        """What staff and the visitor call this lead, e.g. `KC-7Q2M-4XHD`."""
        return identity.reference(self.id)

    @property
    def email_may_be_used(self) -> bool:
        """Whether staff may write to the person: they gave an address and did not ask to be called instead."""
        return self.email is not None and (self.phone is None or self.preferred_contact != "phone")


def new_lead(request: ConsultationRequest, received_at: datetime) -> Lead:
    """Return the lead that `request`, received at `received_at` (aware, UTC), stands for."""
    fingerprint = identity.fingerprint(request.content())
    return Lead(
        id=identity.lead_id(request.submission_id, fingerprint, received_at),
        received_at=received_at,
        fingerprint=fingerprint,
        name=request.name,
        email=request.email,
        phone=request.phone,
        preferred_contact=request.preferred_contact,
        best_time=request.best_time,
        message=request.message,
    )
