"""Checks `clinic.toml` during the build, with messages that say what to change. Functions need not check it again."""

import tomllib
from datetime import date
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.leads.clinic import (
    DAYS,
    LANGUAGES,
    Clinic,
    EmailLimits,
    FollowUp,
    Retention,
    Targets,
    clinic_of,
)
from shared.leads.fields import GROUPS
from shared.leads.hours import Span
from shared.leads.identity import REFERENCE_PREFIX
from submit.clean import single_line
from tools.package.clinic_lines import first_section, line_of
from tools.package.clinic_rules import Problem, problems
from tools.package.invalid import InvalidClinicError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


# Not those of this machine, which may have names that Lambda has not: there, all zones come from this package. The rest
# of its names, such as EST, are old ones: some have no summer time.
_ZONES: Final = frozenset(
    name for name in files("tzdata").joinpath("zones").read_text("utf-8").split() if "/" in name or name == "UTC"
)


def _time_zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError('is not an IANA time zone with the name of a city; use one such as "America/New_York"')
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


def _for_visitors(fewest: int, most: int) -> AfterValidator:
    """Return a check of a text for visitors: one for every language, or one for each. clinic_rules.py counts them."""

    def check(written: Any) -> Any:  # noqa: ANN401 - anything that TOML has
        if not written or not isinstance(written, str | dict) or set(map(type, _texts(written))) != {str}:
            if written == "":
                raise ValueError("is empty; write the text in quotes")
            raise ValueError('must be a text in quotes, or one for each language: { en = "...", es = "..." }')
        if isinstance(written, dict) and (unknown := sorted(written.keys() - set(LANGUAGES))):
            known = " and ".join(f'"{code}"' for code in LANGUAGES)
            raise ValueError(f'has a language that we have no words for, "{unknown[0]}"; we have {known}')
        for text in _texts(written):
            if not fewest <= len(text) <= most:
                raise ValueError(f"must have {fewest} to {most} characters; this text has {len(text)}")
            _one_line(text)
        return written

    return AfterValidator(check)


def _texts(written: str | dict[str, Any]) -> tuple[Any, ...]:
    return tuple(written.values()) if isinstance(written, dict) else (written,)


def _languages(written: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(written)) < len(written):
        raise ValueError("has a language twice; write each once, the default one first")
    return written


_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)

_Line = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Name = Annotated[Any, _for_visitors(1, 80)]
_Choices = Annotated[dict[_Id, Annotated[Any, _for_visitors(1, 120)]], Field(min_length=2, max_length=30)]


class _Place(BaseModel):
    model_config = _STRICT

    id: _Id
    name: _Name


class _FieldChoices(BaseModel):
    """The built-in fields whose choices a clinic may replace. What the other fields mean is a rule in our code."""

    model_config = _STRICT

    interest: _Choices | None = None
    symptoms: _Choices | None = None
    treatments_tried: _Choices | None = None
    health_notes: _Choices | None = None


QUESTION_GROUPS: Final = tuple(group.name for group in GROUPS if group.name not in {"now", "consent"})


def _group(name: str) -> str:
    if name not in QUESTION_GROUPS:
        raise ValueError(f"must be one of {', '.join(f'"{each}"' for each in QUESTION_GROUPS)}")
    return name


class _Question(BaseModel):
    model_config = _STRICT

    id: _Id
    kind: Literal["text", "yes_no", "choice", "several"]
    label: Annotated[Any, _for_visitors(2, 200)]
    hint: Annotated[Any, _for_visitors(2, 300)] = None
    choices: _Choices | None = None
    group: Annotated[str, AfterValidator(_group)]
    required: bool = False
    health: bool
    staff_label: Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_one_line)] | None = None


_Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class _Look(BaseModel):
    model_config = _STRICT

    accent: _Color | None = None
    accent_dark: _Color | None = None
    logo: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.(?:svg|png)$")] | None = None


class _ConsentText(BaseModel):
    model_config = _STRICT

    version: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_one_line)]
    text: Annotated[Any, _for_visitors(10, 600)]


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
    languages: Annotated[
        tuple[Literal["en", "es"], ...], Field(strict=False, min_length=1), AfterValidator(_languages)
    ] = LANGUAGES
    reference_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,4}$")] = REFERENCE_PREFIX
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
    choices: _FieldChoices = _FieldChoices()
    questions: Annotated[tuple[_Question, ...], Field(strict=False, max_length=20)] = ()
    look: _Look = _Look()


