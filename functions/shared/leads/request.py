"""The wire model: what a form may send, its limits and choices, and what to tell someone whose form has to change.

It is the one source of all of these. Titles are the form's labels and descriptions its hints; the page, the OpenAPI
document and the table in the docs are made from them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, cast
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.leads import choices
from shared.leads.clinic import Clinic
from shared.leads.contact import MAX_EMAIL_LENGTH, MAX_PHONE_LENGTH, normalise_email, normalise_phone
from shared.leads.text import is_blank, multi_line, single_line
from shared.leads.web_address import origin_and_path

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import ErrorDetails

MAX_NAME_LENGTH = 100
MAX_MESSAGE_LENGTH = 5_000
MAX_CAMPAIGN_LENGTH = 100  # of each utm_ value; longer ones are cut, since no visitor could change them
MAX_TOKEN_LENGTH = 2_048  # Cloudflare's own limit for a Turnstile token

_MAX_READ = 1_000  # of a text that is cut anyway

YES: Final = ("yes", "true", "on", "1")  # what check boxes and site builders send for a tick
NO: Final = ("no", "false", "off", "0")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing to change: the field's name and, in words for the person who filled in the form, what to do.

    Neither carries what was typed, so a problem can be logged, counted and shown without care.
    """

    field: str
    message: str


class InvalidRequestError(Exception):
    """The request has to change. `problems` says what, one entry per field; the exception's text says nothing."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__()
        self.problems = problems


class MinorError(InvalidRequestError):
    """The person who would be treated is too young for the clinic: nothing about them may be kept."""


def _cleaned(clean: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: clean(value) if isinstance(value, str) else value


def _text(clean: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(_cleaned(clean))


def _email(text: str) -> str:
    if (address := normalise_email(text)) is None:
        raise PydanticCustomError(
            "email", "This does not look like an email address we can write to. Check it, e.g. name@example.com."
        )
    return address


def _phone(text: str) -> str:
    if (number := normalise_phone(text)) is None:
        raise PydanticCustomError(
            "phone", "This does not look like a phone number we can call. Give it with the area code."
        )
    return number


def _time_zone(value: object) -> str | None:
    # A script fills it in from the browser, which may know zones that we do not: passed over, never an error.
    name = single_line(value) if isinstance(value, str) and len(value) <= _MAX_READ else ""
    # The pattern first: what is no name of a zone must not become a path to look for.
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}", name, re.ASCII):
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(name).key
    return None


def _place(value: object, info: ValidationInfo) -> str | None:
    clinic = cast("Clinic", info.context)
    if not clinic.places:
        return None  # one place only: whatever the form sends, that is where
    return _one_of(_cleaned(single_line)(value), clinic.place_names)


def _one_of(value: object, known: choices.Choices) -> str:
    if not isinstance(value, str) or value not in known:
        raise PydanticCustomError("choice", "Choose {choices}.", {"choices": _listed(known)})
    return value


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def listing(known: choices.Choices) -> dict[str, Any]:
    """Return `known` as JSON Schema: each choice with the words people read for it."""
    return {"oneOf": [{"const": value, "title": label} for value, label in known.items()]}


def _said_yes(value: object) -> object:
    word = value.strip().lower() if isinstance(value, str) else None
    return True if word in YES else False if word in NO else value


def _consent(value: bool) -> bool:  # noqa: FBT001 - a pydantic validator
    if not value:
        raise PydanticCustomError("consent", _MISSING["consent_contact"])
    return value


# What no visitor typed and none could change is never an error: it is cut, or passed over.


def _address(value: object) -> str | None:
    return origin_and_path(value.strip()) if isinstance(value, str) else None


def _campaign(value: object) -> str | None:
    text = single_line(value[:_MAX_READ])[:MAX_CAMPAIGN_LENGTH].strip() if isinstance(value, str) else ""
    return None if is_blank(text) else text


def _line(value: object) -> str | None:
    return single_line(value) if isinstance(value, str) else None


def _milliseconds(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{13}", value.strip(), re.ASCII):
        return int(value)
    return value if type(value) is int and 10**12 <= value < 10**13 else None


def _token(value: object) -> str | None:
    known = isinstance(value, str) and re.fullmatch(rf"[\w.-]{{1,{MAX_TOKEN_LENGTH}}}", value, re.ASCII)
    return str(value) if known else None


@dataclass(frozen=True)
class Choice:
    """Marks a field that takes one of `known`."""

    known: choices.Choices

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after the text was checked."""
        text = core_schema.no_info_before_validator_function(_cleaned(single_line), handler(source))
        return core_schema.no_info_after_validator_function(lambda value: _one_of(value, self.known), text)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> "JsonSchemaValue":
        """Say which choices there are, and what people read for each."""
        return listing(self.known)


