"""A person's data at the desk in a browser: what a manager sees, exports and erases, and a consent withdrawn."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import BOT, Asked, Colleague, somebody_asks
from tests.browser.test_accessibility import assert_accessible
from tests.browser.visitor import SIZES
from tests.deployed import Deployed
from tests.desk import MANAGER, NURSE
from tests.drills.drill import schedule
from tools.local.parameters import Account

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

type OpenPage = Callable[..., AbstractContextManager["Page"]]


@pytest.fixture(autouse=True, scope="module")
def _time_stands_still(deployed: Deployed) -> Iterator[None]:
    """Turn the sweep off: emails that are due later would change what is stored."""
    with schedule(deployed, on=False):
        yield


@dataclass(frozen=True)
class Manager(Colleague):
    """A manager at the desk. Without scripts in the browser, axe cannot check a page."""

    account: Account = MANAGER
    scripts: bool = True

    def checks(self) -> None:
        """The open page fits the screen and is accessible."""
        if self.scripts:
            assert_accessible(self.page)
        self.needs_no_sideways_scrolling()


@pytest.fixture(params=["phone dark", "desktop light", "phone light without scripts"])
def manager(request: pytest.FixtureRequest, a_page: OpenPage, deployed: Deployed) -> Iterator[Manager]:
    size, color, *without = request.param.split(" ", 2)
    with a_page(viewport=SIZES[size], color_scheme=color, java_script_enabled=not without) as page:
        yield Manager(page, deployed, scripts=not without).signs_in()


@pytest.fixture
def nurse(a_page: OpenPage, deployed: Deployed) -> Iterator[Colleague]:
    with a_page(viewport=SIZES["phone"], java_script_enabled=False) as page:
        yield Colleague(page, deployed, NURSE).signs_in()


@pytest.fixture
def asked(deployed: Deployed) -> Asked:
    """A new request."""
    return somebody_asks(deployed)


@pytest.fixture
def spam(deployed: Deployed, asked: Asked) -> Asked:
    """Another request of the same person, which is in quarantine."""
    same = {name: asked.fields[name] for name in ("name", "email", "phone")}
    return somebody_asks(deployed, told=False, **same, **BOT)


def follows(manager: Manager, label: str) -> None:
    with manager.page.expect_navigation():
        manager.page.get_by_role("link", name=label).click()
    manager.checks()


def opens_person(manager: Manager, asked: Asked) -> None:
    """Open a request, and go on to everything about its person."""
    manager.reads(asked)
    manager.page.locator("summary").get_by_text("Legal hold, and this person", exact=False).click()
    follows(manager, "This person\u2019s data")


def test_everything_about_a_person(manager: Manager, asked: Asked, spam: Asked) -> None:
    opens_person(manager, asked)
    rows = manager.page.locator(".requests > li")
    expect(rows).to_have_count(2)
    for each in (asked, spam):
        row = rows.filter(has_text=each.reference)
        expect(row.get_by_role("link", name=each.reference)).to_be_visible()
        expect(row).to_contain_text(asked.name)
    expect(rows.filter(has_text=spam.reference)).to_contain_text("In quarantine")
    expect(rows.filter(has_text=asked.reference)).to_contain_text("Until it is closed")


@pytest.mark.parametrize(("label", "ending"), [("Export to read (HTML)", "html"), ("Export for a program", "json")])
def test_export(  # noqa: PLR0913, PLR0917 - the fixtures
    manager: Manager, asked: Asked, spam: Asked, label: str, ending: str, tmp_path: "Path", a_page: OpenPage
) -> None:
    opens_person(manager, asked)
    with manager.page.expect_download() as saved:
        manager.page.get_by_role("button", name=label).click()
    name = saved.value.suggested_filename
    assert name.startswith(f"person-{asked.reference}-")
    assert name.endswith(f".{ending}")
    saved.value.save_as(file := tmp_path / name)
    text = file.read_text("utf-8")
    for each in (asked, spam):
        assert each.reference in text
    assert asked.name in text
    if ending == "json":
        assert json.loads(text)
    else:
        with a_page(viewport=SIZES["phone"]) as page:
            page.set_content(text)
            assert_accessible(page)


def test_erase(manager: Manager, asked: Asked, spam: Asked) -> None:
    opens_person(manager, asked)
    follows(manager, "Erase requests of this person")
    boxes = manager.page.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    expect(manager.page.get_by_text("This cannot be undone.")).to_be_visible()
    manager.page.get_by_role("checkbox", name=spam.reference).uncheck()
    manager.presses("Erase the chosen requests")
    expect(manager.page.get_by_role("heading", level=1)).to_have_text("Erasures")
    manager.checks()
    row = manager.page.locator(".requests > li").filter(has_text=asked.reference)
    expect(row).to_contain_text(f"search for {asked.reference}.")
    expect(row).to_contain_text("by you")
    expect(row).not_to_contain_text(asked.name)
    expect(row).not_to_contain_text(spam.reference)


def test_nothing_is_erased_without_a_choice(manager: Manager, asked: Asked) -> None:
    manager.opens(f"/people/{asked.lead_id}/erase")
    manager.page.get_by_role("checkbox").uncheck()
    manager.presses("Erase the chosen requests")
    manager.is_refused("No request is chosen")
    manager.checks()


def test_a_legal_hold(manager: Manager, asked: Asked) -> None:
    manager.unfolded["Put it under legal hold"] = manager.unfolded["End the legal hold"] = (
        "Legal hold, and this person\u2019s data"
    )
    manager.reads(asked)
    manager.unfolds("Put it under legal hold")
    manager.page.get_by_label("Why it must be kept").fill("A lawyer asked us to keep it.")
    manager.presses("Put it under legal hold")
    manager.is_told("The request is under legal hold.")
    manager.checks()
    assert manager.fact("Kept") == "Kept until the hold ends"
    expect(manager.page.get_by_role("region", name="Under legal hold")).to_contain_text("A lawyer asked us to keep it.")
    manager.opens(f"/people/{asked.lead_id}/erase")
    expect(manager.page.get_by_text("All requests are under legal hold")).to_be_visible()
    expect(manager.button("Erase the chosen requests")).to_have_count(0)
    manager.checks()
    manager.reads(asked)
    manager.presses("End the legal hold")
    manager.is_told("The legal hold ended.")


def test_a_withdrawn_consent(nurse: Colleague, asked: Asked, spam: Asked) -> None:
    nurse.unfolded["Save the withdrawal"] = "A consent is withdrawn"
    nurse.reads(asked)
    nurse.unfolds("Save the withdrawal")
    nurse.page.get_by_label("What they no longer want").select_option("consent_contact")
    nurse.page.get_by_label("How they said so").select_option("phone")
    nurse.presses("Save the withdrawal")
    nurse.is_told("The withdrawal is saved. It counts for 2 requests of this person.")
    nurse.needs_no_sideways_scrolling()
    nurse.stored(asked, response="closed", last_action="not_wanted")
    for each in (spam, asked):
        nurse.reads(each)
        assert "The person withdrew the consent to be contacted by phone" in nurse.timeline
        for scheme in ("tel", "sms", "mailto"):
            expect(nurse.page.locator(f"main a[href^='{scheme}:']")).to_have_count(0)
    nurse.presses("Undo the withdrawal")
    nurse.is_told("The consent counts again for 2 requests of this person.")
    nurse.stored(asked, response="claimed")


def test_a_nurse_finds_no_page_about_a_person(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    expect(nurse.page.get_by_role("link", name="This person\u2019s data")).to_have_count(0)
    nurse.opens(f"/people/{asked.lead_id}")
    expect(nurse.page.get_by_role("heading", level=1)).to_have_text("This page is for managers")
