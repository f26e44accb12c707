"""Each kind of client that posts to us, byte for byte. All of them send the same request.

docs/fields.md names these tests.
"""

import base64
import json
from typing import Any, cast
from urllib.parse import quote_plus, urlencode

import pytest

from shared.web.http import Response
from submit.decode import FORM, JSON
from submit.http import http_request
from tests.unit.events import PARTS, Event, event, parts
from tests.unit.fakes import MemoryLeads
from tests.unit.people import form
from tests.unit.web import SITE, api

WORDS = "Caf\u00e9, \u20ac 20 \u2013 \u201cfine\u201d"  # characters that each encoding writes in its own way


def stored(sent: Event) -> tuple[Response, dict[str, object]]:
    """Return the response to an accepted request, and what was stored for it."""
    table = MemoryLeads()
    response = api(table).answer(http_request(sent))
    assert response.status in {201, 303}, response.body
    (item,) = table.leads.values()
    return response, {**item}


EXPECTED = stored(event(json.dumps(form(message=WORDS)), JSON))[1]
AS_FORM = urlencode(form(message=WORDS), doseq=True)


def test_a_script_that_posts_json() -> None:
    headers = {"Accept": "*/*", "Origin": SITE, "Sec-Fetch-Mode": "cors"}
    response, item = stored(event(json.dumps(form(message=WORDS), ensure_ascii=False), JSON, headers=headers))
    assert (response.status, item) == (201, EXPECTED)
    assert response.headers["Access-Control-Allow-Origin"] == SITE


def test_a_script_that_sends_yes_and_no_as_booleans_and_nothing_as_null() -> None:
    ticks = {name: True for name, value in form().items() if value in ("yes", "on")} | {"in_crisis": False}
    response, item = stored(event(json.dumps(form(message=WORDS) | ticks | {"leave_empty": None}), JSON))
    assert (response.status, item) == (201, EXPECTED)


def test_a_form_without_a_script() -> None:
    headers = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Origin": SITE}
    response, item = stored(event(AS_FORM, FORM, headers=headers))
    assert (response.status, item) == (303, EXPECTED)


def test_a_form_whose_page_is_known_from_the_referer_only() -> None:
    sent = urlencode(form(message=WORDS, page=None), doseq=True)
    response, item = stored(event(sent, FORM, headers={"Referer": f"{EXPECTED['page']['S']}?x=y"}))  # type: ignore[index] # an item's attribute
    assert (response.status, item) == (303, EXPECTED)


def test_a_form_of_parts() -> None:
    headers = {"Accept": "text/html,*/*;q=0.8"}
    response, item = stored(event(parts(form(message=WORDS)), PARTS, headers=headers, encoded=True))
    assert (response.status, item) == (303, EXPECTED)


def test_form_data_that_a_script_posts() -> None:
    response, item = stored(event(parts(form(message=WORDS)), PARTS, headers={"Accept": JSON}))
    assert (response.status, item) == (201, EXPECTED)


@pytest.mark.parametrize("body", [AS_FORM, json.dumps(form(message=WORDS))])
def test_a_body_in_base64(body: str) -> None:
    media_type = JSON if body.startswith("{") else FORM
    encoded = base64.b64encode(body.encode()).decode()
    assert stored(event(encoded, media_type, isBase64Encoded=True))[1] == EXPECTED


@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE", "cOnTeNt-TyPe"])
@pytest.mark.parametrize("value", [JSON, JSON.upper(), f" {JSON} "])
def test_headers_in_any_case(name: str, value: str) -> None:
    assert stored(event(json.dumps(form(message=WORDS)), None, headers={name: value}))[1] == EXPECTED


@pytest.mark.parametrize("parameter", ["", ";", "; charset=utf-8", ";charset=UTF-8", '; charset="utf-8"', "; x=y"])
@pytest.mark.parametrize("media_type", [JSON, FORM])
def test_a_content_type_with_and_without_a_charset(media_type: str, parameter: str) -> None:
    body = AS_FORM if media_type == FORM else json.dumps(form(message=WORDS), ensure_ascii=False)
    assert stored(event(body, media_type + parameter))[1] == EXPECTED


def test_a_form_of_a_page_in_an_old_encoding() -> None:
    sent = urlencode(form(message=None), doseq=True) + "&message=" + quote_plus(WORDS, encoding="cp1252")
    assert stored(event(sent, FORM))[1] == EXPECTED


def test_a_form_of_parts_of_a_page_in_an_old_encoding() -> None:
    sent = parts(form(message=WORDS)).decode().encode("cp1252")
    assert stored(event(sent, PARTS, encoded=True))[1] == EXPECTED


def test_a_form_with_a_byte_order_mark() -> None:
    for body, media_type in ((AS_FORM, FORM), (json.dumps(form(message=WORDS)), JSON)):
        assert stored(event("\ufeff" + body, media_type))[1] == EXPECTED


def test_a_form_that_sends_no_before_each_yes() -> None:
    hidden = "&".join(f"{name}=no" for name in ("consent_contact", "consent_texts", "consent_email_news", "discreet"))
    assert stored(event(f"{hidden}&{AS_FORM}&phone=", FORM))[1] == EXPECTED


def test_a_site_builder_with_fields_of_its_own() -> None:
    extra = "&form_id=7&_wpnonce=abc&submit=Send&fields%5Bx%5D=y"
    item = stored(event(AS_FORM + extra, FORM))[1]
    sent = [
        (each["M"]["name"]["S"], each["M"]["value"]["S"]) for each in cast("dict[str, Any]", item.pop("also_sent"))["L"]
    ]
    assert sent == [("form_id", "7"), ("submit", "Send"), ("fields[x]", "y")]
    assert dict(item) | {"fingerprint": EXPECTED["fingerprint"]} == EXPECTED
