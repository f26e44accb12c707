"""submit.openapi: a valid description of the whole model, and every kind of response matches it."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import given

from shared.leads.clinic import Clinic, Help
from shared.store.intake import StorageError
from shared.web.http import Response
from submit.decode import FORM, JSON, MULTIPART
from submit.http import Request
from submit.openapi import RULES, VERSION, document
from submit.request import schema
from tests.unit.erased import erased_table
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, MINIMAL, PLACES, form, forms
from tests.unit.web import THANKS, api, post_form, post_json, request

DOCUMENT = document(CLINIC)
ONE_PLACE = replace(CLINIC, places=())
SCHEMAS = DOCUMENT["components"]["schemas"]
CONSULTATION = SCHEMAS["ConsultationRequest"]
PAGE = {"accept": "text/html"}


def resolved(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target of a reference."""
    if "$ref" not in node:
        return dict(node)
    found: Any = DOCUMENT
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return resolved(found)


def valid(name: str, instance: object) -> bool:
    """Whether `instance` is what the schema `name` describes."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole).is_valid(instance)


# --- The document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clinic", [CLINIC, ONE_PLACE], ids=["places", "one place"])
def test_the_description_is_valid_openapi_with_valid_schemas(clinic: Clinic) -> None:
    described = document(clinic)
    schemathesis.openapi.from_dict(described).validate()  # by the OpenAPI Initiative's own schema of 3.1
    for part in described["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **part})


def test_the_description_is_the_same_each_time_and_json() -> None:
    assert json.dumps(document(CLINIC)) == json.dumps(document(copy.deepcopy(CLINIC)))
    assert DOCUMENT["info"]["version"] == VERSION


def test_every_reference_leads_somewhere_and_everything_that_is_shared_is_used() -> None:
    text = json.dumps(DOCUMENT)
    for kind, parts in DOCUMENT["components"].items():
        for name in parts:
            assert f'"#/components/{kind}/{name}"' in text
    references = [part.split('"')[0] for part in text.split('"$ref": "')[1:]]
    assert all(resolved({"$ref": reference}) for reference in references)


def test_the_api_needs_no_key() -> None:
    assert DOCUMENT["security"] == []
    assert "securitySchemes" not in DOCUMENT["components"]


def test_each_operation_has_a_name_a_summary_and_says_what_api_gateway_may_answer() -> None:
    operations = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] for operation in operations)
    assert all({"429", "5XX"} <= set(operation["responses"]) for operation in operations)


# --- The request ------------------------------------------------------------------------------------------------------


def parts(field: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the types that a field accepts."""
    return [dict(field), *(part for each in field.get("anyOf", ()) for part in parts(each))]


@pytest.mark.parametrize("name", schema()["properties"])
def test_each_field_of_the_model_is_there_with_its_words_limits_and_choices(name: str) -> None:
    ours, theirs = schema()["properties"][name], CONSULTATION["properties"][name]
    for word in ("title", "description"):
        assert theirs.get(word) == ours.get(word)
    for limit in ("minLength", "maxLength", "pattern", "enum", "oneOf"):
        asked = [part[limit] for part in parts(ours) if limit in part]
        assert [part[limit] for part in parts(theirs) if limit in part] == asked or name == "location"


def test_the_fields_are_the_models_and_others_are_allowed() -> None:
    assert list(CONSULTATION["properties"]) == list(schema()["properties"])
    assert CONSULTATION["else"]["required"] == ["name", "patient_is_adult", "consent_contact"]
    assert CONSULTATION["additionalProperties"] is True


def test_the_places_are_the_clinics() -> None:
    offered = CONSULTATION["properties"]["location"]["oneOf"]
    assert {place["const"]: place["title"] for place in offered} == PLACES
    alone = document(ONE_PLACE)["components"]["schemas"]["ConsultationRequest"]["properties"]["location"]
    assert alone == {"title": schema()["properties"]["location"]["title"], "type": "string"}


def test_all_three_content_types_accept_the_same_form() -> None:
    content = DOCUMENT["paths"]["/consultations"]["post"]["requestBody"]["content"]
    assert list(content) == [JSON, FORM, MULTIPART]
    assert len({json.dumps(each) for each in content.values()}) == 1


