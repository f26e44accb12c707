"""The API's description (OpenAPI 3.1), made from the wire model.

Fields, limits and choices come from the model. Tests compare everything else with real answers. The descriptions are
here and not in shared/text because developers of sites read them, in English.
"""

from collections.abc import Sequence
from dataclasses import fields
from http import HTTPStatus
from typing import Any

from shared.leads.choices import labels_of, own_choices
from shared.leads.clinic import Clinic, Help
from shared.leads.fields import FIELDS, NAMES, SHORT_FORMS, Field, Kind
from shared.leads.questions import MAX_TEXT_LENGTH, Question
from shared.text import DEFAULT, text
from submit.also_sent import MAX_BYTES, MAX_KEPT, MAX_VALUE_LENGTH
from submit.decode import FORM, JSON, MAX_BODY_BYTES, MULTIPART
from submit.request import listing, schema
from submit.saying import NO, YES

VERSION = "1.0.0"  # of the API; a new major version needs a new stage, because existing forms change slowly

# Rules that involve several fields, or that require a yes. A test tries each one.
RULES = (
    "Send an email address, a phone number, or both.",
    "If `preferred_contact` is `email`, send an email address. If it is `phone` or `text`, send a phone number.",
    "If `preferred_contact` is `text`, `consent_texts` must be yes.",
    "`patient_is_adult` must be yes. We store nothing about a minor, and the answer shows a number to call.",
    "If `form` is `reply` or `callback`, `patient_is_adult` may be left out. Staff then ask on the call.",
    "`consent_contact` must be yes.",
    "If `in_crisis` is yes, a phone number or an email address is enough, unless the patient is a minor.",
    "If `email` looks mistyped and there is no `phone`, the answer asks about it. `email_as_typed` insists.",
)

_PROBLEM = "application/problem+json"
_HTML = "text/html"

_ABOUT = f"""\
Takes consultation requests from a clinic's website. The API is public: no key, no cookie.

**Stored first.** We send 201 or 303 only after the request is stored.

**Safe to repeat.** A repeated request gets the same answer with the same reference, and is stored once. With a
`submission_id`, this holds on any day. Without one, it holds for the same content on the same day (UTC). The same id
with other content is refused with 409. A request that was erased is refused with 410.

**JSON or a page.** The `Accept` header decides. If it does not, a JSON request and a form that a script sends get a
JSON answer. A plain form gets a redirect to a thank-you page, or a page that says what to change.

**Errors** are problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). `errors` has an entry for each
field to change. Every error has `help`: the numbers to call now. Answers that API Gateway sends itself (429, most 5XX)
have no `type` and no `status`.

**CORS.** Scripts on the sites that the clinic lists may read the answers. No request is refused because of its origin.

A request has at most {MAX_BODY_BYTES // 1024} KiB.
"""


