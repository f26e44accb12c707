"""submit.page: the built-in pages, for clinics without their own. Each says where to get help now."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.leads.clinic import Help
from shared.text.en import thanks
from submit.outcome import Accepted
from tests.unit.every_page import REFERENCE, documents, forms, pages
from tests.unit.forms import assert_well_tied, page_of
from tests.unit.people import CLINIC, ENGLISH, NOW, form
from tests.unit.web import SITE, api, document, page_text, post_json, request
from tests.unit.words import any_text

PAGES = pages(api)
FORMS = forms(api)
EVERY_PAGE = PAGES | FORMS
DOCUMENTS = documents(api)


# --- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_shows_every_way_to_be_helped_now_as_a_link(name: str) -> None:
    response = EVERY_PAGE[name]()
    (section,) = page_of(response.body).xpath("//section[@class='help']")
    assert {"tel:911", "tel:988", "sms:988", "tel:2025550143"} == set(section.xpath(".//a/@href"))
    assert all(number in page_text(response) for number in ("911", "988", "(202) 555-0143"))


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_person_in_crisis_sees_help_before_anything_else(name: str) -> None:
    (main,) = page_of(EVERY_PAGE[name]().body).xpath("//main")
    shown = [child.get("class") for child in main if child.get("class") != "developers"]
    assert shown == (["help", "card"] if "in crisis" in name else ["card", "help"])


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_what_a_developer_can_do_comes_last_and_folded(name: str) -> None:
    (main,) = page_of(EVERY_PAGE[name]().body).xpath("//main")
    for details in main.xpath("./details"):
        assert details is main[-1]
        assert details.get("open") is None
        assert details.findtext("summary") == "For the developer of this site"
    assert "For developers" not in EVERY_PAGE[name]().body


@pytest.mark.parametrize("name", FORMS)
def test_the_question_about_a_crisis_has_the_numbers_beside_it(name: str) -> None:
    (group,) = page_of(FORMS[name]().body).xpath("//*[@role='group'][.//*[@name='in_crisis']]")
    assert {"tel:911", "tel:988", "sms:988", "tel:2025550143"} <= set(group.xpath(".//a/@href"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_answer_to_a_script_carries_every_way_to_be_helped_now(name: str) -> None:
    assert document(DOCUMENTS[name]())["help"] == {
        "clinic_phone": "(202) 555-0143",
        "crisis_line": "988",
        "emergency_number": "911",
    }


def test_a_script_that_shows_only_the_message_names_all_three_numbers() -> None:
    message = document(api().answer(post_json(form(in_crisis="yes"))))["message"]
    assert all(number in message for number in ("911", "988", "(202) 555-0143"))


@pytest.mark.parametrize(
    ("phone", "link"), [("(202) 555-0143", "tel:2025550143"), ("+1 202 555 0143", "tel:+12025550143")]
)
def test_the_clinics_number_is_a_link_that_dials(phone: str, link: str) -> None:
    assert Help(clinic_phone=phone).clinic_phone_link == link


# --- every page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_is_whole_html_in_a_language_with_a_title_that_fits_a_phone(name: str) -> None:
    response = EVERY_PAGE[name]()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.body.startswith("<!doctype html>")
    page = page_of(response.body)
    assert page.get("lang") == "en"
    assert (page.findtext(".//title") or "").strip().endswith("\u2013 Riverbend Ketamine Clinic")
    metas = {meta.get("name"): meta.get("content") for meta in page.iter("meta")}
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert len(page.findall(".//h1")) == 1
    assert_well_tied(page)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_fetches_nothing_and_runs_nothing(name: str) -> None:
    response = EVERY_PAGE[name]()
    page = page_of(response.body)
    assert not page.xpath("//script | //img | //iframe | //@style | //@src")
    assert not [attribute for attribute in page.xpath("//@*") if attribute.attrname.startswith("on")]
    assert page.xpath("//link/@href") == ["data:,"]
    assert "url(" not in response.body
    assert "@import" not in response.body
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "script" not in policy


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_anything_typed_has_no_form(name: str) -> None:
    assert not page_of(PAGES[name]().body).forms


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_leads_back_to_the_clinics_site(name: str) -> None:
    assert page_of(EVERY_PAGE[name]().body).xpath("//p[@class='back']/a/@href") == [SITE]


def test_without_a_site_there_is_no_way_back_to_it() -> None:
    response = replace(api(), allowed_origins=()).answer(request("GET", "/thank-you"))
    assert not page_of(response.body).xpath("//p[@class='back']")


def test_a_clinics_name_is_text() -> None:
    clinic = replace(CLINIC, name="Smith & <Sons>")
    response = replace(api(), clinic=clinic).answer(request("GET", "/thank-you"))
    page = page_of(response.body)
    assert (page.findtext(".//title") or "").endswith("\u2013 Smith & <Sons>")
    assert page.xpath("//p[@class='clinic']/text()") == ["Smith & <Sons>"]


@pytest.mark.parametrize(
    ("moment", "urgent", "said"),
    [
        (NOW, "", "We are open now. Someone will contact you today. You don't need to do anything else."),
        (NOW + timedelta(hours=12), "", "We are closed now. Someone will contact you tomorrow, Thursday, from 9 AM"),
        (NOW + timedelta(hours=12), "yes", "so you may not hear from them before we open tomorrow, Thursday, at 9 AM"),
    ],
)
def test_the_thanks_say_when_to_expect_us_with_and_without_a_script(moment: datetime, urgent: str, said: str) -> None:
    then = replace(api(), now=lambda: moment)
    assert said in page_text(then.answer(request("GET", "/thank-you", query={"urgent": urgent})))
    assert said in document(then.answer(post_json(form(in_crisis=urgent))))["next"]


def test_a_visitor_whose_address_may_be_mistyped_is_asked_on_the_thank_you_page() -> None:
    asked = "Please check your email address."
    assert asked in page_text(api().answer(request("GET", "/thank-you", query={"check_email": "yes"})))
    assert asked not in page_text(api().answer(request("GET", "/thank-you", query={"check_email": "a@b.c"})))


def test_the_address_of_the_thank_you_page_has_nothing_that_was_typed() -> None:
    pages = api()._pages(ENGLISH)  # noqa: SLF001 - the pages with this clinic's settings
    accepted = Accepted(
        reference=REFERENCE, urgent=True, thank_you_page=None, check_email="Did you mean sam@example.com?"
    )
    location = pages.accepted(accepted).headers["Location"]
    assert location == f"thank-you?reference={REFERENCE}&urgent=yes&check_email=yes&lang=en"


def test_a_person_in_crisis_does_not_read_that_nothing_is_left_to_do() -> None:
    words = page_text(PAGES["thank you, in crisis"]())
    assert "Until you hear from them, please use the numbers above" in words
    assert thanks.NEXT not in words


def test_an_empty_request_is_told_what_is_required() -> None:
    words = page_text(FORMS["nothing filled in"]())
    assert "Please tell us your name." in words
    assert "Please give us an email address or a phone number" in words


# --- the thank-you page -----------------------------------------------------------------------------------------------


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


@given(any_text)
def test_no_page_shows_text_from_its_address(words: str) -> None:
    query = {"urgent": words if words != "yes" else "", words: words}
    assert api().answer(request("GET", "/thank-you", query=query)) == PAGES["thank you without a reference"]()
    lost = request("GET", f"/x/{words}", headers={"accept": "text/html", "referer": words, "x-words": words})
    assert api().answer(lost) == PAGES["not found"]()


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8))
def test_every_well_formed_reference_is_shown(symbols: str) -> None:
    reference = f"KC-{symbols[:4]}-{symbols[4:]}"
    assert reference in page_text(api().answer(request("GET", "/thank-you", query={"reference": reference})))
