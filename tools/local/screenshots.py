"""`make screenshots`: takes the screenshots for the README and the docs from a real run."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.local.chromium import browser
from tools.local.emulator import ROOT
from tools.local.local import Endpoints, throwaway_system
from tools.local.parameters import FALLBACK, RECIPIENTS
from tools.local.pictures import IMAGES, SCALE, shown, smaller
from tools.local.progress import complain, say, step
from tools.local.rehearsal import NothingCameError, Rehearsal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class _Look(NamedTuple):
    """Settings of a screenshot. Each has its own `phone`, because a second request from the same person waits."""

    name: str
    size: dict[str, int]
    scheme: str
    phone: str


_PHONE = {"width": 390, "height": 844}
_DESKTOP = {"width": 1100, "height": 800}
_LOOKS = (
    _Look("phone", _PHONE, "light", "(202) 555-0161"),
    _Look("phone-dark", _PHONE, "dark", "(202) 555-0162"),
    _Look("desktop", _DESKTOP, "light", "(202) 555-0163"),
)
_ON_PHONES = _LOOKS[:2]


def screenshots() -> int:
    """Send made-up requests, respond as staff, and take a screenshot of every page and email that a doc shows."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with throwaway_system() as endpoints, browser() as chromium:
        try:
            _take_all(chromium, endpoints)
        except NothingCameError as error:
            complain(str(error))
            return 1
    say(f"The screenshots are in {IMAGES.relative_to(ROOT)}/.")
    return 0


def _take_all(chromium: "Browser", endpoints: Endpoints) -> None:
    desk = Rehearsal(endpoints)
    with step("Taking screenshots of the pages for visitors"):
        references = [_visit(chromium, endpoints, look) for look in _LOOKS]
        _photograph(chromium, "alert", desk.mail(references[0], "New")["BodyHtml"], _LOOKS)
        for reference, minutes in zip(references[1:], (18, 41), strict=True):
            desk.let_pass(reference, timedelta(minutes=minutes))
            desk.answer(desk.mail(reference, "New"), "Reached")
    with step("Taking screenshots of the pages and emails for staff"):
        for name, html in _mails(desk):
            _photograph(chromium, name, html, _ON_PHONES)
        _claim(chromium, desk)
        _photograph(chromium, "digest", desk.digest()["BodyHtml"], _ON_PHONES)


def _visit(chromium: "Browser", endpoints: Endpoints, look: _Look) -> str:
    """Send a request through the sample page, take screenshots of each step, and return the reference."""
    _without_scripts(_page(chromium, look, java_script_enabled=False), endpoints, look)
    page = _page(chromium, look)
    page.goto(endpoints.site)
    _keep(page.screenshot(), f"page-{look.name}")
    _fill_in(page, phone=look.phone)
    _keep(page.locator("form").screenshot(), f"form-{look.name}")
    page.locator("form").evaluate("form => form.scrollIntoView()")
    _keep(page.screenshot(), f"form-start-{look.name}")
    page.wait_for_timeout(3_000)  # as long as a person needs; a faster sender looks like spam
    page.locator("form button[type=submit]").click()
    reference = page.locator(".consultation-thanks .reference").inner_text()
    _keep(page.screenshot(), f"thank-you-{look.name}")
    page.close()
    return reference


def _without_scripts(page: "Page", endpoints: Endpoints, look: _Look) -> None:
    """Take a screenshot of the page that asks for corrections in a browser without scripts."""
    page.goto(endpoints.site)
    _fill_in(page, phone="12")
    page.locator("form button[type=submit]").click()
    page.locator("[role=alert]").wait_for()
    _keep(page.screenshot(), f"again-{look.name}")
    page.close()


def _fill_in(page: "Page", phone: str) -> None:
    page.locator("[name=in_crisis][value=no]").check()
    page.locator("[name=asking_for][value=self]").check()
    page.locator("[name=patient_is_adult][value=yes]").check()
    page.locator("[name=name]").fill("Robin Example")
    page.locator("[name=phone]").fill(phone)
    page.locator("[name=email]").fill(f"robin{phone[-2:]}@example.com")
    page.locator("[name=preferred_contact][value=phone]").check()
    page.locator("[name=best_time]").select_option("evening")
    page.locator("[name=interest]").select_option("depression")
    page.locator("[name=message]").fill("I would like to ask about a consultation.")
    page.locator("[name=consent_contact]").check()


