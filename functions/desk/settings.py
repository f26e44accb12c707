"""Settings of the desk."""

from typing import Annotated, Literal

from pydantic import Field

from shared.runtime.settings import Url
from shared.runtime.team_settings import TeamSettings

type _Name = Annotated[str, Field(min_length=1)]


class DeskSettings(TeamSettings):
    """`public_url` is empty unless the operator set one: the API's own address comes with each request."""

    sessions_table: _Name
    audit_table: _Name
    user_pool_id: Annotated[str, Field(pattern=r"^[a-z0-9-]+_[A-Za-z0-9]+$")]
    sign_in_url: Url
    public_url: Url | Literal[""]
    stack_secret_arn: _Name
    people_secret_arn: _Name
