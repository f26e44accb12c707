"""axe reports nothing serious in any state of any page, light or dark, as wide as a small phone and as a desktop."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from shared.text import LANGUAGES
from tests.browser.visitor import SIZES, Visitor
from tests.deployed import FORM, Deployed, submission

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(params=["light phone", "dark phone", "light desktop", "dark desktop"])
def visitor(
    request: pytest.FixtureRequest,
    a_page: Callable[..., AbstractContextManager["Page"]],
    site: str,
    deployed: Deployed,
) -> Iterator[Visitor]:
    scheme, _, size = request.param.partition(" ")
    with a_page(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce") as page:
        yield Visitor(page, site, deployed, scripts=True)


@pytest.fixture(params=LANGUAGES)
def speaker(request: pytest.FixtureRequest, visitor: Visitor) -> Visitor:
    """A visitor who reads one of the languages."""
    return replace(visitor, language=request.param)


def assert_accessible(page: "Page") -> None:
    found = Axe().run(page).response["violations"]
    serious = [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_sample_page_and_its_form(speaker: Visitor) -> None:
    visitor = speaker
    visitor.open()
    assert_accessible(visitor.page)
    visitor.fill_in(phone="12")  # this unfolds all groups
    assert_accessible(visitor.page)
    visitor.control("consent_contact").uncheck()
    visitor.send()
    visitor.page.locator("[role=alert]").wait_for()
    assert_accessible(visitor.page)


@pytest.mark.parametrize("form", ["reply", "callback"])
def test_a_short_form_with_errors(speaker: Visitor, form: str) -> None:
    visitor = replace(speaker, form=form)
    visitor.open()
    visitor.control("phone").fill("12")
    visitor.send()
    visitor.page.locator("[role=alert]").wait_for()
    assert_accessible(visitor.page)


def test_the_confirmation_on_the_page(speaker: Visitor) -> None:
    visitor = speaker
    visitor.open()
    visitor.fill_in()
    visitor.control("in_crisis").check()  # other visitors go on to the clinic's own page
    visitor.send()
    visitor.page.locator(".consultation-thanks").wait_for()
    assert_accessible(visitor.page)


def test_the_form_again(speaker: Visitor) -> None:
    visitor = speaker
    visitor.page.route("**/form.js", lambda route: route.abort())
    visitor.open()
    visitor.fill_in(phone="12")
    visitor.control("preferred_contact", "text").check()
    visitor.send()
    visitor.page.locator(".problems").wait_for()
    assert_accessible(visitor.page)


def test_a_problem_page(speaker: Visitor) -> None:
    headers = {"Content-Type": FORM, "Accept": "text/html", "Accept-Language": speaker.language}
    answer = speaker.deployed.request("POST", "/consultations", b"", headers)
    assert answer.status == 422
    assert f'<html lang="{speaker.language}">' in answer.body
    speaker.page.set_content(answer.body)
    assert_accessible(speaker.page)


@pytest.mark.parametrize("query", ["?reference=KC-7Q2M-4XHD", "?reference=KC-7Q2M-4XHD&urgent=yes"])
def test_the_built_in_thank_you_page(speaker: Visitor, query: str) -> None:
    speaker.ask_the_api_for(f"/thank-you{query}")
    assert_accessible(speaker.page)


@pytest.mark.parametrize("path", ["/", "/consultations?name=Robin&insurance=Aetna&password=x", "/nothing"])
def test_the_pages_that_people_reach_by_mistake(speaker: Visitor, path: str) -> None:
    speaker.ask_the_api_for(path)
    assert_accessible(speaker.page)


@pytest.mark.parametrize("path", ["/thank-you", "/nothing"])
def test_the_site_s_other_pages(visitor: Visitor, path: str) -> None:
    visitor.page.goto(f"{visitor.site}{path}")
    assert_accessible(visitor.page)


def test_the_page_behind_a_link(visitor: Visitor) -> None:
    reference = visitor.deployed.post_json(submission()).document["reference"]
    link = re.search(r"https?://\S+/claim/\S+", visitor.deployed.the_alert(reference)["BodyText"])
    assert link
    visitor.page.goto(link[0])
    visitor.page.locator("summary").click()
    assert_accessible(visitor.page)
    visitor.page.get_by_role("button", name="No answer", exact=True).click()
    visitor.page.get_by_role("heading", name="Noted: no answer.").wait_for()
    assert_accessible(visitor.page)
    visitor.page.get_by_role("button", name="Reached", exact=True).click()
    visitor.page.get_by_role("button", name="Undo", exact=True).wait_for()
    assert_accessible(visitor.page)
