"""shared.messages.emails: each email says why it was sent, what happened before, and how to answer with one tap."""

from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.history import History
from shared.leads.lead import CONSENT_KINDS, Lead
from shared.leads.link import LINK_LIFE, Links
from shared.leads.notice import INFORMATION, Notice
from shared.messages import wording
from shared.messages.emails import ABOUT_LINKS, NO_LINKS
from shared.messages.settings import AlertDetail
from tests.unit.emails import (
    DESK,
    DETAILS,
    HEADINGS,
    LINK,
    LINKS,
    NAMES,
    bare,
    boxes,
    button_links,
    everything,
    hrefs,
    render_email,
    sentences,
    text_of,
    without_links,
    words_of,
)
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.words import CANARY

ASKING = [notice for notice in Notice if notice not in INFORMATION]
SECOND_CHOICE = "You are getting this email because you are a fallback recipient and an email to staff did not arrive."
THIRD = History(
    number=3,
    since=datetime(2026, 1, 2, 3, 30, tzinfo=UTC),  # still the first of January at the clinic
    latest=NOW - timedelta(days=2),
    first_reference="KC-7Q2M-4XHD",
    first_claimed_by="staff-1",
)


def why(notice: Notice, lead: Lead | None = None, **more: Any) -> str:  # noqa: ANN401 - whatever `compose` takes
    """Return the paragraph with the reason for an email. It must be in the text part too."""
    message = render_email(notice, lead or bare(), **more)
    (words,) = boxes(message, "why", "late") or [""]
    assert not words or words in message.text.splitlines()
    return words


def waited(**time: int) -> str:
    return why(Notice.REMINDER, now=NOW + timedelta(**time)).removeprefix("This request has not been claimed yet. ")


def before(history: History | None, detail: AlertDetail = "contact", **more: Any) -> list[str]:  # noqa: ANN401
    message = render_email(Notice.ALERT, bare(), detail, history=history, **more)
    words = boxes(message, "why")
    assert all(line in message.text.splitlines() for line in words)
    return words


# --- subjects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("notice", Notice)
def test_a_subject_sorts_by_reference_and_says_how_urgent_and_what_for(notice: Notice, detail: AlertDetail) -> None:
    lead = a_lead(in_crisis=True)
    message = render_email(notice, lead, detail, claimed_by="staff-1")
    urgent = "" if notice in INFORMATION else "URGENT: "
    assert message.subject == f"{lead.reference} {urgent}{HEADINGS[notice]}"
    assert words_of(message, "//title") == words_of(message, "//h1") == [message.subject]
    assert message.subject in message.text.splitlines()
    assert len(message.subject) < 60


def test_every_notice_has_a_subject_of_its_own() -> None:
    assert set(HEADINGS) == set(Notice)
    assert len(set(HEADINGS.values())) == len(Notice)


# --- why it is sent ---------------------------------------------------------------------------------------------------


def test_the_first_email_needs_no_reason() -> None:
    assert why(Notice.ALERT) == ""


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ({"seconds": 59}, "less than a minute"),
        ({"seconds": -5}, "less than a minute"),  # clocks differ
        ({"seconds": 60}, "1 minute"),
        ({"minutes": 20, "seconds": 59}, "20 minutes"),
        ({"minutes": 119}, "119 minutes"),
        ({"minutes": 120}, "2 hours"),
        ({"hours": 23, "minutes": 59}, "23 hours"),
        ({"hours": 47, "minutes": 59}, "1 day"),
        ({"hours": 48}, "2 days"),
        ({"days": 12}, "12 days"),
    ],
)
def test_a_reminder_says_how_long_the_request_has_waited(time: dict[str, int], words: str) -> None:
    assert waited(**time) == f"It has been waiting for {words}."


def test_an_escalation_says_when_staff_were_told_and_why_it_was_sent() -> None:
    more: dict[str, Any] = {"now": NOW + timedelta(minutes=65), "told_at": NOW + timedelta(minutes=2)}
    told = (
        "This request is still unclaimed. It has been waiting for 65 minutes. "
        "Staff were first alerted on Wednesday, March 4, 2026 at 10:32 AM EST."
    )
    assert why(Notice.ESCALATION, **more) == told
    assert why(Notice.ESCALATION, to_fallback=True, **more) == (
        f"{told} You are getting this email because you are a fallback recipient."
    )
    assert boxes(render_email(Notice.ESCALATION), "late")