@pytest.mark.parametrize("sent", [form(), MINIMAL, form(x="y"), form(symptoms="insomnia"), form(in_crisis=False)])
def test_an_accepted_form_is_valid(sent: dict[str, object]) -> None:
    assert valid("ConsultationRequest", sent)
    assert api().answer(post_json(sent)).status == 201


@pytest.mark.parametrize(
    "sent",
    [
        *(form(**{name: None}) for name in ("name", "patient_is_adult", "consent_contact")),
        form(email=None, phone=None),
        *(form(**{name: "x" * 5_001}) for name in ("name", "email", "phone", "message")),
        *(form(**{name: "perhaps"}) for name in ("patient_is_adult", "consent_contact")),
        *(form(**{name: {"x": 7}}) for name in ("name", "message", "email", "phone")),
    ],
)
def test_an_invalid_form_is_rejected(sent: dict[str, object]) -> None:
    assert not valid("ConsultationRequest", sent)
    assert api().answer(post_json(sent)).status == 422


MISTYPED: dict[str, object] = {"email": "robin@example.{}".format("con"), "phone": None, "preferred_contact": None}

# In the order of the rules: a request that keeps each, one that breaks it, and the field that the error names.
KEPT_AND_BROKEN = [
    ({"email": None}, {"email": None, "phone": None}, "email"),
    ({"preferred_contact": "email"}, {"preferred_contact": "email", "email": None}, "email"),
    ({"preferred_contact": "text"}, {"preferred_contact": "text", "consent_texts": None}, "consent_texts"),
    ({"patient_is_adult": True}, {"patient_is_adult": False}, "patient_is_adult"),
    (
        {"form": "reply", "patient_is_adult": None},
        {"form": "another", "patient_is_adult": None},
        "patient_is_adult",
    ),
    ({"consent_contact": True}, {"consent_contact": False}, "consent_contact"),
    ({"in_crisis": True, "consent_contact": None}, {"in_crisis": True, "patient_is_adult": False}, "patient_is_adult"),
    (
        MISTYPED | {"email_as_typed": MISTYPED["email"]},
        MISTYPED,
        "email",
    ),
]


@pytest.mark.parametrize(("rule", "case"), list(zip(RULES, KEPT_AND_BROKEN, strict=True)))
def test_a_rule_between_fields_is_one(rule: str, case: tuple[dict[str, object], dict[str, object], str]) -> None:
    kept, broken, field = case
    assert api().answer(post_json(form(**kept))).status == 201, rule
    answer = api().answer(post_json(form(**broken)))
    assert (answer.status, [error["field"] for error in json.loads(answer.body)["errors"]]) == (422, [field]), rule


@pytest.mark.parametrize("wanted", ["phone", "text"])
def test_a_call_or_a_text_needs_a_phone_number(wanted: str) -> None:
    assert api().answer(post_json(form(preferred_contact=wanted, phone=None))).status == 422


# --- The answers ------------------------------------------------------------------------------------------------------


def broken_table() -> MemoryLeads:
    table = MemoryLeads()
    table.faults.before["put"].append(StorageError(nothing_stored=True))
    return table


def used_table() -> MemoryLeads:
    table = MemoryLeads()
    api(table).answer(post_json(form()))
    return table


