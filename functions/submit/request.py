"""The wire model: what a form sends, checked and normalized. Made from the table of fields.

shared/leads/fields.py has the fields, shared/text/en/ the words. submit/reading.py reads what was sent; this module has
the type of each kind of field and the rules that involve several fields.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic import Field as WireField
from pydantic_core import PydanticCustomError

from shared.leads.clinic import Clinic
from shared.leads.contact import MAX_PHONE_LENGTH, normalize_email
from shared.leads.fields import FIELDS, MAX_MESSAGE_LENGTH, NAMES, SAID, SHORT_FORMS, Field, Kind
from shared.leads.lead import AlsoSent, Answer
from shared.text import Text
from shared.text.en.fields import FIELDS as WORDS
from submit.also_sent import rest
from submit.reading import Reading, read
from submit.saying import NO, YES, Choices

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field to change, and what to do, in words for the visitor.

    Neither holds what the visitor typed, except for `suggestion`: the address that they may have meant.
    """

    field: str
    message: str
    suggestion: str | None = attribute(default=None, repr=False)


class InvalidRequestError(Exception):
    """The request has to change. `problems` has one entry per field. The exception itself has no text."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__()
        self.problems = problems


class MinorError(InvalidRequestError):
    """The patient is too young for the clinic. Nothing about them may be kept."""


def _email(text: str) -> str:
    if (address := normalize_email(text)) is None:
        raise PydanticCustomError("email", "")
    return address


def listing(known: Choices) -> dict[str, Any]:
    """Return `known` as JSON Schema: each choice with its label."""
    return {"oneOf": [{"const": value, "title": label} for value, label in known.items()]}


def _one_of(field: Field) -> WithJsonSchema:
    return WithJsonSchema(listing(_choices(field)))


def _several_of(field: Field) -> WithJsonSchema:
    one = listing(_choices(field))
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one}]})


_YES_OR_NO: Final = {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": [*YES, *NO]}]}
_ANYTHING: Final = WithJsonSchema({})  # a value that we cannot read is ignored

# The type of a field of each kind, as submit/reading.py reads it. If it was left out, its value comes from `_EMPTY`.
TYPES: Final[dict[Kind, Callable[[Field], Any]]] = {
    Kind.TEXT: lambda field: Annotated[str, WireField(min_length=1, max_length=field.max_length)],
    Kind.LONG_TEXT: lambda field: Annotated[str, WireField(max_length=field.max_length)],
    Kind.YES_NO: lambda _field: Annotated[bool, WithJsonSchema(_YES_OR_NO)],
    Kind.CONSENT: lambda _field: Annotated[bool, WithJsonSchema(_YES_OR_NO)],
    Kind.CHOICE: lambda field: Annotated[str, _one_of(field)],
    Kind.FORM: lambda field: Annotated[str, _one_of(field)],
    Kind.SEVERAL: lambda field: Annotated[tuple[str, ...], _several_of(field)],
    Kind.EMAIL: lambda field: Annotated[str, WireField(max_length=field.max_length), AfterValidator(_email)],
    Kind.PHONE: lambda field: Annotated[str, WireField(max_length=field.max_length)],
    Kind.PLACE: lambda _field: str,
    Kind.TIME_ZONE: lambda _field: Annotated[str, _ANYTHING],
    Kind.ADDRESS: lambda _field: Annotated[str, _ANYTHING],
    Kind.CAMPAIGN: lambda _field: Annotated[str, _ANYTHING],
    Kind.LANGUAGE: lambda _field: Annotated[str, _ANYTHING],
    Kind.SUBMISSION_ID: lambda _field: Annotated[str, WireField(pattern=r"^[A-Za-z0-9_-]{16,64}$")],
    Kind.LINE: lambda _field: Annotated[str, _ANYTHING],
    Kind.TRAP: lambda _field: Annotated[bool, _ANYTHING],
    Kind.CLOCK: lambda _field: Annotated[int, _ANYTHING],
    Kind.TOKEN: lambda _field: Annotated[str, _ANYTHING],
}
_EMPTY: Final[dict[Kind, object]] = {Kind.SEVERAL: (), Kind.TRAP: False}  # None for the others


class ConsultationRequest(BaseModel):
    """A consultation request, normalized. `WIRE_MODEL` adds the fields of the table."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    if TYPE_CHECKING:  # the fields that code reads by name
        form: str | None
        name: str | None
        email: str | None
        phone: str | None
        preferred_contact: str | None
        patient_is_adult: bool | None
        in_crisis: bool | None
        consent_contact: bool | None
        consent_texts: bool | None
        submission_id: str | None
        thank_you_page: str | None
        email_as_typed: str | None
        leave_empty: bool
        rendered_at: int | None
        locale: str | None
        turnstile_token: str | None

    _also_sent: tuple[AlsoSent, ...] = PrivateAttr(())
    _not_kept: tuple[str, ...] = PrivateAttr(())
    _whole: tuple[tuple[str, str], ...] = PrivateAttr(())
    # None, because pydantic would call a factory for each request.
    _own: Mapping[str, Answer] | None = PrivateAttr(None)
    _consent_languages: Mapping[str, str] | None = PrivateAttr(None)

    @property
    def also_sent(self) -> tuple[AlsoSent, ...]:
        """What was sent and fits no field."""
        return self._also_sent

    @property
    def not_kept(self) -> tuple[str, ...]:
        """The names of what was sent and is not kept."""
        return self._not_kept

    @property
    def own_answers(self) -> Mapping[str, Answer]:
        """The answers to the clinic's own questions, by their ids."""
        return self._own or {}

    @property
    def consent_languages(self) -> Mapping[str, str]:
        """The languages of consents whose text the form sent, by their fields."""
        return self._consent_languages or {}

    def with_rest(self, reading: Reading) -> Self:
        """Return this request with what was sent besides its fields, and answers to the clinic's own questions."""
        if reading.own or reading.consent_languages:
            self._own, self._consent_languages = reading.own, reading.consent_languages
        if reading.others:
            found = rest(reading.others)
            self._also_sent, self._not_kept, self._whole = found.kept, found.not_kept, found.whole
        return self

    def content(self) -> dict[str, object]:
        """Return what the person said, without context. Two requests with the same content are the same request."""
        said = self.model_dump(include=set(SAID), exclude_defaults=True)
        said |= {"own answers": dict(self._own)} if self._own else {}
        return said | ({"also sent": sorted(self._whole)} if self._whole else {})


