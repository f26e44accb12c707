"""The digest's email: marks, names as AlertDetail allows, the status of each request, and links."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from follow_up.digest.email import ABOUT_LINKS, NO_LINKS, Reader, compose_digest
from follow_up.digest.summary import MOST_LINES, Digest, FailingRecipient, Request, Section, digest
from shared.leads.canary import CANARY_NAME
from shared.leads.link import links
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, ResponseState
from shared.leads.worklist import ListedLead, Listing
from shared.messages.settings import AlertDetail
from shared.services.mailer import Message
from tests.unit.digests import KEY, on_the_list
from tests.unit.emails import elements, hrefs, words_of
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.senders import ADDRESSES, TEAM
from tests.unit.test_digest import CLAIMED, LISTS, digest_of, read

ROOT = Path(__file__).parents[2]
GMAIL_CLIPS_AT = 102 * 1024
HOSTILE = '<b>www.example.com</b> & "me" a@b.example'
IN_CRISIS: dict[str, Any] = {"in_crisis": True}
WORRYING: dict[str, Any] = {"message": "I want to kill myself."}

DESK = "https://api.example/prod/desk"


def reader(detail: AlertDetail = "contact", pages: Mapping[str, str] | None = None) -> Reader:
    return Reader(clinic=CLINIC, team=TEAM, detail=detail, names=ADDRESSES, pages=pages or {}, desk=DESK)


def mail_of(made: Digest, detail: AlertDetail = "contact", pages: Mapping[str, str] | None = None) -> Message:
    return compose_digest(made, reader(detail, pages))


def mail_about(listed: ListedLead, stored: StoredLead, detail: AlertDetail = "contact") -> Message:
    return mail_of(digest_of(listed, leads={listed.lead_id: stored}), detail)


def references(message: Message) -> list[str]:
    return re.findall(r"^- (?:[A-Za-z ]+: )?(KC-\S+)$", message.text, re.MULTILINE)


# --- what each row says -----------------------------------------------------------------------------------------------


def test_each_list_has_its_requests_with_their_times_and_status() -> None:
    made = digest_of(
        on_the_list(1, minutes_ago=75),
        on_the_list(2, minutes_ago=50 * 24 * 60, told_at=None),
        on_the_list(3, claimed_at=NOW - timedelta(minutes=3), **CLAIMED),
        on_the_list(4, claimed_at=NOW, **CLAIMED | {"claimed_by": "fallback-3"}),
        on_the_list(7, minutes_ago=100 * 24 * 60),
        undeliverable=[on_the_list(5)],
        quarantined=[on_the_list(6)],
    )
    text = mail_of(made).text
    assert "UNCLAIMED REQUESTS (3)" in text
    assert (
        "OPEN FOR MORE THAN 90 DAYS: DECIDE (1)\n"
        "An open request is never deleted. Please reach each person, or say what came of the request and close it.\n"
        "- KC-MADE-0007\n  Received Mon, Nov 24, 2025, 10:30 AM, 100 days ago\n  Not claimed yet.\n"
    ) in text
    assert (
        "- KC-MADE-0002\n  Received Tue, Jan 13, 10:30 AM, 50 days ago\n"
        "  Unclaimed. No email about it has been sent yet.\n"
        "- KC-MADE-0001\n  Received Wed, Mar 4, 9:15 AM, 1 hour ago\n  Not claimed yet.\n"
    ) in text
    assert (
        "- KC-MADE-0003\n  Received Wed, Mar 4, 10:20 AM, 10 minutes ago\n"
        "  Claimed by nurse@example.com since Wed, Mar 4, 10:27 AM, 3 minutes ago.\n"
    ) in text
    assert "Unclaimed: it was claimed by a former recipient on Wed, Mar 4, 10:30 AM, just now." in text
    assert "ALERTS THAT REACHED NO ONE (1)\n" in text
    assert "POSSIBLE SPAM TO CHECK (1)\n" in text
    assert references(mail_of(made)) == [f"KC-MADE-000{number}" for number in (5, 2, 1, 4, 3, 7, 6)]


HOUR_AGO = NOW - timedelta(hours=1)
OWNED: dict[str, Any] = {"response": ResponseState.CLAIMED, "claimed_by": "staff-2", "claimed_at": HOUR_AGO}


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        ({"told_at": HOUR_AGO}, "Not claimed yet."),
        ({}, "Unclaimed. No email about it has been sent yet."),
        (
            {"action": ClaimAction.HAND_BACK, "acted_at": HOUR_AGO, "acted_by": "staff-2", "tried": 2},
            (
                "Handed back by nurse@example.com on Wed, Mar 4, 9:30 AM, 1 hour ago. Unclaimed since then. "
                "Tried 2 times before."
            ),
        ),
        (
            {"action": ClaimAction.HAND_BACK, "acted_at": NOW, "acted_by": "left"},
            "Handed back by a former recipient on Wed, Mar 4, 10:30 AM, just now. Unclaimed since then.",
        ),
        (
            {
                "action": ClaimAction.HAND_BACK,
                "acted_at": NOW,
                "acted_by": "person",
                "acted_by_address": "kim@example.com",
            },
            "Handed back by kim@example.com on Wed, Mar 4, 10:30 AM, just now. Unclaimed since then.",
        ),
        (
            OWNED | {"action": ClaimAction.FOLLOW_UP, "acted_at": NOW, "follow_up_at": NOW + timedelta(days=1)},
            "Claimed by nurse@example.com. Follow up on Thu, Mar 5, 10:30 AM.",
        ),
        (
            OWNED | {"action": ClaimAction.HAND_OVER, "acted_at": NOW},
            "Claimed by nurse@example.com since Wed, Mar 4, 10:30 AM, just now.",
        ),
        (OWNED, "Claimed by nurse@example.com since Wed, Mar 4, 9:30 AM, 1 hour ago."),
        (
            OWNED | {"action": ClaimAction.CLAIM, "acted_at": NOW, "tried": 1},
            "Claimed by nurse@example.com since Wed, Mar 4, 10:30 AM, just now. Tried 1 time before.",
        ),
        (
            OWNED | {"claimed_by": "person", "owner_address": "desk@example.com"},
            "Claimed by desk@example.com since Wed, Mar 4, 9:30 AM, 1 hour ago.",
        ),
        (
            OWNED
            | {
                "action": ClaimAction.NO_ANSWER,
                "acted_at": HOUR_AGO,
                "tried": 2,
                "call_again_at": NOW + timedelta(hours=3),
            },
            (
                "Claimed by nurse@example.com. Tried 2 times without an answer, last on Wed, Mar 4, 9:30 AM, 1 hour "
                "ago. Next try: Wed, Mar 4, 1:30 PM."
            ),
        ),
        (
            OWNED | {"action": ClaimAction.EMAILED, "acted_at": HOUR_AGO, "tried": 1},
            (
                "Claimed by nurse@example.com. Emailed the person on Wed, Mar 4, 9:30 AM, 1 hour ago, and waiting "
                "for an answer. Tried 1 time before."
            ),
        ),
        (
            OWNED | {"claimed_by": "left"},
            "Unclaimed: it was claimed by a former recipient on Wed, Mar 4, 9:30 AM, 1 hour ago.",
        ),
    ],
)
@pytest.mark.parametrize("detail", ["reference", "contact", "full"])
def test_a_row_has_the_status_of_its_request(progress: dict[str, Any], words: str, detail: AlertDetail) -> None:
    listed = on_the_list(1)
    message = mail_about(listed, read(listed, **progress), detail)
    assert f"\n  {words}\n" in message.text
    assert f">{words}</li>" in message.html


def test_a_quarantined_request_says_only_what_staff_did_about_it() -> None:
    spam, claimed = on_the_list(1), on_the_list(2)
    leads = {
        spam.lead_id: read(spam, state=AlertState.QUARANTINED),
        claimed.lead_id: read(claimed, state=AlertState.QUARANTINED, **OWNED),
    }
    text = mail_of(digest_of(quarantined=[spam, claimed], leads=leads), "reference").text
    assert "Unclaimed" not in text
    assert "Claimed by nurse@example.com" in text


# --- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["opened", "undeliverable", "quarantined"])
@pytest.mark.parametrize("detail", ["reference", "contact", "full"])
def test_urgent_requests_are_first_and_marked_as_in_their_alerts(where: str, detail: AlertDetail) -> None:
    normal, high, urgent = (on_the_list(number, minutes_ago=10) for number in (1, 2, 3))
    leads = {
        normal.lead_id: read(normal),
        high.lead_id: read(high, lead=WORRYING),
        urgent.lead_id: read(urgent, lead=IN_CRISIS),
    }
    lists: dict[str, Any] = {name: Listing(leads=(normal, high, urgent) if name == where else ()) for name in LISTS}
    message = mail_of(digest(now=NOW, clinic=CLINIC, team=TEAM, leads=leads, **lists), detail)
    lines = [line for line in message.text.splitlines() if line.startswith("- ") and "KC-" in line]
    assert lines == ["- URGENT: KC-MADE-0003", "- Read first: KC-MADE-0002", "- KC-MADE-0001"]
    rows = re.findall(r"<strong>([^<]*KC-[^<]*)</strong>", message.html)
    assert rows == [line.removeprefix("- ") for line in lines]


def test_an_urgent_request_that_cannot_be_read_is_marked_too() -> None:
    assert "- URGENT: KC-MADE-0001\n" in mail_of(digest_of(on_the_list(1, urgent=True))).text


@pytest.mark.parametrize(
    ("opened", "headline", "subject"),
    [
        ((), "Every request is closed", "all closed"),
        ((on_the_list(1, **CLAIMED),), "Every request is claimed", "all claimed"),
        ((on_the_list(1),), "1 request is unclaimed", "1 unclaimed"),
        ((on_the_list(1), on_the_list(2)), "2 requests are unclaimed", "2 unclaimed"),
        (
            (on_the_list(1, urgent=True), on_the_list(2)),
            "1 urgent request is still open. 2 requests are unclaimed",
            "1 urgent, 2 unclaimed",
        ),
        (
            tuple(on_the_list(number, urgent=True, **CLAIMED) for number in range(2)),
            "2 urgent requests are still open. Every request is claimed",
            "2 urgent, all claimed",
        ),
    ],
)
def test_the_first_line_and_the_subject_say_whether_a_request_waits(
    opened: tuple[ListedLead, ...], headline: str, subject: str
) -> None:
    message = mail_of(digest_of(*opened))
    assert message.text.splitlines()[0] == headline
    assert words_of(message, "//h1") == [headline]
    assert message.subject == f"Consultation requests, Wednesday, March 4: {subject}"


def test_an_undeliverable_lead_is_counted_as_unclaimed() -> None:
    message = mail_of(digest_of(undeliverable=[on_the_list(1)]))
    assert message.text.splitlines()[0] == "1 request is unclaimed"
    assert message.subject.endswith(": 1 unclaimed")


@pytest.mark.parametrize(("complete", "words"), [(True, "and 7 more"), (False, "and at least 7 more")])
def test_a_long_list_is_cut_and_says_so(complete: bool, words: str) -> None:  # noqa: FBT001
    made = digest_of(*(on_the_list(number) for number in range(MOST_LINES + 7)))
    message = mail_of(replace(made, waiting=replace(made.waiting, exact=complete)))
    assert len(references(message)) == MOST_LINES
    assert f"- {words}" in message.text.splitlines()
    assert words in words_of(message, "//li")
    assert message.text.startswith("At least") is not complete


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", ["contact", "full"])
def test_a_name_is_labeled_escaped_and_makes_no_link(detail: AlertDetail) -> None:
    listed = on_the_list(1)
    message = mail_about(listed, read(listed, lead={"name": HOSTILE}), detail)
    for part in (message.text, message.html):
        assert "www.example" not in part
        assert "a@b" not in part
    assert "<b>www" not in message.html
    assert 'dir="ltr">&lt;b&gt;www' in message.html
    assert "\n  Name: <b>www" in message.text
    assert "Name: Robin Example\n" in mail_about(listed, read(listed), detail).text


@pytest.mark.parametrize(("length", "shown"), [(60, "x" * 60), (61, "x" * 60 + "\N{HORIZONTAL ELLIPSIS}")])
def test_a_long_name_is_cut(length: int, shown: str) -> None:
    listed = on_the_list(1)
    assert f"\n  Name: {shown}\n" in mail_about(listed, read(listed, lead={"name": "x" * length})).text


def test_a_name_that_ses_may_have_rejected_is_not_shown() -> None:
    listed = on_the_list(1)
    message = mail_about(listed, read(listed, plain_after=1))
    assert "Name:" not in message.text + message.html


def test_the_canary_has_no_name_in_the_digest() -> None:
    listed = on_the_list(1)
    unsent = mail_about(listed, read(listed, lead={"name": CANARY_NAME}))
    assert CANARY_NAME not in unsent.text + unsent.html
    # A person may have that name, too.
    assert CANARY_NAME in mail_about(listed, read(listed, lead={"name": CANARY_NAME}, told_at=NOW)).text


def test_a_lead_that_cannot_be_read_is_shown_by_its_reference() -> None:
    message = mail_of(digest_of(on_the_list(1)))
    assert references(message) == ["KC-MADE-0001"]
    assert "Name:" not in message.text + message.html


# --- links ------------------------------------------------------------------------------------------------------------


def test_each_row_links_to_its_requests_page() -> None:
    one, two = on_the_list(1), on_the_list(2)
    message = mail_of(digest_of(one, quarantined=[two]), pages={one.lead_id: "https://a.example/1"})
    assert [each.attrib["href"] for each in elements(message, "//li//a[.='Open']")] == ["https://a.example/1"]
    assert "\n  Open: https://a.example/1\n" in message.text
    assert hrefs(message) == [DESK, "https://a.example/1"]
    assert message.text.count("Open: ") == 1
    assert ABOUT_LINKS in message.text
    assert ABOUT_LINKS in message.html


def test_the_digest_links_to_the_desk() -> None:
    for made in (mail_of(digest_of()), mail_of(digest_of(on_the_list(1)), "reference")):
        assert f"\nAll requests are at the desk. You sign in there:\n{DESK}\n" in made.text
        assert DESK in hrefs(made)


def test_without_links_the_digest_says_where_to_find_some() -> None:
    message = mail_of(digest_of(on_the_list(1)))
    assert hrefs(message) == [DESK]
    assert NO_LINKS in message.text
    assert NO_LINKS not in mail_of(digest_of()).text


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_a_recipient_that_failed_last_week_is_named_by_address() -> None:
    long_ago, lately = NOW - timedelta(days=8), NOW - timedelta(days=1)
    failing = (
        FailingRecipient(recipient="staff-1", bounced_at=long_ago, complained_at=None),
        FailingRecipient(recipient="staff-2", bounced_at=lately, complained_at=None),
        FailingRecipient(recipient="fallback-1", bounced_at=None, complained_at=lately),
    )
    lists: dict[str, Any] = {name: Listing(leads=()) for name in LISTS}
    message = mail_of(digest(now=NOW, clinic=CLINIC, team=TEAM, recipients=failing, **lists))
    assert (
        "RECIPIENTS WE CAN'T REACH BY EMAIL (2)\n"
        "- nurse@example.com. Emails to this address bounced, last on Tue, Mar 3, 10:30 AM.\n"
        "- owner@example.com. Emails to this address were reported as spam, last on Tue, Mar 3, 10:30 AM.\n"
    ) in message.text
    assert "frontdesk" not in message.html


def test_response_times_are_one_line_for_normal_and_one_for_urgent_requests() -> None:
    claimed = on_the_list(1, minutes_ago=40, claimed_at=NOW - timedelta(minutes=30))
    late, urgent = on_the_list(2, minutes_ago=85), on_the_list(3, minutes_ago=20, urgent=True)
    text = mail_of(digest_of(claimed, late, urgent)).text
    assert (
        "RESPONSE TIMES IN THE LAST 7 DAYS\n"
        "- Normal requests, in opening hours: 2 came in, and 1 was claimed, within 10 minutes. Within the target of 60 "
        "minutes: 1 of 2 (50%).\n"
        "- Urgent requests, at any hour: 1 came in, and none has been claimed yet. Within the target of 15 minutes: "
        "0 of 1 (0%).\n"
    ) in text
    two = mail_of(digest_of(claimed, replace(claimed, lead_id="ANOTHER"))).text
    assert "2 came in, and 2 were claimed, half of them within 10 minutes." in two


def test_without_requests_there_are_no_response_times() -> None:
    text = mail_of(digest_of()).text
    assert "- Normal requests, in opening hours: none came in.\n" in text
    assert "- Urgent requests, at any hour: none came in.\n" in text
    assert "1 came in, and none has been claimed yet.\n" in mail_of(digest_of(on_the_list(1))).text


def a_long_row(number: int) -> Request:
    """Return a request with everything that makes its row long, except the addresses of staff."""
    lead = replace(a_lead(name="\N{IDEOGRAPHIC FULL STOP}" * 100, **IN_CRISIS), id=f"{number:026}")
    progress = Progress(
        response=ResponseState.CLAIMED,
        claimed_by="staff-2",
        action=ClaimAction.NO_ANSWER,
        acted_at=NOW - timedelta(days=400),
        call_again_at=NOW - timedelta(days=399),
        tried=100,
        told_at=NOW,
    )
    return Request(
        listed=on_the_list(number, lead_id=lead.id, reference=lead.reference, minutes_ago=600_000),
        stored=StoredLead(lead=lead, progress=progress),
    )


def test_gmail_does_not_clip_the_longest_digest() -> None:
    rows = [tuple(map(a_long_row, range(start, start + MOST_LINES))) for start in range(0, 5 * MOST_LINES, MOST_LINES)]
    sections = [Section(shown=shown, count=9999, exact=False) for shown in rows]
    made = replace(
        digest_of(),
        undeliverable=sections[0],
        waiting=sections[1],
        claimed=sections[2],
        quarantined=sections[3],
        long_open=sections[4],
    )
    url = "https://a1b2c3d4e5.execute-api.ap-southeast-1.amazonaws.com/production"
    pages = {id_: links(url, id_, "r-1f3c9a20be47", 0, KEY, NOW).page for id_ in made.shown}
    addresses = dict.fromkeys(ADDRESSES, f"{'long' * 12}@example.com")
    longest = compose_digest(made, replace(reader("full"), names=addresses, pages=pages))
    assert len(references(longest)) == 5 * MOST_LINES
    assert len(longest.html.encode()) < GMAIL_CLIPS_AT


def test_the_docs_have_the_length_of_a_list() -> None:
    privacy = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    assert f"up to {5 * MOST_LINES} people: {MOST_LINES} in each of its five lists" in privacy
    performance = (ROOT / "docs" / "performance" / "README.md").read_text("utf-8")
    assert f"lists {MOST_LINES}: urgent ones first" in performance
