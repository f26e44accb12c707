"""Settings of the functions that send alerts."""

from typing import Annotated, Literal

from pydantic import Field

from shared.runtime.settings import Url, YesOrNo
from shared.runtime.team_settings import TeamSettings

AlertDetail = Literal["reference", "contact", "full"]


class AlertSettings(TeamSettings):
    sender_address: Annotated[str, Field(min_length=3)]
    alert_detail: AlertDetail
    configuration_set: Annotated[str, Field(min_length=1)]
    turnstile_secret_arn: str  # empty if Turnstile is not used
    turnstile_verify_url: Annotated[str, Field(pattern="^https?://")]
    stack_secret_arn: Annotated[str, Field(min_length=1)]
    people_secret_arn: Annotated[str, Field(min_length=1)]
    public_url: Url  # the base URL of the API, for the links in emails
    visitor_confirmation: YesOrNo
    clinic_phone: Annotated[str, Field(min_length=3)]
