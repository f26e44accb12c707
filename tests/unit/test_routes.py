"""submit.routes: every path, every outcome, for scripts and for browsers without them."""

import re
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws.table import StorageError
from leads.identity import REFERENCE_PATTERN
from submit import http
from submit.decode import FORM, JSON
from submit.http import Request, Response
from tests.unit.fakes import FakeLeadTable
from tests.unit.output import counted
from tests.unit.people import form
from tests.unit.web import SITE, api, document, page_text, post_form, post_json, request
from tests.unit.words import any_text, json_values

STATUSES = {201, 204, 200, 303, 400, 404, 409, 413, 415, 422, 503}

BOTH = pytest.mark.parametrize("post", [post_json, post_form])


def broken(error: Exception) -> FakeLeadTable:
    table = FakeLeadTable()
    table.faults.before["put"].append(error)
    return table


def words(response: Response) -> str:
    """Return what the answer says, whichever kind it is."""
    return page_text(response) if response.body.startswith("<!doctype html>") else str(document(response))


# --- success ----------------------------------------------------------------------------------------------------------


def test_a_script_is_told_the_reference_of_what_was_stored() -> None:
    table = FakeLeadTable()
    response = api(table).answer(post_json(form()))
    assert response.status == 201
    assert response.headers["Content-Type"] == "application/json"
    (item,) = table.leads.values()
    assert document(response) == {
        "reference": item["reference"]["S"],
        "help": {"clinic_phone": "(202) 555-0143", "crisis_line": "988", "emergency_number": "911"},
    }


def test_a_browser_is_sent_to_the_thank_you_page_by_a_relative_address() -> None:
    table = FakeLeadTable()
    response = api(table).answer(post_form(form()))
    (item,) = table.leads.values()
    assert (response.status, response.body) == (303, "")
    assert response.headers["Location"] == f"thank-you?reference={item['reference']['S']}"
    for base in ("https://api.example.com", "https://x.execute-api.us-east-1.amazonaws.com/v1"):
        assert urljoin(f"{base}/consultations", response.headers["Location"]).startswith(f"{base}/thank-you?")


@BOTH
def test_sending_twice_is_answered_like_sending_once(post: Any) -> None:  # noqa: ANN401 - either builder
    table = FakeLeadTable()
    assert api(table).answer(post(form())) == api(table).answer(post(form()))
    assert len(table.leads) == 1


def test_json_and_form_of_the_same_words_are_the_same_lead() -> None:
    table = FakeLeadTable()
    api(table).answer(post_json(form()))
    assert api(table).answer(post_form(form())).status == 303
    assert len(table.leads) == 1


def test_a_request_without_an_accept_header_gets_the_answer_of_its_kind() -> None:
    assert api().answer(request(headers={"content-type": JSON}, body=b"{}")).headers["Content-Type"] == (
        "application/problem+json"
    )
    assert "text/html" in api().answer(request(headers={"content-type": FORM}, body=b"")).headers["Content-Type"]


# --- what went wrong --------------------------------------------------------------------------------------------------


def test_a_script_gets_problem_details_with_an_entry_for_each_field() -> None:
    response = api().answer(post_json(form(name=None, email="robin")))
    assert response.status == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = document(response)
    assert (problem["type"], problem["status"]) == ("about:blank", 422)
    assert [error["field"] for error in problem["errors"]] == ["name", "email"]
    assert all(error["detail"] for error in problem["errors"])
    assert counted("RequestsInvalid") == [1]


def test_a_browser_gets_a_page_that_names_each_field() -> None:
    response = api().answer(post_form(form(name=None, consent_contact=None)))
    assert response.status == 422
    text = page_text(response)
    assert "Name: Tell us your name." in text
    assert "Consent contact: We need your consent" in text


@BOTH
def test_a_conflict_shows_nothing_of_the_first_request(post: Any) -> None:  # noqa: ANN401 - either builder
    table = FakeLeadTable()
    first = form()
    api(table).answer(post_json(first))
    (item,) = table.leads.values()
    response = api(table).answer(post(form(name="Sam Example", email="sam@example.com")))
    assert response.status == 409
    shown = f"{words(response)} {response.headers}"
    private = [*first.values(), item["reference"]["S"], item["phone"]["S"], "Robin", "Sam"]
    assert [value for value in private if str(value) in shown and value not in {"on", "phone"}] == []
    assert counted("RequestsConflicting") == [1]


@BOTH
@pytest.mark.parametrize(
    ("nothing_stored", "sentence"),
    [(True, "Nothing was stored. Send it again"), (False, "We cannot tell whether it was stored. Send it again")],
)
def test_a_storage_failure_says_how_sure_we_are_and_when_to_come_back(
    post: Any,  # noqa: ANN401 - either builder
    nothing_stored: bool,  # noqa: FBT001 - a parameter
    sentence: str,
) -> None:
    response = api(broken(StorageError(nothing_stored=nothing_stored))).answer(post(form()))
    assert response.status == 503
    assert int(response.headers["Retry-After"]) > 0
    assert sentence in words(response)
    assert counted("StorageFailures") == [1]


