"""The wire model: checks and normalizes what a form sends. Made from the table of fields.

shared/leads/fields.py has the fields, shared/text/en/ the words. This module has the check of each kind of field.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, cast
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    create_model,
)
from pydantic import Field as WireField
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.leads.clinic import Clinic
from shared.leads.contact import normalize_email, normalize_phone
from shared.leads.fields import FIELDS, MAX_TOKEN_LENGTH, SAID, Field, Kind
from shared.text.en.fields import FIELDS as WORDS
from submit.clean import is_blank, multi_line, single_line
from submit.web_address import origin_and_path

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import ErrorDetails

type Choices = Mapping[str, str]  # value sent: label

_MAX_READ = 1_000  # how many characters we read of a text that is cut anyway

YES: Final = ("yes", "true", "on", "1")  # what checkboxes and site builders send for a checked box
NO: Final = ("no", "false", "off", "0")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field to change, and what to do, in words for the visitor. Never holds what the visitor typed."""

    field: str
    message: str


class InvalidRequestError(Exception):
    """The request has to change. `problems` has one entry per field. The exception itself has no text."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__()
        self.problems = problems


class MinorError(InvalidRequestError):
    """The patient is too young for the clinic. Nothing about them may be kept."""


def _cleaned(clean: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: clean(value) if isinstance(value, str) else value


def _text(clean: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(_cleaned(clean))


def _error(kind: str, context: dict[str, Any] | None = None) -> PydanticCustomError:
    """Return an error of the wire model. `_message` has its words."""
    return PydanticCustomError(kind, "", context)


def _email(text: str) -> str:
    if (address := normalize_email(text)) is None:
        raise _error("email")
    return address


def _phone(text: str) -> str:
    if (number := normalize_phone(text)) is None:
        raise _error("phone")
    return number


def _time_zone(value: object) -> str | None:
    # A script fills this in from the browser, which may know more zones than we do. Ignore an unknown one.
    name = single_line(value) if isinstance(value, str) and len(value) <= _MAX_READ else ""
    # Check the pattern first: ZoneInfo opens a file by this name.
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}", name, re.ASCII):
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(name).key
    return None


def _place(value: object, info: ValidationInfo) -> str | None:
    clinic = cast("Clinic", info.context)
    if not clinic.places:
        return None  # there is only one place, whatever the form sends
    return _one_of(_cleaned(single_line)(value), clinic.place_names)


def _one_of(value: object, known: Choices) -> str:
    if not isinstance(value, str) or value not in known:
        raise _error("choice", {"choices": tuple(known)})
    return value


def listing(known: Choices) -> dict[str, Any]:
    """Return `known` as JSON Schema: each choice with its label."""
    return {"oneOf": [{"const": value, "title": label} for value, label in known.items()]}


def _said_yes(value: object) -> object:
    word = value.strip().lower() if isinstance(value, str) else None
    return True if word in YES else False if word in NO else value


def _must_be_yes(value: bool) -> bool:  # noqa: FBT001 - a pydantic validator
    if not value:
        raise _error("consent")
    return value


# The visitor did not type the values below and cannot change them. They are cut or ignored, never an error.


def _address(value: object) -> str | None:
    return origin_and_path(value.strip()) if isinstance(value, str) else None


def _cut(max_length: int | None) -> Callable[[object], str | None]:
    def cut(value: object) -> str | None:
        text = single_line(value[:_MAX_READ])[:max_length].strip() if isinstance(value, str) else ""
        return None if is_blank(text) else text

    return cut


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
    """Marks a field that takes one of the `known` choices."""

    known: Choices

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Clean the text, then check that it is one of the choices."""
        text = core_schema.no_info_before_validator_function(_cleaned(single_line), handler(source))
        return core_schema.no_info_after_validator_function(lambda value: _one_of(value, self.known), text)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> "JsonSchemaValue":
        """Say which choices there are, and what people read for each."""
        return listing(self.known)