@pytest.mark.parametrize("notice", [Notice.ALERT, Notice.REMINDER, Notice.CALL_AGAIN])
def test_a_fallback_recipient_reads_why_they_got_the_email(notice: Notice) -> None:
    assert why(notice, to_fallback=True).endswith(SECOND_CHOICE)
    assert SECOND_CHOICE not in why(notice)


@pytest.mark.parametrize(
    ("changes", "now", "best"),
    [
        ({"best_time": "morning"}, NOW, True),  # 10:30 there
        ({"best_time": "evening"}, NOW, False),  # the clinic is never open then
        ({"best_time": "morning", "time_zone": "America/Los_Angeles"}, NOW, False),  # 7:30 there
        ({"best_time": "morning", "time_zone": "Was/A_Zone_Once"}, NOW, True),
        ({"best_time": "afternoon"}, NOW + timedelta(minutes=90), True),  # from noon
        ({"best_time": "morning"}, NOW + timedelta(minutes=90), False),
        ({"best_time": "any"}, NOW, False),
        ({}, NOW, False),
        ({"best_time": "no time"}, NOW, False),
        ({"best_time": "morning", "in_crisis": True}, NOW, False),
    ],
)
def test_a_second_call_is_said_to_be_at_the_best_time_only_where_it_is(
    changes: dict[str, Any],
    now: datetime,
    best: bool,  # noqa: FBT001
) -> None:
    night = changes.get("time_zone") == "America/Los_Angeles"
    soon = "as soon as it is day where the person is" if night else "now"
    again = "This is the best time to reach them. Please try again." if best else f"Please try again {soon}."
    tried = "There was no answer when nurse@example.com tried."
    assert why(Notice.CALL_AGAIN, bare(**changes), now=now, claimed_by="staff-2") == f"{tried} {again}"


@pytest.mark.parametrize(("claimed_by", "who"), [(None, "a colleague"), ("staff-9", "a former recipient")])
def test_a_former_recipient_is_not_named(claimed_by: str | None, who: str) -> None:
    assert why(Notice.CALL_AGAIN, claimed_by=claimed_by).startswith(f"There was no answer when {who} tried.")


# --- earlier requests -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notice", ASKING)
def test_earlier_requests_are_one_line(notice: Notice) -> None:
    message = render_email(notice, bare(), history=THIRD)
    line = (
        "Third request from this person since January 1. The first, KC-7Q2M-4XHD, was claimed by frontdesk@example.com."
    )
    assert line in message.text.splitlines()
    assert line in sentences(message)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"number": 2},
            "Second request from this person since January 1. The first, KC-7Q2M-4XHD, was claimed by",
        ),
        ({"number": 11}, "11th request from"),
        ({"number": 21}, "21st request from"),
        ({"number": 22}, "22nd request from"),
        ({"number": 33}, "33rd request from"),
        ({"since": datetime(2025, 11, 2, 12, tzinfo=UTC)}, "Third request from this person since November 2, 2025. "),
        (
            {"first_claimed_by": None},
            "Third request from this person since January 1. The first, KC-7Q2M-4XHD, was not",
        ),
        (
            {"first_claimed_by": "staff-9"},
            "Third request from this person since January 1. The first, KC-7Q2M-4XHD, was claimed by a former",
        ),
        (
            {"first_claimed_by": "p-1", "first_owner_address": "kim@example.com"},
            "Third request from this person since January 1. The first, KC-7Q2M-4XHD, was claimed by kim@example.com.",
        ),
    ],
)
def test_earlier_requests_are_counted_and_dated(changes: dict[str, Any], words: str) -> None:
    (line,) = before(replace(THIRD, **changes))
    assert line.startswith(words)


def test_without_contact_details_earlier_requests_are_a_count_a_date_and_a_reference() -> None:
    expected = ["Third request from this person since January 1. The first was KC-7Q2M-4XHD."]
    assert before(THIRD, "reference") == expected
    assert before(replace(THIRD, first_claimed_by=None), "reference") == expected


def test_a_first_request_has_nothing_before_it() -> None:
    assert before(None) == before(replace(THIRD, number=1)) == []


# --- links ------------------------------------------------------------------------------------------------------------