@dataclass(frozen=True)
class Several:
    """Marks a field that takes one of `known` or a list of them; kept in their order, each once."""

    known: choices.Choices

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check before the list is."""
        return core_schema.no_info_before_validator_function(self._clean, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> "JsonSchemaValue":
        """Say which choices there are, and what people read for each."""
        one = listing(self.known)
        return {"anyOf": [one, {"type": "array", "items": one}]}

    def _clean(self, value: object) -> tuple[str, ...]:
        given = value if isinstance(value, list | tuple) else [value]
        # A group of boxes may hold a hidden empty one: who sends nothing chose nothing.
        said = {_one_of(_cleaned(single_line)(each), self.known) for each in given if _said(each)}
        return tuple(choice for choice in self.known if choice in said)


def _without_none(notes: tuple[str, ...]) -> tuple[str, ...]:
    # "None of these" beside one of these is a slip; what staff should ask about counts.
    return notes if len(notes) == 1 else tuple(note for note in notes if note != "none")


_YES_OR_NO: Final = {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": [*YES, *NO]}]}
_ANYTHING: Final = WithJsonSchema({})  # what is not understood is passed over

_Name = Annotated[str, _text(single_line), Field(min_length=1, max_length=MAX_NAME_LENGTH)]
_YesNo = Annotated[bool, BeforeValidator(_said_yes), WithJsonSchema(_YES_OR_NO)]
_Email = Annotated[str, _text(single_line), Field(max_length=MAX_EMAIL_LENGTH), AfterValidator(_email)]
_Phone = Annotated[str, _text(single_line), Field(max_length=MAX_PHONE_LENGTH), AfterValidator(_phone)]
_Address = Annotated[str | None, BeforeValidator(_address), _ANYTHING]
_Campaign = Annotated[str | None, BeforeValidator(_campaign), _ANYTHING]

_MISSING: Final = {
    "name": "Tell us your name.",
    "patient_is_adult": "Tell us whether the person who would be treated is an adult.",
    "consent_contact": "We need your consent to contact you before we can take your request. Tick the box.",
}


class ConsultationRequest(BaseModel):
    """A consultation request as a form sends it, normalised. Unknown fields are ignored; see `unknown_fields`."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    # Who
    name: _Name = Field(title="Your name")
    asking_for: Annotated[str, Choice(choices.ASKING_FOR)] | None = Field(None, title="Who are you asking for?")
    patient_is_adult: _YesNo = Field(title="Is the person who would be treated an adult?")

    # How to reach them
    email: _Email | None = Field(None, title="Email address", description="For example name@example.com")
    phone: _Phone | None = Field(
        None, title="Phone number", description="With the area code, for example (202) 555-0100"
    )
    preferred_contact: Annotated[str, Choice(choices.PREFERRED_CONTACT)] | None = Field(
        None, title="How should we reach you?"
    )
    best_time: Annotated[str, Choice(choices.BEST_TIME)] | None = Field(None, title="When is a good time?")
    time_zone: Annotated[str | None, BeforeValidator(_time_zone), _ANYTHING] = Field(
        None, title="Your time zone", description="So that we do not call at night"
    )
    voicemail_ok: _YesNo | None = Field(
        None, title="May we leave a voicemail?", description="Unless you say yes, we leave none."
    )
    discreet: _YesNo | None = Field(
        None, title="Please be discreet", description="We do not say who we are to anybody but you."
    )
    call_me: _Name | None = Field(None, title="Name to ask for", description="If it is not the name above")

    # What they need
    location: Annotated[str | None, BeforeValidator(_place)] = Field(None, title="Where would you like to come?")
    interest: Annotated[str, Choice(choices.INTEREST)] | None = Field(None, title="What would you like help with?")
    symptoms: Annotated[tuple[str, ...], Several(choices.SYMPTOMS)] = Field((), title="What are you living with?")
    message: Annotated[str, _text(multi_line), Field(max_length=MAX_MESSAGE_LENGTH)] | None = Field(
        None, title="Anything we should know?"
    )

    # To prepare the call
    treatments_tried: Annotated[str, Choice(choices.TREATMENTS_TRIED)] | None = Field(
        None, title="How many treatments have you tried?", description="Medicines or other treatments"
    )
    health_notes: Annotated[tuple[str, ...], Several(choices.HEALTH_NOTES), AfterValidator(_without_none)] = Field(
        (), title="Does any of this apply?", description="It helps us to prepare the call. It decides nothing."
    )

    # Safety
    in_crisis: _YesNo | None = Field(None, title="Are you in crisis now?")

    # Consent
    consent_contact: Annotated[_YesNo, AfterValidator(_consent)] = Field(title="Consent to be contacted")
    consent_texts: _YesNo | None = Field(None, title="Consent to be texted")
    consent_email_news: _YesNo | None = Field(None, title="Consent to news by email")

    # Context: never an error, since no visitor typed it
    page: _Address = Field(None, title="The form's page", description="Kept: origin and path")
    referrer: _Address = Field(None, title="Where the visitor came from", description="Kept: origin and path")
    utm_source: _Campaign = Field(None, title="Campaign source")
    utm_medium: _Campaign = Field(None, title="Campaign medium")
    utm_campaign: _Campaign = Field(None, title="Campaign name")
    utm_term: _Campaign = Field(None, title="Campaign term")
    utm_content: _Campaign = Field(None, title="Campaign content")

    # Machinery
    # At least 16 characters: a form with "1" or "contact" hard-coded here would turn its second visitor away.
    submission_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$"), _text(single_line)] | None = Field(
        None, title="Submission id", description="New for each visitor; makes a retry safe on any later day too"
    )
    thank_you_page: Annotated[str | None, BeforeValidator(_line), _ANYTHING] = Field(
        None, title="Thank-you page", description="Where to send the visitor afterwards: one of the configured list"
    )
    homepage: Annotated[bool, BeforeValidator(bool), _ANYTHING] = Field(
        default=False, title="Leave this empty", description="A trap for programs that fill in everything"
    )
    rendered_at: Annotated[int | None, BeforeValidator(_milliseconds), _ANYTHING] = Field(
        None, title="When the form was shown", description="Milliseconds since 1970"
    )
    turnstile_token: Annotated[str | None, BeforeValidator(_token), _ANYTHING] = Field(
        None, alias="cf-turnstile-response", title="Turnstile token", description="Cloudflare's widget sends it"
    )

    def content(self) -> dict[str, object]:
        """Return what the person said, without what surrounds it: the part that makes two requests the same."""
        return self.model_dump(include=set(SAID), exclude_defaults=True)