def _mails(desk: Rehearsal) -> Iterator[tuple[str, str]]:
    """Yield the emails to staff except the first alert and the digest: a file name and the HTML of each."""
    urgent = desk.write(
        name="Jordan Example", phone="(303) 555-0171", asking_for="self", in_crisis="yes", voicemail_ok="yes"
    )
    yield "alert-urgent", desk.mail(urgent, "New")["BodyHtml"]

    # A person who writes a second time, three days later.
    person = {"name": "Taylor Example", "phone": "(312) 555-0172", "email": "taylor@example.com"}
    wish = {"preferred_contact": "email", "best_time": "morning", "interest": "ptsd"}
    first = desk.write(**person, **wish, message="Do you see people on Saturdays?")
    desk.let_pass(first, timedelta(minutes=12))
    desk.answer(desk.mail(first, "New"), "Reached")
    desk.let_pass(first, timedelta(days=3))
    second = desk.write(**person, **wish, message="I called you last week and have one more question.")
    yield "alert-repeat", desk.mail(second, "New")["BodyHtml"]
    desk.answer(desk.mail(second, "New"), "Reached")

    # A request that nobody claims.
    unclaimed = desk.write(
        name="Casey Example", phone="(404) 555-0173", voicemail_ok="no", discreet="yes", best_time="afternoon"
    )
    desk.let_pass(unclaimed, timedelta(minutes=16), due=True)
    desk.sweep()
    yield "reminder", desk.mail(unclaimed, "Reminder")["BodyHtml"]
    desk.let_pass(unclaimed, timedelta(minutes=46), due=True)
    desk.sweep()
    yield "escalation", desk.mail(unclaimed, "Unclaimed", to=FALLBACK[0])["BodyHtml"]

    # Spam, for the digest. People do not see the field "homepage".
    desk.write(name="Drew Example", phone="(512) 555-0174", homepage="https://spam.example.com/")


def _claim(chromium: "Browser", desk: Rehearsal) -> None:
    """Claim a request and record that nobody answered, through the links in the emails about it."""
    mine, colleagues = RECIPIENTS
    reference = desk.write(name="Morgan Example", phone="(415) 555-0175", voicemail_ok="yes", interest="anxiety")
    desk.let_pass(reference, timedelta(minutes=9))
    alert = desk.mail(reference, "New", to=mine)
    page = _page(chromium, _ON_PHONES[0])
    page.goto(desk.link(alert, "Claim this request"))
    _photograph_open(page, "claim-question")
    page.get_by_role("button", name="Claim this request").click()
    _photograph_open(page, "claim-claimed")
    page.goto(desk.link(desk.mail(reference, "New", to=colleagues), "Claim this request"))
    _photograph_open(page, "claim-refused")
    claimed = desk.mail(reference, "Claimed", to=colleagues)
    _photograph(chromium, "claimed", claimed["BodyHtml"], _ON_PHONES)
    page.goto(desk.link(alert, "No answer"))
    page.get_by_role("button", name="No answer").click()
    _photograph_open(page, "claim-no-answer")
    page.close()
    desk.let_pass(reference, timedelta(hours=2), due=True)
    desk.sweep()
    _photograph(chromium, "call-again", desk.mail(reference, "Time to try again")["BodyHtml"], _ON_PHONES)


def _photograph(chromium: "Browser", name: str, html: str, looks: tuple[_Look, ...]) -> None:
    """Take a screenshot of an email's HTML part, which email clients show."""
    for look in looks:
        page = _page(chromium, look)
        page.set_content(html)
        _keep(page.locator(".card").screenshot(), f"{name}-{look.name}")
        page.close()


def _photograph_open(page: "Page", name: str) -> None:
    """Take a screenshot of an open page. Opening it again would show another result."""
    page.locator("h1").wait_for()
    for look in _ON_PHONES:
        page.emulate_media(color_scheme="dark" if look.scheme == "dark" else "light")
        _keep(page.locator("main").screenshot(), f"{name}-{look.name}")
    page.emulate_media(color_scheme="light")


def _keep(png: bytes, name: str) -> None:
    """Write a picture to docs/images if a doc shows it."""
    path = IMAGES / f"{name}.png"
    if path in shown():
        path.write_bytes(smaller(png))


def _page(chromium: "Browser", look: _Look, **more: Any) -> "Page":  # noqa: ANN401 - Playwright's own options
    looks: dict[str, Any] = {"viewport": look.size, "color_scheme": look.scheme, "device_scale_factor": SCALE}
    return chromium.new_page(**looks, **more)