def wire_field(field: Field) -> tuple[Any, Any]:
    """Return the type and the default of a field for pydantic's `create_model`."""
    if (words := WORDS.get(field.name)) is None:
        raise LookupError(f"{field.name} has no words: add them to functions/shared/text/en/fields.py")
    if field.required and words.missing is None:
        raise LookupError(f"{field.name} is required: add `missing` to its words in functions/shared/text/en/fields.py")
    takes, empty = TYPES[field.kind](field), _EMPTY.get(field.kind)
    return (
        takes | None if empty is None else takes,
        WireField(empty, title=words.label, description=words.hint, alias=field.sent_as),
    )


def _choices(field: Field) -> Choices:
    labels = WORDS[field.name].choices
    if set(labels) != set(field.choices):
        raise LookupError(
            f"{field.name} has other choices in functions/shared/text/en/fields.py than in "
            f"functions/shared/leads/fields.py: {sorted(set(labels) ^ set(field.choices))}"
        )
    return {choice: labels[choice] for choice in field.choices}


WIRE_MODEL: Final = create_model(
    "ConsultationRequest",
    __base__=ConsultationRequest,
    **cast("dict[str, Any]", {name: wire_field(field) for name, field in FIELDS.items()}),
)


def schema() -> dict[str, Any]:
    """Return the wire model as JSON Schema, by the names that a form sends."""
    return WIRE_MODEL.model_json_schema(by_alias=True)


def parse_request(fields: Mapping[str, object], clinic: Clinic, text: Text) -> ConsultationRequest:
    """Return the normalized request, or raise `InvalidRequestError` with every problem at once.

    `fields` maps names to what was sent: text or lists of text from a form; also booleans, numbers and null from JSON.
    An empty value means that the field was left out. Problems are in the words of `text`. Raises `MinorError` if the
    patient is not an adult, even if other fields are wrong too.
    """
    reading = read(fields, clinic)
    if reading.values.get("patient_is_adult") is False:
        raise MinorError(
            (FieldProblem("patient_is_adult", _problem(text, "too_young", minimum_age=clinic.minimum_age)),)
        )
    found = {
        name: _problem(text, reason, max_length=FIELDS[NAMES[name]].max_length)
        for name, reason in reading.problems.items()
        if name in NAMES
    }
    request, refused = _checked(reading.values, text)
    found |= refused
    needed = (*_left_out(reading.values, clinic, text), *_unreachable(reading.values, found, text))
    for name, problem in (*needed, *_own_problems(reading, clinic, text)):
        found.setdefault(name, problem)
    if found and reading.values.get("in_crisis"):
        found = _forgiven(found, reading, clinic, text)
        request, _ = _checked(reading.values, text)
    names = (*NAMES, *(question.id for question in clinic.questions))
    problems = [FieldProblem(name, found[name]) for name in names if name in found]
    if request is not None and not request.in_crisis and (suggestion := mistyped(request)):
        problems.append(FieldProblem("email", _problem(text, "did_you_mean", suggestion=suggestion), suggestion))
    if problems or request is None:
        raise InvalidRequestError(tuple(problems))
    return request.with_rest(reading)


def mistyped(request: ConsultationRequest) -> str | None:
    """Return the address that the visitor probably meant, if theirs looks mistyped, matters, and they do not insist."""
    if not request.email or (request.phone and request.preferred_contact != "email"):
        return None
    if (normalize_email(request.email_as_typed or "") or "").lower() == request.email.lower():
        return None
    # Imported here, because most requests have a phone number.
    from submit.mistyped import suggestion  # noqa: PLC0415

    return suggestion(request.email)


