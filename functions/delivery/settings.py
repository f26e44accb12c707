"""Settings of the delivery function."""

from typing import Annotated

from pydantic import Field

from shared.runtime.team_settings import TeamSettings


class DeliverySettings(TeamSettings):
    alarms_topic_arn: Annotated[str, Field(min_length=1)]