def document(clinic: Clinic) -> dict[str, Any]:
    """Return the description of one clinic's API."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Consultation requests to {clinic.name}", "version": VERSION, "description": _ABOUT},
        "servers": [
            {
                "url": "https://{api}.execute-api.{region}.amazonaws.com/v1",
                "description": "The ApiUrl that the deployment prints.",
                "variables": {"api": {"default": "YOUR-API"}, "region": {"default": "us-east-1"}},
            }
        ],
        "security": [],
        "paths": {
            "/": {"get": _start(clinic)},
            "/consultations": {"post": _post(), "options": _preflight()},
            "/thank-you": {"get": _thank_you(clinic)},
            "/form.js": {"get": _script()},
            "/openapi.json": {"get": _description()},
        },
        "components": {
            "schemas": {
                "ConsultationRequest": _request(clinic),
                "Accepted": _accepted(clinic),
                "Problem": _problem(),
                "GatewayProblem": _gateway_problem(),
                "Help": _help(),
            },
            "responses": _responses(),
            "headers": _HEADERS,
        },
    }


# --- Operations -------------------------------------------------------------------------------------------------------


def _post() -> dict[str, Any]:
    body = {"schema": _ref("schemas", "ConsultationRequest")}
    refused = {
        HTTPStatus.BAD_REQUEST: "Unreadable",
        HTTPStatus.NOT_FOUND: "NotFound",
        HTTPStatus.METHOD_NOT_ALLOWED: "NotAllowed",
        HTTPStatus.CONFLICT: "Conflict",
        HTTPStatus.GONE: "Erased",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "TooLarge",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "OtherMediaType",
        HTTPStatus.UNPROCESSABLE_ENTITY: "Invalid",
    }
    return {
        "operationId": "askForConsultation",
        "summary": "Ask for a consultation",
        "description": "Stores the request once and alerts staff.",
        "requestBody": {
            "required": True,
            "description": (
                "JSON or a form. In a form, every value is text, a checked box is `yes` or `on`, and a field with "
                "several values is sent several times, also as `symptoms[]`. If a field takes one value, the last "
                "nonempty value counts, and yes counts before no. A choice may be sent by its value or its label."
            ),
            "content": {JSON: body, FORM: body, MULTIPART: body},
        },
        "responses": {
            "201": {
                "description": "Stored. The client accepts JSON.",
                "headers": _headers("Cache-Control", "Content-Language", "Vary"),
                "content": {JSON: {"schema": _ref("schemas", "Accepted")}},
            },
            "303": {
                "description": "Stored. The client accepts pages, so this redirects to a thank-you page.",
                "headers": _headers("Cache-Control", "Vary", "Location"),
            },
            **{str(status.value): _ref("responses", name) for status, name in refused.items()},
            **_anywhere(),
        },
    }


def _preflight() -> dict[str, Any]:
    return {
        "operationId": "mayAskForConsultation",
        "summary": "The preflight request of a browser, before a script on another site posts (CORS)",
        "description": "A site that is not on the clinic's list gets only the header `Vary`.",
        "responses": {
            "204": {
                "description": "The headers say whether the site may post.",
                "headers": _headers(
                    "Vary",
                    "Access-Control-Allow-Origin",
                    "Access-Control-Allow-Methods",
                    "Access-Control-Allow-Headers",
                    "Access-Control-Max-Age",
                ),
            },
            **_anywhere(),
        },
    }


def _start(clinic: Clinic) -> dict[str, Any]:
    return {
        "operationId": "start",
        "summary": "A page for people who open the API's own address",
        "parameters": [_lang(clinic)],
        "responses": {"200": _page("The page."), **_on_others()},
    }


def _thank_you(clinic: Clinic) -> dict[str, Any]:
    return {
        "operationId": "thankYou",
        "summary": "The page that visitors see after a request is stored",
        "parameters": [
            {
                "name": "reference",
                "in": "query",
                "description": "The reference of a request to this clinic. Any other text is not shown.",
                "schema": _reference(clinic),
            },
            {
                "name": "urgent",
                "in": "query",
                "description": "`yes` shows the numbers to call at the top of the page.",
                "schema": {"type": "string", "enum": ["yes"]},
            },
            {
                "name": "check_email",
                "in": "query",
                "description": "`yes` asks the visitor to check their email address.",
                "schema": {"type": "string", "enum": ["yes"]},
            },
            _lang(clinic),
        ],
        "responses": {"200": _page("The page."), **_on_others()},
    }


def _lang(clinic: Clinic) -> dict[str, Any]:
    return {
        "name": "lang",
        "in": "query",
        "description": "The language of the page. Without it, `Accept-Language` decides.",
        "schema": {"type": "string", "enum": list(clinic.languages)},
    }


def _script() -> dict[str, Any]:
    return {
        "operationId": "formScript",
        "summary": "The script for a site's form. It sends in the background, retries and keeps what was typed",
        "responses": {
            "200": {
                "description": "The script.",
                "headers": _headers("Cache-Control", "Vary"),
                "content": {"text/javascript": {"schema": {"type": "string"}}},
            },
            **_on_others(),
        },
    }


def _description() -> dict[str, Any]:
    return {
        "operationId": "description",
        "summary": "This document",
        "responses": {
            "200": {
                "description": "This document.",
                "headers": _headers("Cache-Control", "Vary"),
                "content": {JSON: {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}},
            },
            **_on_others(),
        },
    }


def _on_others() -> dict[str, Any]:
    return {"405": _ref("responses", "NotAllowed"), **_anywhere()}


def _anywhere() -> dict[str, Any]:
    return {name: _ref("responses", words) for name, words in _ANYWHERE.items()}


_ANYWHERE = {"429": "TooMany", "503": "NotStored", "5XX": "Broken"}


# --- Answers ----------------------------------------------------------------------------------------------------------


def _responses() -> dict[str, Any]:
    return {
        "Unreadable": _refusal("The body cannot be read. It is cut short or does not match its media type."),
        "NotFound": _refusal("There is nothing at this address, such as `/consultations/` with a slash at the end."),
        "NotAllowed": _refusal(
            "The address does not allow this method. The header `Allow` lists the allowed methods.", "Allow"
        ),
        "Conflict": _refusal("The `submission_id` belongs to another request. Send this one with a new id."),
        "Erased": _refusal(
            "This request was erased and is not stored again. To send it as a new request, use `new_submission_id` as "
            "its `submission_id`, after the visitor agreed to that."
        ),
        "TooLarge": _refusal(f"The body has more than {MAX_BODY_BYTES // 1024} KiB."),
        "OtherMediaType": _refusal(f"The body is not {JSON}, {FORM} or {MULTIPART}."),
        "Invalid": _refusal(
            "Nothing was stored. `errors` says what to change. "
            "A request with a file or for a minor gets this answer too."
        ),
        "NotStored": _refusal(
            "We could not store the request. Send it again after `Retry-After` seconds.", "Retry-After"
        ),
        "TooMany": _gateway("Too many requests at once. Send the request again after `Retry-After` seconds."),
        "Broken": _gateway("API Gateway got no answer from us. Send the request again after `Retry-After` seconds."),
    }


def _refusal(description: str, *headers: str) -> dict[str, Any]:
    # API Gateway refuses some broken or large requests before we see them. Its answers have another shape.
    return {
        "description": description,
        "headers": _headers("Cache-Control", "Content-Language", *headers),
        "content": {
            _PROBLEM: {"schema": _ref("schemas", "Problem")},
            JSON: {"schema": _ref("schemas", "GatewayProblem")},
            _HTML: {"schema": {"type": "string"}},
        },
    }


def _gateway(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": _headers("Cache-Control", "Retry-After"),
        "content": {JSON: {"schema": _ref("schemas", "GatewayProblem")}, _HTML: {"schema": {"type": "string"}}},
    }


def _page(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": _headers("Cache-Control", "Content-Language", "Vary"),
        "content": {_HTML: {"schema": {"type": "string"}}},
    }


def _header(description: str, *, required: bool = True, **value: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON Schema
    return {"description": description, "required": required, "schema": {"type": "string", **value}}


# API Gateway's answers have fewer headers than ours. The headers that are required here are in both.
_HEADERS = {
    "Allow": _header("Methods that the address allows."),
    "Cache-Control": _header("`no-store`, unless the answer is the same for everyone."),
    "Content-Language": _header("The language of the answer. API Gateway's own answers lack it.", required=False),
    "Location": _header("Our thank-you page, relative to this address, or the clinic's own."),
    "Retry-After": _header("Seconds to wait.", pattern="^[0-9]+$"),
    "Vary": _header(
        "Request headers that the answer depends on: `Accept, Accept-Language, Origin`. "
        "Without `Accept-Language` if the answer has no language."
    ),
    "Access-Control-Allow-Origin": _header("The site, if it is on the clinic's list.", required=False),
    "Access-Control-Allow-Methods": _header("Methods that the site may use.", required=False),
    "Access-Control-Allow-Headers": _header("Headers that the site may send.", required=False),
    "Access-Control-Max-Age": _header("Seconds for which the browser may keep this answer.", required=False),
}


def _headers(*names: str) -> dict[str, Any]:
    return {name: _ref("headers", name) for name in names}


# --- Schemas ----------------------------------------------------------------------------------------------------------


def _reference(clinic: Clinic) -> dict[str, Any]:
    # A request that is sent again may have a reference from before the clinic chose its letters.
    prefix, four = clinic.reference_prefix, "[0-9A-HJKMNP-TV-Z]{4}"
    return {"type": "string", "pattern": f"^[A-Z]{{2,4}}-{four}-{four}$", "examples": [f"{prefix}-7Q2M-4XHD"]}


def _request(clinic: Clinic) -> dict[str, Any]:
    wire = schema()
    return {
        "title": wire["title"],
        "description": "\n".join(
            [
                "A field that is left out, null or blank counts as not filled in.",
                "",
                "Unknown fields are kept as they were sent, and staff see them.",
                "So are optional answers that match nothing.",
                f"The limits: {MAX_KEPT} of them, {MAX_VALUE_LENGTH} characters each, {MAX_BYTES:,} bytes in all.",
                "Tokens, passwords, click ids, card numbers and Social Security numbers are not kept.",
                "The answer has the names of both.",
                "",
                *(f"- {rule}" for rule in RULES),
            ]
        ),
        "type": wire["type"],
        "properties": {name: _field(name, field, clinic) for name, field in wire["properties"].items()}
        | {question.id: _question(question, clinic) for question in clinic.questions},
        "anyOf": [{"required": ["email"]}, {"required": ["phone"]}],
        # What is needed depends on the form and on a crisis: see the rules.
        "if": {"anyOf": [_sends("form", SHORT_FORMS), _sends("in_crisis", (True, *YES))]},
        "else": {
            "required": [
                *(field.wire_name for field in FIELDS.values() if field.required),
                *(question.id for question in clinic.questions if question.required),
            ]
        },
        "additionalProperties": True,
    }


def _sends(name: str, values: Sequence[object]) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"enum": list(values)}}}


def _field(name: str, field: dict[str, Any], clinic: Clinic) -> dict[str, Any]:
    """Return a field's schema without null and the default. `required` already says whether it may be left out."""
    words = {key: field[key] for key in ("title", "description") if key in field}
    declared = FIELDS.get(NAMES.get(name, name))
    if declared is not None and own_choices(declared, clinic):
        return words | _choices_of(declared, clinic)
    rest = {key: value for key, value in field.items() if key not in {*words, "default", "anyOf"}}
    parts = [_typed(part) for part in field.get("anyOf", ()) if part != {"type": "null"}]
    return words | rest | (parts[0] if len(parts) == 1 else {"anyOf": parts} if parts else {})