def unknown_fields(fields: Mapping[str, object], clinic: Clinic) -> int:
    """Return how many fields we do not know. Site builders add such fields. We count them and never log their names."""
    if fields.keys() <= NAMES.keys():  # the usual case
        return 0
    return sum(name not in NAMES and clinic.question(name) is None for name in fields)


def _checked(values: Mapping[str, object], text: Text) -> tuple[ConsultationRequest | None, dict[str, str]]:
    """Return the request, or None and the problems, by the name that a form sends."""
    try:
        return WIRE_MODEL.model_validate(values), {}
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, {str(detail["loc"][0]): _message(detail, text) for detail in details}


_WAYS: Final = ("phone", "email")
_REQUIRED: Final = tuple(name for name, field in FIELDS.items() if field.required)
_LOCAL_DIGITS: Final = 7  # of a North American number without its area code


def _left_out(values: Mapping[str, object], clinic: Clinic, text: Text) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) for each field that is needed and was left out. A required consent must be yes."""
    for name in _REQUIRED:
        later = name == "patient_is_adult" and values.get("form") in SHORT_FORMS
        if not values.get(name) and not later:
            yield name, (text.fields.FIELDS[name].missing or "").format(minimum_age=clinic.minimum_age)


def _own_problems(reading: Reading, clinic: Clinic, text: Text) -> Iterator[tuple[str, str]]:
    """Yield (id, problem) for each required question of the clinic without an answer. Short forms do not ask them."""
    if reading.values.get("form") in SHORT_FORMS:
        return
    for question in clinic.questions:
        if question.required and question.id not in reading.own:
            reason = reading.problems.get(question.id, "own_missing")
            yield question.id, _problem(text, reason, max_length=question.field.max_length)


def _forgiven(found: Mapping[str, str], reading: Reading, clinic: Clinic, text: Text) -> dict[str, str]:
    """Return the problems that a person in crisis has to hear of: staff need one way to reach them.

    Changes `reading`, so that the rest is kept as said. An answer about the age that is not clear may be that of a
    minor, so it is asked again. A clinic may insist on the consent.
    """
    values = reading.values
    usable = [way for way in _WAYS if way in values and way not in found]
    if not usable and (typed := _number_as_typed(reading)):
        values["phone"] = typed  # without an area code, perhaps: staff are in the area
        usable = ["phone"]
    asked = {"patient_is_adult"} & reading.problems.keys() | (
        set() if clinic.crisis_without_consent else {"consent_contact"}
    )
    kept = {name: problem for name, problem in found.items() if name in asked}
    if not usable:
        tried = {
            name: problem for name, problem in found.items() if name in _WAYS and name in {*values, *reading.problems}
        }
        return kept | (tried or {"email": _problem(text, "no_way_in_crisis")})
    for name in found.keys() & values.keys() - kept.keys() - {*usable}:
        value = values.pop(name)
        if name == "message" and isinstance(value, str):
            values[name], value = value[:MAX_MESSAGE_LENGTH], value[MAX_MESSAGE_LENGTH:]
        reading.others.append((name, value))
    return kept


def _number_as_typed(reading: Reading) -> str | None:
    texts = (value for name, value in reading.others if name == "phone" and isinstance(value, str))
    return next((text[:MAX_PHONE_LENGTH] for text in texts if sum(map(str.isdigit, text)) >= _LOCAL_DIGITS), None)


def _unreachable(values: Mapping[str, object], found: Mapping[str, str], text: Text) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) if the person cannot be reached in the way that they chose."""
    given = values.keys() | found.keys()
    preferred = values.get("preferred_contact")
    if "email" not in given and "phone" not in given:
        # The callback form has no field for an email address.
        callback = values.get("form") == "callback"
        yield (
            ("phone", _problem(text, "no_phone_to_call_back"))
            if callback
            else ("email", _problem(text, "no_way_to_reach"))
        )
    elif preferred == "email" and "email" not in given:
        yield "email", _problem(text, "no_email")
    elif preferred in {"phone", "text"} and "phone" not in given:
        yield "phone", _problem(text, "no_phone_to_call" if preferred == "phone" else "no_phone_to_text")
    if preferred == "text" and values.get("consent_texts") is not True:
        yield "consent_texts", _problem(text, "no_consent_to_texts")


def _message(error: "ErrorDetails", text: Text) -> str:
    """Return what to tell the visitor about one pydantic error.

    Reads only our own limits from the error's context. Other entries can hold what the visitor typed.
    """
    match error["type"]:
        case "email":
            return _problem(text, "email")
        case "string_too_long":
            return _problem(text, "too_long", max_length=error["ctx"]["max_length"])
        case _:
            return _problem(text, "text")


def _problem(text: Text, reason: str, **values: object) -> str:
    return text.problems.PROBLEMS[reason].format(**values)
