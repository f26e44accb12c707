"""emails: staff reach the person with one tap, by the ways that may be used, and never by replying."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.contact import normalize_email
from shared.leads.notice import INFORMATION, Notice
from shared.messages.circumstances import Circumstances
from shared.messages.reaching import at_night
from shared.messages.settings import AlertDetail
from tests.unit.emails import bare, boxes, contact_links, facts, mind, render_email, sentences, words_of
from tests.unit.people import CLINIC, NOW

ASKING = [notice for notice in Notice if notice not in INFORMATION]
ADDRESS = "robin@example.com"
SUBJECT = "subject=Your%20request%20to%20Riverbend%20Ketamine%20Clinic"
MAILTO = f"mailto:{ADDRESS}?{SUBJECT}"


@pytest.mark.parametrize("notice", ASKING)
@pytest.mark.parametrize("detail", ["contact", "full"])
@pytest.mark.parametrize(
    ("changes", "links"),
    [
        ({}, ["tel:+12025550147"]),
        ({"phone": "+12025550147 ext. 12"}, ["tel:+12025550147;ext=12"]),
        ({"email": ADDRESS}, ["tel:+12025550147", MAILTO]),
        ({"email": ADDRESS, "preferred_contact": "email"}, [MAILTO, "tel:+12025550147"]),
        ({"email": ADDRESS, "preferred_contact": "phone"}, ["tel:+12025550147"]),
        ({"email": ADDRESS, "preferred_contact": "text"}, ["tel:+12025550147"]),
        ({"email": ADDRESS, "phone": None}, [MAILTO]),
        ({"email": ADDRESS, "phone": None, "discreet": True}, [f"mailto:{ADDRESS}?subject=Your%20request"]),
        ({"email": "o'robin+a&b?c#d%e@example.com", "phone": None},
         [f"mailto:o%27robin%2Ba%26b%3Fc%23d%25e@example.com?{SUBJECT}"]),
        ({"phone": "no number"}, []),
        ({"phone": "+12025550147;ext=1?x"}, []),
        ({"email": "Robin <robin@example.com>", "phone": None}, []),
        ({"email": "<robin@example.com>", "phone": None}, []),
        ({"email": "mailto:robin@example.com", "phone": None}, []),
        ({"email": "robin@example.com?cc=sam@example.com", "phone": None}, []),
    ],
)  # fmt: skip
def test_a_way_that_may_be_used_is_a_link(
    notice: Notice, detail: AlertDetail, changes: dict[str, Any], links: list[str]
) -> None:
    assert contact_links(render_email(notice, bare(**changes), detail)) == links


def test_without_contact_details_there_is_no_link_to_the_person() -> None:
    message = render_email(Notice.ALERT, bare(email=ADDRESS), "reference")
    assert "mailto:" not in message.html
    assert "tel:" not in message.html


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9!#$%&'*+=?^_{|}~-]{0,20}@example\.com", fullmatch=True))
def test_any_address_is_read_back_from_its_link(address: str) -> None:
    assert normalize_email(address) == address
    (link,) = contact_links(render_email(Notice.ALERT, bare(phone=None, email=address)))
    parts = urlsplit(link)
    assert (parts.scheme, unquote(parts.path)) == ("mailto", address)
    assert parse_qs(parts.query) == {"subject": ["Your request to Riverbend Ketamine Clinic"]}


@pytest.mark.parametrize("name", ["Brook & Sons", "100% Care?", 'The "Best"', "Клиника"])
def test_the_clinics_name_stays_within_the_subject_of_the_link(name: str) -> None:
    clinic = replace(CLINIC, name=name)
    (link,) = contact_links(render_email(Notice.ALERT, bare(phone=None, email=ADDRESS), clinic=clinic))
    assert parse_qs(urlsplit(link).query) == {"subject": [f"Your request to {name}"]}


@pytest.mark.parametrize(
    ("changes", "instead"),
    [
        ({}, " Call the person."),
        ({"email": ADDRESS}, " Write to the person at their address, or call them."),
        ({"email": ADDRESS, "preferred_contact": "phone"}, " Call the person."),
        ({"email": ADDRESS, "phone": None}, " Write to the person at their address."),
        ({"phone": None}, ""),
    ],
)
@pytest.mark.parametrize("notice", ASKING)
def test_every_email_with_contact_details_says_that_a_reply_reaches_nobody(
    notice: Notice, changes: dict[str, Any], instead: str
) -> None:
    message = render_email(notice, bare(**changes))
    words = f"A reply to this email reaches nobody.{instead}"
    assert words in message.text.splitlines()
    assert words_of(message, "//p[@class='note']/strong") == [words]


# --- numbers that cost extra ------------------------------------------------------------------------------------------

PREMIUM = "Premium-rate number: calling it may cost money that somebody else earns."


@pytest.mark.parametrize(
    ("phone", "warning", "has_link"),
    [
        ("+19005550100", PREMIUM, False),
        (
            "+449098790000",
            "Premium-rate number in the United Kingdom: calling it may cost money that somebody else earns.",
            False,
        ),
        ("+870773111632", "Satellite phone: calling it may cost a lot of money.", False),
        ("+881612345678", "Satellite phone: calling it may cost a lot of money.", False),
        ("+442079460018", "Number in the United Kingdom: calling it may cost extra.", True),
    ],
)
@pytest.mark.parametrize("notice", ASKING)
@pytest.mark.parametrize("urgent", [True, False])
def test_a_number_that_may_cost_extra_says_so_beside_it(
    notice: Notice,
    phone: str,
    warning: str,
    has_link: bool,  # noqa: FBT001
    urgent: bool,  # noqa: FBT001
) -> None:
    message = render_email(notice, bare(phone=phone, in_crisis=urgent))
    assert words_of(message, "//dd/span[@class='warning']") == [warning]
    assert f"  ({warning})\n" in message.text
    assert bool(contact_links(message)) is has_link
    first = "Before you dial, read the note beside the phone number."
    assert (first in boxes(message, "now")) is urgent
    assert (first in message.text.splitlines()) is urgent


def test_an_ordinary_number_has_no_warning() -> None:
    message = render_email(Notice.ALERT, bare(in_crisis=True))
    assert words_of(message, "//span[@class='warning']") == []
    assert "Before you dial" not in message.text


# --- nights -----------------------------------------------------------------------------------------------------------


def night(notice: Notice = Notice.ALERT, *, now: datetime = NOW, **changes: Any) -> str | None:  # noqa: ANN401
    """Return the point about the night. It must be in both parts, and the first in the box."""
    message = render_email(notice, bare(**changes), now=now)
    points = [point for point in mind(message) if "where they are" in point]
    assert not points or points == mind(message)[:1] == words_of(message, "//li/strong")[:1]
    assert [f"- {point}" for point in points] == [
        line for line in message.text.splitlines() if "where they are" in line
    ]
    return points[0] if points else None


@pytest.mark.parametrize("notice", ASKING)
def test_before_a_call_at_night_staff_read_what_time_it_is_there(notice: Notice) -> None:
    at_six = datetime(2026, 3, 4, 14, 12, tzinfo=UTC)
    words = "When we sent this email, it was 6:12 AM where they are. Do not call before 8 AM their time."
    assert night(notice, now=at_six, time_zone="America/Los_Angeles") == words


def test_a_page_says_what_time_it_is_there_now() -> None:
    at_six = datetime(2026, 3, 4, 14, 12, tzinfo=UTC)
    around = Circumstances(clinic=CLINIC, now=at_six, on_a_page=True)
    point = at_night(bare(time_zone="America/Los_Angeles"), around)
    assert point
    assert point.words == "It is 6:12 AM where they are. Do not call before 8 AM their time."


@pytest.mark.parametrize(
    ("minutes", "is_night"),
    [(-1, True), (0, False), (13 * 60 - 1, False), (13 * 60, True), (16 * 60, True)],
)
def test_calls_are_from_eight_to_nine_where_the_person_is(minutes: int, is_night: bool) -> None:  # noqa: FBT001
    eight = datetime(2026, 3, 4, 16, tzinfo=UTC)
    found = night(now=eight + timedelta(minutes=minutes), time_zone="America/Los_Angeles")
    assert (found is not None) is is_night


@pytest.mark.parametrize(
    "zone", ["UTC", "Etc/UTC", "Etc/GMT+5", "GMT", "GMT0", "Zulu", "Greenwich", "UCT", "Was/A_Zone_Once", None]
)
def test_where_we_do_not_know_the_persons_clock_we_say_nothing_of_it(zone: str | None) -> None:
    assert night(now=datetime(2026, 3, 4, 3, tzinfo=UTC), time_zone=zone) is None


def test_a_person_in_crisis_is_called_at_any_hour() -> None:
    late: dict[str, Any] = {"now": datetime(2026, 3, 4, 3, tzinfo=UTC), "time_zone": "Europe/Berlin"}
    assert night(**late) is not None
    assert night(**late, in_crisis=True) is None
    assert night(**late, phone=None, email=ADDRESS) is None
    assert night(**late, message="I want to end it all") == (
        "When we sent this email, it was 4:00 AM where they are. Do not call before 8 AM their time, unless you think "
        "they are in danger."
    )


def test_a_zone_that_is_no_place_decides_no_best_time() -> None:
    lead = bare(best_time="morning", time_zone="UTC")
    message = render_email(Notice.CALL_AGAIN, lead, now=datetime(2026, 3, 4, 14, tzinfo=UTC), claimed_by="staff-2")
    assert "This is the best time to reach them." in sentences(message)  # 9 AM at the clinic, 2 PM in UTC


def test_a_phone_number_is_shown_as_people_write_it() -> None:
    assert facts(render_email(Notice.ALERT, bare(phone="+12025550147 ext. 12")))["Phone"] == "+1 202-555-0147 ext. 12"
