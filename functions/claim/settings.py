"""Settings of the claim function."""

from typing import Annotated

from pydantic import Field

from shared.runtime.team_settings import TeamSettings


class ClaimSettings(TeamSettings):
    stack_secret_arn: Annotated[str, Field(min_length=1)]
    people_secret_arn: Annotated[str, Field(min_length=1)]