_FIELDS: Final = {field.alias or name: name for name, field in ConsultationRequest.model_fields.items()}
CONTEXT: Final = frozenset({"page", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"})
MACHINERY: Final = frozenset({"submission_id", "thank_you_page", "homepage", "rendered_at", "turnstile_token"})
SAID: Final = frozenset(ConsultationRequest.model_fields) - CONTEXT - MACHINERY
# Fields that may come more than once in a form, and as a list in JSON.
SEVERAL: Final = frozenset(
    name
    for name, field in ConsultationRequest.model_fields.items()
    if any(isinstance(mark, Several) for mark in field.metadata)
)


def parse_request(fields: Mapping[str, object], clinic: Clinic) -> ConsultationRequest:
    """Return the normalised request, or raise `InvalidRequestError` with every problem at once.

    `fields` maps names to what was sent: text or lists of text from a form; also booleans, numbers and null from JSON.
    An empty value means that the field was left out. Raises `MinorError`, whatever else is wrong, where the person who
    would be treated is not an adult.
    """
    given = {name: value for name, value in fields.items() if name in _FIELDS and _said(value)}
    if _said_yes(given.get("patient_is_adult")) is False:
        raise MinorError(
            (FieldProblem("patient_is_adult", f"We treat people of {clinic.minimum_age} and older only."),)
        )
    problems: dict[str, str] = {}
    request = None
    try:
        request = ConsultationRequest.model_validate(given, context=clinic)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            field = str(detail["loc"][0])
            problems.setdefault(field, _message(field, detail))
    for field, message in _unreachable(given):
        problems.setdefault(field, message)
    if problems or request is None:
        order = list(_FIELDS)
        raise InvalidRequestError(
            tuple(FieldProblem(field, problems[field]) for field in sorted(problems, key=order.index))
        )
    return request


def unknown_fields(fields: Mapping[str, object]) -> int:
    """Return how many fields no version of the form has: a site builder's extras, counted and never named."""
    return sum(name not in _FIELDS for name in fields)


def says_in_crisis(fields: Mapping[str, object]) -> bool:
    """Whether the person says they are in crisis now, whatever else is wrong with what they sent."""
    return _said_yes(fields.get("in_crisis")) is True


def _said(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and is_blank(value))


def _unreachable(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield (field, message) where the way to reach the person that they chose cannot be gone."""
    typed = given.get("preferred_contact")
    preferred = single_line(typed) if isinstance(typed, str) else None
    if "email" not in given and "phone" not in given:
        yield "email", "Give an email address or a phone number, so that we can reach you."
    elif preferred == "email" and "email" not in given:
        yield "email", "You asked us to email you: give an email address, or choose another way."
    elif preferred in {"phone", "text"} and "phone" not in given:
        verb = "call" if preferred == "phone" else "text"
        yield "phone", f"You asked us to {verb} you: give a phone number, or choose another way."
    if preferred == "text" and _said_yes(given.get("consent_texts")) is not True:
        yield "consent_texts", "You asked us to text you: tick the box that allows it, or choose another way."


def _message(field: str, error: "ErrorDetails") -> str:
    """Return what to tell the visitor about one pydantic error.

    Of the error's context only our own limits and choices are read: other entries can carry what was typed.
    """
    match error["type"]:
        case "email" | "phone" | "choice" | "consent":
            message = error["msg"]
        case "missing":
            message = _MISSING[field]
        case "too_long" | "string_too_long":
            message = f"This is too long: shorten it to {error['ctx']['max_length']} characters."
        case "string_pattern_mismatch":
            message = "Use 16 to 64 letters, digits, hyphens or underscores, new for each visitor, or leave it out."
        case "bool_type":
            message = "Send yes or no."
        case _:
            message = "Send this as text."
    return message
