"""The base of the settings. Each function has its own model, read once from environment variables.

Resource names have no defaults. A function without one must fail at startup instead of writing to the wrong place.
"""

import os
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def _comma_separated(text: object) -> object:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _yes_or_no(text: object) -> object:
    return {"yes": True, "no": False}.get(text, text) if isinstance(text, str) else text


type Url = Annotated[str, Field(pattern="^https?://[^ ]+[^ /]$")]
type YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no), Field(strict=True)]
type Texts = Annotated[tuple[str, ...], BeforeValidator(_comma_separated)]
# A key whose value nothing prints. The template generates 64 letters and digits.
type Key = Annotated[SecretStr, Field(min_length=32)]


class Settings(BaseModel):
    """The settings of every function. Environment variables have the names of the fields in capitals."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    table_name: Annotated[str, Field(min_length=1)]


def environment() -> Mapping[str, str]:
    """Return all environment variables, for the code that must interpret them as the AWS SDK does (endpoint.py)."""
    return os.environ


def read_settings[S: Settings](model: type[S]) -> S:
    """Return the settings in `model`. Raises pydantic's ValidationError, which names missing settings."""
    return model.model_validate(
        {name: os.environ[name.upper()] for name in model.model_fields if name.upper() in os.environ}
    )