def buttons(notice: Notice, detail: AlertDetail = "contact") -> dict[str, str]:
    message = render_email(notice, a_lead(), detail)
    found, lines = button_links(message), message.text.splitlines()
    for label, target in found.items():
        assert lines[lines.index(f"{label}:") + 1] == target
    return found


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("notice", [Notice.ALERT, Notice.REMINDER, Notice.ESCALATION])
def test_a_tap_answers_in_either_part_at_every_detail(notice: Notice, detail: AlertDetail) -> None:
    assert buttons(notice, detail) == {
        "Claim this request": LINKS.claim,
        "Reached": LINKS.reached,
        "No answer": LINKS.no_answer,
        "More choices": LINKS.page,
    }


def test_a_claimed_request_has_no_button_to_claim_it() -> None:
    for notice in (Notice.CALL_AGAIN, Notice.OWNER_REMINDER, Notice.NOT_REACHED):
        assert list(buttons(notice)) == ["Reached", "No answer", "More choices"]


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("notice", ASKING)
@pytest.mark.parametrize("links", [LINKS, None])
def test_the_request_is_opened_at_the_desk_even_if_there_are_no_buttons(
    notice: Notice, detail: AlertDetail, links: Links | None
) -> None:
    message = render_email(notice, detail=detail, links=links)
    assert f"\nOpen at the desk. You sign in there:\n{DESK}\n" in message.text
    assert hrefs(message).count(DESK) == 1
    assert "Open at the desk. You sign in there." in sentences(message)


@pytest.mark.parametrize("notice", sorted(INFORMATION))
def test_an_email_that_asks_for_nothing_has_no_link(notice: Notice) -> None:
    assert not hrefs(render_email(notice))


@pytest.mark.parametrize("notice", ASKING)
def test_the_email_says_whose_the_links_are_and_for_how_long(notice: Notice) -> None:
    message = render_email(notice)
    for part in (message.text, sentences(message)):
        assert ABOUT_LINKS in part
        assert NO_LINKS not in part
    assert "Do not forward" in ABOUT_LINKS
    assert f"{LINK_LIFE.days} days" in ABOUT_LINKS


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("notice", ASKING)
def test_without_links_one_line_says_what_to_do(notice: Notice, detail: AlertDetail) -> None:
    message = render_email(notice, detail=detail, links=None)
    for part in (message.text, sentences(message)):
        assert part.count(NO_LINKS) == 1
        assert ABOUT_LINKS not in part
        assert "Claim this request" not in part
    assert not button_links(message)


@given(st.text(alphabet=st.characters(codec="ascii", min_codepoint=33), min_size=1))
def test_no_link_can_break_out_of_its_place(typed: str) -> None:
    odd = replace(LINKS, claim=f"https://api.example/{typed}")
    message = render_email(Notice.ALERT, links=odd)
    assert odd.claim in message.text.splitlines()
    assert sorted(button_links(message).values()) == sorted(astuple(odd))
    assert len(words_of(message, "//*")) == len(words_of(render_email(Notice.ALERT), "//*"))


# --- all of it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("notice", ASKING)
@pytest.mark.parametrize("history", [None, THIRD])
def test_lines_have_at_most_one_empty_line_between_them(
    notice: Notice, detail: AlertDetail, history: History | None
) -> None:
    for links in (LINKS, None):
        for lead in (a_lead(), bare()):
            text = render_email(notice, lead, detail, history=history, links=links).text
            assert "\n\n\n" not in text
            assert text.strip() == text.removesuffix("\n")


@pytest.mark.parametrize("notice", Notice)
def test_reference_shows_nothing_personal_in_any_email(notice: Notice) -> None:
    more: dict[str, Any] = {"claimed_by": "staff-1", "history": THIRD, "to_fallback": True}
    typed: dict[str, Any] = {
        "name": CANARY,
        "message": CANARY,
        "phone": CANARY,
        "email": f"{CANARY}@example.com",
        "call_me": CANARY,
    }
    message = render_email(notice, a_lead(**typed, preferred_contact="email", best_time="morning"), "reference", **more)
    assert CANARY not in everything(message)
    assert message == render_email(notice, bare(), "reference", **more)


# --- the visitor's words are in the first email only ------------------------------------------------------------------

LATER = [notice for notice in ASKING if notice is not Notice.ALERT]
WORDS: dict[str, Any] = {
    **dict.fromkeys(("message", "page", "referrer", "utm_source", "utm_content"), CANARY),
    "symptoms": (CANARY,),
    "health_notes": (CANARY,),
}


