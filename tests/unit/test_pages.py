"""submit.answers: what people see. Every page and every answer shows how to be helped now."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from aws.table import StorageError
from leads.clinic import Help
from submit.http import Request, Response
from tests.unit.fakes import FakeLeadTable
from tests.unit.people import form
from tests.unit.web import api, document, page_text, post_form, post_json, request
from tests.unit.words import any_text

REFERENCE = "KC-7Q2M-4XHD"


def conflict(sent: Request) -> Response:
    table = FakeLeadTable()
    api(table).answer(post_json(form()))
    return api(table).answer(sent)


def outage(sent: Request) -> Response:
    table = FakeLeadTable()
    table.faults.before["put"].append(StorageError(nothing_stored=True))
    return api(table).answer(sent)


PAGES: dict[str, Callable[[], Response]] = {
    "thank you": lambda: api().answer(request("GET", "/thank-you", query={"reference": REFERENCE})),
    "thank you without a reference": lambda: api().answer(request("GET", "/thank-you")),
    "to mend": lambda: api().answer(post_form({})),
    "conflict": lambda: conflict(post_form(form(name="Sam Example"))),
    "outage": lambda: outage(post_form(form())),
    "unreadable": lambda: api().answer(post_form(b"\xff")),
    "too large": lambda: api().answer(post_form(b"x" * 70_000)),
    "another media type": lambda: api().answer(request(headers={"accept": "text/html"}, body=b"x")),
    "not found": lambda: api().answer(request("GET", "/x", headers={"accept": "text/html"})),
}


DOCUMENTS: dict[str, Callable[[], Response]] = {
    "accepted": lambda: api().answer(post_json(form())),
    "to mend": lambda: api().answer(post_json({})),
    "conflict": lambda: conflict(post_json(form(name="Sam Example"))),
    "outage": lambda: outage(post_json(form())),
    "unreadable": lambda: api().answer(post_json(b"\xff")),
    "too large": lambda: api().answer(post_json(b"x" * 70_000)),
    "another media type": lambda: api().answer(request(body=b"x")),
    "not found": lambda: api().answer(request("GET", "/x")),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_every_way_to_be_helped_now_as_a_link(name: str) -> None:
    page = lxml_html.document_fromstring(PAGES[name]().body)
    links = {link.get("href") for link in page.iter("a")}
    assert {"tel:911", "tel:988", "tel:2025550143"} <= links
    assert all(number in page_text(PAGES[name]()) for number in ("911", "988", "(202) 555-0143"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_answer_to_a_script_carries_every_way_to_be_helped_now(name: str) -> None:
    assert document(DOCUMENTS[name]())["help"] == {
        "clinic_phone": "(202) 555-0143",
        "crisis_line": "988",
        "emergency_number": "911",
    }


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_html_in_a_language_with_a_title_that_fits_a_phone(name: str) -> None:
    response = PAGES[name]()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.body.startswith("<!doctype html>")
    page = lxml_html.document_fromstring(response.body)
    assert page.get("lang") == "en"
    assert (page.findtext(".//title") or "").strip().endswith("Riverbend Ketamine Clinic")
    metas = {meta.get("name"): meta.get("content") for meta in page.iter("meta")}
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert len(page.findall(".//h1")) == 1
    assert not page.xpath("//script | //img | //link | //iframe | //form")


def test_the_thank_you_page_shows_a_reference() -> None:
    assert REFERENCE in page_text(PAGES["thank you"]())


@pytest.mark.parametrize(
    "forged",
    [
        "<script>alert(1)</script>",
        f"{REFERENCE}<script>",
        f'{REFERENCE}" onload="x',
        f"{REFERENCE}\n",
        f"{REFERENCE}{REFERENCE}",
        REFERENCE.lower(),
        "KC-7Q2M-4XHI",
        "KC-7Q2M-4XH\uff24",
        "Call 1-900-555-0199 now",
        "{{ 7*7 }}",
        "",
    ],
)
def test_nothing_but_a_reference_gets_onto_the_thank_you_page(forged: str) -> None:
    response = api().answer(request("GET", "/thank-you", query={"reference": forged}))
    assert response == PAGES["thank you without a reference"]()


@given(any_text)
@example(REFERENCE)
def test_the_thank_you_page_is_one_of_two(reference: str) -> None:
    response = api().answer(request("GET", "/thank-you", query={"reference": reference}))
    assert response.status == 200
    assert response.body in {PAGES["thank you without a reference"]().body, PAGES["thank you"]().body}


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8))
def test_every_well_formed_reference_is_shown(symbols: str) -> None:
    reference = f"KC-{symbols[:4]}-{symbols[4:]}"
    assert reference in page_text(api().answer(request("GET", "/thank-you", query={"reference": reference})))


def test_help_in_one_sentence_names_all_three() -> None:
    sentence = Help(clinic_phone="(202) 555-0143").sentence
    assert all(number in sentence for number in ("911", "988", "(202) 555-0143"))


@pytest.mark.parametrize(
    ("phone", "link"), [("(202) 555-0143", "tel:2025550143"), ("+1 202 555 0143", "tel:+12025550143")]
)
def test_the_clinics_number_is_a_link_that_dials(phone: str, link: str) -> None:
    assert Help(clinic_phone=phone).clinic_phone_link == link
