"""Checks `clinic.toml` during the build, with messages that say what to change. Functions need not check it again."""

import tomllib
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.leads.clinic import DAYS, Clinic, EmailLimits, FollowUp, Retention, Targets, clinic_of
from shared.leads.hours import Span, known_zone
from submit.clean import single_line

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class InvalidClinicError(Exception):
    """`clinic.toml` is invalid. The text says which setting, why, and what to do."""


def _time_zone(name: str) -> str:
    if known_zone(name) is None:
        raise ValueError('is not an IANA time zone; use a name such as "America/New_York"')
    return name


def _one_line(text: str) -> str:
    if text != single_line(text):
        raise ValueError("must be one line of plain text without spaces before or after it")
    return text


def _each_once(places: tuple["_Place", ...]) -> tuple["_Place", ...]:
    ids = [place.id for place in places]
    if twice := sorted({f'"{each}"' for each in ids if ids.count(each) > 1}):
        raise ValueError(f"each place needs a different id; used more than once: {', '.join(twice)}")
    return places


def _span(text: str) -> str:
    Span.parse(text)
    return text


def _apart(spans: tuple[str, ...]) -> tuple[str, ...]:
    if any(one.closes > other.opens for one, other in pairwise(sorted(map(Span.parse, spans)))):
        raise ValueError("has times that overlap; each must start when the one before it ends, or later")
    return spans


_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)

_Line = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]


class _Place(BaseModel):
    model_config = _STRICT

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: _Line


class _ConsentText(BaseModel):
    model_config = _STRICT

    version: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_one_line)]
    text: Annotated[str, Field(min_length=10, max_length=600), AfterValidator(_one_line)]


# TOML has lists but no tuples.
_Spans = Annotated[tuple[Annotated[str, AfterValidator(_span)], ...], Field(strict=False), AfterValidator(_apart)]
_DEFAULT = Targets()
_DEFAULT_FOLLOW_UP = FollowUp()
_DEFAULT_EMAIL = EmailLimits()
_KEPT = Retention()
_Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
# A day, because staff need some time to correct a mistake; ten years, because longer is surely a slip.
_Days = Annotated[int, Field(ge=1, le=3653)]
_UrgentMinutes = Annotated[int, Field(ge=1, le=24 * 60)]