@dataclass(frozen=True)
class Several:
    """Marks a field that takes one or more of the `known` choices. They are kept in the order of `known`, each once.

    `alone` is dropped if there is another choice.
    """

    known: Choices
    alone: str | None = None

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check each choice before pydantic checks the list."""
        return core_schema.no_info_before_validator_function(self._clean, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> "JsonSchemaValue":
        """Say which choices there are, and what people read for each."""
        one = listing(self.known)
        return {"anyOf": [one, {"type": "array", "items": one}]}

    def _clean(self, value: object) -> tuple[str, ...]:
        given = value if isinstance(value, list | tuple) else [value]
        # A group of checkboxes may hold a hidden empty one. It is not a choice.
        said = {_one_of(_cleaned(single_line)(each), self.known) for each in given if _said(each)}
        if len(said) > 1:
            said.discard(self.alone or "")
        return tuple(choice for choice in self.known if choice in said)


_YES_OR_NO: Final = {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": [*YES, *NO]}]}
_ANYTHING: Final = WithJsonSchema({})  # a value that we cannot read is ignored

_YesNo = Annotated[bool, BeforeValidator(_said_yes), WithJsonSchema(_YES_OR_NO)]

# The type that checks a field of each kind if it was filled in. If it was left out, its value comes from `_EMPTY`.
TYPES: Final[dict[Kind, Callable[[Field], Any]]] = {
    Kind.TEXT: lambda field: Annotated[str, _text(single_line), WireField(min_length=1, max_length=field.max_length)],
    Kind.LONG_TEXT: lambda field: Annotated[str, _text(multi_line), WireField(max_length=field.max_length)],
    Kind.YES_NO: lambda _field: _YesNo,
    Kind.CHOICE: lambda field: Annotated[str, Choice(_choices(field))],
    Kind.SEVERAL: lambda field: Annotated[tuple[str, ...], Several(_choices(field), field.alone)],
    Kind.EMAIL: lambda field: Annotated[
        str, _text(single_line), WireField(max_length=field.max_length), AfterValidator(_email)
    ],
    Kind.PHONE: lambda field: Annotated[
        str, _text(single_line), WireField(max_length=field.max_length), AfterValidator(_phone)
    ],
    Kind.PLACE: lambda _field: Annotated[str | None, BeforeValidator(_place)],
    Kind.TIME_ZONE: lambda _field: Annotated[str | None, BeforeValidator(_time_zone), _ANYTHING],
    Kind.CONSENT: lambda field: Annotated[_YesNo, AfterValidator(_must_be_yes)] if field.required else _YesNo,
    Kind.ADDRESS: lambda _field: Annotated[str | None, BeforeValidator(_address), _ANYTHING],
    Kind.CAMPAIGN: lambda field: Annotated[str | None, BeforeValidator(_cut(field.max_length)), _ANYTHING],
    # At least 16 characters: a form with "1" or "contact" as a fixed id would turn away its second visitor.
    Kind.SUBMISSION_ID: lambda _field: Annotated[str, WireField(pattern=r"^[A-Za-z0-9_-]{16,64}$"), _text(single_line)],
    Kind.LINE: lambda _field: Annotated[str | None, BeforeValidator(_line), _ANYTHING],
    Kind.TRAP: lambda _field: Annotated[bool, BeforeValidator(bool), _ANYTHING],
    Kind.CLOCK: lambda _field: Annotated[int | None, BeforeValidator(_milliseconds), _ANYTHING],
    Kind.TOKEN: lambda _field: Annotated[str | None, BeforeValidator(_token), _ANYTHING],
}
_EMPTY: Final[dict[Kind, object]] = {Kind.SEVERAL: (), Kind.TRAP: False}  # None for the others
# Kinds whose type needs None added. The other kinds are never None, or their type has it already.
_OR_NONE: Final = frozenset(
    {Kind.TEXT, Kind.LONG_TEXT, Kind.YES_NO, Kind.CHOICE, Kind.EMAIL, Kind.PHONE, Kind.CONSENT, Kind.SUBMISSION_ID}
)


class ConsultationRequest(BaseModel):
    """A consultation request, normalized. Unknown fields are ignored; see `unknown_fields`.

    `WIRE_MODEL` adds the fields of the table.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    if TYPE_CHECKING:  # the fields that code reads by name
        submission_id: str | None
        thank_you_page: str | None
        homepage: bool
        rendered_at: int | None
        turnstile_token: str | None

    def content(self) -> dict[str, object]:
        """Return what the person said, without context. Two requests with the same content are the same request."""
        return self.model_dump(include=set(SAID), exclude_defaults=True)


def wire_field(field: Field) -> tuple[Any, Any]:
    """Return the type and the default of a field for pydantic's `create_model`."""
    if (words := WORDS.get(field.name)) is None:
        raise LookupError(f"{field.name} has no words: add them to functions/shared/text/en/fields.py")
    if field.required:
        _missing(field.name)
    takes = TYPES[field.kind](field)
    if not field.required and field.kind in _OR_NONE:
        takes |= None
    default = ... if field.required else _EMPTY.get(field.kind)
    return takes, WireField(default, title=words.label, description=words.hint, alias=field.sent_as)


