"""`make screenshots`: takes the screenshots for the README and the docs from a real run."""

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tools.local.camera import DESKTOP, PHONE, PHONE_DARK, Camera, Look, keep
from tools.local.chromium import browser
from tools.local.desk_pictures import at_the_desk
from tools.local.emulator import ROOT
from tools.local.local import Endpoints, throwaway_system
from tools.local.pictures import IMAGES
from tools.local.progress import complain, say, step
from tools.local.rehearsal import NothingCameError, Rehearsal
from tools.local.staff_at_work import (
    a_colleague_helps,
    claim_and_reach,
    emails_about_unclaimed,
    many_at_once,
    others_in_the_digest,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page


class _Visit(NamedTuple):
    """One visitor. Each has their own `phone`, because a second request from the same person waits."""

    look: Look
    phone: str


_VISITS = (
    _Visit(PHONE, "(202) 555-0161"),
    _Visit(PHONE_DARK, "(202) 555-0162"),
    _Visit(DESKTOP, "(202) 555-0163"),
)


def screenshots() -> int:
    """Send made-up requests, respond as staff, and take a screenshot of every page and email that a doc shows."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with throwaway_system() as endpoints, browser() as chromium:
        try:
            _take_all(Camera(chromium), endpoints)
        except NothingCameError as error:
            complain(str(error))
            return 1
    say(f"The screenshots are in {IMAGES.relative_to(ROOT)}/.")
    return 0


def _take_all(camera: Camera, endpoints: Endpoints) -> None:
    desk = Rehearsal(endpoints)
    with step("Taking screenshots of the pages for visitors"):
        references = [_visit(camera, endpoints, visit) for visit in _VISITS]
        camera.email("alert", desk.mail(references[0], "New")["BodyHtml"])
        for reference, minutes in zip(references[1:], (18, 41), strict=True):
            desk.let_pass(reference, timedelta(minutes=minutes))
            desk.answer(desk.mail(reference, "New"), "Reached")
    with step("Taking screenshots of the short forms"):
        _short_forms(camera, endpoints, desk)
    with step("Taking screenshots of the emails about unclaimed requests"):
        emails_about_unclaimed(camera, desk)
    with step("Taking screenshots of the pages and emails about a claimed request"):
        claim_and_reach(camera, desk)
        a_colleague_helps(camera, desk)
    with step("Taking screenshots of the digest"):
        others_in_the_digest(desk)
        camera.email("digest", desk.digest()["BodyHtml"])
    with step("Taking screenshots of the summary"):
        many_at_once(camera, desk)
    with step("Taking screenshots of the desk"):
        at_the_desk(camera, desk)


def _visit(camera: Camera, endpoints: Endpoints, visit: _Visit) -> str:
    """Send a request through the sample page, take screenshots of each step, and return the reference."""
    look, phone = visit
    _without_scripts(camera.page(look, java_script_enabled=False), endpoints, look)
    page = camera.page(look)
    page.goto(endpoints.site)
    keep(page.screenshot(), "page", look)
    _fill_in(page, phone)
    keep(page.locator("#consultation form").screenshot(), "form", look)
    page.locator("#consultation form").evaluate("form => form.scrollIntoView()")
    keep(page.screenshot(), "form-start", look)
    page.wait_for_timeout(3_000)  # as long as a person needs; a faster sender looks like spam
    page.locator("#consultation button[type=submit]").click()
    reference = page.locator(".consultation-thanks .reference").inner_text()
    keep(page.screenshot(), "thank-you", look)
    page.close()
    return reference


def _without_scripts(page: "Page", endpoints: Endpoints, look: Look) -> None:
    """Take a screenshot of the page that asks for corrections in a browser without scripts."""
    page.goto(endpoints.site)
    _fill_in(page, phone="12")
    page.locator("#consultation button[type=submit]").click()
    page.locator("[role=alert]").wait_for()
    keep(page.screenshot(), "again", look)
    page.close()


def _fill_in(page: "Page", phone: str) -> None:
    form = page.locator("form:has([name=interest])")  # the consultation form, on the sample page or the API's
    form.locator("[name=asking_for][value=self]").check()
    form.locator("[name=patient_is_adult][value=yes]").check()
    form.locator("[name=name]").fill("Robin Example")
    form.locator("[name=phone]").fill(phone)
    form.locator("[name=email]").fill(f"robin{phone[-2:]}@example.com")
    form.locator("[name=preferred_contact][value=phone]").check()
    form.locator("[name=best_time]").select_option("evening")
    form.locator("[name=interest]").select_option("depression")
    form.locator("[name=message]").fill("I would like to ask about a consultation.")
    form.locator("[name=consent_contact]").check()


def _short_forms(camera: Camera, endpoints: Endpoints, desk: Rehearsal) -> None:
    """Take screenshots of the short forms, send a reply, and take screenshots of its alert."""
    page = camera.page(PHONE)
    page.goto(endpoints.site)
    for name in ("callback", "reply"):
        form = page.locator(f"#{name} form")
        form.locator("[name=name]").fill("Robin Example")
        form.locator("[name=phone]").fill("(202) 555-0164")
        form.locator("[name=consent_contact]").check()
        if name == "reply":
            form.locator("[name=message]").fill("Is this covered by insurance?")
        keep(form.screenshot(), name, PHONE)
    page.wait_for_timeout(3_000)  # as long as a person needs
    page.locator("#reply button[type=submit]").click()
    reference = page.locator(".consultation-thanks .reference").inner_text()
    page.close()
    alert = desk.mail(reference, "New")
    camera.email("alert-reply", alert["BodyHtml"])
    desk.answer(alert, "Reached")
