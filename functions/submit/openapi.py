"""The API's description (OpenAPI 3.1), made from the wire model.

Nothing here decides anything: fields, limits and choices are the model's, and tests hold the rest to real answers.
"""

from dataclasses import fields
from http import HTTPStatus
from typing import Any

from shared.leads.clinic import Clinic, Help
from shared.leads.identity import REFERENCE_PATTERN
from submit.decode import FORM, JSON, MAX_BODY_BYTES, MULTIPART
from submit.request import listing, schema

VERSION = "1.0.0"  # of the API; a new first number is a new stage, since forms out there are not changed in a day

# What no single field says. Tests hold each sentence to what is answered.
RULES = (
    "An email address or a phone number is needed; both are fine.",
    "Whoever wants to be emailed gives an email address, whoever wants to be called or texted a phone number.",
    "Whoever wants to be texted agrees to it with `consent_texts`.",
    "`patient_is_adult` says yes: of a minor nothing is stored, and the answer says whom to call.",
    "`consent_contact` says yes.",
)

_PROBLEM = "application/problem+json"
_HTML = "text/html"

_ABOUT = f"""\
Takes consultation requests from a clinic's website. No key and no cookie: it is public.

**Stored, then answered.** A 201 or 303 leaves only after the request is stored.

**Asking twice is asking once.** A request that is sent again is answered as the first time, with the same reference,
and stored once. With a `submission_id` that holds on any day; without one, for the same words on the same day (UTC).
An id that comes with other words is refused with 409.

**JSON or a page.** `Accept` decides. Where it leaves that open, JSON is answered with JSON, and a form with a redirect
to a thank-you page or with a page that says what to change.

**Problems** are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) documents. `errors` has an entry for each field that
has to change, and every answer has `help`: whom to call now. What API Gateway answers itself (429, most of 5XX) has no
`type` and no `status`.

**Scripts** of the sites that the clinic has listed may read the answers (CORS). Nobody is refused because of an origin.

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
                "description": "What the deployment prints as ApiUrl.",
                "variables": {"api": {"default": "YOUR-API"}, "region": {"default": "us-east-1"}},
            }
        ],
        "security": [],
        "paths": {
            "/consultations": {"post": _post(), "options": _preflight()},
            "/thank-you": {"get": _thank_you()},
            "/form.js": {"get": _script()},
            "/openapi.json": {"get": _description()},
        },
        "components": {
            "schemas": {
                "ConsultationRequest": _request(clinic),
                "Accepted": _accepted(),
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
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "TooLarge",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "OtherMediaType",
        HTTPStatus.UNPROCESSABLE_ENTITY: "Invalid",
    }
    return {
        "operationId": "askForConsultation",
        "summary": "Ask for a consultation",
        "description": "Stores the request once and has staff alerted.",
        "requestBody": {
            "required": True,
            "description": (
                "As JSON, or as a form sends it: there every value is text, a tick is `yes` or `on`, and a field with "
                "several values comes several times. Of a field that takes one value the last that is not empty counts."
            ),
            "content": {JSON: body, FORM: body, MULTIPART: body},
        },
        "responses": {
            "201": {
                "description": "Stored, for who takes JSON.",
                "headers": _headers("Cache-Control", "Vary"),
                "content": {JSON: {"schema": _ref("schemas", "Accepted")}},
            },
            "303": {
                "description": "Stored, for who takes pages: a redirect to a thank-you page.",
                "headers": _headers("Cache-Control", "Vary", "Location"),
            },
            **{str(status.value): _ref("responses", name) for status, name in refused.items()},
            **_anywhere(),
        },
    }


def _preflight() -> dict[str, Any]:
    return {
        "operationId": "mayAskForConsultation",
        "summary": "What a browser asks before a script of another site may post (CORS)",
        "description": "A site that is not on the clinic's list gets none of the headers but `Vary`.",
        "responses": {
            "204": {
                "description": "The headers say whether it may.",
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


def _thank_you() -> dict[str, Any]:
    return {
        "operationId": "thankYou",
        "summary": "The page after a form was stored",
        "parameters": [
            {
                "name": "reference",
                "in": "query",
                "description": "What the request is called. Anything else is not shown.",
                "schema": _REFERENCE,
            },
            {
                "name": "urgent",
                "in": "query",
                "description": "`yes` puts first whom to call now.",
                "schema": {"type": "string", "enum": ["yes"]},
            },
        ],
        "responses": {"200": _page("The page."), **_on_others()},
    }


def _script() -> dict[str, Any]:
    return {
        "operationId": "formScript",
        "summary": "The script for a site's form: sends it in the background, retries, keeps what was typed",
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
        "Unreadable": _refusal("The body cannot be read: it is cut short, or not what its media type says."),
        "NotFound": _refusal("There is nothing at this address, for example at `/consultations/` with a slash."),
        "NotAllowed": _refusal("The address takes another method; `Allow` says which.", "Allow"),
        "Conflict": _refusal("The `submission_id` belongs to another request. Send this one with a new id."),
        "TooLarge": _refusal(f"The body has more than {MAX_BODY_BYTES // 1024} KiB."),
        "OtherMediaType": _refusal(f"The body is something else than {JSON}, {FORM} or {MULTIPART}."),
        "Invalid": _refusal("Nothing was stored: `errors` says what to change. Also for files and for minors."),
        "NotStored": _refusal("It could not be stored. Send it again after `Retry-After` seconds.", "Retry-After"),
        "TooMany": _gateway("Too many requests at once. Send it again after `Retry-After` seconds."),
        "Broken": _gateway("API Gateway got no answer. Send it again after `Retry-After` seconds."),
    }


def _refusal(description: str, *headers: str) -> dict[str, Any]:
    # API Gateway refuses some of what is broken or too large before we see it, in a shape of its own.
    return {
        "description": description,
        "headers": _headers("Cache-Control", *headers),
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
        "headers": _headers("Cache-Control", "Vary"),
        "content": {_HTML: {"schema": {"type": "string"}}},
    }


def _header(description: str, *, required: bool = True, **value: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON Schema
    return {"description": description, "required": required, "schema": {"type": "string", **value}}


# API Gateway's own answers carry fewer: what is required here, both have.
_HEADERS = {
    "Allow": _header("The methods that the address takes."),
    "Cache-Control": _header("`no-store`, but for what is the same for everybody."),
    "Location": _header("Our thank-you page, relative to this address, or the clinic's own."),
    "Retry-After": _header("Seconds to wait.", pattern="^[0-9]+$"),
    "Vary": _header("What an answer depends on: `Accept, Origin`."),
    "Access-Control-Allow-Origin": _header("The site, where it is on the clinic's list.", required=False),
    "Access-Control-Allow-Methods": _header("The methods it may use.", required=False),
    "Access-Control-Allow-Headers": _header("The headers it may send.", required=False),
    "Access-Control-Max-Age": _header("Seconds for which this need not be asked again.", required=False),
}


def _headers(*names: str) -> dict[str, Any]:
    return {name: _ref("headers", name) for name in names}


# --- Schemas ----------------------------------------------------------------------------------------------------------

_REFERENCE = {"type": "string", "pattern": f"^{REFERENCE_PATTERN.pattern}$", "examples": ["KC-7Q2M-4XHD"]}


def _request(clinic: Clinic) -> dict[str, Any]:
    wire = schema()
    return {
        "title": wire["title"],
        "description": "\n".join(
            [
                "A field that is left out, null or blank was not filled in. Other fields than these are ignored.",
                "",
                *(f"- {rule}" for rule in RULES),
            ]
        ),
        "type": wire["type"],
        "properties": {name: _field(name, field, clinic) for name, field in wire["properties"].items()},
        "required": wire["required"],
        "anyOf": [{"required": ["email"]}, {"required": ["phone"]}],
        "additionalProperties": True,
    }


def _field(name: str, field: dict[str, Any], clinic: Clinic) -> dict[str, Any]:
    """Return a field without its null and its default: both say that it may be left out, as `required` does."""
    words = {key: field[key] for key in ("title", "description") if key in field}
    if name == "location" and clinic.places:
        return words | _typed(listing(clinic.place_names))
    rest = {key: value for key, value in field.items() if key not in {*words, "default", "anyOf"}}
    parts = [_typed(part) for part in field.get("anyOf", ()) if part != {"type": "null"}]
    return words | rest | (parts[0] if len(parts) == 1 else {"anyOf": parts} if parts else {})


def _typed(part: dict[str, Any]) -> dict[str, Any]:
    """Say that choices are text, in a list too; the model leaves that to its constants."""
    if "items" in part:
        return part | {"items": _typed(part["items"])}
    return {"type": "string", **part} if "oneOf" in part else part


def _accepted() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "reference": _REFERENCE | {"description": "What the request is called, to say on the phone."},
            "message": {"type": "string", "description": "Only for who is in crisis: whom to call now, in words."},
            "thank_you_page": {
                "type": "string",
                "description": "The `thank_you_page` of the request, if it is listed.",
            },
            "help": _ref("schemas", "Help"),
        },
        "required": ["reference", "help"],
    }


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    error = {
        "type": "object",
        "properties": {
            "field": text | {"description": "The field's name."},
            "detail": text | {"description": "What to do, in words for who filled it in."},
        },
        "required": ["field", "detail"],
    }
    return {
        "type": "object",
        "description": "Problem details (RFC 9457). Nothing in it repeats what was sent.",
        "properties": {
            "type": {"type": "string", "const": "about:blank"},
            "title": text | {"description": "What is wrong."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": text | {"description": "What to do next."},
            "errors": {"type": "array", "items": error, "minItems": 1, "description": "One entry for each field."},
            "help": _ref("schemas", "Help"),
        },
        "required": ["type", "title", "status", "detail", "help"],
    }


def _gateway_problem() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What API Gateway says itself.",
        "properties": {
            "title": {"type": ["string", "null"]},
            "detail": {"type": "string"},
            "help": _ref("schemas", "Help"),
        },
        "required": ["title", "detail", "help"],
    }


def _help() -> dict[str, Any]:
    words = {
        "clinic_phone": "The clinic's number.",
        "crisis_line": "The Suicide & Crisis Lifeline: call or text.",
        "emergency_number": "For who is in danger.",
    }
    names = [field.name for field in fields(Help)]
    return {
        "type": "object",
        "description": "Where to be helped now.",
        "properties": {name: {"type": "string", "description": words[name]} for name in names},
        "required": names,
    }


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
