"""The clinic: what `clinic.toml` says about it, checked."""

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final
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


def _each_once(places: tuple["Place", ...]) -> tuple["Place", ...]:
    ids = [place.id for place in places]
    if twice := sorted({f'"{each}"' for each in ids if ids.count(each) > 1}):
        raise ValueError(f"each place needs an id of its own; used more than once: {', '.join(twice)}")
    return places


_Line = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]


class Place(BaseModel):
    """Where the clinic sees people."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]  # what a form sends
    name: _Line  # what people read


class ConsentText(BaseModel):
    """What a person agrees to, word for word, and which version of the words it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_one_line)]
    text: Annotated[str, Field(min_length=10, max_length=600), AfterValidator(_one_line)]


class Clinic(BaseModel):
    """The clinic that the requests are for."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: _Line
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    minimum_age: Annotated[int, Field(ge=1, le=120)]  # in years
    places: Annotated[tuple[Place, ...], Field(strict=False), AfterValidator(_each_once)] = ()  # TOML has lists
    consent_contact: ConsentText
    consent_texts: ConsentText
    consent_email_news: ConsentText

    @property
    def place_names(self) -> dict[str, str]:
        """The name of each place by its id."""
        return {place.id: place.name for place in self.places}


@dataclass(frozen=True, slots=True)
class Help:
    """Where a visitor can be helped now; every page and every answer shows it.

    The clinic's phone is a parameter of the template and not in clinic.toml, because API Gateway's own answers show it
    as well, and a template cannot read that file.
    """

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
        problems = "; ".join(
            f"{'.'.join(map(str, detail['loc']))}: {_in_words(detail)}" for detail in error.errors(include_url=False)
        )
        raise InvalidClinicError(f"clinic.toml needs mending. {problems}") from error


_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is no setting; check its spelling",
    "string_pattern_mismatch": "must be small letters, digits and underscores, a letter first, 40 at most",
    "tuple_type": "must be a list: write [[places]], in double brackets, above each place",
    "model_type": "must have settings of its own, below a line with its name in brackets",
}


def _in_words(detail: "ErrorDetails") -> str:
    if detail["type"] == "string_too_short" and not detail["input"]:
        return "is empty"
    return _WORDS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