ANSWERS: dict[str, tuple[Request, Callable[[], MemoryLeads], int]] = {
    "stored": (post_json(form()), MemoryLeads, 201),
    "stored before": (post_json(form()), used_table, 201),
    "stored, in crisis": (post_json(form(in_crisis=True)), MemoryLeads, 201),
    "stored, with a page to go to": (post_json(form(thank_you_page=THANKS)), MemoryLeads, 201),
    "a form, stored": (post_form(form()), MemoryLeads, 303),
    "unreadable": (post_json(b"{"), MemoryLeads, 400),
    "no such address": (request(path="/consultations/"), MemoryLeads, 404),
    "another method": (request("GET"), MemoryLeads, 405),
    "a conflict": (post_json(form(name="Sam Example")), used_table, 409),
    "erased": (post_json(form()), lambda: erased_table(made_from=used_table()), 410),
    "too large": (post_json(b"x" * 70_000), MemoryLeads, 413),
    "another media type": (request(headers={"content-type": "application/xml"}, body=b"x"), MemoryLeads, 415),
    "to change": (post_json({}), MemoryLeads, 422),
    "to change, in crisis": (post_json({"in_crisis": "yes"}), MemoryLeads, 422),
    "a minor": (post_json(form(patient_is_adult="no")), MemoryLeads, 422),
    "an outage": (post_json(form()), broken_table, 503),
    "a preflight": (request("OPTIONS", headers={"origin": "https://www.example.com"}), MemoryLeads, 204),
    "the thank-you page": (request("GET", "/thank-you", query={"reference": "KC-7Q2M-4XHD"}), MemoryLeads, 200),
    "the start page": (request("GET", "/"), MemoryLeads, 200),
    "the script": (request("GET", "/form.js"), MemoryLeads, 200),
    "the description": (request("GET", "/openapi.json"), MemoryLeads, 200),
    "another method for the script": (request("POST", "/form.js"), MemoryLeads, 405),
}
PAGES = {
    f"{name}, as a page": (
        Request(method=sent.method, path=sent.path, headers={**sent.headers, **PAGE}, query={}, body=sent.body),
        table,
        status,
    )
    for name, (sent, table, status) in ANSWERS.items()
    if status >= 400
}


def described(sent: Request, status: int) -> dict[str, Any]:
    """Return the description of a response with `status`. For unknown paths, that of a post."""
    path = DOCUMENT["paths"].get(sent.path, DOCUMENT["paths"]["/consultations"])
    operation = path.get(sent.method.lower()) or next(iter(path.values()))
    return resolved(operation["responses"][str(status)])


def conforms(response: Response, to: Mapping[str, Any]) -> None:
    """Check a response against its description: headers, media type, body."""
    for name, header in to.get("headers", {}).items():
        if resolved(header)["required"]:
            jsonschema_rs.validate(resolved(header)["schema"], response.headers[name])
    if "content" not in to:
        assert not response.body
        return
    media_type = response.headers["Content-Type"].partition(";")[0]
    body = response.body if media_type.startswith("text/") else json.loads(response.body)
    content = to["content"][media_type]["schema"]
    whole = {**content, "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(whole).validate(body)
    if "$ref" in content:
        assert set(body) <= set(resolved(content)["properties"]), "the response has more than the description"


@pytest.mark.parametrize("name", ANSWERS | PAGES)
def test_an_answer_is_as_described(name: str) -> None:
    sent, table, status = (ANSWERS | PAGES)[name]
    response = api(table()).answer(sent)
    assert response.status == status
    conforms(response, described(sent, status))


@given(forms)
def test_every_accepted_form_is_answered_as_described(sent: dict[str, object]) -> None:
    response = api().answer(post_json(sent))
    conforms(response, described(post_json(sent), response.status))


def test_each_status_that_is_described_for_a_post_is_one_of_the_answers() -> None:
    ours = {str(status) for sent, _, status in ANSWERS.values() if sent.path.startswith("/consultations")} - {"204"}
    assert set(DOCUMENT["paths"]["/consultations"]["post"]["responses"]) == ours | {"429", "5XX"}


def test_help_is_described_as_it_is() -> None:
    assert list(SCHEMAS["Help"]["properties"]) == list(Help(clinic_phone="x").__dataclass_fields__)


@pytest.mark.parametrize("path", ["/", "/thank-you"])
def test_the_language_of_a_page_is_described(path: str) -> None:
    operation = DOCUMENT["paths"][path]["get"]
    (lang,) = [each for each in operation["parameters"] if each["name"] == "lang"]
    assert lang["schema"]["enum"] == list(CLINIC.languages)
    for language in CLINIC.languages:
        answer = api(MemoryLeads()).answer(request("GET", path, query={"lang": language}))
        assert answer.headers["Content-Language"] == language
        assert answer.headers["Vary"] in DOCUMENT["components"]["headers"]["Vary"]["description"]


@pytest.mark.parametrize("name", ANSWERS | PAGES)
def test_an_answer_in_a_language_is_described_with_it(name: str) -> None:
    sent, table, status = (ANSWERS | PAGES)[name]
    if "Content-Language" in api(table()).answer(sent).headers:
        assert "Content-Language" in described(sent, status)["headers"]
