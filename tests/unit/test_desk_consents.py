"""Withdrawn consents and legal holds at the desk: what a form changes, and what the pages say and offer then."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from botocore.exceptions import ClientError

from desk.route import PageError, Role
from desk.words.consents import CHOICES, HOWS
from shared.leads.consent import How
from shared.leads.lead import CONTACT, NEWS, TEXTS, Lead, Priority
from shared.leads.response import ClaimAction, ResponseState
from shared.leads.spam import Reason
from shared.store.leads import BusyLeadError
from tests.unit.desk import MANAGER as MANAGERS_ADDRESS
from tests.unit.desk import NURSE as NURSES_ADDRESS
from tests.unit.desk import World
from tests.unit.desk_pages import JORDAN, MANAGER, NURSE, QUARANTINED, Answer, Office, checked, facts
from tests.unit.forms import assert_well_tied
from tests.unit.people import NOW, a_lead
from tests.unit.whose import whose
from tests.unit.words import CANARY

REASON = "A lawyer asked us to keep it."


def withdrawn(office: Office, lead: Lead) -> frozenset[str]:
    return office.progress(lead).withdrawn


def choices(answer: Answer) -> list[str]:
    return [str(each) for each in answer.page.xpath("//select[@name='consent']/option/@value") if each]


def links(answer: Answer) -> list[str]:
    schemes = ("tel:", "sms:", "mailto:")
    return [each for each in answer.page.xpath("//main//@href") if str(each).startswith(schemes)]


def somebody_else() -> Lead:
    return a_lead(9, email="casey.sample@example.com", phone="+12025550188")


# ---- withdraw


@pytest.mark.parametrize("kind", [CONTACT, TEXTS, NEWS])
@pytest.mark.parametrize("how", How)
def test_a_withdrawal_is_saved_and_shown_with_when_and_how(kind: str, how: How) -> None:
    office = Office()
    lead = office.add()
    assert office.send(lead, "withdraw", consent=kind, how=how).path == f"/requests/{lead.id}?done=withdraw"
    assert withdrawn(office, lead) == {kind}
    answer = office.open(lead, done="withdraw")
    assert "The withdrawal is saved. It counts for this request." in answer.text
    way = HOWS[how][0].lower() + HOWS[how][1:]
    assert f"Withdrawn {way} today at 10:55 AM EST" in answer.text
    (entry,) = answer.page.xpath("//ol[@class='timeline']/li[@class='staff']")
    assert "The person withdrew the consent to" in entry.text_content()
    assert way in entry.text_content()


def test_only_what_was_given_and_not_withdrawn_is_offered() -> None:
    office = Office()
    lead = office.add(a_lead(consents=tuple(each for each in a_lead().consents if each.kind != NEWS)))
    assert choices(office.open(lead)) == [CONTACT, TEXTS]
    office.send(lead, "withdraw", consent=TEXTS, how="stop")
    assert choices(office.open(lead)) == [CONTACT]
    office.send(lead, "withdraw", consent=CONTACT, how="phone")
    answer = office.open(lead)
    assert choices(answer) == []
    assert "A consent is withdrawn" not in answer.text


def test_a_withdrawal_counts_for_all_requests_of_the_person_and_nobody_elses() -> None:
    office = Office()
    one, spam, two = office.add(a_lead(0)), office.add(a_lead(1), **QUARANTINED), office.add(a_lead(2))
    other = office.add(somebody_else())
    answer = office.withdraw(one, consent=CONTACT, how="email")
    assert set(answer.moved.lead_ids) == {one.id, spam.id, two.id}
    assert all(withdrawn(office, each) == {CONTACT} for each in (one, spam, two))
    assert withdrawn(office, other) == frozenset()
    assert "It counts for 3 requests of this person." in office.open(one, done="withdraw").text
    assert office.progress(two).response is ResponseState.CLOSED
    assert office.progress(other).response is ResponseState.OPEN


def test_a_withdrawal_that_is_sent_twice_counts_once() -> None:
    office = Office()
    one, two = office.add(a_lead(0)), office.add(a_lead(1))
    form = {"consent": TEXTS, "how": "stop", "press": "p" * 16, "seen": "0"}
    first = office.withdraw(one, **form)
    after = [office.progress(each) for each in (one, two)]
    assert office.withdraw(one, **form, **{f"also-{two.id}": "on"}).path == first.path
    assert [office.progress(each) for each in (one, two)] == after
    assert office.table.kinds_of(two.id) == ["consent_withdrawn"]


def test_after_no_contact_the_number_stays_readable_and_no_tap_dials_it() -> None:
    office = Office()
    one, two = office.add(a_lead(0, preferred_contact=None)), office.add(a_lead(1, preferred_contact=None))
    assert links(office.open(one))
    office.withdraw(one, consent=CONTACT, how="in_person")
    for lead in (one, two):
        answer = office.open(lead)
        assert links(answer) == []
        assert "202-555-0147" in answer.text
        assert "they do not want to be contacted" in answer.text
        assert "Does not want to be contacted" in answer.text
    assert links(office.find("Robin")) == []
    assert "Emailed and waiting" not in office.open(one).text


def test_if_another_request_cannot_be_changed_the_form_stays_and_can_be_sent_again() -> None:
    office = Office()
    one, two = office.add(a_lead(0)), office.add(a_lead(1))
    office.table.faults.before["change"].append(BusyLeadError())
    answer = office.withdraw(one, consent=NEWS, how="email")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert "That is not saved for all requests of this person" in answer.text
    (chosen,) = answer.page.xpath("//select[@name='consent']/option[@selected]/@value")
    assert chosen == NEWS
    assert office.withdraw(one, consent=NEWS, how="email").path.endswith("?done=withdraw")
    assert withdrawn(office, one) == withdrawn(office, two) == {NEWS}


@pytest.mark.parametrize(
    "form", [{}, {"consent": "", "how": "phone"}, {"consent": TEXTS}, {"consent": CANARY, "how": CANARY}]
)
def test_a_withdrawal_without_a_choice_is_refused(form: dict[str, str]) -> None:
    office = Office()
    lead = office.add()
    answer = office.send(lead, "withdraw", **form)
    assert answer.shown.status is HTTPStatus.BAD_REQUEST
    assert "No consent is chosen" in answer.text
    assert CANARY not in answer.body
    assert withdrawn(office, lead) == frozenset()


def test_what_a_colleague_withdrew_before_is_refused_in_words() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "withdraw", consent=TEXTS, how="stop")
    answer = office.send(lead, "withdraw", JORDAN, consent=TEXTS, how="phone")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert "That consent is withdrawn already" in answer.text


def test_a_request_that_was_closed_as_not_wanted_says_since_when() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "not-wanted")
    assert "Does not want to be contacted since today at 10:55 AM EST" in office.open(lead).text


OTHERS_NAME: dict[str, Any] = {"name": "Casey Sample", "email": "casey@example.com"}


@pytest.mark.parametrize(
    ("changes", "why_not"),
    [
        ({}, ""),
        ({"in_crisis": True}, ""),
        ({"name": "ROBIN Éxample", "email": "other@example.com"}, ""),
        ({"name": "Casey Sample"}, ""),
        (OTHERS_NAME, "Has the same number, but another name."),
        (OTHERS_NAME | {"in_crisis": True}, "Has the same number, but another name."),
        ({"name": "Casey Sample", "in_crisis": True}, "Urgent and open, with another name"),
        ({"email": "casey@example.com", "in_crisis": True}, "Urgent and open, with another name"),
        ({"email": None, "in_crisis": True}, "Urgent and open, with another name"),
        ({"name": "Casey Sample", "message": "I want to kill myself."}, "Urgent and open, with another name"),
    ],
)
def test_another_request_changes_only_if_it_is_checked(changes: dict[str, Any], why_not: str) -> None:
    office = Office()
    one, two = office.add(a_lead(0)), office.add(a_lead(1, **changes))
    answer = office.open(one)
    assert checked(answer, "also") == ({f"also-{two.id}": "on"} if not why_not else {})
    (label,) = answer.page.xpath("//fieldset//label")
    said = " ".join(label.text_content().split())
    assert said.startswith(f"{two.reference} {two.name}, Today at 10:30 AM EST. Open: nobody has it.")
    assert ("Urgent: " in said) is (two.in_crisis or two.priority is not Priority.NORMAL)
    assert why_not in said
    assert_well_tied(answer.page)
    assert set(answer.shown.lead_ids) == {one.id, two.id}
    office.withdraw(one, consent=CONTACT, how="phone")
    assert (office.progress(two).response is ResponseState.CLOSED) is (not why_not)
    assert withdrawn(office, two) == ({CONTACT} if not why_not else frozenset())


def test_a_closed_urgent_request_of_the_same_address_is_checked() -> None:
    office = Office()
    closed: dict[str, Any] = {"response": ResponseState.CLOSED, "closed_at": NOW, "due_at": None, "overdue_since": None}
    one, two = office.add(a_lead(0)), office.add(a_lead(1, name="Casey Sample", in_crisis=True), **closed)
    assert checked(office.open(one), "also") == {f"also-{two.id}": "on"}


def test_what_is_unchecked_and_who_is_somebody_else_stay_as_they_were() -> None:
    office = Office()
    one, two, other = office.add(a_lead(0)), office.add(a_lead(1)), office.add(somebody_else())
    answer = office.send(one, "withdraw", consent=CONTACT, how="phone", **{f"also-{other.id}": "on"})
    assert answer.moved.lead_ids == ()
    for lead in (two, other):
        assert withdrawn(office, lead) == frozenset()
    assert "It counts for this request." in office.open(one, done="withdraw").text


def test_without_other_requests_the_form_asks_nothing_about_them() -> None:
    office = Office()
    lead = office.add()
    office.add(somebody_else())
    answer = office.open(lead)
    assert choices(answer)
    assert not answer.page.xpath("//input[@type='checkbox']")
    assert "Also for these requests" not in answer.text


def test_a_refused_form_shows_the_boxes_as_they_were_sent() -> None:
    office = Office()
    one, two, three = office.add(a_lead(0)), office.add(a_lead(1)), office.add(a_lead(2, **OTHERS_NAME))
    answer = office.send(one, "withdraw", consent=TEXTS, how="", **{f"also-{three.id}": "on"})
    assert answer.shown.status is HTTPStatus.BAD_REQUEST
    assert checked(answer, "also") == {f"also-{three.id}": "on"}
    assert f"also-{two.id}" in answer.body


# ---- undo


def test_a_slip_is_undone_for_the_requests_that_it_changed() -> None:
    office = Office()
    one, two, before = office.add(a_lead(0)), office.add(a_lead(1)), office.add(a_lead(2))
    office.withdraw(one, consent=CONTACT, how="phone")
    office.now += timedelta(minutes=1)
    answer = office.send(one, "restore", consent=CONTACT)
    assert set(answer.moved.lead_ids) == {one.id, two.id, before.id}
    assert all(withdrawn(office, each) == frozenset() for each in (one, two, before))
    assert office.progress(two).response is not ResponseState.CLOSED
    shown = office.open(one, done="restore")
    assert "The consent counts again for 3 requests of this person." in shown.text
    assert "Undid the withdrawal of the consent to be contacted" in shown.text


def test_the_undo_counts_only_requests_that_have_the_consent_and_changed() -> None:
    office = Office()
    without = tuple(each for each in a_lead().consents if each.kind != TEXTS)
    one, two = office.add(a_lead(0)), office.add(a_lead(1))
    office.add(a_lead(2, consents=without))
    office.add(a_lead(3, **OTHERS_NAME))
    office.withdraw(one, consent=TEXTS, how="stop")
    assert "It counts for 2 requests of this person." in office.open(one, done="withdraw").text
    office.now += timedelta(minutes=1)
    office.send(one, "restore", consent=TEXTS)
    assert "The consent counts again for 2 requests of this person." in office.open(one, done="restore").text
    assert withdrawn(office, two) == frozenset()


def test_the_undo_says_nothing_of_a_consent_that_nobody_gave() -> None:
    office = Office()
    lead = office.add(a_lead(consents=(), in_crisis=True))
    office.withdraw(lead, consent=CONTACT, how="phone")
    office.now += timedelta(minutes=1)
    office.send(lead, "restore", consent=CONTACT)
    text = office.open(lead, done="restore").text
    assert "The withdrawal is undone." in text
    assert "counts again" not in text


def test_a_withdrawal_that_came_another_time_stays() -> None:
    office = Office()
    one = office.add(a_lead(0))
    office.send(one, "withdraw", consent=TEXTS, how="stop")
    two = office.add(a_lead(1))
    office.now += timedelta(minutes=1)
    office.withdraw(two, consent=TEXTS, how="phone")
    office.send(two, "restore", consent=TEXTS)
    assert withdrawn(office, one) == {TEXTS}
    assert withdrawn(office, two) == frozenset()


def test_only_the_colleague_who_saved_it_or_a_manager_can_undo_it() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "withdraw", consent=TEXTS, how="stop")
    assert "Undo the withdrawal" in office.open(lead).text
    assert "Undo the withdrawal" not in office.open(lead, JORDAN).text
    answer = office.send(lead, "restore", JORDAN, consent=TEXTS)
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert "You can't undo that" in answer.text
    assert withdrawn(office, lead) == {TEXTS}
    assert "Undo the withdrawal" in office.get(f"/requests/{lead.id}", MANAGER, Role.MANAGER).text
    office.send(lead, "restore", MANAGER, Role.MANAGER, consent=TEXTS)
    assert withdrawn(office, lead) == frozenset()


def undo(answer: Answer) -> list[str]:
    return [
        str(each) for each in answer.page.xpath("//form[contains(@action, '/restore')]//input[@name='consent']/@value")
    ]


@pytest.mark.parametrize("last", [NEWS, CONTACT])
def test_the_withdrawal_of_a_colleague_stays_after_another_one(last: str) -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "withdraw", consent=TEXTS, how="stop")
    office.now += timedelta(minutes=1)
    office.send(lead, "withdraw", JORDAN, consent=last, how="phone")
    assert undo(office.open(lead, JORDAN)) == [last]
    assert undo(office.open(lead)) == [TEXTS]
    assert undo(as_manager(office, lead)) == [kind for kind in CHOICES if kind in {TEXTS, last}]
    assert office.send(lead, "restore", JORDAN, consent=TEXTS).shown.status is HTTPStatus.CONFLICT
    assert withdrawn(office, lead) == {TEXTS, last}
    office.now += timedelta(minutes=1)
    office.send(lead, "restore", JORDAN, consent=last)
    assert undo(office.open(lead, JORDAN)) == []
    answer = office.send(lead, "restore", JORDAN, consent=TEXTS)
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert "You can't undo that" in answer.text
    assert withdrawn(office, lead) == {TEXTS}


def test_an_earlier_withdrawal_that_was_undone_makes_nobody_its_owner_now() -> None:
    office = Office()
    lead = office.add()
    for act in ("withdraw", "restore"):
        office.send(lead, act, JORDAN, consent=TEXTS, how="phone")
        office.now += timedelta(minutes=1)
    office.table.dynamodb.broken["PutItem"] = "AccessDeniedException"
    with pytest.raises(ClientError):
        office.send(lead, "withdraw", consent=TEXTS, how="stop")
    office.table.dynamodb.broken.clear()
    assert withdrawn(office, lead) == {TEXTS}
    assert undo(office.open(lead, JORDAN)) == []
    assert undo(as_manager(office, lead)) == [TEXTS]


def as_manager(office: Office, lead: Lead) -> Answer:
    return office.get(f"/requests/{lead.id}", MANAGER, Role.MANAGER)


@pytest.mark.parametrize("before", [None, TEXTS])
def test_only_a_manager_can_undo_that_somebody_wants_no_contact(before: str | None) -> None:
    office = Office()
    lead = office.add()
    if before:
        office.send(lead, "withdraw", consent=before, how="phone")
    office.send(lead, "not-wanted")
    assert withdrawn(office, lead) == ({before} if before else frozenset())
    assert undo(office.open(lead)) == ([before] if before else [])
    assert undo(as_manager(office, lead)) == [CONTACT, *filter(None, [before])]
    assert office.send(lead, "restore", consent=CONTACT).shown.status is HTTPStatus.CONFLICT
    assert office.progress(lead).no_contact_since
    office.send(lead, "restore", MANAGER, Role.MANAGER, consent=CONTACT)
    assert office.progress(lead).no_contact_since is None
    assert office.progress(lead).response is ResponseState.CLAIMED
    assert office.progress(lead).claimed_by == MANAGER.id


def test_a_manager_can_undo_that_a_link_closed_it_as_no_contact() -> None:
    office = Office()
    closed: dict[str, Any] = {
        "response": ResponseState.CLOSED,
        "action": ClaimAction.NOT_WANTED,
        "acted_by": NURSE.id,
        "acted_at": NOW,
    }
    lead = office.add(**closed, closed_at=NOW, due_at=None, overdue_since=None)
    assert undo(office.open(lead)) == []
    assert undo(as_manager(office, lead)) == [CONTACT]
    office.send(lead, "restore", MANAGER, Role.MANAGER, consent=CONTACT)
    assert office.progress(lead).response is ResponseState.CLAIMED


# ---- legal hold


def test_spam_under_legal_hold_is_not_said_to_be_deleted() -> None:
    office = Office()
    lead = office.add(**QUARANTINED, reasons=(Reason.MOSTLY_LINKS,), score=100)
    assert "It is deleted after 30 days." in office.open(lead).text
    office.send(lead, "hold", MANAGER, Role.MANAGER, why=REASON)
    answer = office.open(lead)
    assert "so no alert was sent. Kept until the hold ends." in answer.text
    assert "deleted after" not in answer.text


def test_a_hold_is_shown_with_its_reason_and_when_and_who() -> None:
    office = Office(colleagues=(NURSE, MANAGER))
    lead = office.add()
    office.send(lead, "hold", MANAGER, Role.MANAGER, why=f" {REASON}\r\n<b>Really.</b> ")
    assert office.progress(lead).hold_reason == f"{REASON}\n<b>Really.</b>"
    answer = office.open(lead)
    assert "Under legal hold" in answer.text
    assert "Since today at 10:55 AM EST, by manager@example.com." in answer.text
    assert f"{REASON} <b>Really.</b>" in answer.text
    assert "<b>Really" not in answer.body
    assert facts(answer)["Kept"] == "Kept until the hold ends"
    assert "Legal hold begun" in answer.text


def test_the_end_of_a_hold_is_in_the_timeline() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "hold", MANAGER, Role.MANAGER, why=REASON)
    office.send(lead, "unhold", MANAGER, Role.MANAGER)
    assert not office.progress(lead).held
    answer = office.get(f"/requests/{lead.id}", MANAGER, Role.MANAGER, done="unhold")
    assert "The legal hold ended." in answer.text
    assert "Legal hold ended" in answer.text
    assert "Under legal hold" not in answer.text


def test_a_hold_that_a_colleague_put_there_first_is_refused_in_words() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "hold", MANAGER, Role.MANAGER, why=REASON)
    answer = office.send(lead, "hold", JORDAN, Role.MANAGER, why="The insurer asked.")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert "This request is under legal hold now" in answer.text
    assert "You typed: The insurer asked." in answer.text
    assert office.progress(lead).hold_reason == REASON


@pytest.mark.parametrize(
    ("act", "title"), [("hold", "is not under legal hold now"), ("unhold", "is under legal hold now")]
)
def test_an_old_form_of_a_hold_is_refused_in_words(act: str, title: str) -> None:
    office = Office()
    lead = office.add()
    old = {"press": "p" * 16, "seen": "0", "why": REASON}
    office.send(lead, "hold", MANAGER, Role.MANAGER, **(old if act == "hold" else {"why": REASON}))
    office.now += timedelta(minutes=1)
    office.send(lead, "unhold", MANAGER, Role.MANAGER, **(old if act == "unhold" else {}))
    office.now += timedelta(minutes=1)
    if act == "unhold":
        office.send(lead, "hold", MANAGER, Role.MANAGER, why="The insurer asked.")
    before = office.progress(lead)
    answer = office.send(lead, act, MANAGER, Role.MANAGER, **old)
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert f"This request {title}" in answer.text
    assert office.progress(lead) == before


@pytest.mark.parametrize("act", ["hold", "unhold"])
def test_a_form_of_a_hold_that_is_sent_twice_counts_once(act: str) -> None:
    office = Office()
    lead = office.add()
    if act == "unhold":
        office.send(lead, "hold", MANAGER, Role.MANAGER, why=REASON)
        office.now += timedelta(minutes=1)
    form = {"press": "p" * 16, "seen": "0", "why": REASON}
    first = office.send(lead, act, MANAGER, Role.MANAGER, **form)
    assert office.send(lead, act, MANAGER, Role.MANAGER, **form).path == first.path


@pytest.mark.parametrize(
    ("why", "title"),
    [("", "The reason is missing"), (" \n\x00", "The reason is missing"), ("x" * 501, "The reason is too long")],
)
def test_a_hold_needs_a_reason(why: str, title: str) -> None:
    office = Office()
    lead = office.add()
    answer = office.send(lead, "hold", MANAGER, Role.MANAGER, why=why)
    assert answer.shown.status is HTTPStatus.BAD_REQUEST
    assert title in answer.text
    assert not office.progress(lead).held
    (kept,) = answer.page.xpath("//textarea[@name='why']")
    assert (kept.text_content().strip() == why) or not why.strip("\x00 \n")
    assert answer.page.xpath("//details[@open]//textarea[@name='why']")


def test_staff_see_a_hold_and_have_no_form_for_it() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "hold", MANAGER, Role.MANAGER, why=REASON)
    answer = office.open(lead)
    assert REASON in answer.text
    assert not answer.page.xpath("//form[contains(@action, 'hold')]")


def test_a_nurse_cannot_hold_and_a_form_of_a_deleted_request_is_a_page() -> None:
    there = World()
    lead = a_lead()
    there.leads.put(lead)
    page = there.signed_in(NURSES_ADDRESS).post(f"/requests/{lead.id}/hold", {"press": "p" * 16, "why": REASON})
    assert page.status == 403
    assert there.leads.progress_of(lead.id).held_at is None
    office = Office()
    with pytest.raises(PageError) as caught:
        office.send_old_form(a_lead(), "hold", {"why": REASON})
    assert caught.value.status is HTTPStatus.NOT_FOUND


# ---- the audit


def test_the_entries_name_the_consent_and_quote_nobody() -> None:
    there = World()
    one, two = a_lead(0), a_lead(1)
    desk = there.desk()
    for lead in (one, two):
        there.leads.put(lead)
        whose(there.leads.client, lead, desk.keys.for_people())
    browser = there.signed_in(MANAGERS_ADDRESS)
    browser.post(
        f"/requests/{one.id}/withdraw",
        {
            "press": "p" * 16,
            "consent": TEXTS,
            "how": "stop",
            "text": CANARY,
            f"also-{two.id}": "on",
            f"also-{CANARY}": "on",
        },
    )
    assert there.entries[-2] == (MANAGERS_ADDRESS, "withdraw", (one.id,))
    assert there.entries[-1] == (MANAGERS_ADDRESS, "withdraw", (one.id, two.id))
    assert there.details[-2:] == [{"consent": TEXTS, "how": "stop"}, {}]
    browser.post(f"/requests/{one.id}/withdraw", {"press": "q" * 16, "consent": CANARY, "how": CANARY})
    browser.post(f"/requests/{one.id}/hold", {"press": "r" * 16, "why": CANARY})
    assert there.leads.progress_of(one.id).hold_reason == CANARY
    assert CANARY not in str(there.details)


@pytest.mark.parametrize("words", [CHOICES, HOWS])
def test_each_choice_has_its_own_words(words: dict[str, Any]) -> None:
    assert len(set(words.values())) == len(words)


def test_a_withdrawal_is_attributed_to_its_colleague() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "withdraw", NURSE, consent=TEXTS, how="stop")
    progress = office.progress(lead)
    assert (progress.withdrawn_by, progress.withdrawn_at) == (NURSE.id, NOW + timedelta(minutes=25))