def parse_clinic(text: str, folder: Path | None = None) -> Clinic:
    """Return the clinic that the TOML in `text` describes. Raises InvalidClinicError.

    `folder` has the logo and consents.toml. Without it, they are not looked at.
    """
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidClinicError(f"clinic.toml is not valid TOML: {error}") from error
    try:
        _File.model_validate(sections)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise _invalid(text, [Problem(_setting(detail), _in_words(detail)) for detail in details]) from error
    clinic = clinic_of(sections) if not (found := problems(sections, folder)) else None
    if clinic is None:
        raise _invalid(text, found)
    return clinic


def _invalid(text: str, found: list[Problem]) -> InvalidClinicError:
    lines = (
        f"\n  {_where(text, problem)}: {'.'.join(map(str, problem.setting))}: {problem.words}" for problem in found
    )
    return InvalidClinicError(f"functions/clinic.toml needs a change.{''.join(lines)}")


def _where(text: str, problem: Problem) -> str:
    if (line := line_of(text, problem.setting)) is not None:
        return f"line {line}"
    return f"before line {first_section(text)}" if len(problem.setting) == 1 else "at the end"


def _setting(detail: "ErrorDetails") -> tuple[str | int, ...]:
    return tuple(each for each in detail["loc"] if each != "[key]")


_ID: Final = "must be lowercase letters, digits and underscores, starting with a letter, at most 40"
# By the setting's name, and by the kind of mistake.
_PATTERNS: Final = {
    "reference_prefix": 'must be 2 to 4 capital letters, such as "KC"',
    "accent": 'must be a color with six digits, such as "#0b6e4f"',
    "accent_dark": 'must be a color with six digits, such as "#6fcbb9"',
    "logo": 'must be the name of a file in functions/ that ends in .svg or .png, such as "logo.svg"',
}
_MISSING: Final = {
    "name": 'write name = "..." with the name that people read',
    "id": 'write id = "..." with a short word in lowercase letters',
    "text": 'write text = "..." with what people agree to',
    "health": "write health = true if the answer says something about health, otherwise health = false",
    "kind": 'write kind = "text", "yes_no", "choice" or "several"',
    "group": f"write one of {', '.join(f'"{each}"' for each in QUESTION_GROUPS)}",
    "label": 'write label = "..." with the words of the question',
    "version": 'write version = "..." with today\'s date',
    "minimum_age": "write minimum_age = 18, for example",
    "time_zone": 'write time_zone = "America/New_York", for example',
    **{
        kind: f'write [{kind}] and below it version = "..." and text = "..."'
        for kind in ("consent_contact", "consent_texts", "consent_email_news")
    },
    "hours": 'write [hours] and below it, for example, monday = ["09:00-17:00"]',
}
_WORDS: Final = {
    "extra_forbidden": "is not a setting; check its spelling",
    "bool_type": "must be true or false, without quotes",
    "date_type": "must be a date without quotes or a time, such as 2026-12-25",
    "model_type": "must be a section; put its settings below a line with its name in brackets",
    "dict_type": 'must be a table of ids and texts, such as { email = "Email", letter = "Letter" }',
    "int_type": "must be a whole number, without quotes",
    "string_type": "must be a text in quotes",
}
_TIMES: Final = 'write the times in brackets, such as ["09:00-12:00", "13:00-17:00"]'
_LISTS: Final = {
    "places": "write [[places]], in double brackets, above each place",
    "questions": "write [[questions]], in double brackets, above each question",
    "closed_on": "write the dates in brackets, such as [2026-11-26, 2026-12-25]",
    "languages": 'write them in brackets, such as ["en", "es"]',
}
# With the limits of the setting.
_LIMITS: Final = {
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length}",
    "too_long": "must have at most {max_length}; this has {actual_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def _in_words(detail: "ErrorDetails") -> str:  # noqa: PLR0911 - one return for each kind of mistake
    name, kind = str(_setting(detail)[-1]), detail["type"]
    if kind == "string_too_short" and not detail["input"]:
        return "is empty; write the text in quotes"
    if kind in _LIMITS:
        return _LIMITS[kind].format_map(detail.get("ctx", {}))
    match kind:
        case "missing":
            return f"is missing; {_MISSING.get(name, f'write {name} = ...')}"
        case "string_pattern_mismatch":
            return _PATTERNS.get(name, _ID)
        case "literal_error":
            known = detail.get("ctx", {})["expected"]
            return f"must be one of {known.replace(chr(39), chr(34)).replace(' or ', ', ')}"
        case "tuple_type":
            return f"must be a list: {_LISTS.get(name, _TIMES)}"
    return _WORDS.get(kind, detail["msg"].removeprefix("Value error, "))
