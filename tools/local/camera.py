"""Takes screenshots of pages and emails with Chromium, and keeps those that a doc shows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.local.pictures import IMAGES, SCALE, shown, smaller

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Look(NamedTuple):
    """Settings of a screenshot. `name` is the end of its file name."""

    name: str
    size: dict[str, int]
    scheme: str


_SMALL = {"width": 390, "height": 844}
PHONE = Look("phone", _SMALL, "light")
PHONE_DARK = Look("phone-dark", _SMALL, "dark")
DESKTOP = Look("desktop", {"width": 1100, "height": 800}, "light")
ON_PHONES = (PHONE, PHONE_DARK)


@dataclass(frozen=True, slots=True)
class Camera:
    """A browser that takes screenshots."""

    chromium: "Browser"

    def page(self, look: Look, **more: Any) -> "Page":  # noqa: ANN401 - Playwright's own options
        """Return a new browser page."""
        looks: dict[str, Any] = {"viewport": look.size, "color_scheme": look.scheme, "device_scale_factor": SCALE}
        return self.chromium.new_page(**looks, **more)

    def email(self, name: str, html: str) -> None:
        """Take screenshots of an email's HTML part, which email clients show."""
        for look in ON_PHONES:
            page = self.page(look)
            page.set_content(html)
            keep(page.locator(".card").screenshot(), name, look)
            page.close()


def open_page(page: "Page", name: str) -> None:
    """Take screenshots of an open page. Opening it again would show another result."""
    page.locator("h1").wait_for()
    for look in ON_PHONES:
        page.emulate_media(color_scheme="dark" if look is PHONE_DARK else "light")
        keep(page.locator("main").screenshot(), name, look)
    page.emulate_media(color_scheme="light")


def keep(png: bytes, name: str, look: Look) -> None:
    """Write a picture to docs/images if a doc shows it."""
    path = IMAGES / f"{name}-{look.name}.png"
    if path in shown():
        path.write_bytes(smaller(png))