@BOTH
@pytest.mark.parametrize("error", [RuntimeError("x"), KeyError("x"), RecursionError(), OSError("x")])
def test_what_nobody_foresaw_is_an_answer_too(post: Any, error: Exception) -> None:  # noqa: ANN401 - either builder
    response = api(broken(error)).answer(post(form()))
    assert response.status == 503
    assert "We cannot tell whether it was stored." in words(response)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (post_json(b"{"), 400),
        (post_json(b"[]"), 400),
        (post_form(b"name=\xff"), 400),
        (post_json(b"x" * 70_000), 413),
        (post_form(b"x" * 70_000), 413),
        (request(headers={"content-type": "text/plain"}, body=b"{}"), 415),
        (request(body=b"{}"), 415),
        (request(headers={"content-type": "multipart/form-data; boundary=x", "accept": "text/html"}), 415),
        (post_json(b'{"name":' + b"[" * 10_000), 400),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_stored(sent: Request, status: int) -> None:
    table = FakeLeadTable()
    assert api(table).answer(sent).status == status
    assert not table.leads
    assert counted("RequestsUnreadable") == [1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/consultations"), ("PUT", "/consultations"), ("DELETE", "/consultations"), ("POST", "/thank-you")),
        *(("GET", "/"), ("GET", ""), ("POST", "/Consultations"), ("GET", "/thank-you/x"), ("post", "/consultations")),
        *(("POST", "//consultations"), ("OPTIONS", "/thank-you"), ("GET", "/../thank-you")),
    ],
)
def test_other_paths_and_methods_are_not_found(method: str, path: str) -> None:
    table = FakeLeadTable()
    response = api(table).answer(request(method, path, headers={"content-type": JSON}, body=b"{}"))
    assert response.status == 404
    assert not table.leads


# --- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        *(post_json(form()), post_form(form()), post_json({}), post_form({}), request("GET", "/thank-you")),
        *(request("GET", "/x"), request(body=b"x")),
    ],
)
def test_no_answer_is_cached_framed_sniffed_or_able_to_run_anything(sent: Request) -> None:
    headers = api().answer(sent).headers
    policy = headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" in headers


@pytest.mark.parametrize("sent", [form(), {}, form(name=["x"])])
@pytest.mark.parametrize("origin", [SITE, "null", "https://www.example.com.example.net", None])
def test_only_the_sites_scripts_may_read_an_answer_and_all_may_send(
    sent: dict[str, object], origin: str | None
) -> None:
    headers = {} if origin is None else {"origin": origin}
    response = api().answer(post_json(sent, **headers))
    assert response.status in {201, 422}
    assert response.headers["Vary"] == "Origin"
    assert response.headers.get("Access-Control-Allow-Origin") == (SITE if origin == SITE else None)
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_preflight_from_the_site_is_allowed() -> None:
    response = api().answer(request("OPTIONS", headers={"origin": SITE, "access-control-request-method": "POST"}))
    assert (response.status, response.body) == (204, "")
    assert response.headers["Access-Control-Allow-Origin"] == SITE
    assert response.headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_a_preflight_from_elsewhere_is_told_nothing() -> None:
    response = api().answer(request("OPTIONS", headers={"origin": "https://other.example.net"}))
    assert (response.status, response.headers) == (204, {"Vary": "Origin"})


# --- any request at all -----------------------------------------------------------------------------------------------

_header_values = st.one_of(
    st.sampled_from([JSON, FORM, "text/html", "*/*", SITE, "null", "multipart/form-data", ""]), any_text
)
_json_bodies = st.fixed_dictionaries({}, optional=dict.fromkeys([*form(), "x"], json_values)).map(
    lambda fields: post_json(fields).body
)
_events = st.fixed_dictionaries(
    {
        "httpMethod": st.sampled_from(["POST", "GET", "OPTIONS", "HEAD"]),
        "resource": st.one_of(st.sampled_from(["/consultations", "/thank-you", "/consultations/"]), any_text),
        "headers": st.one_of(
            st.none(),
            st.dictionaries(st.sampled_from(["Content-Type", "accept", "Origin"]), _header_values),
            st.just({"content-type": JSON}),
            st.just({"content-type": FORM}),
        ),
        "queryStringParameters": st.one_of(st.none(), st.dictionaries(st.sampled_from(["reference", "x"]), any_text)),
        "body": st.one_of(
            st.none(),
            any_text,
            _json_bodies,
            st.just(post_json(form()).body),
            st.just(post_form(form()).body),
        ).map(lambda body: body.decode() if isinstance(body, bytes) else body),
        "isBase64Encoded": st.booleans(),
    }
)


@given(event=_events)
def test_any_request_is_answered(event: dict[str, Any]) -> None:
    response = api().answer(http.parse_request(event))
    assert response.status in STATUSES - {503}
    assert re.fullmatch(r"|[{<].*", response.body, re.DOTALL)
    response.body.encode("utf-8")
    if response.status == 303:
        assert REFERENCE_PATTERN.fullmatch(response.headers["Location"].removeprefix("thank-you?reference="))
