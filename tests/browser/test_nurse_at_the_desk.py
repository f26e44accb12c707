"""A nurse's half hour at the desk: twelve mixed requests, worked through without email. The table tells the truth."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from shared.leads.team import Recipient
from tests.browser.colleague import BOT, Asked, Colleague, a_surname, an_account, somebody_asks
from tests.browser.test_accessibility import assert_accessible
from tests.deployed import Deployed, somebodys_phone
from tests.desk import MANAGER
from tests.drills.drill import schedule

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass
class Shift:
    """A nurse at the desk, and what she really did: the truth that the table must tell."""

    nurse: Colleague
    truth: dict[str, dict[str, Any]] = field(default_factory=dict)

    def comes(self, *, told: bool = True, **changes: object) -> Asked:
        """A person writes."""
        asked = somebody_asks(self.nurse.deployed, told=told, **changes)
        self.truth[asked.reference] = {"response": "open"}
        return asked

    def reads(self, asked: Asked) -> None:
        """Find a request by its name, as somebody does who has the person on the line, and open it."""
        self.nurse.finds(asked.name)
        self.nurse.page.get_by_role("link", name=asked.name).click()
        expect(self.nurse.page.get_by_role("heading", level=1)).to_have_text(asked.name)

    def did(self, asked: Asked, response: str, **more: str | None) -> None:
        """Note what is true about a request from now on. The page that she sees is one that everybody can use."""
        self.truth[asked.reference] = {"response": response, "claimed_by": self.nurse.id} | more
        assert_accessible(self.nurse.page)


@pytest.fixture
def shift(a_page: Callable[..., AbstractContextManager["Page"]], deployed: Deployed) -> Iterator[Shift]:
    with (
        schedule(deployed, on=False),  # half an hour without reminders
        an_account(deployed) as nurse,
        a_page(viewport={"width": 320, "height": 640}, reduced_motion="reduce") as page,
    ):
        yield Shift(Colleague(page, deployed, nurse).signs_in())


def test_a_nurse_works_through_twelve_requests_at_the_desk_only(shift: Shift) -> None:
    nurse = shift.nurse
    reached_or_not(shift)
    no_requests(shift)
    mine = others_turn_or_later(shift)
    found_again(shift)

    # She looks at the last one, and closes her laptop.
    shift.reads(shift.comes())
    nurse.opens("?list=mine")
    assert set(nurse.listed()) == mine
    assert nurse.count("Mine") == str(len(mine))
    nurse.signs_out()

    assert len(shift.truth) == 12
    for reference, truth in shift.truth.items():
        lead = nurse.deployed.lead(reference)
        said = {name: next(iter(lead[name].values())) if name in lead else None for name in truth}
        assert said == truth, reference
        # Nothing goes quiet: every request that is not closed has a next time.
        assert "agenda_at" in lead or truth["response"] == "closed", reference


def reached_or_not(shift: Shift) -> None:
    """Work on three requests until each is closed with what came of it."""
    nurse = shift.nurse
    crisis = shift.comes(in_crisis="yes")
    booked = shift.comes(message="Is an appointment on Tuesday possible?")
    silent = shift.comes()

    # The crisis is on the list of urgent ones. She reads what to do first, calls, and reaches the person.
    assert crisis.reference in nurse.listed_at("urgent")
    nurse.page.get_by_role("link", name=crisis.name).click()
    expect(nurse.page.get_by_role("heading", name="CALL NOW")).to_be_visible()
    nurse.presses("Reached")
    nurse.says_outcome("referred", "Went to the emergency department with her brother.")
    shift.did(crisis, "closed", outcome="referred", last_action="reached")

    # She reads what a person wrote, talks to them, and says what came of it.
    shift.reads(booked)
    expect(nurse.page.get_by_text("Is an appointment on Tuesday possible?")).to_be_visible()
    nurse.writes_note("Booked for Tuesday at 3 PM. Needs the ramp.")
    nurse.says_outcome("booked")
    shift.did(booked, "closed", outcome="booked", last_action="reached")

    # Nobody answers three times, so she may give up.
    shift.reads(silent)
    nurse.unfolds("Save the outcome")
    assert "unreachable" not in nurse.page.get_by_label("How it ended").inner_html()
    for _ in range(3):
        nurse.presses("No answer")
    nurse.says_outcome("unreachable")
    shift.did(silent, "closed", outcome="unreachable", last_action="unreachable", tried="3")


def no_requests(shift: Shift) -> None:
    """Close two that are no requests, each with its own reason."""
    nurse = shift.nurse
    wrong, spam = shift.comes(), shift.comes()
    shift.reads(wrong)
    nurse.says_outcome("wrong_number", "A bakery answered.")
    shift.did(wrong, "closed", outcome="wrong_number", last_action="wrong_number")
    shift.reads(spam)
    nurse.presses("Close as spam")
    shift.did(spam, "closed", outcome=None, last_action="spam")


def others_turn_or_later(shift: Shift) -> set[str]:
    """Leave four requests to a colleague or for later. Return the references of those that stay hers."""
    nurse = shift.nurse
    given, later, mistake = shift.comes(), shift.comes(), shift.comes()
    email = shift.comes(phone=None, preferred_contact="email", voicemail_ok=None)

    # Her colleague speaks this person's language.
    shift.reads(given)
    nurse.writes_note("Speaks Spanish, which you do too.")
    nurse.hands_over(MANAGER.email)
    nurse.is_told("You handed this request over.")
    shift.did(given, "claimed", claimed_by=Recipient(MANAGER.email).id)

    # This one is on vacation until next week.
    shift.reads(later)
    nurse.follows_up(f"{datetime.now(UTC) + timedelta(days=8):%Y-%m-%d}", "09:00")
    nurse.is_told("The follow-up is set.")
    shift.did(later, "claimed", last_action="follow_up")

    # A slip: she closed the wrong one, and reopens it.
    shift.reads(mistake)
    nurse.presses("Reached")
    nurse.presses("Reopen this request")
    nurse.presses("No answer")
    shift.did(mistake, "claimed", last_action="no_answer", tried="1")

    # No phone number, so she writes, and waits.
    shift.reads(email)
    nurse.presses("Emailed and waiting")
    shift.did(email, "claimed", last_action="emailed")
    return {later.reference, mistake.reference, email.reference}


def found_again(shift: Shift) -> None:
    """Find two people who call."""
    nurse, phone = shift.nurse, somebodys_phone()
    caller = shift.comes(told=False, name=f"Andr\u00e9 {a_surname()}", **BOT)
    first = shift.comes(phone=phone, name=f"Zo\u00eb {a_surname()}")

    # A caller says that he never heard from the clinic. She finds him in quarantine without his accent, and
    # releases him.
    nurse.finds(caller.name.replace("\u00e9", "e"))
    nurse.page.get_by_role("link", name=caller.name).click()
    nurse.presses("Not spam: release it")
    nurse.deployed.sweep()
    nurse.deployed.the_alert(caller.reference)
    nurse.reads(caller)
    nurse.presses("Reached")
    nurse.says_outcome("booked")
    shift.did(caller, "closed", outcome="booked", last_action="reached")

    # Somebody left the end of a number on the answering machine. She claims the request, and cannot call after all.
    nurse.finds(phone[-8:])
    nurse.page.get_by_role("link", name=first.name).click()
    nurse.presses("Claim this request")
    nurse.presses("Hand back")
    nurse.is_told("You handed this request back.")
    shift.did(first, "open", claimed_by=None)
