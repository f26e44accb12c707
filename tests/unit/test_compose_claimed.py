"""emails about a claimed lead: the owner says how it went, and the others know without having to ask."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.leads.lead import Lead
from shared.leads.response import ClaimAction, Outcome
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.emails import (
    ABOUT_LINKS,
    NO_LINKS,
    claimed,
    closed,
    no_answer,
    not_reached,
    owner_reminder,
    reminder,
)
from shared.messages.settings import AlertDetail
from shared.messages.wording import CLOSED_AS, OUTCOMES
from shared.services.mailer import Message
from tests.unit.emails import (
    DESK,
    DETAILS,
    LINK,
    LINKS,
    NAMES,
    bare,
    boxes,
    button_links,
    everything,
    sentences,
    text_of,
    without_links,
    words_of,
)
from tests.unit.every_email import around
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.words import CANARY

Compose = Callable[[Lead, Circumstances, Envelope], Message]
Tell = Callable[[Lead, Circumstances], Message]
CLAIMED_AT = "Wednesday, March 4, 2026 at 10:20 AM EST"


def asked(compose: Compose, lead: Lead | None = None, detail: AlertDetail = "contact", **more: Any) -> Message:  # noqa: ANN401
    envelope = Envelope(
        detail=detail, links=more.pop("links", LINKS), desk=DESK, to_fallback=more.pop("to_fallback", False)
    )
    return compose(lead or bare(), around(**more), envelope)


def told(tell: Tell, lead: Lead | None = None, **more: Any) -> str:  # noqa: ANN401 - any circumstance
    """Return what an email that asks for nothing says. Both parts must say it."""
    message = tell(lead or bare(), around(**more))
    (words,) = boxes(message, "why")
    assert words in message.text.splitlines()
    assert sentences(message) == " ".join(message.text.split())
    assert not button_links(message)
    return words


# --- emails that ask to act -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize(
    ("compose", "heading"),
    [(owner_reminder, "Please say how it went"), (not_reached, "Claimed, but not reached yet")],
)
def test_an_email_about_a_claimed_lead_asks_how_it_went(compose: Compose, heading: str, detail: AlertDetail) -> None:
    lead = a_lead(in_crisis=True)
    message = asked(compose, lead, detail)
    assert message.subject == f"{lead.reference} URGENT: {heading}"
    assert words_of(message, "//h1") == words_of(message, "//title") == [message.subject]
    assert message.subject in message.text.splitlines()
    assert button_links(message) == {
        "Reached": LINKS.reached,
        "No answer": LINKS.no_answer,
        "More choices": LINKS.page,
    }
    assert ABOUT_LINKS in message.text
    assert NO_LINKS in asked(compose, lead, detail, links=None).text
    assert "\n\n\n" not in message.text


def test_the_owner_reads_when_they_claimed_it() -> None:
    words = "Please say how it went: press Reached or No answer below. If you have not tried yet, please try now."
    message = asked(owner_reminder)
    assert f"You claimed this request on {CLAIMED_AT}. {words}" in message.text.splitlines()
    assert f"You claimed this request. {words}" in asked(owner_reminder, acted_at=None).text.splitlines()
    emailed = asked(owner_reminder, action=ClaimAction.EMAILED).text
    assert f"You emailed this person on {CLAIMED_AT}. Please say how it went" in emailed
    assert "If you are still waiting for a reply, press More choices, and then Emailed and waiting." in emailed


KIM: dict[str, Any] = {"names": NAMES | {"p-1": "kim@example.com"}, "acted_by": "p-1"}


def test_the_new_owner_reads_who_handed_the_request_over() -> None:
    message = asked(owner_reminder, action=ClaimAction.HAND_OVER, handed_over_at=NOW - timedelta(minutes=10), **KIM)
    assert message.subject == f"{bare().reference} A colleague handed this request over to you"
    words = (
        f"This request was handed over to you by kim@example.com on {CLAIMED_AT}. Please call the person, and then say "
        "how it went: press Reached or No answer below."
    )
    assert boxes(message, "why")[0] == words
    assert words in message.text.splitlines()


def test_a_new_owner_reads_of_a_follow_up_that_came_with_the_request() -> None:
    given = {"handed_over_at": NOW - timedelta(minutes=10), "follow_up_at": NOW} | KIM
    message = asked(owner_reminder, action=ClaimAction.FOLLOW_UP, **given)
    assert message.subject == f"{bare().reference} A colleague handed this request over to you"
    then = "Please follow up on Wednesday, March 4, 2026 at 10:30 AM EST. You get a reminder then."
    assert f"This request was handed over to you by a colleague on {CLAIMED_AT}. {then}" in message.text
    due = asked(owner_reminder, action=ClaimAction.HAND_OVER, follow_up_at=NOW, **KIM)
    assert due.subject == f"{bare().reference} Time to follow up"
    assert f"It was handed over to you by kim@example.com on {CLAIMED_AT}." in due.text


def test_an_owner_who_took_the_request_over_is_reminded_of_that() -> None:
    message = asked(owner_reminder, action=ClaimAction.HAND_OVER, acted_by="staff-2")
    assert f"You took over this request on {CLAIMED_AT}. Please say how it went" in message.text
    assert "Please say how it went" in message.subject


@pytest.mark.parametrize(("by", "who"), [({"acted_by": "staff-2"}, "you"), (KIM, "kim@example.com")])
def test_a_follow_up_says_who_set_it(by: dict[str, Any], who: str) -> None:
    message = asked(owner_reminder, action=ClaimAction.FOLLOW_UP, follow_up_at=NOW, **by)
    assert message.subject == f"{bare().reference} Time to follow up"
    reminded = f"This reminder was set by {who} on {CLAIMED_AT}."
    assert f"It is time to follow up on this request. {reminded} Please say how it went" in message.text


def test_at_night_nobody_is_asked_to_call_now() -> None:
    lead = a_lead(time_zone="Pacific/Honolulu")  # 5:30 AM there
    for detail in DETAILS:
        for compose in (owner_reminder, not_reached):
            text = asked(compose, lead, detail).text
            assert "try now" not in text
            assert "Do not call before 8 AM their time" in text
    high = a_lead(time_zone="Pacific/Honolulu", message="I want to die")
    assert "call now only if you think they are in danger" in asked(not_reached, high).text


def test_an_email_with_the_reference_only_warns_of_the_night_in_the_same_words() -> None:
    words = (
        "- When we sent this email, it was night where the person is. Do not call before 8 AM their time, unless you "
        "think they are in danger."
    )
    for message in ("I would like to know more", "I want to die"):  # words in a crisis must not show
        lead = a_lead(time_zone="Pacific/Honolulu", message=message)
        for compose in (owner_reminder, not_reached):
            assert words in asked(compose, lead, "reference").text.splitlines()


@pytest.mark.parametrize(
    ("action", "tried", "had"),
    [
        (ClaimAction.NO_ANSWER, 1, f"Staff tried to reach this person, and nobody answered. That was on {CLAIMED_AT}."),
        (
            ClaimAction.NO_ANSWER,
            3,
            f"Staff tried to reach this person 3 times, and nobody answered. The last time was on {CLAIMED_AT}.",
        ),
        (
            ClaimAction.EMAILED,
            0,
            f"This person was emailed by nurse@example.com on {CLAIMED_AT}, and was not reached yet.",
        ),
        (
            ClaimAction.HAND_OVER,
            0,
            f"This request was handed over to nurse@example.com on {CLAIMED_AT}, but nobody has",
        ),
        (
            ClaimAction.FOLLOW_UP,
            0,
            "A follow-up by nurse@example.com was due on Wednesday, March 4, 2026 at 10:30 AM EST, but nobody has",
        ),
    ],
)
def test_everybody_reads_what_was_tried(action: ClaimAction, tried: int, had: str) -> None:
    (words,) = boxes(asked(not_reached, action=action, tried=tried, follow_up_at=NOW), "late")
    had = had if had.endswith(".") else f"{had} reached the person yet."
    assert words.startswith(f"{had} If you can, call the person")


def test_everybody_reads_who_handed_a_request_back() -> None:
    message = asked(reminder, action=ClaimAction.HAND_BACK, acted_by="staff-2", claimed_by=None)
    assert "nurse@example.com handed this request back, so nobody has it now." in message.text


def test_the_others_read_who_reopened_a_request() -> None:
    assert (
        told(claimed, action=ClaimAction.REOPEN) == f"This request was reopened by nurse@example.com on {CLAIMED_AT}."
    )


def test_the_others_read_who_has_a_request_that_was_handed_over() -> None:
    words = f"This request was handed over to nurse@example.com by kim@example.com on {CLAIMED_AT}."
    assert told(claimed, action=ClaimAction.HAND_OVER, **KIM) == words
    taken = told(claimed, action=ClaimAction.HAND_OVER, acted_by="staff-2")
    assert taken == f"This request was claimed by nurse@example.com on {CLAIMED_AT}."


def test_a_request_whose_owner_left_is_said_to_be_unclaimed() -> None:
    message = asked(not_reached, claimed_by="gone")
    assert "A former recipient claimed this request and no longer gets these emails. Nobody has it now." in message.text
    assert button_links(message)["Claim this request"] == LINKS.claim
    assert "Unclaimed consultation request" in message.subject


def test_everybody_reads_whose_request_was_not_reached() -> None:
    words = (
        f"This request was claimed by nurse@example.com on {CLAIMED_AT}, but nobody has reached the person yet. If you "
        "can, call the person, then press Reached or No answer below. You do not need to claim the request."
    )
    message = asked(not_reached)
    assert boxes(message, "late") == [words]
    assert words in message.text.splitlines()
    assert "because you are a fallback recipient" in asked(not_reached, to_fallback=True).text


@pytest.mark.parametrize("compose", [owner_reminder, not_reached])
def test_no_email_about_a_claimed_lead_has_the_visitors_words(compose: Compose) -> None:
    message = asked(compose, a_lead(message=CANARY, utm_source=CANARY, health_notes=(CANARY,)), "full")
    assert CANARY not in everything(message)
    assert "+1 202-555-0147" in message.text


# --- emails that ask for nothing --------------------------------------------------------------------------------------


def test_the_others_read_who_tried_and_when_the_next_try_is_due() -> None:
    again: dict[str, Any] = {"call_again_at": datetime(2026, 3, 4, 19, tzinfo=UTC)}
    next_try = "Everyone on the alert list is asked to try again on Wednesday, March 4, 2026 at 2:00 PM EST."
    tried, has_it = (
        "nurse@example.com tried to reach the person, and nobody answered.",
        ("nurse@example.com has this request now."),
    )
    first = f"{tried} {has_it}"
    assert told(no_answer, tried=1, **again) == f"{first} {next_try}"
    assert told(no_answer) == first
    assert told(no_answer, tried=3, **again) == f"{tried} 3 tries so far. {has_it} {next_try}"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("reached", "nurse@example.com reached the person."),
        ("unreachable", "nurse@example.com could not reach the person."),
        ("spam", "nurse@example.com found that it was spam."),
        ("wrong_number", "nurse@example.com found that the phone number was wrong."),
        ("duplicate", "nurse@example.com found that it repeats another request."),
        ("not_wanted", "nurse@example.com learned that the person no longer wants to be contacted."),
        ("something new", "nurse@example.com closed it."),
        (None, "nurse@example.com closed it."),
    ],
)
def test_the_others_read_how_a_request_was_closed(how: str | None, words: str) -> None:
    assert told(closed, closed_as=how) == f"This request is closed: {words}"
    assert set(CLOSED_AS) == {"reached", "unreachable", "spam", "wrong_number", "duplicate", "not_wanted"}


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.BOOKED, "nurse@example.com booked a consultation."),
        (Outcome.CAME, "nurse@example.com noted that the person came to the consultation."),
        (Outcome.NO_SHOW, "nurse@example.com noted that the person did not come to the consultation."),
        (Outcome.NOT_SUITABLE, "nurse@example.com reached the person. No consultation follows."),
        (Outcome.DECLINED, "nurse@example.com reached the person. No consultation follows."),
        (Outcome.REFERRED, "nurse@example.com reached the person and referred them elsewhere."),
        (None, "nurse@example.com reached the person."),
    ],
)
def test_the_others_read_what_came_of_it(outcome: Outcome | None, words: str) -> None:
    assert told(closed, closed_as="reached", outcome=outcome) == f"This request is closed: {words}"


def test_why_a_request_was_closed_comes_before_what_came_of_it() -> None:
    said = told(closed, closed_as="not_wanted", outcome=Outcome.DECLINED)
    assert "no longer wants to be contacted" in said


def test_each_outcome_has_its_words() -> None:
    named = {Outcome.UNREACHABLE, Outcome.DUPLICATE, Outcome.WRONG_NUMBER}  # as CLOSED_AS says them
    missing = set(Outcome) - named - set(OUTCOMES)
    assert not missing, f"add {sorted(missing)} to OUTCOMES in functions/shared/messages/wording.py"


@pytest.mark.parametrize(("tell", "heading"), [(no_answer, "No answer"), (closed, "Closed")])
def test_information_says_nothing_of_the_person(tell: Tell, heading: str) -> None:
    private = a_lead(name=CANARY, message=CANARY, call_me=CANARY, in_crisis=True)
    message = tell(private, around())
    assert message == tell(bare(), around())
    assert CANARY not in everything(message)
    assert message.subject == f"{private.reference} {heading}"
    assert CLINIC.name in message.text
    assert "You don't need to do anything" in message.text


@pytest.mark.parametrize("tell", [no_answer, closed])
def test_only_addresses_of_staff_are_links(tell: Tell) -> None:
    message = tell(bare(), around(claimed_by=None, call_again_at=NOW))
    assert not LINK.search(without_links(message.text))
    assert not LINK.search(text_of(message))
    assert "a colleague" in message.text
