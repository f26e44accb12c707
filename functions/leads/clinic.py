"""The clinic: what `clinic.toml` says about it, checked."""

import tomllib
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from leads.hours import Day, Hours, Span, known_zone
from leads.text import single_line

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

CRISIS_LINE = "988"  # Suicide & Crisis Lifeline, call or text, https://988lifeline.org
EMERGENCY_NUMBER = "911"


class InvalidClinicError(Exception):
    """`clinic.toml` cannot be used. The text says which setting, why, and what to do."""


def _time_zone(name: str) -> str:
    if known_zone(name) is None:
        raise ValueError('is not an IANA time zone; use a name such as "America/New_York"')
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


def _span(text: str) -> str:
    Span.parse(text)
    return text


def _day(spans: tuple[str, ...]) -> Day:
    return tuple(sorted(map(Span.parse, spans)))


def _apart(spans: tuple[str, ...]) -> tuple[str, ...]:
    if any(one.closes > other.opens for one, other in pairwise(_day(spans))):
        raise ValueError("has times that overlap; each must begin when the one before it is over, or later")
    return spans


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


# Lists in TOML, tuples here. They stay text, so that a `Clinic` is what the file says; to read them twice is cheap.
_Spans = Annotated[tuple[Annotated[str, AfterValidator(_span)], ...], Field(strict=False), AfterValidator(_apart)]
_Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class OpeningHours(BaseModel):
    """When somebody is at the clinic to answer, as clinic.toml says it; `Clinic.hours` reckons with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    monday: _Spans = ()
    tuesday: _Spans = ()
    wednesday: _Spans = ()
    thursday: _Spans = ()
    friday: _Spans = ()
    saturday: _Spans = ()
    sunday: _Spans = ()
    closed_on: Annotated[tuple[Annotated[date, Field(strict=True)], ...], Field(strict=False)] = ()

    @property
    def week(self) -> tuple[tuple[str, ...], ...]:
        """The spans of each day from Monday."""
        return (
            *(self.monday, self.tuesday, self.wednesday, self.thursday, self.friday),
            *(self.saturday, self.sunday),
        )

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if not any(self.week):
            raise ValueError('has no day on which the clinic is open; give one, such as monday = ["09:00-17:00"]')
        return self


class Targets(BaseModel):
    """How long a request may wait for its first answer. Minutes: open ones, or any where a request is urgent."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    remind_after: _Minutes = 15
    escalate_after: _Minutes = 60
    urgent_remind_after: _Minutes = 5
    urgent_escalate_after: _Minutes = 15

    @model_validator(mode="after")
    def _reminded_first(self) -> Self:
        if self.escalate_after <= self.remind_after:
            raise ValueError("escalate_after must be more than remind_after")
        if self.urgent_escalate_after <= self.urgent_remind_after:
            raise ValueError("urgent_escalate_after must be more than urgent_remind_after")
        return self


class Clinic(BaseModel):
    """The clinic that the requests are for."""

    # The section [hours] knows days only. `hours`, which knows the time zone too, is made of it.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True)

    name: _Line
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    minimum_age: Annotated[int, Field(ge=1, le=120)]  # in years
    places: Annotated[tuple[Place, ...], Field(strict=False), AfterValidator(_each_once)] = ()  # TOML has lists
    opening_hours: OpeningHours = Field(alias="hours")
    targets: Targets = Targets()
    consent_contact: ConsentText
    consent_texts: ConsentText
    consent_email_news: ConsentText

    @property
    def place_names(self) -> dict[str, str]:
        """The name of each place by its id."""
        return {place.id: place.name for place in self.places}

    @property
    def hours(self) -> Hours:
        """When the clinic is open, by the clock on its wall."""
        return Hours(
            zone=ZoneInfo(self.time_zone),
            week=tuple(map(_day, self.opening_hours.week)),
            closed_on=frozenset(self.opening_hours.closed_on),
        )


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
        raise InvalidClinicError(f"clinic.toml needs a change. {problems}") from error


_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is no setting; check its spelling",
    "string_pattern_mismatch": "must be small letters, digits and underscores, a letter first, 40 at most",
    "date_type": "must be a day without quotes and time, such as 2026-12-25",
    "model_type": "must have settings of its own, below a line with its name in brackets",
}
_LISTS: Final = {
    "places": "write [[places]], in double brackets, above each place",
    "closed_on": "write days in brackets, such as [2026-11-26, 2026-12-25]",
}


def _in_words(detail: "ErrorDetails") -> str:
    if detail["type"] == "string_too_short" and not detail["input"]:
        return "is empty"
    if detail["type"] == "tuple_type":
        how = _LISTS.get(str(detail["loc"][-1]), 'write times in brackets, such as ["09:00-12:00", "13:00-17:00"]')
        return f"must be a list: {how}"
    return _WORDS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
