"""One settings model per function, read once from the environment that the template sets.

No resource name has a default: a function that is missing one must fail at its start, not write somewhere else.
"""

import os
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from leads.alert import Team

AlertDetail = Literal["reference", "contact", "full"]


def _comma_separated(text: object) -> object:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    # As people copy them from the address bar; a browser's Origin header has no slash at its end.
    return tuple(value.rstrip("/") for value in values)


def _yes_or_no(text: object) -> object:
    return {"yes": True, "no": False}.get(text, text) if isinstance(text, str) else text


type _Url = Annotated[str, Field(pattern="^https?://[^ ]+[^ /]$")]
type _YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no), Field(strict=True)]
type _List = Annotated[tuple[str, ...], BeforeValidator(_comma_separated)]


class Settings(BaseModel):
    """What every function needs. Names of environment variables are the fields' names in capitals."""

    model_config = ConfigDict(frozen=True, defer_build=True)  # of the models below, a function uses one

    table_name: Annotated[str, Field(min_length=1)]


class SubmitSettings(Settings):
    """Settings of the public function."""

    # Exact origins, e.g. https://www.example.com; none allows no cross-origin script.
    allowed_origins: Annotated[_List, AfterValidator(_origins)]
    thank_you_pages: _List  # whole addresses, where a form may send its visitor afterwards; may be empty
    clinic_phone: Annotated[str, Field(min_length=3)]  # as people read it


class TeamSettings(Settings):
    """Settings of the functions that have to know who is told."""

    alert_recipients: Annotated[_List, Field(min_length=1)]
    fallback_recipients: _List  # may be empty
    tell_others: _YesOrNo  # whether the others hear who took a lead

    @property
    def team(self) -> Team:
        """How many there are."""
        return Team(
            staff=len(self.alert_recipients),
            fallback=len(self.fallback_recipients),
            tell_others=self.tell_others,
        )


class AlertSettings(TeamSettings):
    """Settings of the functions that send alerts."""

    sender_address: Annotated[str, Field(min_length=3)]
    alert_detail: AlertDetail
    configuration_set: Annotated[str, Field(min_length=1)]
    turnstile_secret_arn: str  # empty where Turnstile is not used
    turnstile_verify_url: Annotated[str, Field(pattern="^https?://")]
    stack_secret_arn: Annotated[str, Field(min_length=1)]
    public_url: _Url  # where the API is; links in mails lead there
    visitor_confirmation: _YesOrNo
    clinic_phone: Annotated[str, Field(min_length=3)]


class ClaimSettings(TeamSettings):
    """Settings of the function behind the links in mails."""

    stack_secret_arn: Annotated[str, Field(min_length=1)]


class DeliverySettings(TeamSettings):
    """Settings of the function that takes SES's reports."""

    alarms_topic_arn: Annotated[str, Field(min_length=1)]


class CanarySettings(Settings):
    """Settings of the canary."""

    public_url: _Url


def read_settings[S: Settings](model: type[S]) -> S:
    """Return the settings `model` asks for. Raises pydantic's ValidationError naming what is missing."""
    return model.model_validate(
        {name: os.environ[name.upper()] for name in model.model_fields if name.upper() in os.environ}
    )
