"""`make screenshots`: the pictures in the README and the docs, taken of a real run."""

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
    """How a picture is taken. `phone` is a number of its own: whoever asks twice within minutes is alerted of later."""

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
    """Let made-up people send requests and staff act on them; photograph each page and email that a doc shows."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with throwaway_system() as endpoints, browser() as chromium:
        try:
            _take_all(chromium, endpoints)
        except NothingCameError as error:
            complain(str(error))
            return 1
    say(f"The pictures are in {IMAGES.relative_to(ROOT)}/.")
    return 0


def _take_all(chromium: "Browser", endpoints: Endpoints) -> None:
    desk = Rehearsal(endpoints)
    with step("Taking the pictures of what visitors meet"):
        references = [_visit(chromium, endpoints, look) for look in _LOOKS]
        _photograph(chromium, "alert", desk.mail(references[0], "New")["BodyHtml"], _LOOKS)
        for reference, minutes in zip(references[1:], (18, 41), strict=True):
            desk.let_pass(reference, timedelta(minutes=minutes))
            desk.answer(desk.mail(reference, "New"), "Reached them")
    with step("Taking the pictures of what staff meet"):
        for name, html in _mails(desk):
            _photograph(chromium, name, html, _ON_PHONES)
        _claim(chromium, desk)
        _photograph(chromium, "digest", desk.digest()["BodyHtml"], _ON_PHONES)


def _visit(chromium: "Browser", endpoints: Endpoints, look: _Look) -> str:
    """Send a request through the sample page, photograph all of the way, and return the reference."""
    _without_scripts(_page(chromium, look, java_script_enabled=False), endpoints, look)
    page = _page(chromium, look)
    page.goto(endpoints.site)
    _keep(page.screenshot(), f"page-{look.name}")
    _fill_in(page, phone=look.phone)
    _keep(page.locator("form").screenshot(), f"form-{look.name}")
    page.wait_for_timeout(3_000)  # as a person would: whoever is quicker looks like a program
    page.locator("form button[type=submit]").click()
    reference = page.locator(".consultation-thanks .reference").inner_text()
    _keep(page.screenshot(), f"thank-you-{look.name}")
    page.close()
    return reference


def _without_scripts(page: "Page", endpoints: Endpoints, look: _Look) -> None:
    """Photograph what a person sees who has to change something and whose browser runs no scripts."""
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
    """Yield the mails to staff but the first alert and the digest: a name for the picture, and the mail's HTML."""
    urgent = desk.write(
        name="Jordan Example", phone="(303) 555-0171", asking_for="self", in_crisis="yes", voicemail_ok="yes"
    )
    yield "alert-urgent", desk.mail(urgent, "New")["BodyHtml"]

    # Somebody who asks for the second time, three days after the first.
    person = {"name": "Taylor Example", "phone": "(312) 555-0172", "email": "taylor@example.com"}
    wish = {"preferred_contact": "email", "best_time": "morning", "interest": "ptsd"}
    first = desk.write(**person, **wish, message="Do you see people on Saturdays?")
    desk.let_pass(first, timedelta(minutes=12))
    desk.answer(desk.mail(first, "New"), "Reached them")
    desk.let_pass(first, timedelta(days=3))
    second = desk.write(**person, **wish, message="I called you last week and have one more question.")
    yield "alert-repeat", desk.mail(second, "New")["BodyHtml"]
    desk.answer(desk.mail(second, "New"), "Reached them")

    # Somebody whom nobody answers.
    unanswered = desk.write(
        name="Casey Example", phone="(404) 555-0173", voicemail_ok="no", discreet="yes", best_time="afternoon"
    )
    desk.let_pass(unanswered, timedelta(minutes=16), due=True)
    desk.sweep()
    yield "reminder", desk.mail(unanswered, "Reminder")["BodyHtml"]
    desk.let_pass(unanswered, timedelta(minutes=46), due=True)
    desk.sweep()
    yield "escalation", desk.mail(unanswered, "Unanswered", to=FALLBACK[0])["BodyHtml"]

    # A program, for the digest: people do not see the field "homepage".
    desk.write(name="Drew Example", phone="(512) 555-0174", homepage="https://spam.example.com/")


def _claim(chromium: "Browser", desk: Rehearsal) -> None:
    """Take a request and try to reach the person, by the links in the mails about it."""
    mine, colleagues = RECIPIENTS
    reference = desk.write(name="Morgan Example", phone="(415) 555-0175", voicemail_ok="yes", interest="anxiety")
    desk.let_pass(reference, timedelta(minutes=9))
    alert = desk.mail(reference, "New", to=mine)
    page = _page(chromium, _ON_PHONES[0])
    page.goto(desk.link(alert, "I'll take it"))
    _photograph_open(page, "claim-question")
    page.get_by_role("button").click()
    _photograph_open(page, "claim-taken")
    page.goto(desk.link(desk.mail(reference, "New", to=colleagues), "I'll take it"))
    _photograph_open(page, "claim-refused")
    taken = desk.mail(reference, "Taken", to=colleagues)
    _photograph(chromium, "taken", taken["BodyHtml"], _ON_PHONES)
    page.goto(desk.link(alert, "No answer, try again later"))
    page.get_by_role("button").click()
    _photograph_open(page, "claim-no-answer")
    page.close()
    desk.let_pass(reference, timedelta(hours=2), due=True)
    desk.sweep()
    _photograph(chromium, "call-again", desk.mail(reference, "Time to try again")["BodyHtml"], _ON_PHONES)


def _photograph(chromium: "Browser", name: str, html: str, looks: tuple[_Look, ...]) -> None:
    """Photograph a mail as a mail program shows it: its HTML part alone."""
    for look in looks:
        page = _page(chromium, look)
        page.set_content(html)
        _keep(page.locator(".card").screenshot(), f"{name}-{look.name}")
        page.close()


def _photograph_open(page: "Page", name: str) -> None:
    """Photograph a page that cannot be opened once more, because what it shows was done by opening it."""
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
