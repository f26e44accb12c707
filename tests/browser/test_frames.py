"""A form in a frame of the clinic's page: its visitor sees every answer, and nothing shows the pages of staff."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.deployed import Deployed, eventually, submission
from tools.local.ports import HOST
from tools.local.web import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_FORM = """<form method="post" action="{api}/consultations">
<input name="name" value="Robin Example"><input name="phone" value="{phone}">
<input name="patient_is_adult" value="yes"><input name="consent_contact" value="yes">
<input name="insurance" value="Aetna PPO"><button>Send</button></form>"""

# How a clinic's page may hold the frame with the form.
_FRAMES = {
    "a frame": '<iframe src="/form"></iframe>',
    "a sandboxed frame": '<iframe sandbox="allow-forms" src="/form"></iframe>',
    "a frame in a sandboxed frame": '<iframe sandbox="allow-forms" src="/nested"></iframe>',
    "a frame without an address": '<iframe srcdoc="{form}"></iframe>',
}


@contextmanager
def site(pages: dict[str, str]) -> Iterator[str]:
    """Serve `pages` by path, without any policy. Yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f'<!doctype html><link rel="icon" href="data:,">{body.decode()}'.encode())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with serving(ThreadingHTTPServer((HOST, 0), Handler)) as url:
        yield url


@pytest.mark.parametrize("kind", _FRAMES)
def test_a_visitor_sees_the_answers_in_the_frame(
    kind: str, a_page: Callable[..., AbstractContextManager["Page"]], deployed: Deployed
) -> None:
    form = _FORM.format(api=deployed.stack.api, phone="555-0142")
    pages = {
        "/": _FRAMES[kind].format(form=html.escape(form)),
        "/form": form,
        "/nested": '<iframe src="/form"></iframe>',
    }
    with site(pages) as url, a_page(viewport={"width": 800, "height": 900}) as page:
        page.goto(url)
        frame = page.frame_locator("iframe")
        if kind == "a frame in a sandboxed frame":
            frame = frame.frame_locator("iframe")
        frame.get_by_role("button", name="Send").click()

        frame.get_by_role("heading", name="Please check your request").wait_for()
        assert frame.locator("a[href='tel:988']").first.is_visible()
        frame.get_by_text("Aetna PPO").wait_for()
        frame.locator("input[name=phone]:not([type=hidden])").fill("202-555-0142")
        frame.get_by_role("button", name="Send it again").click()
        frame.get_by_role("heading", name=re.compile("We.have your request")).wait_for()
        assert frame.locator("a[href='tel:988']").first.is_visible()


def test_no_frame_shows_a_page_of_staff(chromium: "Browser", deployed: Deployed) -> None:
    reference = deployed.post_json(submission()).document["reference"]
    link = re.search(r"https?://\S+/claim/\S+", deployed.the_alert(reference)["BodyText"])
    assert link
    context = chromium.new_context()
    refused: list[str] = []
    context.on("console", lambda message: refused.append(message.text))
    with site({"/": f'<iframe src="{link[0]}"></iframe>'}) as url:
        page = context.new_page()
        page.goto(url)
        assert eventually(lambda: page.evaluate("document.querySelector('iframe').contentDocument === null"), within=10)
        assert not page.frame_locator("iframe").get_by_text(reference).count()
    context.close()
    assert any("frame-ancestors 'none'" in each for each in refused), refused


@pytest.mark.parametrize("path", ["/", "/consultations?name=Robin&message=Hello"])
@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_an_address_that_people_open_is_a_page(page: "Page", path: str, deployed: Deployed) -> None:
    page.goto(deployed.stack.api + path)
    assert page.locator("a[href='tel:988']").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_form_with_method_get_is_one_press_away(page: "Page", deployed: Deployed) -> None:
    form = _FORM.format(api=deployed.stack.api, phone="202-555-0142").replace('method="post"', 'method="get"')
    with site({"/": form}) as url:
        page.goto(url)
        page.get_by_role("button", name="Send").click()
        page.get_by_role("heading", name="Your request is not sent yet").wait_for()
        page.get_by_role("button", name="Send my request").click()
        page.get_by_role("heading", name=re.compile("We.have your request")).wait_for()


@pytest.mark.parametrize("path", ["/", "/Consultations", "/form/consultations"])
@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_form_that_posts_to_a_wrong_address_is_one_press_away(page: "Page", path: str, deployed: Deployed) -> None:
    form = _FORM.format(api=deployed.stack.api, phone="202-555-0142").replace("/consultations", path)
    with site({"/": form}) as url:
        page.goto(url)
        page.get_by_role("button", name="Send").click()
        page.get_by_role("heading", name="We don't have your request yet").wait_for()
        page.get_by_role("button", name="Send it again").click()
        page.get_by_role("heading", name=re.compile("We.have your request")).wait_for()
