"""claim: the pages behind the links in emails. GET changes nothing, a button records, and every refusal helps."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.leads.alert import rearmed
from shared.leads.decisions import Decide, Rules
from shared.leads.desk import follow_up, hand_over, settle
from shared.leads.link import LINK_LIFE
from shared.leads.notice import Notice
from shared.leads.person import Person
from shared.leads.progress import AlertState
from shared.leads.response import OF_LINKS, ClaimAction, Outcome
from shared.leads.response import ResponseState as Stage
from shared.leads.team import Team
from shared.services.keys import Keys
from shared.store.leads import BusyLeadError
from shared.web.http import Response
from tests.unit.claim_pages import (
    LATER,
    LEAD,
    SECRET,
    TEAM,
    Rehearsal,
    emitted,
    facts,
    folded,
    forget_metrics,
    forms,
    labels,
    sent_by,
)
from tests.unit.fakes import Clock
from tests.unit.output import everything_printed
from tests.unit.people import CLINIC, NOW, a_lead, but
from tests.unit.vault import secret_of
from tests.unit.web import page_text

ONE_TAP = (ClaimAction.CLAIM, ClaimAction.REACHED, ClaimAction.NO_ANSWER)
REASONS = ["Spam", "Wrong number", "Duplicate of another request", "Does not want to be contacted"]
AGAIN = (
    "If you don't say how it went, we'll remind you today at 2:32 PM EST, and then everyone tomorrow at 10:32 AM EST."
)


def never() -> str:
    raise KeyError("SecretString")


@pytest.fixture
def desk() -> Rehearsal:
    return Rehearsal()


# --- Opening a link ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("action", [None, *OF_LINKS])
def test_opening_a_link_shows_its_page_and_changes_nothing(
    desk: Rehearsal, action: ClaimAction | None, method: str
) -> None:
    before = desk.stored
    for _ in range(3):  # a scanner, another scanner, a person
        response = desk.asked(method, desk.link(action))
        assert response.status == 200
        assert labels(response)
    assert desk.stored == before
    assert not emitted()


def test_the_page_says_who_has_it_and_what_comes_next(desk: Rehearsal) -> None:
    page = desk.get(desk.link())
    assert facts(page) == {
        "Reference": LEAD.reference,
        "Received": "Today at 10:30 AM EST",
        "Waiting": "2 minutes",
        "Claimed by": "Nobody has claimed it",
        "Next reminder": "Today at 10:45 AM EST",
    }
    assert (labels(page), folded(page)) == (["Claim this request", "Reached", "No answer"], REASONS)


def test_a_reminder_that_is_late_comes_soon(desk: Rehearsal) -> None:
    page = desk.after(minutes=40).get(desk.link())
    assert facts(page)["Next reminder"] == "Within the next few minutes"
    assert facts(page)["Waiting"] == "42 minutes"


@pytest.mark.parametrize(
    ("action", "first", "title"),
    [
        (ClaimAction.CLAIM, "Claim this request", "Claim this request?"),
        (ClaimAction.REACHED, "Reached", "Did you reach them?"),
        (ClaimAction.NO_ANSWER, "No answer", "No answer?"),
    ],
)
def test_a_one_tap_link_puts_its_own_choice_first(desk: Rehearsal, action: ClaimAction, first: str, title: str) -> None:
    page = desk.get(desk.link(action))
    assert title in page_text(page)
    assert labels(page)[0] == first
    assert sorted(labels(page)) == sorted(labels(desk.get(desk.link())))
    (biggest,) = [label for label, form in forms(page).items() if form.get("class") == "main"]
    assert biggest == first


def test_each_button_is_a_form_of_its_own_that_posts_to_the_pages_address(desk: Rehearsal) -> None:
    for label, form in forms(desk.get(desk.link())).items():
        assert (form.get("method"), form.get("action")) == ("post", None)
        assert len(form.xpath(".//button[@type='submit']")) == 1
        assert form.xpath(".//input/@type") == ["hidden"], label
    assert sent_by(desk.get(desk.link()), "No answer") == "seen=0&action=no_answer"


def test_a_page_opened_later_shows_who_claimed_it_and_how_often_it_was_tried(desk: Rehearsal) -> None:
    desk.do("Claim this request")
    desk.after(minutes=8).do("No answer")
    page = desk.after(days=1).get(desk.link(recipient="staff-2"))
    assert "A colleague claimed this request" in page_text(page)
    assert facts(page) == {
        "Reference": LEAD.reference,
        "Received": "Yesterday at 10:30 AM EST",
        "Waiting": "1 day",
        "Claimed by": "nurse@example.com",
        "First claimed": "Yesterday at 10:32 AM EST",
        "Tried": "Once without an answer, last yesterday at 10:40 AM EST",
        "Next reminder": "Within the next few minutes",
    }
    assert not [form for form in forms(page).values() if form.get("class") == "main"]


def test_a_shared_mailbox_is_called_what_it_is(desk: Rehearsal) -> None:
    claimed = desk.do("Claim this request", "staff-2")
    assert facts(claimed)["Claimed by"] == "frontdesk@example.com (a shared mailbox)"
    opened = page_text(desk.get(desk.link(recipient="staff-2")))
    assert "This request is claimed" in opened
    assert "You claimed" not in opened


def test_a_closed_request_says_who_closed_it_when_and_why(desk: Rehearsal) -> None:
    desk.do("Spam", "fallback-1")
    page = desk.after(hours=1).get(desk.link(ClaimAction.CLAIM))
    assert page.status == 200
    shown = facts(page)
    assert (shown["Closed as"], shown["Closed"]) == ("Spam", "Today at 10:32 AM EST")
    assert shown["Closed by"] == "jordan@example.com"
    assert {"Next reminder", "Waiting", "Claimed by"}.isdisjoint(shown)
    assert (labels(page), folded(page)) == (["Reopen this request"], [])


def test_only_possible_choices_are_offered(desk: Rehearsal) -> None:
    assert "Emailed and waiting" not in labels(desk.get(desk.link()))  # they want to be called
    by_email = Rehearsal(lead=but(LEAD, phone=None, preferred_contact="email"))
    assert "Emailed and waiting" in labels(by_email.get(by_email.link()))
    for count in range(1, 4):
        offered = labels(desk.after(hours=2).do("No answer"))
        assert ("Could not reach" in offered) is (count >= 3)
        assert "Hand back" in offered
        assert "Claim this request" not in offered


# --- Pressing a button ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [True, False])
def test_a_claim_makes_its_owner_and_says_what_comes_next(desk: Rehearsal, *, empty: bool) -> None:
    response = desk.post(desk.link(ClaimAction.CLAIM)) if empty else desk.do("Claim this request")
    assert response.status == 200
    text = page_text(response)
    assert "You claimed this request." in text
    assert "Your colleagues will get a short email" in text
    assert AGAIN in text
    assert labels(response) == ["Reached", "No answer", "Hand back"]
    assert desk.progress.response is Stage.CLAIMED
    assert (desk.progress.claimed_by, desk.progress.claimed_at) == ("staff-1", NOW + LATER)
    assert desk.progress.notice is Notice.CLAIMED
    assert desk.table.kinds_of(LEAD.id) == ["claimed"]
    assert emitted() == {"RequestsClaimed": 1}


def test_the_question_to_claim_says_what_follows(desk: Rehearsal) -> None:
    assert AGAIN in page_text(desk.get(desk.link(ClaimAction.CLAIM)))


def test_uninformed_colleagues_are_not_mentioned() -> None:
    desk = Rehearsal(team=replace(TEAM, tell_others=False))
    assert "colleagues" not in page_text(desk.do("Claim this request"))


def test_the_answer_reached_closes_the_lead(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM))
    response = desk.after(minutes=8).post(desk.link(ClaimAction.REACHED))
    assert response.status == 200
    assert "Request closed." in page_text(response)
    assert labels(response) == ["Undo"]
    assert desk.progress.response is Stage.CLOSED
    assert desk.table.kinds_of(LEAD.id) == ["claimed", "reached"]
    assert emitted() == {"RequestsClaimed": 1, "RequestsReached": 1}


@pytest.mark.parametrize("reason", REASONS)
def test_what_is_not_a_request_is_closed_with_its_reason(desk: Rehearsal, reason: str) -> None:
    response = desk.do(reason)
    assert f"Request closed: {reason.lower()}." in page_text(response)
    assert facts(response)["Closed as"] == reason
    assert labels(response) == ["Undo"]
    assert desk.table.kinds_of(LEAD.id) == ["closed"]
    assert emitted() == {"RequestsClosed": 1}


def test_somebody_who_could_not_be_reached_is_given_up_after_three_tries(desk: Rehearsal) -> None:
    for _ in range(3):
        desk.after(hours=2).do("No answer")
    assert "Request closed: could not be reached." in page_text(desk.do("Could not reach"))
    assert facts(desk.get(desk.link()))["Tried"].startswith("3 times without an answer, last today at 4:32 PM")


def test_an_emailed_person_has_time_to_reply() -> None:
    desk = Rehearsal(lead=but(LEAD, phone=None, preferred_contact="email"))
    response = desk.do("Emailed and waiting")
    assert "Noted: you emailed them." in page_text(response)
    assert "we'll remind you tomorrow at 10:32 AM EST, and then everyone" in page_text(response)
    assert emitted() == {"VisitorsEmailed": 1}


def test_a_request_that_is_handed_back_is_nobodys(desk: Rehearsal) -> None:
    desk.do("Claim this request")
    response = desk.do("Hand back")
    assert "You handed this request back." in page_text(response)
    assert "We'll email everyone on the alert list within the next few minutes and ask them to claim it." in page_text(
        response
    )
    assert facts(response)["Claimed by"] == "Nobody has claimed it"
    assert desk.progress.response is Stage.OPEN


def test_after_no_answer_the_reminder_comes_at_their_best_time(desk: Rehearsal) -> None:
    planned = (
        "We'll ask everyone on the alert list to try again today at 11:32 AM EST, at the time of day they asked for."
    )
    assert planned in page_text(desk.get(desk.link(ClaimAction.NO_ANSWER)))
    response = desk.post(desk.link(ClaimAction.NO_ANSWER))
    assert response.status == 200
    assert planned in page_text(response)
    assert desk.progress.call_again_at == NOW + LATER + timedelta(hours=1)
    assert desk.table.kinds_of(LEAD.id) == ["no_answer"]
    assert emitted() == {"CallsUnanswered": 1}


@pytest.mark.parametrize(
    ("wish", "now", "said"),
    [
        ({"best_time": "any"}, NOW + LATER, "try again today at 11:32 AM EST."),
        ({"best_time": None}, NOW + LATER, "try again today at 11:32 AM EST."),
        (
            {"best_time": "morning"},
            NOW + timedelta(hours=3),
            "try again tomorrow at 9 AM EST, at the time of day they asked for.",
        ),
        # Nobody is there in the evening, and daylight saving starts in between.
        ({"best_time": "evening"}, NOW + timedelta(days=2, hours=6), "try again on Monday, March 9 at 9 AM EDT."),
        (
            {"best_time": "evening", "time_zone": "Europe/Paris"},
            NOW + LATER,
            "try again today at 11:32 AM EST, at the time of day they asked for.",
        ),
    ],
)
def test_a_time_that_they_asked_for_is_called_so_and_no_other(wish: dict[str, Any], now: datetime, said: str) -> None:
    desk = Rehearsal(lead=but(LEAD, **wish), clock=Clock(now))
    assert f"We'll ask everyone on the alert list to {said}" in page_text(desk.post(desk.link(ClaimAction.NO_ANSWER)))


@pytest.mark.parametrize(("answer", "kind"), [("claim", "claimed"), ("reached", "reached"), ("no_answer", "no_answer")])
def test_the_timeline_names_the_recipient(desk: Rehearsal, answer: str, kind: str) -> None:
    desk.post(desk.link(ClaimAction(answer), "fallback-1"))
    (entry,) = [entry for entry in desk.table.timeline.values() if entry["kind"] == {"S": kind}]
    assert entry["actor"] == {"S": "fallback-1"}


def test_a_quarantined_lead_can_be_answered_too(desk: Rehearsal) -> None:
    held = replace(desk.progress, state=AlertState.QUARANTINED, due_at=None)
    desk.table.change(LEAD.id, lambda _stored: held)
    assert desk.post(desk.link(ClaimAction.REACHED)).status == 200


# --- Undo -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recipient", ["staff-1", "staff-2", "fallback-1"])
def test_anyone_with_a_live_link_can_reopen_a_closed_request(desk: Rehearsal, recipient: str) -> None:
    desk.do("Reached")
    response = desk.after(days=13).do("Reopen this request", recipient)
    assert "This request is open again." in page_text(response)
    assert "we'll remind you" in page_text(response)
    assert (desk.progress.response, desk.progress.claimed_by) == (Stage.CLAIMED, recipient)
    assert desk.table.kinds_of(LEAD.id) == ["reached", "reopened"]


def test_an_old_page_does_not_undo_what_a_colleague_did_meanwhile(desk: Rehearsal) -> None:
    reached = desk.do("Reached")
    token = desk.link(recipient="staff-2")
    old = desk.get(token)
    assert desk.after(minutes=1).press(reached, "Undo").status == 200
    desk.after(minutes=1).do("Spam")
    assert desk.press(old, "Reopen this request", token).status == 409
    assert desk.table.kinds_of(LEAD.id) == ["reached", "reopened", "closed"]
    assert desk.do("Reopen this request", "staff-2").status == 200


def test_only_the_owner_hands_a_request_back(desk: Rehearsal) -> None:
    claimed = desk.do("Claim this request")
    assert "Hand back" in labels(claimed)
    token = desk.link(recipient="staff-2")
    assert "Hand back" not in labels(desk.get(token))
    assert desk.asked("POST", token, body="action=hand_back&seen=1").status == 409


def test_undo_right_after_a_slip(desk: Rehearsal) -> None:
    closed = desk.do("Wrong number")
    assert desk.press(closed, "Undo").status == 200
    assert desk.progress.response is Stage.CLAIMED
    assert emitted() == {"RequestsClosed": 1, "RequestsReopened": 1}


# --- Pressing twice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["Claim this request", "Reached", "No answer", "Spam"])
def test_pressing_a_button_twice_counts_once(desk: Rehearsal, label: str) -> None:
    page = desk.get(desk.link())
    assert desk.press(page, label).status == 200
    before = desk.stored
    again = desk.press(page, label)
    assert again.status in {409, 410}
    assert "already" in page_text(again)
    assert labels(again)  # the person can go on from there
    assert desk.stored == before


def test_a_later_no_answer_from_a_new_page_counts_again(desk: Rehearsal) -> None:
    page = desk.get(desk.link(ClaimAction.NO_ANSWER))
    noted = desk.press(page, "No answer", desk.link(ClaimAction.NO_ANSWER))
    desk.after(hours=1).press(page, "No answer", desk.link(ClaimAction.NO_ANSWER))  # back, and once more
    assert desk.progress.tried == 1
    desk.press(noted, "No answer", desk.link(ClaimAction.NO_ANSWER))
    assert desk.progress.tried == 2


def test_an_empty_press_of_a_one_tap_link_counts_once(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.NO_ANSWER))
    assert "Your choice was already saved" in page_text(desk.post(desk.link(ClaimAction.NO_ANSWER)))
    assert desk.progress.tried == 1
    assert desk.post(desk.link(ClaimAction.NO_ANSWER, attempt=2)).status == 200  # the reminder's own link


def test_an_empty_press_of_an_open_link_only_shows_its_page(desk: Rehearsal) -> None:
    before = desk.stored
    response = desk.post(desk.link())
    assert (response.status, response.body) == (200, desk.get(desk.link()).body)
    assert desk.stored == before


# --- Presses that are refused -----------------------------------------------------------------------------------------


def refused(desk: Rehearsal, token: str, status: int, *words: str) -> str:
    """Check that an empty POST is refused and writes nothing. Return the text."""
    before = desk.stored
    forget_metrics()
    pressed = desk.post(token)
    assert pressed.status == status
    text = page_text(pressed)
    assert all(each in text for each in words), text
    assert desk.stored == before
    assert emitted() == {"LinksRefused": 1}
    return text


def dead(desk: Rehearsal, token: str, status: int, *words: str) -> str:
    """Check that GET and POST of a link are refused alike, without a button. Return the text."""
    opened = desk.get(token)
    text = refused(desk, token, status, *words)
    assert opened.status == status
    assert page_text(opened) == text
    assert not forms(opened)
    return text


def test_a_request_claimed_by_the_same_recipient(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM))
    words = ["You already claimed this request", "first claimed today at 10:32 AM EST", AGAIN]
    refused(desk.after(hours=1), desk.link(ClaimAction.CLAIM), 409, *words)
    refused(desk, desk.link(ClaimAction.CLAIM, attempt=2), 409, *words)


def test_a_shared_mailbox_is_not_called_you(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM, "staff-2"))
    refused(desk, desk.link(ClaimAction.CLAIM, "staff-2"), 409, "This mailbox already claimed this request")


def test_a_request_claimed_by_a_colleague(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM, "staff-2"))
    token = desk.link(ClaimAction.CLAIM)
    text = refused(desk, token, 409, "A colleague claimed this request", "first claimed today at 10:32", "frontdesk@")
    assert "remind you" not in text  # but the colleague
    assert labels(desk.post(token)) == ["Reached", "No answer"]


def test_an_answer_already_recorded_with_the_same_link(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.NO_ANSWER))
    words = ["Your choice was already saved", "Your choice was \u201cNo answer\u201d"]
    refused(desk, desk.link(ClaimAction.NO_ANSWER), 410, *words, "try again today at 11:32 AM EST")
    refused(desk.after(hours=2), desk.link(ClaimAction.NO_ANSWER), 410, *words)


@pytest.mark.parametrize("action", ONE_TAP)
@pytest.mark.parametrize("recipient", ["staff-1", "staff-2", "fallback-1"])
def test_after_closing_no_one_tap_link_counts(desk: Rehearsal, action: ClaimAction, recipient: str) -> None:
    desk.post(desk.link(ClaimAction.REACHED))
    text = refused(desk, desk.link(action, recipient), 410)
    own = action is ClaimAction.REACHED and recipient == "staff-1"
    assert ("Your choice was already saved" if own else "This request is closed") in text
    assert labels(desk.post(desk.link(action, recipient))) == ["Reopen this request"]


def test_a_page_that_is_out_of_date_says_so(desk: Rehearsal) -> None:
    token = desk.link(recipient="staff-2")
    page = desk.get(token)
    stale = sent_by(page, "Reached").replace("reached", "hand_back")
    response = desk.asked("POST", token, body=stale)
    assert response.status == 409
    assert "That isn't possible now" in page_text(response)
    assert "Nothing was changed." in page_text(response)
    assert labels(response) == labels(page)


def test_an_operator_s_redrive_opens_no_closed_request(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.REACHED))
    ended = replace(desk.progress, state=AlertState.UNDELIVERABLE)
    desk.table.change(LEAD.id, lambda _stored: rearmed(ended, NOW))
    refused(desk, desk.link(ClaimAction.CLAIM, attempt=2), 410, "This request is closed")


# --- Links that do not work -------------------------------------------------------------------------------------------


def test_expired(desk: Rehearsal) -> None:
    desk.clock.time = NOW + LINK_LIFE - timedelta(seconds=1)
    assert desk.get(desk.link(ClaimAction.CLAIM)).status == 200
    dead(desk.after(seconds=1), desk.link(ClaimAction.CLAIM), 410, "This link has expired", LEAD.reference, "14 days")


def test_a_deleted_request(desk: Rehearsal) -> None:
    token = desk.link(ClaimAction.CLAIM)
    del desk.table.leads[LEAD.id]
    dead(desk, token, 404, "This request no longer exists", LEAD.reference)


@pytest.mark.parametrize("later", [timedelta(), LINK_LIFE + timedelta(days=1)])
def test_an_erased_request_says_so_and_nothing_else(desk: Rehearsal, later: timedelta) -> None:
    token = desk.link(ClaimAction.CLAIM)
    left = {name: desk.table.leads[LEAD.id][name] for name in ("pk", "sk", "schema", "reference", "received_at")}
    desk.table.leads[LEAD.id] = left | {"erased_at": {"S": "2026-03-04T16:00:00.000Z"}}
    text = dead(desk.after(seconds=later.total_seconds()), token, 410, "This request was erased")
    assert LEAD.reference not in text
    assert desk.table.leads[LEAD.id].keys() == left.keys() | {"erased_at"}


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (r"\.claim\.", ".reached."),
        (r"\.claim\.", ".open."),
        ("staff-1", "staff-2"),
        (r"\.1\.", ".2."),
        (".$", ""),
        ("$", "x"),
        ("^", "x"),
        ("^MKFE", "mkfe"),
    ],
)
def test_a_link_that_was_changed(desk: Rehearsal, here: str, there: str) -> None:
    token = desk.link(ClaimAction.CLAIM)
    changed = re.sub(here, there, token, count=1)
    assert changed != token
    text = dead(desk, changed, 400, "This link is incomplete", "Open the email again")
    assert LEAD.reference not in text


def test_another_request_s_link_gives_no_way_to_this_one(desk: Rehearsal) -> None:
    other = desk.add(a_lead(1))
    mine, theirs = (desk.link(ClaimAction.CLAIM, lead=lead).split(".") for lead in (LEAD, other))
    for place in range(len(mine)):
        mixed = ".".join([*mine[:place], theirs[place], *mine[place + 1 :]])
        if mixed != ".".join(mine):
            dead(desk, mixed, 400, "This link is incomplete")
    assert desk.post(".".join(theirs)).status == 200
    assert desk.progress.response is Stage.OPEN


@pytest.mark.parametrize(
    "added",
    ["", ".", ")", ">", ",", ";", '"', "'", "]", "*", "%3E", "&gt;", "&quot;.", "%26gt%3B", " ", "%20", "\u200b", "\n",
     "\u201d", "%E2%80%9D", "="],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "%3C", "\u200b"])
def test_a_link_with_punctuation_around_it_still_works(desk: Rehearsal, before: str, added: str) -> None:
    token = f"{before}{desk.link(ClaimAction.CLAIM)}{added}"
    assert desk.get(token).status == 200
    assert desk.post(token).status == 200
    assert desk.progress.claimed_by == "staff-1"


@pytest.mark.parametrize("added", ["x", "%3Cb", "\u00e9", "\ud800", "/x", "%00%41"])
def test_a_link_with_letters_after_it_is_incomplete(desk: Rehearsal, added: str) -> None:
    dead(desk, desk.link(ClaimAction.CLAIM) + added, 400, "This link is incomplete", "copy the whole address")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "post", ""])
def test_another_method(desk: Rehearsal, method: str) -> None:
    before = desk.stored
    response = desk.asked(method, desk.link(ClaimAction.CLAIM))
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert desk.stored == before


# --- Who may use a link -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("action", [None, *ONE_TAP])
def test_links_of_a_former_recipient_change_nothing(desk: Rehearsal, action: ClaimAction | None, method: str) -> None:
    token, before = desk.link(action, "staff-1"), desk.stored
    desk.team = Team(staff=("newperson", "staff-2"), fallback=("fallback-1",))  # a new person has the nurse's position
    response = desk.asked(method, token)
    assert response.status == 410
    assert "no longer on the clinic" in response.body
    assert desk.stored == before


def test_a_request_of_a_former_recipient_counts_as_unclaimed(desk: Rehearsal) -> None:
    desk.post(desk.link(ClaimAction.CLAIM, "staff-1"))
    desk.team = Team(staff=("newperson", "staff-2"), fallback=())
    page = desk.get(desk.link(recipient="newperson"))
    assert "Nobody has claimed this request" in page_text(page)
    assert facts(page)["Claimed by"] == "Nobody has claimed it since a former recipient left"
    assert "casey@example.com" not in page.body  # who has not claimed it
    assert "Claim this request" in labels(page)
    assert desk.post(desk.link(ClaimAction.CLAIM, "staff-2")).status == 200
    assert desk.progress.claimed_by == "staff-2"


def test_a_recipient_who_left_is_still_named_if_the_address_is_known(desk: Rehearsal) -> None:
    desk.do("Reached")
    desk.team = Team(staff=("newperson", "staff-2"), fallback=())
    page = desk.get(desk.link(recipient="staff-2"))
    assert facts(page)["Closed by"] == "nurse@example.com"  # the address is still known here


def test_the_address_of_the_owner_is_nobody_elses(desk: Rehearsal) -> None:
    closed = replace(
        desk.progress,
        response=Stage.CLOSED,
        action=ClaimAction.REACHED,
        acted_at=NOW,
        acted_by="former",
        claimed_by="p-1",
        owner_address="sam@example.com",
    )
    desk.table.change(LEAD.id, lambda _stored: closed)
    assert facts(desk.get(desk.link()))["Closed by"] == "a former recipient"


def test_an_owner_who_is_no_recipient_may_use_their_links(desk: Rehearsal) -> None:
    own = replace(
        desk.progress,
        response=Stage.CLAIMED,
        claimed_by="p-1",
        claimed_at=NOW,
        acted_at=NOW,
        owner_address="sam@example.com",
    )
    desk.table.change(LEAD.id, lambda _stored: own)
    page = desk.get(desk.link(recipient="p-1"))
    assert facts(page)["Claimed by"] == "sam@example.com"
    assert "You claimed this request" in page_text(page)
    assert desk.get(desk.link(recipient="p-2")).status == 410
    desk.do("No answer", "p-1")
    assert (desk.progress.claimed_by, desk.progress.owner_address) == ("p-1", "sam@example.com")
    response = desk.do("Hand back", "p-1")
    assert response.status == 200
    assert not forms(response)  # it is not theirs any more
    assert desk.get(desk.link(recipient="p-1")).status == 410


def at_the_desk(desk: Rehearsal, decide: Decide) -> None:
    assert desk.table.change(LEAD.id, decide)


def test_the_pages_of_links_know_what_was_done_at_the_desk(desk: Rehearsal) -> None:
    kim, nurse = Person("kim@example.com"), "staff-1"
    rules, now = Rules(clinic=CLINIC, team=desk.team), desk.clock.time
    at_the_desk(desk, follow_up(rules, now, by=kim, at=now + timedelta(days=2), press="one"))
    page = desk.get(desk.link())
    assert facts(page)["Claimed by"] == "kim@example.com"
    assert facts(page)["Follow up"] == "Friday, March 6 at 10:32 AM EST"
    at_the_desk(desk, hand_over(rules, now, by=kim, to=Person("lee@example.com"), press="two"))
    page = desk.get(desk.link())
    assert facts(page)["Claimed by"] == "lee@example.com"
    assert facts(page)["Follow up"] == "Friday, March 6 at 10:32 AM EST"
    for action in ("hand_over", "follow_up"):
        assert action not in page.body
        assert desk.asked("POST", desk.link(), body=f"action={action}&seen=2").status == 400
    at_the_desk(desk, settle(Outcome.BOOKED, "She chose Tuesday.", rules, now, by=kim, press="three"))
    page = desk.get(desk.link())
    assert (facts(page)["Closed as"], facts(page)["Closed by"]) == ("Booked a consultation", "kim@example.com")
    assert "Tuesday" not in page.body
    assert desk.do("Reopen this request").status == 200
    assert (desk.progress.claimed_by, desk.progress.outcome) == (nurse, None)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_page_says_what_came_of_a_request_in_words(desk: Rehearsal, outcome: Outcome) -> None:
    desk.table.change(LEAD.id, lambda stored: replace(stored.progress, tried=3))
    rules = Rules(clinic=CLINIC, team=desk.team)
    at_the_desk(desk, settle(outcome, None, rules, desk.clock.time, by=Person("kim@example.com"), press="one"))
    assert facts(desk.get(desk.link()))["Closed as"] not in {"Reached", str(outcome)}


# --- Outages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, BusyLeadError(), ClientError({}, "GetItem"), RuntimeError("Robin")])
def test_an_outage_gives_a_page_that_asks_to_try_again(desk: Rehearsal, fault: Exception | None) -> None:
    def strikes(method: str) -> None:
        if fault is None:
            desk.keys = Keys(secret_of(never).read)
        else:
            desk.table.faults.before["read" if method == "GET" else "change"].append(fault)

    token = desk.link(ClaimAction.CLAIM)
    for method, again in (("GET", False), ("POST", True)):
        strikes(method)
        response = desk.asked(method, token)
        assert (response.status, response.headers["Retry-After"]) == (503, "60")
        assert "in a minute" in page_text(response)
        assert (labels(response) == ["Try again"]) is again
    assert desk.progress.response is Stage.OPEN
    assert not emitted()
    desk.keys = Keys(lambda: SECRET)
    assert desk.post(token).status == 200


def test_trying_again_repeats_the_same_press(desk: Rehearsal) -> None:
    page = desk.get(desk.link())
    desk.table.faults.before["change"].append(BusyLeadError())
    failed = desk.press(page, "No answer")
    assert failed.status == 503
    assert sent_by(failed, "Try again") == sent_by(page, "No answer")
    assert desk.press(failed, "Try again").status == 200
    assert desk.press(failed, "Try again").status == 410
    assert desk.progress.tried == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_a_link_never_enters_the_write_path(desk: Rehearsal, method: str) -> None:
    waiting = RuntimeError("the write path")
    desk.table.faults.before["change"].append(waiting)
    assert desk.asked(method, desk.link(ClaimAction.CLAIM)).status == 200
    assert desk.asked(method, desk.link(ClaimAction.CLAIM, "staff-2")).status == 200
    assert desk.table.faults.before["change"] == [waiting]


@pytest.mark.parametrize("answer", ONE_TAP)
def test_pressing_again_after_a_lost_answer_does_no_harm(desk: Rehearsal, answer: ClaimAction) -> None:
    desk.table.faults.after["change"].append(BusyLeadError())
    assert desk.post(desk.link(answer)).status == 503
    before = desk.stored
    assert desk.post(desk.link(answer)).status in {409, 410}
    assert desk.stored == before


# --- A page that cannot be shown --------------------------------------------------------------------------------------


@pytest.fixture
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> Response:
        raise RuntimeError(LEAD.name)

    monkeypatch.setattr("claim.routes.page", fails)


@pytest.mark.usefixtures("_no_pages")
@pytest.mark.parametrize("answer", ONE_TAP)
def test_an_answer_whose_page_fails_is_noted_and_the_page_says_so(desk: Rehearsal, answer: ClaimAction) -> None:
    with everything_printed() as printed:
        response = desk.post(desk.link(answer))
        counted = emitted()
    assert response.status == 200
    assert response.body.startswith(("You claimed this request.", "Request closed.", "Noted: no answer."))
    assert LEAD.reference in response.body
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert desk.progress.response is not Stage.OPEN
    assert counted.pop("LinkPagesFailed") == 1
    assert len(counted) == 1
    assert "page failed" in printed.getvalue()
    assert "link failed" not in printed.getvalue()
    assert LEAD.name not in printed.getvalue() + response.body


@pytest.mark.usefixtures("_no_pages")
def test_a_question_without_its_button_asks_to_come_again(desk: Rehearsal) -> None:
    response = desk.get(desk.link(ClaimAction.CLAIM))
    assert (response.status, response.headers["Retry-After"]) == (503, "60")
    assert "open the link again in a minute" in response.body
    assert emitted() == {"LinkPagesFailed": 1}


@pytest.mark.usefixtures("_no_pages")
def test_a_refusal_whose_page_fails_stays_a_refusal(desk: Rehearsal) -> None:
    response = desk.post("x")
    assert response.status == 400
    assert response.body.startswith("This link is incomplete")
    assert emitted() == {"LinksRefused": 1, "LinkPagesFailed": 1}


def test_words_that_fail_do_not_deny_what_is_noted(desk: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> str:
        raise RuntimeError(LEAD.name)

    monkeypatch.setattr("claim.routes.saved", fails)
    response = desk.post(desk.link(ClaimAction.CLAIM))
    assert response.status == 200
    assert "Your choice was saved." in page_text(response)
    assert not forms(response)
    assert desk.progress.response is Stage.CLAIMED
    assert emitted() == {"RequestsClaimed": 1, "LinkPagesFailed": 1}


def test_words_that_fail_about_a_refusal_are_no_error(desk: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> str:
        raise RuntimeError(LEAD.name)

    desk.post(desk.link(ClaimAction.CLAIM))
    monkeypatch.setattr("claim.routes.refused", fails)
    with everything_printed() as printed:
        assert desk.post(desk.link(ClaimAction.CLAIM)).status == 503
    assert LEAD.name not in printed.getvalue()


# --- Routes -----------------------------------------------------------------------------------------------------------


def test_a_domain_of_the_clinic_s_own_may_have_a_base_path(desk: Rehearsal) -> None:
    token = desk.link(ClaimAction.CLAIM)
    assert desk.asked("POST", token, path=f"/leads/claim/{token}").status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_script_may_read_a_page(desk: Rehearsal, method: str) -> None:
    asked = {"Origin": "https://www.example.com", "Accept-Encoding": "gzip"}
    response = desk.asked(
        method,
        desk.link(ClaimAction.CLAIM),
        headers=asked,
        multiValueHeaders={name: [value] for name, value in asked.items()},
    )
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
    assert "Content-Encoding" not in response.headers


def test_powertools_prints_no_request_whatever_its_variables_say(
    desk: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_DEV", "true")
    token = desk.link(ClaimAction.CLAIM)
    with everything_printed() as printed:
        desk.get(token)
    assert token not in printed.getvalue()


# --- Logs -------------------------------------------------------------------------------------------------------------


def test_the_log_has_the_recipient_and_the_answer_but_no_token(desk: Rehearsal) -> None:
    token = desk.link(ClaimAction.CLAIM)
    with everything_printed() as printed:
        desk.post(token)
        desk.post(token)
        desk.do("No answer")
        desk.get(f"{token}x")
        desk.keys = Keys(secret_of(never).read)
        desk.get(token)
    text = printed.getvalue()
    assert token not in text
    assert token.rpartition(".")[2] not in text
    lines = [line for line in map(json.loads, text.splitlines()) if "level" in line]
    told = {"lead_id": LEAD.id, "reference": LEAD.reference, "recipient": "staff-1", "action": "claim"}
    known = {*told, "outcome", "reason"}
    assert [{name: line[name] for name in known & set(line)} for line in lines] == [
        told | {"outcome": "claimed"},
        told | {"outcome": "yours"},
        told | {"action": "no_answer", "outcome": "no_answer"},
        {"outcome": "bad"},
        {"reason": "KeyError"},
    ]


def test_the_line_of_a_failure_says_which_lead(desk: Rehearsal) -> None:
    desk.table.faults.before["change"].append(RuntimeError(LEAD.name))
    with everything_printed() as printed:
        desk.post(desk.link(ClaimAction.CLAIM))
    (line,) = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert (line["message"], line["lead_id"], line["recipient"]) == ("link failed", LEAD.id, "staff-1")
    assert LEAD.name not in printed.getvalue()


def test_a_dead_link_names_the_reference_that_the_request_was_stored_with() -> None:
    lead = replace(LEAD, reference_prefix="DR")
    desk = Rehearsal(lead=lead).after(days=14)
    dead(desk, desk.link(ClaimAction.CLAIM), 410, "This link has expired", lead.reference)