def _choices(field: Field) -> Choices:
    labels = WORDS[field.name].choices
    if set(labels) != set(field.choices):
        raise LookupError(
            f"{field.name} has other choices in functions/shared/text/en/fields.py than in "
            f"functions/shared/leads/fields.py: {sorted(set(labels) ^ set(field.choices))}"
        )
    return {choice: labels[choice] for choice in field.choices}


def _missing(name: str) -> str:
    if (words := WORDS[name].missing) is None:
        raise LookupError(f"{name} is required: add `missing` to its words in functions/shared/text/en/fields.py")
    return words


WIRE_MODEL: Final = create_model(
    "ConsultationRequest",
    __base__=ConsultationRequest,
    **cast("dict[str, Any]", {name: wire_field(field) for name, field in FIELDS.items()}),
)

_NAMES: Final = {field.wire_name: name for name, field in FIELDS.items()}


def schema() -> dict[str, Any]:
    """Return the wire model as JSON Schema, by the names that a form sends."""
    return WIRE_MODEL.model_json_schema(by_alias=True)


def parse_request(fields: Mapping[str, object], clinic: Clinic) -> ConsultationRequest:
    """Return the normalized request, or raise `InvalidRequestError` with every problem at once.

    `fields` maps names to what was sent: text or lists of text from a form; also booleans, numbers and null from JSON.
    An empty value means that the field was left out. Raises `MinorError` if the patient is not an adult, even if other
    fields are wrong too.
    """
    given = {name: value for name, value in fields.items() if name in _NAMES and _said(value)}
    if _said_yes(given.get("patient_is_adult")) is False:
        raise MinorError((FieldProblem("patient_is_adult", _problem("too_young", minimum_age=clinic.minimum_age)),))
    found: dict[str, str] = {}
    request = None
    try:
        request = WIRE_MODEL.model_validate(given, context=clinic)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            field = str(detail["loc"][0])
            found.setdefault(field, _message(field, detail, clinic))
    for field, problem in _unreachable(given):
        found.setdefault(field, _problem(problem))
    if found or request is None:
        order = list(_NAMES)
        raise InvalidRequestError(tuple(FieldProblem(field, found[field]) for field in sorted(found, key=order.index)))
    return request


def unknown_fields(fields: Mapping[str, object]) -> int:
    """Return how many fields we do not know. Site builders add such fields. We count them and never log their names."""
    return sum(name not in _NAMES for name in fields)


def says_in_crisis(fields: Mapping[str, object]) -> bool:
    """Return whether the person says they are in crisis now, even if other fields are wrong."""
    return _said_yes(fields.get("in_crisis")) is True


def _said(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and is_blank(value))


def _unreachable(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) if the person cannot be reached in the way that they chose."""
    typed = given.get("preferred_contact")
    preferred = single_line(typed) if isinstance(typed, str) else None
    if "email" not in given and "phone" not in given:
        yield "email", "no_way_to_reach"
    elif preferred == "email" and "email" not in given:
        yield "email", "no_email"
    elif preferred in {"phone", "text"} and "phone" not in given:
        yield "phone", "no_phone_to_call" if preferred == "phone" else "no_phone_to_text"
    if preferred == "text" and _said_yes(given.get("consent_texts")) is not True:
        yield "consent_texts", "no_consent_to_texts"


def _message(field: str, error: "ErrorDetails", clinic: Clinic) -> str:
    """Return what to tell the visitor about one pydantic error.

    Reads only our own limits and choices from the error's context. Other entries can hold what the visitor typed.
    """
    match error["type"]:
        case "missing" | "consent":
            message = _missing(field).format(minimum_age=clinic.minimum_age)
        case "email" | "phone":
            message = _problem(error["type"])
        case "choice":
            message = _problem("choice", choices=_listed(error["ctx"]["choices"]))
        case "too_long" | "string_too_long":
            message = _problem("too_long", max_length=error["ctx"]["max_length"])
        case "string_pattern_mismatch":
            message = _problem("submission_id")
        case "bool_type":
            message = _problem("yes_or_no")
        case _:
            message = _problem("text")
    return message


def _listed(choices: tuple[str, ...]) -> str:
    """Return "a, b, or c"."""
    *first, last = choices
    if not first:
        return last
    return _problem("one_of_two" if len(first) == 1 else "one_of_more", first=", ".join(first), last=last)


def _problem(reason: str, **values: object) -> str:
    # Imported here because a valid request does not need it.
    from shared.text.en.problems import PROBLEMS  # noqa: PLC0415

    return PROBLEMS[reason].format(**values)