class _Hours(BaseModel):
    model_config = _STRICT

    monday: _Spans = ()
    tuesday: _Spans = ()
    wednesday: _Spans = ()
    thursday: _Spans = ()
    friday: _Spans = ()
    saturday: _Spans = ()
    sunday: _Spans = ()
    closed_on: Annotated[tuple[Annotated[date, Field(strict=True)], ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if not any(getattr(self, day) for day in DAYS):
            raise ValueError('has no day with opening hours; add one, such as monday = ["09:00-17:00"]')
        return self


class _Targets(BaseModel):
    model_config = _STRICT

    remind_after: _Minutes = _DEFAULT.remind_after
    escalate_after: _Minutes = _DEFAULT.escalate_after
    urgent_remind_after: _Minutes = _DEFAULT.urgent_remind_after
    urgent_escalate_after: _Minutes = _DEFAULT.urgent_escalate_after

    @model_validator(mode="after")
    def _reminded_first(self) -> Self:
        if self.escalate_after <= self.remind_after:
            raise ValueError("escalate_after must be more than remind_after")
        if self.urgent_escalate_after <= self.urgent_remind_after:
            raise ValueError("urgent_escalate_after must be more than urgent_remind_after")
        return self


class _FollowUp(BaseModel):
    model_config = _STRICT

    claimed_after: _Minutes = _DEFAULT_FOLLOW_UP.claimed_after
    emailed_after: _Minutes = _DEFAULT_FOLLOW_UP.emailed_after
    repeat_after: _Minutes = _DEFAULT_FOLLOW_UP.repeat_after
    urgent_claimed_after: _UrgentMinutes = _DEFAULT_FOLLOW_UP.urgent_claimed_after
    urgent_emailed_after: _UrgentMinutes = _DEFAULT_FOLLOW_UP.urgent_emailed_after
    urgent_no_answer_after: _UrgentMinutes = _DEFAULT_FOLLOW_UP.urgent_no_answer_after
    urgent_repeat_after: _UrgentMinutes = _DEFAULT_FOLLOW_UP.urgent_repeat_after

    @model_validator(mode="after")
    def _doubles_upward(self) -> Self:
        if self.urgent_repeat_after < self.urgent_no_answer_after:
            raise ValueError("urgent_repeat_after must be at least urgent_no_answer_after")
        return self


class _Email(BaseModel):
    model_config = _STRICT

    # The lower limit leaves room for one alert every six minutes; the upper one is more than a person can read.
    max_alerts_per_hour: Annotated[int, Field(ge=10, le=1_000)] = _DEFAULT_EMAIL.max_alerts_per_hour
    max_urgent_alerts_per_hour: Annotated[int, Field(ge=10, le=1_000)] = _DEFAULT_EMAIL.max_urgent_alerts_per_hour
    # The upper limit is SES's usual daily quota, with a reserve for alerts. 0 would be VisitorConfirmation=no.
    max_confirmations_per_day: Annotated[int, Field(ge=1, le=10_000)] = _DEFAULT_EMAIL.max_confirmations_per_day


class _Retention(BaseModel):
    model_config = _STRICT

    booked: _Days = _KEPT.booked
    came: _Days = _KEPT.came
    no_show: _Days = _KEPT.no_show
    not_suitable: _Days = _KEPT.not_suitable
    declined: _Days = _KEPT.declined
    unreachable: _Days = _KEPT.unreachable
    referred: _Days = _KEPT.referred
    duplicate: _Days = _KEPT.duplicate
    wrong_number: _Days = _KEPT.wrong_number
    reached: _Days = _KEPT.reached
    spam: _Days = _KEPT.spam


class _File(BaseModel):
    model_config = _STRICT

    name: _Line
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    minimum_age: Annotated[int, Field(ge=1, le=120)]
    crisis_without_consent: bool = True
    places: Annotated[tuple[_Place, ...], Field(strict=False), AfterValidator(_each_once)] = ()
    hours: _Hours
    targets: _Targets = _Targets()
    follow_up: _FollowUp = _FollowUp()
    email: _Email = _Email()
    retention: _Retention = _Retention()
    consent_contact: _ConsentText
    consent_texts: _ConsentText
    consent_email_news: _ConsentText


def parse_clinic(text: str) -> Clinic:
    """Return the clinic that the TOML in `text` describes. Raises InvalidClinicError."""
    try:
        sections = tomllib.loads(text)
        _File.model_validate(sections)
    except tomllib.TOMLDecodeError as error:
        raise InvalidClinicError(f"clinic.toml is not valid TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, detail['loc']))}: {_in_words(detail)}" for detail in error.errors(include_url=False)
        )
        raise InvalidClinicError(f"clinic.toml needs a change. {problems}") from error
    return clinic_of(sections)


_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a setting; check its spelling",
    "string_pattern_mismatch": "must be lowercase letters, digits and underscores, starting with a letter, at most 40",
    "bool_type": "must be true or false, without quotes",
    "date_type": "must be a date without quotes or a time, such as 2026-12-25",
    "model_type": "must be a section; put its settings below a line with its name in brackets",
}
_LISTS: Final = {
    "places": "write [[places]], in double brackets, above each place",
    "closed_on": "write the dates in brackets, such as [2026-11-26, 2026-12-25]",
}


def _in_words(detail: "ErrorDetails") -> str:
    if detail["type"] == "string_too_short" and not detail["input"]:
        return "is empty"
    if detail["type"] == "tuple_type":
        how = _LISTS.get(str(detail["loc"][-1]), 'write the times in brackets, such as ["09:00-12:00", "13:00-17:00"]')
        return f"must be a list: {how}"
    return _WORDS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
