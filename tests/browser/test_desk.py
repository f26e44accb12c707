"""The desk in a browser: signing in and out, the lists, finding a request, and pages that anybody can use."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import (
    BOT,
    TEMPORARY,
    Colleague,
    a_surname,
    an_account,
    nobody_hears_of,
    remove,
    somebody_asks,
)
from tests.browser.test_accessibility import assert_accessible
from tests.browser.visitor import SIZES
from tests.deployed import Deployed
from tests.desk import MANAGER, NURSE, later
from tests.drills.drill import schedule

if TYPE_CHECKING:
    from playwright.sync_api import Page

type OpenPage = Callable[..., AbstractContextManager["Page"]]


@pytest.fixture(params=["phone without scripts", "desktop"])
def somebody(request: pytest.FixtureRequest, a_page: OpenPage, deployed: Deployed) -> Iterator[Colleague]:
    """A nurse at her browser, who is not signed in yet."""
    size, _, without = request.param.partition(" ")
    with a_page(viewport=SIZES[size], java_script_enabled=not without) as page:
        yield Colleague(page, deployed)


@pytest.fixture
def nurse(somebody: Colleague) -> Colleague:
    """The same, signed in."""
    return somebody.signs_in()


# ---- signing in and out


def test_a_nurse_signs_in_and_sees_the_requests(somebody: Colleague) -> None:
    somebody.signs_in()
    expect(somebody.page.get_by_role("heading", name="Open requests")).to_be_visible()
    expect(somebody.page.get_by_role("link", name="Audit")).to_have_count(0)


def test_a_wrong_password_shows_nothing(somebody: Colleague) -> None:
    somebody.opens()
    somebody.types_password("not-the-password-1A")
    expect(somebody.page.get_by_text("Incorrect username or password.")).to_be_visible()
    somebody.types_password()
    somebody.is_in()


def test_a_new_colleague_chooses_a_password(a_page: OpenPage, deployed: Deployed) -> None:
    with an_account(deployed, temporary=True) as account, a_page(viewport=SIZES["phone"]) as page:
        new = Colleague(page, deployed, account)
        new.opens()
        new.types_password(TEMPORARY)
        page.get_by_label("New password", exact=True).fill("short")
        page.get_by_label("Confirm new password").fill("short")
        page.get_by_role("button", name="Update password").click()
        expect(page.get_by_text("Password must have length greater than or equal to 12")).to_be_visible()
        for label in ("New password", "Confirm new password"):
            page.get_by_label(label, exact=True).fill("my-own-password-2B")
        page.get_by_role("button", name="Update password").click()
        new.is_in()
        new.signs_out()
        new.opens()
        new.types_password("my-own-password-2B")
        new.is_in()


def test_an_account_without_a_role_sees_nothing(a_page: OpenPage, deployed: Deployed) -> None:
    with an_account(deployed, role=None) as account, a_page(viewport=SIZES["phone"]) as page:
        nobody = Colleague(page, deployed, account)
        nobody.opens()
        nobody.types_password()
        expect(page.get_by_role("heading", name="Your account has no role here")).to_be_visible()
        expect(page.get_by_text(account.email)).to_be_visible()
        assert_accessible(page)


def test_a_link_in_an_alert_leads_through_the_sign_in_to_the_request(somebody: Colleague) -> None:
    asked = somebody_asks(somebody.deployed)
    alert = next(mail for mail in somebody.deployed.emails(asked.reference) if mail["To"] == [NURSE.email])
    somebody.follows_link(alert, "Open at the desk")
    somebody.is_asked_to_sign_in()
    assert asked.name not in somebody.page.content()
    somebody.types_password()
    expect(somebody.page.get_by_role("heading", level=1)).to_have_text(asked.name)
    expect(somebody.page.get_by_text(str(asked.fields["message"]))).to_be_visible()

    # Signed in, the same link needs no password.
    somebody.follows_link(alert, "Open at the desk")
    expect(somebody.page.get_by_role("heading", level=1)).to_have_text(asked.name)


@pytest.mark.parametrize(
    ("by", "moments"),
    [(timedelta(minutes=16), ("seen_at",)), (timedelta(hours=8, minutes=1), ("signed_in_at",))],
    ids=["idle", "eight hours"],
)
def test_a_session_ends(nurse: Colleague, by: timedelta, moments: tuple[str, ...]) -> None:
    asked = somebody_asks(nurse.deployed)
    nurse.reads(asked)
    later(nurse.deployed, by, *moments)
    nurse.writes_note("She asked for the entrance with a ramp.")
    expect(nurse.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(nurse.page.get_by_text("Nothing was changed.")).to_be_visible()
    assert asked.name not in nurse.page.content()
    nurse.page.get_by_role("link", name="Sign in").click()
    nurse.types_password()
    nurse.reads(asked)
    assert "ramp" not in nurse.timeline


def test_a_page_of_an_ended_session_leads_back_to_itself(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed)
    nurse.reads(asked)
    later(nurse.deployed, timedelta(minutes=16), "seen_at")
    nurse.page.reload()
    nurse.is_asked_to_sign_in()
    nurse.types_password()
    expect(nurse.page.get_by_role("heading", level=1)).to_have_text(asked.name)


def test_a_removed_account_is_out(a_page: OpenPage, deployed: Deployed) -> None:
    with an_account(deployed) as account, a_page(viewport=SIZES["desktop"]) as page:
        former = Colleague(page, deployed, account).signs_in()
        remove(deployed, account)
        later(deployed, timedelta(minutes=6), "checked_at")
        page.reload()
        former.is_asked_to_sign_in()
        former.types_password()
        expect(page.get_by_text("User is disabled.")).to_be_visible()


def test_after_sign_out_the_back_button_shows_nothing(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed)
    nurse.reads(asked)
    nurse.signs_out()
    for _ in range(3):
        nurse.page.go_back()
        assert asked.name not in nurse.page.content()
        assert asked.reference not in nurse.page.content()
    nurse.opens(asked.path)
    nurse.is_asked_to_sign_in()


def test_a_form_of_an_earlier_sign_in_is_not_accepted(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed)
    nurse.reads(asked)
    other = Colleague(nurse.page.context.new_page(), nurse.deployed, MANAGER)
    other.opens()
    other.signs_out()
    other.signs_in()
    nurse.presses("Claim this request")
    expect(nurse.page.get_by_role("heading", name="We couldn't accept this form")).to_be_visible()
    nurse.stored(asked, response="open")


# ---- the lists


def test_the_lists_have_each_request_once_and_count_it(nurse: Colleague) -> None:
    with schedule(nurse.deployed, on=False):
        nurse.opens()
        before = {tab: nurse.count(tab) for tab in ("Open", "Mine", "Urgent", "Spam", "Undelivered", "Closed")}
        calm, urgent = somebody_asks(nurse.deployed), somebody_asks(nurse.deployed, in_crisis="yes")
        spam = somebody_asks(nurse.deployed, told=False, **BOT)
        unheard = somebody_asks(nurse.deployed)
        nobody_hears_of(nurse.deployed, unheard)
        mine, closed = somebody_asks(nurse.deployed), somebody_asks(nurse.deployed)
        nurse.reads(mine)
        nurse.presses("Claim this request")
        nurse.reads(closed)
        nurse.presses("Reached")

        nurse.opens()
        new = {"Open": 3, "Mine": 1, "Urgent": 1, "Spam": 1, "Undelivered": 1, "Closed": 1}
        for tab, count in before.items():
            if "+" not in count:
                expect(nurse.tab(tab).locator(".count")).to_have_text(_counted(int(count) + new[tab]))

        everything = (calm, urgent, spam, unheard, mine, closed)
        on = {
            "open": {calm, urgent, mine},
            "mine": {mine},
            "urgent": {urgent},
            "spam": {spam},
            "undelivered": {unheard},
            "closed": {closed},
        }
        for tab, wanted in on.items():
            found = nurse.listed_at(tab)
            assert len(found) == len(set(found))
            ours = {each.reference for each in everything} & set(found)
            assert ours == {each.reference for each in wanted}, tab
        in_order = nurse.listed_at("open")
        assert in_order.index(urgent.reference) < in_order.index(calm.reference)


def _counted(count: int) -> str:
    return f"{count}" if count <= 100 else "100+"


def test_a_row_says_who_waits_for_how_long_and_who_has_it(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed, in_crisis="yes")
    nurse.finds(asked.name)
    row = nurse.page.locator(".rows li").filter(has_text=asked.reference)
    expect(row).to_contain_text("Urgent: in crisis")
    expect(row).to_contain_text(re.compile(r"Waiting (less than 1 min|\d+ min), target \d+ min"))
    expect(row).to_contain_text("Nobody")
    expect(row.locator("[href^='tel:']")).to_have_attribute(
        "href", f"tel:+1{str(asked.fields['phone']).replace('-', '')}"
    )
    row.get_by_role("link", name=asked.name).click()
    expect(nurse.page.get_by_role("heading", level=1)).to_have_text(asked.name)


def test_an_empty_list_says_what_it_means(a_page: OpenPage, deployed: Deployed) -> None:
    with an_account(deployed) as account, a_page(viewport=SIZES["phone"]) as page:
        new = Colleague(page, deployed, account).signs_in("?list=mine")
        expect(page.get_by_text("You have no requests.")).to_be_visible()
        expect(page.get_by_text("Open a request that nobody has, and claim it.")).to_be_visible()
        assert new.count("Mine") == "0"
        new.opens("?list=closed&after=0.2000-01-01T00:00:00.000Z%2300000000000000000000000000")
        expect(page.get_by_text("There are no more requests on this list.")).to_be_visible()
        page.get_by_role("link", name="First page").click()
        expect(page.get_by_role("heading", name="Closed requests")).to_be_visible()


# ---- finding a request


@pytest.mark.parametrize(
    "typed",
    [
        lambda asked: asked.name,
        lambda asked: asked.name.replace("\u00eb", "e").lower(),
        lambda asked: asked.name.split()[1][:7],
        lambda asked: str(asked.fields["email"]),
        lambda asked: str(asked.fields["email"])[:20],
        lambda asked: str(asked.fields["phone"]),
        lambda asked: str(asked.fields["phone"])[-8:],
    ],
    ids=["name", "without accents", "part of the name", "email", "part of the email", "phone", "end of the phone"],
)
@pytest.mark.parametrize("somebody", ["phone without scripts"], indirect=True)
def test_a_request_is_found_by(nurse: Colleague, typed: Callable[[object], str]) -> None:
    asked = somebody_asks(nurse.deployed, name=f"Zo\u00eb {a_surname()}")
    nurse.finds(typed(asked))
    assert asked.reference in nurse.listed()
    assert nurse.page.url.endswith("/find")  # what was typed is not in the address
    nurse.page.get_by_role("link", name=asked.name).click()
    expect(nurse.page.get_by_role("heading", level=1)).to_have_text(asked.name)


@pytest.mark.parametrize("typed", [str, str.lower, lambda text: text.replace("-", " "), lambda text: text[3:]])
@pytest.mark.parametrize("somebody", ["desktop"], indirect=True)
def test_a_reference_leads_to_its_request(nurse: Colleague, typed: Callable[[str], str]) -> None:
    asked = somebody_asks(nurse.deployed)
    nurse.finds(typed(asked.reference))
    expect(nurse.page.get_by_role("heading", level=1)).to_have_text(asked.name)


def test_what_is_not_found_says_what_to_try(nurse: Colleague) -> None:
    nurse.finds(a_surname())
    expect(nurse.page.get_by_role("heading", name="No request found")).to_be_visible()
    expect(nurse.page.get_by_text("Try a part of the name")).to_be_visible()
    nurse.finds("KC-0000-0000")
    expect(nurse.page.get_by_text("No request has the reference KC-0000-0000")).to_be_visible()
    nurse.finds("55")
    nurse.is_told("at least four digits of a phone number")


# ---- pages that anybody can use


@pytest.mark.parametrize("somebody", ["desktop"], indirect=True)
def test_the_keyboard_is_enough(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed)
    nurse.reads(asked)
    keyboard, focused = nurse.page.keyboard, nurse.page.locator("*:focus")
    keyboard.press("Tab")
    expect(focused).to_have_text("Skip to the content")
    expect(focused).to_be_in_viewport()
    keyboard.press("Enter")
    expect(focused).to_have_id("main")
    for _ in range(20):
        keyboard.press("Tab")
        if focused.inner_text() == "Claim this request":
            break
    outline = focused.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline != "none", "the focus is visible"
    keyboard.press("Enter")
    nurse.is_told("You claimed this request.")
    nurse.stored(asked, response="claimed", claimed_by=nurse.id)


@pytest.mark.parametrize("look", ["dark phone", "light desktop"])
def test_every_page_is_accessible(look: str, a_page: OpenPage, deployed: Deployed) -> None:
    scheme, _, size = look.partition(" ")
    long = "x" * 90
    asked = somebody_asks(
        deployed,
        name=f"{a_surname()}{long}"[:100],
        in_crisis="yes",
        preferred_contact="text",
        voicemail_ok="no",
        discreet="yes",
        call_me=long[:40],
        interest="anxiety",
        symptoms=["insomnia"],
        message=f"{long}{long}\n<b>Call (202) 555-0100</b>",
    )
    spam = somebody_asks(deployed, told=False, **BOT)
    with a_page(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce") as page:
        manager = Colleague(page, deployed, MANAGER).signs_in()
        paths = [f"?list={tab}" for tab in ("open", "mine", "urgent", "spam", "undelivered", "closed", "nothing")]
        paths += [
            "/find",
            f"/find?q={asked.reference}",
            asked.path,
            spam.path,
            "/nothing",
            "/audit",
            "/audit?reference=x",
            "/report",
            "/report?month=2000-01",
        ]
        for path in paths:
            manager.opens(path)
            assert_accessible(page)
        manager.reads(asked)
        for summary in page.locator("main summary").all():
            summary.click()
        assert_accessible(page)
        page.get_by_label("Note", exact=True).fill(f"A note.\n{long}{long}")
        manager.presses("Add the note")
        assert_accessible(page)
        page.get_by_label("Note", exact=True).fill(" ")
        manager.presses("Add the note")
        manager.is_refused("The note is empty")
        assert_accessible(page)
        manager.says_outcome("booked", long * 2)
        assert_accessible(page)
        manager.finds("no such name")
        assert_accessible(page)
        manager.finds(asked.name[:12])
        assert manager.listed() == [asked.reference]
        assert_accessible(page)
        manager.opens(f"/audit?reference={asked.reference}")
        expect(page.get_by_text("Save the outcome").first).to_be_visible()
        assert_accessible(page)
        manager.signs_out()
        assert_accessible(page)
