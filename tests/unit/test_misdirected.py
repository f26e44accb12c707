"""submit.misdirected: a form that reached the API in a wrong way is not stored, and comes back as it was filled in."""

from dataclasses import replace
from urllib.parse import urlencode, urljoin

import pytest
from hypothesis import given

from shared.web.http import Response
from submit.decode import FORM, JSON
from submit.http import Request, http_request
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import page_of, sent_by
from tests.unit.people import form
from tests.unit.web import api, document, page_text, post_form, request
from tests.unit.words import any_text

API = "https://api.example.com/v1"


def sent_again(response: Response) -> dict[str, list[str]]:
    (found,) = page_of(response.body).forms
    assert found.get("method") == "post"
    return sent_by(found)


def action(response: Response) -> str:
    (found,) = page_of(response.body).forms
    return str(found.get("action"))


def get(query: str, method: str = "GET") -> Request:
    """Return a browser's request for a form with method="get", as API Gateway passes it on."""
    several: dict[str, list[str]] = {}
    for name, _, value in (pair.partition("=") for pair in query.split("&") if pair):
        several.setdefault(name, []).append(value)
    return http_request(
        {
            "httpMethod": method,
            "resource": "/consultations",
            "headers": {"Accept": "text/html"},
            "queryStringParameters": {name: values[-1] for name, values in several.items()} or None,
            "multiValueQueryStringParameters": several or None,
        }
    )


def test_a_form_with_method_get_is_not_stored_and_one_press_away() -> None:
    table = MemoryLeads()
    response = api(table).answer(get("name=Robin&symptoms=insomnia&symptoms=fatigue&message=Hello&insurance=Aetna"))
    assert (response.status, response.headers["Allow"]) == (405, "POST, OPTIONS")
    assert not table.leads
    text = page_text(response)
    assert "Your request is not sent yet" in text
    assert "Everything you typed is still here." in text
    assert "Send my request" in text
    assert "Send it again" not in text
    sent = sent_again(response)
    assert (sent["name"], sent["message"], sent["insurance"]) == (["Robin"], ["Hello"], ["Aetna"])
    assert sent["symptoms"] == ["insomnia", "fatigue"]
    assert urljoin(f"{API}/consultations?name=Robin", action(response)) == f"{API}/consultations"


def test_a_link_says_help_first_to_a_person_in_crisis() -> None:
    response = api().answer(get("in_crisis=yes&name=Robin"))
    assert response.body.index("988") < response.body.index("<h1>")


@pytest.mark.parametrize("query", ["", "name=", "name=%20"])
def test_an_empty_link_has_no_form(query: str) -> None:
    response = api().answer(get(query.replace("%20", " ")))
    assert response.status == 405
    assert query.endswith("%20") or not page_of(response.body).forms


def test_a_script_s_get_is_told_in_json() -> None:
    sent = replace(get("name=Robin"), headers={"accept": "application/json"})
    assert document(api().answer(sent))["for_developers"] == "This address only takes POST requests."


@pytest.mark.parametrize(
    ("path", "address", "status"),
    [
        ("/consultations/", "/v1/consultations/", 404),
        ("/Consultations", "/v1/Consultations", 404),
        ("/a/b/c", "/v1/a/b/c", 404),
        ("/", "/v1/", 405),
        ("/", "/v1", 405),
        ("/thank-you", "/v1/thank-you", 405),
        ("/form.js", "/v1/form.js", 405),
    ],
)
def test_a_form_that_was_posted_to_a_wrong_path_goes_to_the_right_one(path: str, address: str, status: int) -> None:
    table = MemoryLeads()
    response = api(table).answer(replace(post_form(form()), path=path, address=address))
    assert response.status == status
    assert not table.leads
    assert "We don't have your request yet" in page_text(response)
    assert urljoin(f"https://api.example.com{address}", action(response)) == f"{API}/consultations"
    again = api(table).answer(post_form(sent_again(response)))
    assert again.status == 303
    assert len(table.leads) == 1


@pytest.mark.parametrize(
    "sent",
    [
        replace(post_form(b""), path="/x"),
        replace(post_form(b"&" * 5_000), path="/x"),
        request("POST", "/x", headers={"content-type": JSON, "accept": "text/html"}, body=b'{"name": "Robin"}'),
        request("PUT", "/x", headers={"content-type": FORM, "accept": "text/html"}, body=b"name=Robin"),
        request("POST", "/x", headers={"content-type": "image/png", "accept": "text/html"}, body=b"name=Robin"),
    ],
)
def test_what_is_no_filled_in_form_gets_the_usual_page(sent: Request) -> None:
    response = api().answer(sent)
    assert response.status == 404
    assert not page_of(response.body).forms
    assert "We couldn't find this page" in page_text(response)


@given(any_text, any_text)
def test_no_path_makes_the_form_post_elsewhere(path: str, address: str) -> None:
    for each in (f"/{path}", "/"):
        sent = replace(post_form({"name": "Robin"}), path=each, address=address)
        response = api().answer(sent)
        if page_of(response.body).forms:
            assert urljoin("https://api.example.com/v1/a", action(response)).startswith("https://api.example.com/")
            assert action(response).endswith("consultations")


@given(any_text, any_text)
def test_any_query_is_answered_and_stored_nowhere(name: str, value: str) -> None:
    table = MemoryLeads()
    sent = request("GET", "/consultations", headers={"accept": "text/html"}, query={name: value})
    assert api(table).answer(sent).status == 405
    assert not table.leads


def test_a_body_of_a_form_is_read_as_the_right_address_reads_it() -> None:
    body = urlencode({"name": "Zo\u00eb", "message": "a\r\nb"}).encode()
    response = api().answer(replace(post_form(body), path="/consultations/"))
    sent = sent_again(response)
    assert (sent["name"], sent["message"]) == (["Zo\u00eb"], ["a\nb"])


def test_the_form_makes_up_no_answers() -> None:
    """What was sent in other words checks its box, and is not sent besides it."""
    sent = post_form({"name": "Robin Example", "patient_is_adult": "I am 18 or older", "in_crisis": "I am in crisis"})
    again = sent_again(api().answer(replace(sent, path="/contact")))
    assert (again["patient_is_adult"], again["in_crisis"]) == (["yes"], ["yes"])
