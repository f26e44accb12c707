import re
from typing import TYPE_CHECKING

from tests.deployed import Deployed, eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page


def fill_in(page: "Page", name: str) -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=phone]").fill("(202) 555-0164")
    page.locator("[name=message]").fill("I would like to ask about a consultation.")
    page.locator("[name=consent_contact]").check()


def test_a_visitor_fills_in_the_page_and_staff_find_the_mail(
    page: "Page", site: str, mailbox: str, deployed: Deployed
) -> None:
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.goto(site)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    fill_in(page, "Bo Example")
    page.locator("form button[type=submit]").click()

    page.wait_for_url(re.compile("/thank-you"))
    reference = page.locator(".reference").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.reload()  # posts nothing again
    assert page.locator(".reference").inner_text() == reference

    eventually(lambda: deployed.mails(reference), within=20)
    page.goto(mailbox)
    page.get_by_text(reference).first.click()
    mail = page.frame_locator("iframe").locator("body")
    assert "Bo Example" in mail.inner_text()
    assert "+1 202-555-0164" in mail.inner_text()
    assert len(deployed.mails(reference)) == 1
    assert [url for url in asked_for if not url.startswith(("http://127.0.0.1:", "data:", "about:"))] == []


def test_a_form_that_needs_mending_comes_back_with_what_to_mend(page: "Page", site: str) -> None:
    page.goto(site)
    page.locator("form").evaluate("form => form.noValidate = true")
    fill_in(page, "Cy Example")
    page.locator("[name=phone]").fill("12")
    page.locator("form button[type=submit]").click()

    page.get_by_text("This does not look like a phone number").wait_for()
    assert page.get_by_text("988").first.is_visible()

    page.go_back()
    assert page.locator("[name=name]").input_value() == "Cy Example"
