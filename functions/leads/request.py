"""The wire model: what a form may send, its limits and choices, and what to tell someone whose form needs mending."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from leads.contact import MAX_EMAIL_LENGTH, MAX_PHONE_LENGTH, normalise_email, normalise_phone
from leads.text import is_blank, multi_line, single_line

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PreferredContact = Literal["phone", "email"]
BestTime = Literal["morning", "afternoon", "evening", "any"]

_YES: Final = frozenset({"true", "yes", "on", "1"})  # what check boxes and site builders send for a tick
_NO: Final = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing to mend: the field's name and, in words for the person who filled in the form, what to do.

    Neither carries what was typed, so a problem can be logged, counted and shown without care.
    """

    field: str
    message: str


class InvalidRequestError(Exception):
    """The request needs mending. `problems` says what, one entry per field; the exception's text says nothing."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__()
        self.problems = problems


def _text(clean: Any) -> BeforeValidator:  # noqa: ANN401 - pydantic's validators take anything
    return BeforeValidator(lambda value: clean(value) if isinstance(value, str) else value)


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


def _tick(value: object) -> object:
    word = value.strip().lower() if isinstance(value, str) else None
    return True if word in _YES else False if word in _NO else value


def _consent(value: bool) -> bool:  # noqa: FBT001 - a pydantic validator
    if not value:
        raise PydanticCustomError("consent", _CONSENT_NEEDED)
    return value


_CONSENT_NEEDED: Final = "We need your consent to contact you before we can take your request. Tick the box."


class ConsultationRequest(BaseModel):
    """A consultation request as a form sends it, normalised. Unknown fields are ignored; see `unknown_fields`."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    name: Annotated[str, _text(single_line), Field(min_length=1, max_length=100)]
    email: Annotated[str, _text(single_line), Field(max_length=MAX_EMAIL_LENGTH), AfterValidator(_email)] | None = None
    phone: Annotated[str, _text(single_line), Field(max_length=MAX_PHONE_LENGTH), AfterValidator(_phone)] | None = None
    preferred_contact: Annotated[PreferredContact, _text(single_line)] | None = None
    best_time: Annotated[BestTime, _text(single_line)] | None = None
    message: Annotated[str, _text(multi_line), Field(max_length=5_000)] | None = None
    consent_contact: Annotated[bool, BeforeValidator(_tick), AfterValidator(_consent)]
    # At least 16 characters: a form with "1" or "contact" hard-coded here would turn its second visitor away.
    submission_id: Annotated[str, _text(single_line), Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")] | None = None

    def content(self) -> dict[str, object]:
        """Return what the person said, without the machinery around it: the part that makes two requests the same."""
        return self.model_dump(exclude={"submission_id"})


def parse_request(fields: Mapping[str, object]) -> ConsultationRequest:
    """Return the normalised request, or raise `InvalidRequestError` with every problem at once.

    `fields` maps names to what was sent: text from a form; text, booleans or null from JSON. An empty value means
    that the field was left out.
    """
    given = {name: value for name, value in fields.items() if name in ConsultationRequest.model_fields and _said(value)}
    problems: dict[str, str] = {}
    request = None
    try:
        request = ConsultationRequest.model_validate(given)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            field = str(detail["loc"][0])
            problems.setdefault(field, _message(field, detail))
    for field, message in _missing_ways_to_reach(given):
        problems.setdefault(field, message)
    if problems or request is None:
        order = list(ConsultationRequest.model_fields)
        raise InvalidRequestError(
            tuple(FieldProblem(field, problems[field]) for field in sorted(problems, key=order.index))
        )
    return request


def unknown_fields(fields: Mapping[str, object]) -> int:
    """Return how many fields no version of the form has: a site builder's extras, counted and never named."""
    return sum(name not in ConsultationRequest.model_fields for name in fields)


def _said(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and is_blank(value))


def _missing_ways_to_reach(given: Mapping[str, object]) -> list[tuple[str, str]]:
    typed = given.get("preferred_contact")
    preferred = single_line(typed) if isinstance(typed, str) else None
    if "email" not in given and "phone" not in given:
        return [("email", "Give an email address or a phone number, so that we can reach you.")]
    if preferred in {"email", "phone"} and preferred not in given:
        noun = "an email address" if preferred == "email" else "a phone number"
        return [(preferred, f"You asked us to use this way to reach you: give {noun}, or choose the other way.")]
    return []


def _message(field: str, error: "ErrorDetails") -> str:
    """Return what to tell the visitor about one pydantic error.

    Of the error's context only our own limits and choices are read: other entries can carry what was typed.
    """
    match error["type"]:
        case "email" | "phone" | "consent":
            message = error["msg"]
        case "missing":
            message = _CONSENT_NEEDED if field == "consent_contact" else "Tell us your name."
        case "too_long" | "string_too_long":
            message = f"This is too long: shorten it to {error['ctx']['max_length']} characters."
        case "literal_error":
            message = f"Choose one of these: {error['ctx']['expected'].replace("'", '')}."
        case "string_pattern_mismatch":
            message = "Use 16 to 64 letters, digits, hyphens or underscores, new for each visitor, or leave it out."
        case "bool_type":
            message = "Send yes or no."
        case _:
            message = "Send this as text."
    return message
