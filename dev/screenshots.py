"""`make screenshots`: the pictures in the README and the docs, taken of a real run."""

from typing import TYPE_CHECKING, Any

from dev.chromium import browser
from dev.emulator import ROOT
from dev.local import Endpoints, throwaway_system
from dev.progress import say, step

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_IMAGES = ROOT / "docs" / "images"
_PHONE = {"width": 390, "height": 844}
_DESKTOP = {"width": 1100, "height": 800}


def screenshots() -> int:
    """Send a made-up request through the sample page and photograph each thing a person meets on the way."""
    _IMAGES.mkdir(parents=True, exist_ok=True)
    with throwaway_system() as endpoints, browser() as chromium, step("Taking the pictures"):
        for name, size, scheme in (
            ("phone", _PHONE, "light"),
            ("phone-dark", _PHONE, "dark"),
            ("desktop", _DESKTOP, "light"),
        ):
            _take(chromium, endpoints, name, size, scheme)
    say(f"The pictures are in {_IMAGES.relative_to(ROOT)}/.")
    return 0


def _take(chromium: "Browser", endpoints: Endpoints, name: str, size: dict[str, int], scheme: str) -> None:
    looks: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "device_scale_factor": 2}
    _without_scripts(chromium.new_page(**looks, java_script_enabled=False), endpoints, name)
    page = chromium.new_page(**looks)
    page.goto(endpoints.site)
    page.screenshot(path=_IMAGES / f"page-{name}.png")
    _fill_in(page, phone="(202) 555-0161")
    page.locator("form").screenshot(path=_IMAGES / f"form-{name}.png")
    page.wait_for_timeout(3_000)  # as a person would: whoever is quicker looks like a program
    page.locator("form button[type=submit]").click()
    reference = page.locator(".consultation-thanks .reference").inner_text()
    page.screenshot(path=_IMAGES / f"thank-you-{name}.png")
    page.goto(endpoints.mailbox)
    page.get_by_text(reference).first.wait_for(timeout=30_000)
    page.get_by_text(reference).first.click()
    # The mail itself, as a mail program shows it: its HTML part alone.
    html = page.locator("iframe").first.get_attribute("srcdoc") or ""
    page.set_content(html)
    page.locator(".card").screenshot(path=_IMAGES / f"alert-{name}.png")
    page.close()


def _without_scripts(page: "Page", endpoints: Endpoints, name: str) -> None:
    """Photograph what a person sees who has to change something and whose browser runs no scripts."""
    page.goto(endpoints.site)
    _fill_in(page, phone="12")
    page.locator("form button[type=submit]").click()
    page.locator("[role=alert]").wait_for()
    page.screenshot(path=_IMAGES / f"again-{name}.png")
    page.close()


def _fill_in(page: "Page", phone: str) -> None:
    page.locator("[name=in_crisis][value=no]").check()
    page.locator("[name=asking_for][value=self]").check()
    page.locator("[name=patient_is_adult][value=yes]").check()
    page.locator("[name=name]").fill("Robin Example")
    page.locator("[name=phone]").fill(phone)
    page.locator("[name=email]").fill("robin@example.com")
    page.locator("[name=preferred_contact][value=phone]").check()
    page.locator("[name=best_time]").select_option("evening")
    page.locator("[name=interest]").select_option("depression")
    page.locator("[name=message]").fill("I would like to ask about a consultation.")
    page.locator("[name=consent_contact]").check()
