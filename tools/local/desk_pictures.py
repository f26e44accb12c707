"""The scenes at the desk for the screenshots: a nurse reads the lists, and works on a request with a colleague."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tools.local.camera import DESKTOP, ON_PHONES, Camera, Look, keep
from tools.local.parameters import Account
from tools.local.rehearsal import Rehearsal

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A page on a phone may be long. This part of it, in CSS pixels, is enough to recognize it.
_TALLEST = 1_250


def at_the_desk(camera: Camera, desk: Rehearsal) -> None:
    """Take screenshots of the pages of the desk. Earlier scenes left requests on its lists."""
    nurse, manager = desk.endpoints.accounts
    reference = _a_request(desk)
    colleague = _signed_in(camera, desk, manager)
    _find(colleague, reference)
    _write_note(colleague, "Avery called while I was on another line. I said that you will call back today.")
    colleague.close()

    page = _signed_in(camera, desk, nurse)
    _find(page, reference)
    page.get_by_role("button", name="No answer", exact=True).click()
    _write_note(page, "Her sister answered. I only asked when Avery is back: after 5 PM.")
    _follow_up(page, "17:30")
    address = page.url.partition("?")[0]
    for look in (DESKTOP, *ON_PHONES):
        _take(page, desk.endpoints.desk, "desk-list", look)
        _take(page, address, "desk-request", look)
    page.close()


def _a_request(desk: Rehearsal) -> str:
    """Send two requests of one person, who asks again after a week. Return the reference of the second one."""
    person = {"name": "Avery Example", "phone": "(503) 555-0179", "email": "avery@example.com"}
    first = desk.write(**person, message="Do you have appointments in the evening?")
    desk.answer(desk.mail(first, "New"), "Reached")
    desk.let_pass(first, timedelta(days=8))
    second = desk.write(
        **person,
        asking_for="self",
        preferred_contact="phone",
        best_time="evening",
        voicemail_ok="no",
        discreet="yes",
        interest="depression",
        message="I have tried two medications, and neither helped for long.\nMay I talk to somebody about it?",
    )
    desk.mail(second, "New")
    desk.let_pass(second, timedelta(minutes=11))
    return second


def _signed_in(camera: Camera, desk: Rehearsal, account: Account) -> "Page":
    """Return a page in a browser where somebody is signed in."""
    page = camera.page(DESKTOP)
    page.goto(desk.endpoints.desk)
    page.get_by_label("Username").fill(account.email)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("header").get_by_text(account.email).wait_for()
    return page


def _find(page: "Page", reference: str) -> None:
    page.get_by_role("searchbox", name="Find a request").fill(reference)
    page.get_by_role("search").get_by_role("button", name="Find").click()
    page.locator("h2#do").wait_for()


def _write_note(page: "Page", text: str) -> None:
    page.get_by_label("Note", exact=True).fill(text)
    page.get_by_role("button", name="Add the note").click()
    page.get_by_text("Your note was added.").wait_for()


def _follow_up(page: "Page", clock: str) -> None:
    page.locator("summary").get_by_text("Follow-up", exact=True).click()
    page.get_by_label("Time", exact=True).fill(clock)
    page.get_by_role("button", name="Set the follow-up").click()
    page.get_by_text("The follow-up is set.").wait_for()


def _take(page: "Page", address: str, name: str, look: Look) -> None:
    """Open a page in the size and the colors of a look, and take a screenshot of its upper part."""
    page.set_viewport_size({"width": look.size["width"], "height": look.size["height"]})
    page.emulate_media(color_scheme="dark" if look.scheme == "dark" else "light")
    page.goto(address)
    page.locator("h1").wait_for()
    height = min(_TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
    part = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": look.size["width"], "height": height})
    keep(part, name, look)
