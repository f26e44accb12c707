"""Settings of the function that erases."""

from typing import Annotated

from pydantic import Field

from shared.runtime.settings import Settings

type _Name = Annotated[str, Field(min_length=1)]


class EraseSettings(Settings):
    """`audit_table` also has the tombstones: a restore of the leads does not roll it back."""

    audit_table: _Name
    people_secret_arn: _Name