@pytest.mark.parametrize("notice", LATER)
def test_a_later_email_never_has_the_visitors_words(notice: Notice) -> None:
    message = render_email(notice, a_lead(**WORDS), "full")
    assert CANARY not in everything(message)
    assert "+1 202-555-0147" in message.text
    words = (
        "The request also has a message and answers about health. To read it, open the request at the desk, or find "
        "the first email with this reference in your mailbox."
    )
    assert words in message.text.splitlines()
    assert words in sentences(message)


@pytest.mark.parametrize("notice", LATER)
def test_a_later_email_is_the_same_with_contact_and_with_full(notice: Notice) -> None:
    full, contact = (render_email(notice, bare(), detail) for detail in ("full", "contact"))
    assert full == contact


@pytest.mark.parametrize("notice", LATER)
@pytest.mark.parametrize("field", ["name", "call_me"])
def test_a_later_email_leaves_out_of_a_name_what_a_spam_filter_stops(notice: Notice, field: str) -> None:
    lead = bare(**{field: "Robin Viagra, online pharmacy, $500!!!"})
    for part in (render_email(notice, lead).text, text_of(render_email(notice, lead))):
        assert "Robin [...], online [...], [...][...]" in part
    assert "Robin Viagra, online pharmacy, $500!!!" in render_email(Notice.ALERT, lead).text


@pytest.mark.parametrize(
    "name", ["J.R. O'Brien", "Won Loan", "Johnny Cash", "Million Free-Price", "Soma Pill 3rd", "Sam (my 2nd phone)!"]
)
def test_a_name_is_never_cut(name: str) -> None:
    assert f"\n> {name}\n" in render_email(Notice.REMINDER, bare(name=name)).text


def test_the_first_email_has_the_visitors_words_each_time_it_is_sent() -> None:
    message = render_email(Notice.ALERT, a_lead(**WORDS), "full")
    assert everything(message).count(CANARY) == 2 * len(WORDS)
    assert "first email" not in message.text


# --- someone claimed it -----------------------------------------------------------------------------------------------


def test_the_others_read_who_claimed_it_and_when_and_nothing_else() -> None:
    lead = a_lead(message="I want to die")
    message = render_email(
        Notice.CLAIMED, lead, "full", claimed_by="staff-2", claimed_at=NOW + timedelta(minutes=5), now=NOW
    )
    assert message.text.splitlines() == [
        f"{lead.reference} Claimed",
        CLINIC.name,
        "",
        "This request was claimed by nurse@example.com on Wednesday, March 4, 2026 at 10:35 AM EST.",
        "",
        "You don't need to do anything. If you already talked to the person, please tell your colleague.",
    ]
    assert sentences(message) == " ".join(message.text.split())
    assert message == render_email(
        Notice.CLAIMED, bare(), "reference", claimed_by="staff-2", claimed_at=NOW + timedelta(minutes=5)
    )


@pytest.mark.parametrize(("claimed_by", "who"), [(None, "a colleague"), ("staff-9", "a former recipient")])
def test_an_unknown_owner_is_left_out(claimed_by: str | None, who: str) -> None:
    assert f"claimed by {who}." in render_email(Notice.CLAIMED, claimed_by=claimed_by).text


def test_addresses_of_staff_are_escaped() -> None:
    names = NAMES | {"staff-1": "front&desk@example.com"}
    message = render_email(Notice.CLAIMED, names=names, claimed_by="staff-1")
    assert "front&amp;desk@example.com" in message.html
    assert "front&desk@example.com" in message.text


def test_only_our_links_and_addresses_of_staff_are_links() -> None:
    message = render_email(Notice.REMINDER, a_lead(email=None), "full")
    assert LINK.search(message.text)
    assert not LINK.search(without_links(message.text))
    assert not LINK.search(text_of(message))


def test_every_priority_has_its_word_in_a_subject() -> None:
    assert sorted(wording.SUBJECT_PREFIX.values()) == ["", "Read first: ", "URGENT: "]


@pytest.mark.parametrize("notice", ASKING)
def test_a_person_who_asked_for_no_contact_is_contacted_by_no_email(notice: Notice) -> None:
    message = render_email(notice, a_lead(withdrawn=CONSENT_KINDS), no_contact_since=NOW)
    assert "Do not contact this person." in message.text
    assert "The person asked for no contact after they sent this request." in message.text
    assert "Please contact them soon" not in message.text
    assert not [link for link in hrefs(message) if link.startswith(("tel:", "mailto:", "sms:"))]
