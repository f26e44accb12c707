"""`make screenshots`: the pictures in the README and the docs, taken of a real run."""

from typing import TYPE_CHECKING

from dev.chromium import browser
from dev.emulator import ROOT
from dev.local import Endpoints, throwaway_system
from dev.progress import say, step

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
    page = chromium.new_page(viewport=size, color_scheme=scheme, device_scale_factor=2)  # type: ignore[arg-type] # the stubs want a TypedDict and a Literal
    page.goto(endpoints.site)
    page.screenshot(path=_IMAGES / f"page-{name}.png")
    page.locator("[name=name]").fill("Robin Example")
    page.locator("[name=phone]").fill("(202) 555-0161")
    page.locator("[name=email]").fill("robin@example.com")
    page.locator("[name=message]").fill("I would like to ask about a consultation.")
    page.locator("[name=best_time]").select_option("evening")
    page.locator("[name=consent_contact]").check()
    page.locator("form").screenshot(path=_IMAGES / f"form-{name}.png")
    page.locator("form button[type=submit]").click()
    page.screenshot(path=_IMAGES / f"thank-you-{name}.png")
    reference = page.locator(".reference").inner_text()
    page.goto(endpoints.mailbox)
    page.get_by_text(reference).first.wait_for(timeout=30_000)
    page.get_by_text(reference).first.click()
    # The mail itself, as a mail program shows it: its HTML part alone.
    html = page.locator("iframe").first.get_attribute("srcdoc") or ""
    page.set_content(html)
    page.locator(".card").screenshot(path=_IMAGES / f"alert-{name}.png")
    page.close()