def _choices_of(field: Field, clinic: Clinic) -> dict[str, Any]:
    one = _typed(listing(labels_of(field, clinic, text(DEFAULT))))
    return {"anyOf": [one, {"type": "array", "items": one}]} if field.kind is Kind.SEVERAL else one


def _question(question: Question, clinic: Clinic) -> dict[str, Any]:
    """Return the schema of one of the clinic's own questions."""
    hint = {"description": question.hint.for_staff} if question.hint else {}
    words = {"title": question.label.for_staff} | hint
    match question.kind:
        case "text":
            return words | {"type": "string", "maxLength": MAX_TEXT_LENGTH}
        case "yes_no":
            return words | {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": [*YES, *NO]}]}
    return words | _choices_of(question.field, clinic)


def _typed(part: dict[str, Any]) -> dict[str, Any]:
    """Add the type to choices, also to those inside a list. The model's schema has only their constants."""
    if "items" in part:
        return part | {"items": _typed(part["items"])}
    return {"type": "string", **part} if "oneOf" in part else part


def _accepted(clinic: Clinic) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "reference": _reference(clinic)
            | {"description": "The reference of the request, short enough to say on the phone."},
            "message": {
                "type": "string",
                "description": "Only for a visitor in crisis: sentences that say which numbers to call now.",
            },
            "also_sent": _names("Names of what fits no field. It is kept, and staff see it with the message."),
            "not_kept": _names("Names of what fits no field and is not kept."),
            "check_email": {
                "type": "string",
                "description": "Only for a visitor in crisis: asks if the address is right, because it looks mistyped.",
            },
            "thank_you_page": {
                "type": "string",
                "description": "The `thank_you_page` of the request, if it is on the clinic's list.",
            },
            "next": {
                "type": "string",
                "description": "Sentences for the visitor: when to expect a call, from the opening hours and targets.",
            },
            "help": _ref("schemas", "Help"),
        },
        "required": ["reference", "help"],
    }


