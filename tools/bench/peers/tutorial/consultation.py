"""The fields of our own API (docs/fields.md), with the types that pydantic's documentation suggests."""

from typing import Annotated, Literal

from pydantic import BaseModel, EmailStr, Field, HttpUrl, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9 ().-]{7,40}$")]
Campaign = Annotated[str, StringConstraints(max_length=100)]

Symptom = Literal[
    "low_mood",
    "loss_of_interest",
    "weight_change",
    "poor_appetite",
    "oversleeping",
    "insomnia",
    "trouble_concentrating",
    "fatigue",
    "anger_or_mood_swings",
]
HealthNote = Literal[
    "psychosis_history",
    "uncontrolled_blood_pressure",
    "pregnant_or_nursing",
    "substance_use",
    "none",
    "discuss_on_call",
]


class Consultation(BaseModel):
    """A consultation request."""

    name: Name
    asking_for: Literal["self", "family_or_friend", "patient"] | None = None
    patient_is_adult: bool

    email: EmailStr | None = None
    phone: Phone | None = None
    preferred_contact: Literal["phone", "text", "email"] | None = None
    best_time: Literal["any", "morning", "afternoon", "evening"] | None = None
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = None
    voicemail_ok: bool | None = None
    discreet: bool | None = None
    call_me: Name | None = None

    location: Literal["downtown", "riverside"] | None = None
    interest: Literal["depression", "anxiety", "ptsd", "chronic_pain", "other"] | None = None
    symptoms: list[Symptom] = []
    message: Annotated[str, StringConstraints(max_length=5_000)] | None = None

    treatments_tried: Literal["none", "one", "two_or_more"] | None = None
    health_notes: list[HealthNote] = []

    in_crisis: bool | None = None

    consent_contact: bool
    consent_texts: bool | None = None
    consent_email_news: bool | None = None

    page: HttpUrl | None = None
    referrer: HttpUrl | None = None
    utm_source: Campaign | None = None
    utm_medium: Campaign | None = None
    utm_campaign: Campaign | None = None
    utm_term: Campaign | None = None
    utm_content: Campaign | None = None

    submission_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")] | None = None
    thank_you_page: HttpUrl | None = None
    homepage: str | None = None
    rendered_at: int | None = None
    turnstile_token: Annotated[str, StringConstraints(max_length=2_048)] | None = Field(
        None, alias="cf-turnstile-response"
    )
