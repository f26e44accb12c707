"""Settings of the function that sends what is due."""

from typing import Annotated

from pydantic import Field

from shared.messages.settings import AlertSettings


class FollowUpSettings(AlertSettings):
    """`audit_table` is the desk's audit. The digest names its last entry.

    `owner_email` gets the report of each month. It is empty if nobody does.
    """

    audit_table: Annotated[str, Field(min_length=1)]
    owner_email: str
