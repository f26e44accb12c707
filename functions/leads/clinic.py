"""The clinic: what `clinic.toml` says about it, checked."""

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from leads.text import single_line

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

CRISIS_LINE = "988"  # Suicide & Crisis Lifeline, call or text, https://988lifeline.org
EMERGENCY_NUMBER = "911"


class InvalidClinicError(Exception):
    """`clinic.toml` cannot be used. The text says which setting, why, and what to do."""


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError('is not an IANA time zone; use a name such as "America/New_York"') from error
    return name


def _one_line(text: str) -> str:
    if text != single_line(text):
        raise ValueError("must be one line of plain text, without spaces around it")
    return text


class Clinic(BaseModel):
    """The clinic that the requests are for."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
    phone: Annotated[str, Field(min_length=1, max_length=40)]  # the build checks that it can be called
    time_zone: Annotated[str, AfterValidator(_time_zone)]


@dataclass(frozen=True, slots=True)
class Help:
    """Where a visitor can be helped now; every page and every answer shows it."""

    clinic_phone: str
    crisis_line: str = CRISIS_LINE
    emergency_number: str = EMERGENCY_NUMBER

    @property
    def clinic_phone_link(self) -> str:
        """The clinic's number as a link dials it: digits and perhaps a leading plus."""
        return "tel:" + "".join(sign for sign in self.clinic_phone if sign.isdigit() or sign == "+")

    @property
    def sentence(self) -> str:
        """The same in words, for answers in plain text."""
        return (
            f"If you are in danger now, call {self.emergency_number}. If you are in crisis, call or text "
            f"{self.crisis_line}, any time. To reach the clinic, call {self.clinic_phone}."
        )


def parse_clinic(text: str) -> Clinic:
    """Return the clinic that the TOML in `text` describes, or raise `InvalidClinicError`."""
    try:
        return Clinic.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidClinicError(f"clinic.toml is not valid TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{detail['loc'][0]}: {_in_words(detail)}" for detail in error.errors())
        raise InvalidClinicError(f"clinic.toml needs mending. {problems}") from error


def _in_words(detail: "ErrorDetails") -> str:
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is no setting; check its spelling"
        case "string_too_short":
            return "is empty"
        case _:
            return detail["msg"].removeprefix("Value error, ")
