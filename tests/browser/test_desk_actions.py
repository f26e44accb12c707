"""Every action of the desk in a browser: what the page says, and what is stored."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from shared.runtime.files import clinic
from shared.store.keys import moment
from tests.browser.colleague import BOT, Asked, Colleague, nobody_hears_of, somebody_asks
from tests.browser.test_accessibility import assert_accessible
from tests.browser.visitor import SIZES
from tests.deployed import Deployed, eventually
from tests.desk import MANAGER, NURSE
from tests.drills.drill import schedule
from tools.local.parameters import RECIPIENTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

type OpenPage = Callable[..., AbstractContextManager["Page"]]


@pytest.fixture(autouse=True, scope="module")
def _time_stands_still(deployed: Deployed) -> Iterator[None]:
    """Turn the sweep off: emails that are due later would change what is stored."""
    with schedule(deployed, on=False):
        yield


@pytest.fixture(params=["phone without scripts", "desktop"])
def nurse(request: pytest.FixtureRequest, a_page: OpenPage, deployed: Deployed) -> Iterator[Colleague]:
    """A nurse who is signed in. None of the pages that she ends on is wider than her screen."""
    size, _, without = request.param.partition(" ")
    with a_page(viewport=SIZES[size], java_script_enabled=not without) as page:
        yield (nurse := Colleague(page, deployed).signs_in())
        nurse.needs_no_sideways_scrolling()


@pytest.fixture
def manager(a_page: OpenPage, deployed: Deployed) -> Iterator[Colleague]:
    """A signed-in colleague with a browser of her own. She gets no alerts."""
    with a_page(viewport=SIZES["desktop"]) as page:
        yield Colleague(page, deployed, MANAGER).signs_in()


@pytest.fixture
def asked(deployed: Deployed) -> Asked:
    """A new request."""
    return somebody_asks(deployed)


def an_email(deployed: Deployed, asked: Asked, to: str, heading: str) -> dict[str, Any]:
    """Return the email about a request to somebody, with this heading in its subject. Nobody has to wait for it."""
    deployed.sweep()
    found = eventually(
        lambda: [
            mail for mail in deployed.emails(asked.reference) if mail["To"] == [to] and heading in mail["Subject"]
        ],
        within=20,
    )
    assert found, [(mail["To"], mail["Subject"]) for mail in deployed.emails(asked.reference)]
    return found[-1]


# ---- one person


def test_claim(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.presses("Claim this request")
    nurse.is_told("You claimed this request.")
    nurse.stored(asked, response="claimed", claimed_by=nurse.id, last_action="claim")
    assert nurse.fact("State") == "You have it"
    assert "Claimed" in nurse.timeline
    mail = an_email(nurse.deployed, asked, RECIPIENTS[0], "Claimed")
    assert NURSE.email in mail["BodyText"]


def test_reached(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.presses("Reached")
    nurse.is_told("You reached the person, so the request is closed.")
    nurse.stored(asked, response="closed", last_action="reached", claimed_by=nurse.id, outcome=None)
    assert nurse.fact("State") == "Closed: reached"
    assert "Closed: reached the person" in nurse.timeline
    nurse.says_outcome("booked")
    nurse.is_told("The outcome was saved.")
    nurse.stored(asked, response="closed", outcome="booked")
    assert nurse.fact("State") == "Closed: booked a consultation"


def test_no_answer(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.presses("No answer")
    nurse.is_told("Noted: no answer.")
    nurse.stored(asked, response="claimed", claimed_by=nurse.id, last_action="no_answer", tried="1")
    assert nurse.fact("Tried").startswith("Once without an answer")
    assert "Tried to reach the person: no answer" in nurse.timeline
    expect(nurse.page.get_by_text("needs 3 tries without an answer. So far: 1.")).to_be_visible()


def test_emailed(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed, phone=None, preferred_contact="email", voicemail_ok=None)
    nurse.reads(asked)
    link = nurse.page.get_by_role("link", name=str(asked.fields["email"]))
    expect(link).to_have_attribute("href", f"mailto:{asked.fields['email']}?subject={asked.reference}")
    nurse.presses("Emailed and waiting")
    nurse.is_told("Noted: you emailed the person.")
    nurse.stored(asked, response="claimed", claimed_by=nurse.id, last_action="emailed")
    assert "Emailed the person" in nurse.timeline


def test_hand_back(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.presses("Claim this request")
    nurse.presses("Hand back")
    nurse.is_told("You handed this request back.")
    nurse.stored(asked, response="open", claimed_by=None, last_action="hand_back")
    assert nurse.fact("State") == "Open: nobody has it"
    assert "Handed back" in nurse.timeline


def test_hand_over(nurse: Colleague, manager: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.hands_over(MANAGER.email)
    nurse.is_told("You handed this request over.")
    nurse.stored(asked, response="claimed", claimed_by=manager.id, last_action="hand_over")
    assert nurse.fact("State") == f"Claimed by {MANAGER.email}"
    assert f"Handed over to {MANAGER.email}" in nurse.timeline

    # The colleague reads who did it in an email, whose link leads to the request.
    mail = an_email(nurse.deployed, asked, MANAGER.email, "A colleague handed this request over to you")
    assert f"This request was handed over to you by {NURSE.email}" in mail["BodyText"]
    manager.follows_link(mail, "Open at the desk")
    expect(manager.page.get_by_role("heading", level=1)).to_have_text(asked.name)
    assert manager.fact("State") == "You have it"
    manager.presses("Reached")
    manager.stored(asked, response="closed", claimed_by=manager.id)


def test_take_over(nurse: Colleague, manager: Colleague, asked: Asked) -> None:
    manager.reads(asked)
    manager.presses("Claim this request")
    nurse.reads(asked)
    expect(nurse.page.get_by_text(f"{MANAGER.email} has it, so you can't claim it.")).to_be_visible()
    nurse.hands_over("You")
    nurse.stored(asked, response="claimed", claimed_by=nurse.id, last_action="hand_over")
    assert "Took it over" in nurse.timeline
    assert nurse.fact("State") == "You have it"


def test_follow_up(nurse: Colleague, asked: Asked) -> None:
    zone = clinic().hours.zone
    day = f"{datetime.now(UTC).astimezone(zone) + timedelta(days=3):%Y-%m-%d}"
    nurse.reads(asked)
    nurse.follows_up(day, "10:30")
    nurse.is_told("The follow-up is set.")
    nurse.stored(asked, response="claimed", claimed_by=nurse.id, last_action="follow_up")
    at = datetime.fromisoformat(f"{day}T10:30").replace(tzinfo=zone)
    assert moment(nurse.deployed.lead(asked.reference)["follow_up_at"]["S"]) == at
    assert "10:30 AM" in nurse.fact("Follow-up")
    assert "Follow-up set: " in nurse.timeline
    nurse.opens("?list=mine")
    expect(nurse.page.locator(".rows li").filter(has_text=asked.reference)).to_contain_text("10:30 AM")

    # After the news that it is claimed, the next email is to the owner, at that time.
    assert "follow" not in an_email(nurse.deployed, asked, RECIPIENTS[0], "Claimed")["Subject"]
    lead = eventually(
        lambda: nurse.deployed.lead(asked.reference),
        within=10,
        wanted=lambda lead: lead["alert_notice"] == {"S": "owner_reminder"},
    )
    assert moment(lead["agenda_at"]["S"]) == at
    nurse.deployed.make_due(asked.reference)
    mail = an_email(nurse.deployed, asked, NURSE.email, "Time to follow up")
    assert "This reminder was set by you" in mail["BodyText"]


def test_a_follow_up_in_the_past_is_refused(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    form = nurse.page.locator("form[action$='/follow-up']")
    form.evaluate("form => form.noValidate = true")  # as a browser that does not check dates
    nurse.follows_up("2020-01-02", "10:30")
    nurse.is_refused("That time is over")
    expect(nurse.page.get_by_label("Date")).to_have_value("2020-01-02")
    nurse.stored(asked, response="open", follow_up_at=None)


def test_note(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.writes_note("Asked for the entrance with a ramp.\nHer sister may answer: <b>be discreet</b>.")
    nurse.is_told("Your note was added.")
    nurse.stored(asked, response="open")
    assert "Her sister may answer: <b>be discreet</b>." in nurse.timeline
    assert nurse.deployed.timeline(asked.reference).count("note") == 1
    expect(nurse.page.get_by_label("Note", exact=True)).to_have_value("")
    nurse.deployed.sweep()
    assert not [mail for mail in nurse.deployed.emails(asked.reference) if "ramp" in mail["BodyText"]]


def test_outcome_with_a_reason(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.says_outcome("declined", "Wants to wait until March.")
    nurse.is_told("The outcome was saved.")
    reason = "Wants to wait until March."
    nurse.stored(asked, response="closed", outcome="declined", outcome_reason=reason, claimed_by=nurse.id)
    assert nurse.fact("State") == "Closed: decided against a consultation"
    assert nurse.fact("Reason") == "Wants to wait until March."
    assert "Closed: decided against a consultation" in nurse.timeline

    nurse.says_outcome("booked")
    nurse.stored(asked, response="closed", outcome="booked", outcome_reason=None)
    assert "Outcome changed: booked a consultation" in nurse.timeline


def test_spam_and_reopen(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.presses("Close as spam")
    nurse.is_told("The request is closed as spam.")
    nurse.stored(asked, response="closed", last_action="spam")
    assert nurse.fact("State") == "Closed: spam"
    nurse.presses("Reopen this request")
    nurse.is_told("The request is open again, and it is yours.")
    nurse.stored(asked, response="claimed", claimed_by=nurse.id)
    assert "agenda_at" in nurse.deployed.lead(asked.reference), "the reminders go on"
    assert "Reopened" in nurse.timeline


def test_no_more_contact(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.presses("Does not want to be contacted")
    nurse.is_told("The person does not want to be contacted.")
    nurse.stored(asked, response="closed", last_action="not_wanted")
    expect(nurse.page.get_by_role("heading", name="Does not want to be contacted")).to_be_visible()


def test_not_spam(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed, told=False, **BOT)
    assert not nurse.deployed.emails(asked.reference)
    nurse.opens("?list=spam")
    nurse.page.get_by_role("link", name=asked.name).click()
    expect(nurse.page.get_by_text("This request looks like spam, so no alert was sent.")).to_be_visible()
    nurse.presses("Not spam: release it")
    nurse.is_told("The request was released. Staff get an alert about it now.")
    nurse.deployed.sweep()
    nurse.deployed.the_alert(asked.reference)
    nurse.stored(asked, response="open")
    nurse.opens("?list=spam")
    assert asked.reference not in nurse.listed()
    nurse.reads(asked)
    assert "Released from quarantine: not spam" in nurse.timeline


def test_spam_in_quarantine_is_closed(nurse: Colleague) -> None:
    asked = somebody_asks(nurse.deployed, told=False, **BOT)
    nurse.reads(asked)
    nurse.presses("Close as spam")
    nurse.is_told("The request is closed as spam.")
    nurse.stored(asked, response="closed", last_action="spam")
    assert not nurse.deployed.emails(asked.reference)


def test_tell_again(nurse: Colleague, asked: Asked) -> None:
    nobody_hears_of(nurse.deployed, asked)
    before = len(nurse.deployed.emails(asked.reference))
    nurse.opens()
    nurse.page.get_by_role("link", name="No email reached anybody about").click()
    nurse.page.get_by_role("link", name=asked.name).click()
    nurse.presses("Email staff again")
    nurse.is_told("Everybody who gets alerts is emailed about this request now.")
    nurse.deployed.sweep()
    again = eventually(
        lambda: nurse.deployed.emails(asked.reference)[before:], within=20, wanted=lambda mails: len(mails) >= 2
    )
    assert sorted(mail["To"][0] for mail in again) == sorted(RECIPIENTS)
    nurse.reads(asked)
    assert "Told staff again" in nurse.timeline


def test_a_form_sent_twice_counts_once(nurse: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    nurse.presses("No answer")
    nurse.page.go_back()
    nurse.presses("No answer")
    nurse.stored(asked, tried="2")  # the page was loaded again, so this is another press

    form = nurse.page.locator("form[action$='/note']")
    sent = {field: form.locator(f"[name={field}]").input_value() for field in ("csrf", "press", "seen")}
    answers = [
        nurse.page.request.post(
            f"{nurse.deployed.stack.desk.url}{asked.path}/note",
            form={**sent, "text": "Only once."},
            headers={"Origin": nurse.deployed.aws, "Sec-Fetch-Site": "same-origin"},
        )
        for _ in range(2)
    ]
    assert [answer.status for answer in answers] == [200, 200]
    nurse.page.goto(answers[1].url)
    nurse.is_told("Your note was added.")
    assert nurse.timeline.count("Only once.") == 1


# ---- two people at once


def test_the_slower_claim_says_who_was_faster(nurse: Colleague, manager: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    manager.reads(asked)
    manager.presses("Claim this request")
    nurse.presses("Claim this request")
    nurse.is_refused(f"{MANAGER.email} has this request")
    expect(nurse.page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    nurse.stored(asked, response="claimed", claimed_by=manager.id)
    assert nurse.deployed.timeline(asked.reference).count("claimed") == 1


def test_the_slower_hand_over_keeps_its_choice(nurse: Colleague, manager: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    manager.reads(asked)
    manager.presses("No answer")
    nurse.hands_over("You")
    nurse.is_refused(f"{MANAGER.email} has this request")
    expect(nurse.page.get_by_label("Colleague")).to_have_value(nurse.id)
    nurse.stored(asked, response="claimed", claimed_by=manager.id, last_action="no_answer")
    nurse.presses("Hand it over")  # now she knows
    nurse.stored(asked, claimed_by=nurse.id)


def test_the_slower_outcome_keeps_what_was_typed(nurse: Colleague, manager: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    manager.reads(asked)
    manager.says_outcome("booked", "Tuesday at 3 PM")
    nurse.says_outcome("declined", "Changed her mind.")
    nurse.is_refused("This request is closed")
    expect(nurse.page.get_by_role("alert")).to_contain_text(f"{MANAGER.email} reached the person")
    expect(nurse.page.get_by_label("Reason, if you like")).to_have_value("Changed her mind.")
    expect(nurse.page.get_by_label("How it ended")).to_have_value("declined")
    nurse.stored(asked, outcome="booked", outcome_reason="Tuesday at 3 PM", claimed_by=manager.id)


def test_the_slower_follow_up_keeps_its_date(nurse: Colleague, manager: Colleague, asked: Asked) -> None:
    day = f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}"
    nurse.reads(asked)
    manager.reads(asked)
    manager.presses("Claim this request")
    nurse.follows_up(day, "09:15")
    nurse.is_refused(f"{MANAGER.email} has this request")
    expect(nurse.page.get_by_label("Date")).to_have_value(day)
    expect(nurse.page.get_by_label("Time", exact=True)).to_have_value("09:15")
    nurse.stored(asked, claimed_by=manager.id, follow_up_at=None)


def test_both_notes_are_kept(nurse: Colleague, manager: Colleague, asked: Asked) -> None:
    nurse.reads(asked)
    manager.reads(asked)
    manager.writes_note("Prefers a morning.")
    nurse.writes_note("Has a question about parking.")
    assert "Prefers a morning." in nurse.timeline
    assert "Has a question about parking." in nurse.timeline


def test_the_page_of_the_slower_one_is_accessible(manager: Colleague, a_page: OpenPage, asked: Asked) -> None:
    with a_page(viewport=SIZES["phone"], color_scheme="dark", reduced_motion="reduce") as page:
        nurse = Colleague(page, manager.deployed).signs_in()
        nurse.reads(asked)
        manager.reads(asked)
        manager.presses("Reached")
        nurse.presses("Claim this request")
        nurse.is_refused("This request is closed")
        assert_accessible(page)