def _names(description: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": description}


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    error = {
        "type": "object",
        "properties": {
            "field": text | {"description": "The field's name."},
            "detail": text | {"description": "What to do, in words for the visitor."},
            "suggestion": text | {"description": "The address that the visitor may have meant, for a button."},
        },
        "required": ["field", "detail"],
    }
    return {
        "type": "object",
        "description": "Problem details (RFC 9457). It repeats nothing that was sent, but may correct an address.",
        "properties": {
            "type": {"type": "string", "const": "about:blank"},
            "title": text | {"description": "What is wrong."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": text | {"description": "What to do next."},
            "errors": {
                "type": "array",
                "items": error,
                "minItems": 1,
                "description": "One entry for each field to change.",
            },
            "new_submission_id": text
            | {"description": "Only if the request was erased: a `submission_id` with which it is a new request."},
            "for_developers": text | {"description": "What to change in the program or the form. Not for visitors."},
            "help": _ref("schemas", "Help"),
        },
        "required": ["type", "title", "status", "detail", "help"],
    }


def _gateway_problem() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "An answer that API Gateway sends itself.",
        "properties": {
            "title": {"type": "string"},
            "detail": {"type": "string"},
            "help": _ref("schemas", "Help"),
        },
        "required": ["title", "detail", "help"],
    }


def _help() -> dict[str, Any]:
    words = {
        "clinic_phone": "The clinic's number.",
        "crisis_line": "The Suicide & Crisis Lifeline. Call or text.",
        "emergency_number": "For emergencies.",
    }
    names = [field.name for field in fields(Help)]
    return {
        "type": "object",
        "description": "The numbers to call now.",
        "properties": {name: {"type": "string", "description": words[name]} for name in names},
        "required": names,
    }


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
