"""A visitor of the sample page, and what happens to their request."""

import re
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.deployed import Deployed, eventually, somebodys_phone

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SIZES: Final = {"phone": {"width": 320, "height": 640}, "desktop": {"width": 1280, "height": 900}}

# The values of the form besides the name, the phone number and the message.
_CHOSEN = {"asking_for": "self", "patient_is_adult": "yes", "preferred_contact": "phone", "voicemail_ok": "no"}
_SELECTED = {"best_time": "evening", "time_zone": "America/Denver", "interest": "anxiety", "location": "riverside"}
_TICKED = {"symptoms": "insomnia", "health_notes": "discuss_on_call", "consent_contact": "yes"}


# The values of the short forms besides the name, the phone number and the message.
_SHORT: Final[dict[str, dict[str, str]]] = {"reply": {}, "callback": {"best_time": "evening"}}


@dataclass(frozen=True)
class Visitor:
    """A person with a unique name and number, so tests can find their request. They use one `form` of the page."""

    page: "Page"
    site: str
    deployed: Deployed
    scripts: bool
    form: str = "consultation"
    language: str = "en"
    name: str = field(default_factory=lambda: f"Bo Example {uuid.uuid4().hex[:12]}")
    phone: str = field(default_factory=somebodys_phone)

    @property
    def message(self) -> str:
        return f"I would like to ask about a consultation.\nRegards, {self.name}"

    def control(self, name: str, value: str | None = None) -> "Locator":
        choice = f'[value="{value}"]' if value is not None else ""
        return self.the_form.locator(f'[name="{name}"]:not([type="hidden"]){choice}')

    @property
    def the_form(self) -> "Locator":
        """The form on the sample page, or the one on a page that asks for corrections."""
        return self.page.locator(f"#{self.form} form, form[action=consultations]")

    # ---- what they do

    def open(self) -> None:
        self.page.goto(self.site if self.language == "en" else f"{self.site}/{self.language}")

    def ask_the_api_for(self, path: str) -> None:
        """Open a page of the API in the visitor's language."""
        self.page.goto(f"{self.deployed.stack.api}{path}{'&' if '?' in path else '?'}lang={self.language}")

    def fill_in_short(self) -> None:
        """Fill in a short form."""
        self.control("name").fill(self.name)
        self.control("phone").fill(self.phone)
        if self.form == "reply":
            self.control("message").fill(self.message)
        for name, value in _SHORT[self.form].items():
            self.control(name).select_option(value)
        self.control("consent_contact").check()

    def fill_in(self, phone: str | None = None) -> None:
        folded = self.the_form.locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click()
        self.control("name").fill(self.name)
        self.control("phone").fill(phone or self.phone)
        self.control("message").fill(self.message)
        for name, value in (_CHOSEN | _TICKED).items():
            self.control(name, value).check()
        for name, value in _SELECTED.items():
            self.control(name).select_option(value)

    def send(self) -> None:
        self.the_form.locator("button[type=submit]").click()

    # ---- what they see

    def is_thanked(self) -> None:
        """With scripts, the page shows the thanks and the reference. Without, the clinic's thank-you page opens."""
        if self.scripts:
            self.page.locator(".consultation-thanks .reference").wait_for()
        else:
            self.page.wait_for_url(f"{self.site}/thank-you")
        self.page.get_by_role("heading", name=re.compile("We.have your request")).wait_for()

    def has_lost_nothing(self, phone: str | None = None) -> None:
        """The form still shows all that was filled in."""
        assert self.control("name").input_value() == self.name
        assert self.control("phone").input_value() == (phone or self.phone)
        assert self.control("message").input_value() == self.message
        for name, value in (_CHOSEN | _TICKED).items():
            assert self.control(name, value).is_checked(), name
        for name, value in _SELECTED.items():
            assert self.control(name).input_value() == value

    def needs_no_sideways_scrolling(self) -> None:
        # Playwright can evaluate this even with the page's scripts off.
        assert self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    # ---- what the clinic sees

    def leads(self) -> list[dict[str, Any]]:
        return [lead for lead in self.deployed.leads() if lead["name"] == {"S": self.name}]

    def is_one_lead_and_one_alert(self) -> str:
        """Assert that their request is stored and alerted once, however often it was sent. Return its reference."""
        (lead,) = eventually(self.leads, within=20)
        reference = str(lead["reference"]["S"])
        self.deployed.the_alert(reference)
        time.sleep(0.5)  # a second alert would arrive just as fast
        assert len(self.leads()) == 1
        self.deployed.the_alert(reference)
        return reference
