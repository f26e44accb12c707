"""The sample page from start to finish, with and without scripts: one lead, one alert, and no lost text."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.browser.visitor import Visitor
from tests.deployed import Deployed

if TYPE_CHECKING:
    from playwright.sync_api import Route

WITH_SCRIPTS = pytest.mark.parametrize("visitor", ["phone", "desktop"], indirect=True)
WITHOUT = pytest.mark.parametrize("visitor", ["phone without scripts", "desktop without scripts"], indirect=True)

API = re.compile("/consultations$")


def test_a_visitor_fills_in_the_page_and_staff_find_the_email(visitor: Visitor, recipient: str) -> None:
    visitor.open()
    visitor.needs_no_sideways_scrolling()
    visitor.fill_in()
    visitor.needs_no_sideways_scrolling()
    visitor.send()
    visitor.is_thanked()
    visitor.needs_no_sideways_scrolling()

    reference = visitor.is_one_lead_and_one_alert()
    (lead,) = visitor.leads()
    assert lead["page"] == {"S": f"{visitor.site}/"}
    assert lead["time_zone"] == {"S": "America/Denver"}
    assert ("seconds_to_fill" in lead) == visitor.scripts
    visitor.page.goto(recipient)
    visitor.page.get_by_text(reference).first.click()
    mail = visitor.page.frame_locator("iframe").locator("body")
    assert visitor.name in mail.inner_text()
    assert f"+1 {visitor.phone}" in mail.inner_text()


def test_errors_are_shown_and_corrected_without_typing_anything_twice(visitor: Visitor) -> None:
    visitor.open()
    visitor.fill_in(phone="12")
    visitor.send()

    summary = visitor.page.locator("[role=alert]")
    summary.get_by_text("This doesn't look like a phone number").wait_for()
    visitor.has_lost_nothing(phone="12")
    visitor.needs_no_sideways_scrolling()
    assert visitor.page.locator("a[href='tel:988']").first.is_visible()
    summary.get_by_role("link", name="Phone number").click()
    assert visitor.page.locator(":focus").get_attribute("name") == "phone"

    visitor.control("phone").fill(visitor.phone)
    visitor.send()
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


def test_a_double_click_is_one_request(visitor: Visitor) -> None:
    visitor.open()
    visitor.fill_in()
    visitor.the_form.locator("button[type=submit]").dblclick()
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


def test_a_reload_after_the_thanks_sends_nothing(visitor: Visitor) -> None:
    visitor.open()
    visitor.fill_in()
    visitor.send()
    visitor.is_thanked()
    visitor.page.reload()
    if visitor.scripts:
        assert visitor.control("name").input_value() == ""
    else:
        visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


@WITH_SCRIPTS
def test_a_reload_while_typing_loses_nothing(visitor: Visitor) -> None:
    visitor.open()
    visitor.fill_in()
    visitor.open()
    visitor.has_lost_nothing()
    visitor.send()
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


@WITH_SCRIPTS
def test_back_after_the_thanks_has_nothing_left_to_send(visitor: Visitor) -> None:
    visitor.open()
    visitor.fill_in()
    visitor.send()
    visitor.is_thanked()
    visitor.page.goto(f"{visitor.site}/thank-you")
    visitor.page.go_back()
    assert not visitor.control("name").is_visible() or visitor.control("name").input_value() == ""
    visitor.is_one_lead_and_one_alert()


@WITHOUT
def test_back_after_the_thanks_and_sent_again_is_the_same_request(visitor: Visitor) -> None:
    visitor.open()
    visitor.fill_in()
    visitor.send()
    visitor.is_thanked()
    visitor.page.go_back()
    visitor.has_lost_nothing()
    visitor.send()
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


@WITHOUT
def test_back_from_what_has_to_change_shows_the_page_as_it_was_filled_in(visitor: Visitor) -> None:
    visitor.open()
    visitor.fill_in(phone="12")
    visitor.send()
    visitor.page.locator("[role=alert]").wait_for()
    visitor.page.go_back()
    visitor.has_lost_nothing(phone="12")
    visitor.control("phone").fill(visitor.phone)
    visitor.send()
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


@WITH_SCRIPTS
def test_while_the_api_is_down_nothing_is_lost_and_later_it_is_one_request(visitor: Visitor) -> None:
    def unavailable(route: "Route") -> None:
        origin = {"Access-Control-Allow-Origin": visitor.site, "Access-Control-Expose-Headers": "Retry-After"}
        route.fulfill(status=503, headers={"Retry-After": "0", **origin}, body="")

    visitor.open()
    visitor.fill_in()
    visitor.page.route(API, unavailable)
    visitor.send()
    visitor.page.get_by_role("alert").get_by_text("Nothing you typed is lost").wait_for()
    assert visitor.page.locator("[role=alert] a[href='tel:988']").is_visible()
    visitor.has_lost_nothing()
    visitor.page.unroute(API)
    visitor.send()
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


@WITH_SCRIPTS
def test_an_answer_that_is_lost_on_its_way_is_asked_for_again_as_the_same_request(visitor: Visitor) -> None:
    lost: list[int] = []

    def lose(route: "Route") -> None:
        if lost or route.request.method != "POST":
            route.continue_()
        else:
            lost.append(route.fetch().status)  # stored, but the page does not know
            route.abort()

    visitor.open()
    visitor.fill_in()
    visitor.page.route(API, lose)
    visitor.send()
    visitor.is_thanked()
    assert lost == [201]
    visitor.is_one_lead_and_one_alert()


@WITHOUT
@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not stored"])
def test_an_error_page_of_the_browser_then_back_and_again_is_one_request(visitor: Visitor, *, stored: bool) -> None:
    def down(route: "Route") -> None:
        if stored:
            route.fetch(max_redirects=0)
        route.abort()

    visitor.open()
    visitor.fill_in()
    visitor.page.route(API, down)
    visitor.send()
    visitor.page.wait_for_url("chrome-error://**")
    assert len(visitor.leads()) == stored
    visitor.page.unroute(API)
    visitor.page.go_back()
    visitor.has_lost_nothing()
    visitor.send()
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()


def test_a_person_in_crisis_sees_help_first_and_staff_know_it(visitor: Visitor, deployed: Deployed) -> None:
    visitor.open()
    visitor.fill_in()
    visitor.control("in_crisis").check()
    visitor.send()
    shown = visitor.page.locator(".consultation-thanks" if visitor.scripts else "main")
    shown.get_by_text(re.compile("We.have your request")).wait_for()
    words = shown.inner_text()
    assert words.index("988") < words.index("your request")
    assert "thank-you" not in visitor.page.url or not visitor.page.url.startswith(visitor.site)
    reference = visitor.is_one_lead_and_one_alert()
    assert "URGENT" in deployed.the_alert(reference)["Subject"]


@WITHOUT
def test_without_scripts_a_person_in_crisis_can_send_a_form_with_gaps(visitor: Visitor) -> None:
    """The browser must send it: the answer shows where help is, whatever is missing."""
    visitor.open()
    visitor.control("in_crisis").check()
    visitor.control("phone").fill(visitor.phone)
    with visitor.page.expect_response(API) as sent:
        visitor.send()
    assert sent.value.request.method == "POST"
    visitor.page.wait_for_load_state()
    words = visitor.page.locator("main").inner_text()
    assert words.index("988") < words.index("request")


def test_a_person_can_take_back_that_they_are_in_crisis(visitor: Visitor, deployed: Deployed) -> None:
    visitor.open()
    visitor.fill_in()
    visitor.control("in_crisis").check()
    visitor.control("in_crisis").uncheck()
    visitor.send()
    visitor.is_thanked()
    reference = visitor.is_one_lead_and_one_alert()
    assert "URGENT" not in deployed.the_alert(reference)["Subject"]


@pytest.mark.parametrize(
    ("form", "heading"), [("reply", "New reply to an article"), ("callback", "New callback request")]
)
def test_a_short_form_is_sent_and_staff_are_told_to_ask_for_the_age(
    visitor: Visitor, deployed: Deployed, form: str, heading: str
) -> None:
    visitor = replace(visitor, form=form)
    visitor.open()
    visitor.fill_in_short()
    visitor.needs_no_sideways_scrolling()
    visitor.send()
    visitor.is_thanked()
    reference = visitor.is_one_lead_and_one_alert()
    (lead,) = visitor.leads()
    assert lead["form"] == {"S": form}
    alert = deployed.the_alert(reference)
    assert alert["Subject"] == f"{reference} {heading}"
    assert "Ask their age first" in alert["BodyText"]


@pytest.mark.parametrize("visitor", ["desktop", "desktop without scripts"], indirect=True)
def test_the_keyboard_alone_will_do(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open()

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if visitor.the_form.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"Tab does not reach {selector}")

    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    tab_to("[name=patient_is_adult]")
    page.keyboard.press("Space")
    tab_to("[name=name]")
    page.keyboard.type(visitor.name)
    tab_to("[name=phone]")
    page.keyboard.type(visitor.phone)
    tab_to("summary")
    page.keyboard.press("Enter")
    tab_to("[name=call_me]")
    page.keyboard.type("Bo")
    tab_to("[name=message]")
    page.keyboard.type("Hello")
    tab_to("[name=consent_contact]")
    page.keyboard.press("Space")
    tab_to("button[type=submit]")
    page.keyboard.press("Enter")
    visitor.is_thanked()
    visitor.is_one_lead_and_one_alert()
