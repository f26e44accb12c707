"""The page of a request: everything that is known, safety first, and hostile text stays text."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.route import PageError
from desk.words.actions import DONE
from shared.leads.fields import FIELDS, Kind
from shared.leads.lead import AlsoSent, Consent, Lead
from shared.leads.person import Person
from shared.leads.progress import AlertState
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.leads.spam import Reason
from tests.unit.desk_pages import (
    BASE,
    CASEY,
    JORDAN,
    LATER,
    NURSE,
    QUARANTINED,
    UNDELIVERED,
    Answer,
    Office,
    buttons,
    facts,
)
from tests.unit.forms import assert_well_tied
from tests.unit.people import NOW, a_full_lead, a_lead
from tests.unit.words import CANARY, any_text


def opened(lead: Lead | None = None, /, **progress: Any) -> Answer:  # noqa: ANN401 - any attribute of a progress
    office = Office()
    return office.open(office.add(lead, **progress))


# --- every state ------------------------------------------------------------------------------------------------------

CLAIMED: dict[str, Any] = {
    "response": ResponseState.CLAIMED,
    "claimed_by": NURSE.id,
    "claimed_at": NOW,
    "acted_by": NURSE.id,
    "acted_at": NOW,
}
CLOSED: dict[str, Any] = CLAIMED | {
    "response": ResponseState.CLOSED,
    "action": ClaimAction.REACHED,
    "closed_at": NOW,
    "due_at": None,
    "overdue_since": None,
}
STATES: dict[str, tuple[dict[str, Any], str]] = {
    "open": ({}, "Open: nobody has it"),
    "mine": (CLAIMED | {"action": ClaimAction.CLAIM}, "You have it"),
    "a colleague's": (CLAIMED | {"claimed_by": JORDAN.id}, "Claimed by jordan@example.com"),
    "of somebody without emails": (
        CLAIMED | {"claimed_by": CASEY.id, "owner_address": CASEY.email},
        "Claimed by casey@example.com",
    ),
    "of a former recipient": (CLAIMED | {"claimed_by": "r-gone"}, "Nobody: a former recipient had it"),
    "quarantined": (dict(QUARANTINED), "In quarantine: it looks like spam, so no alert was sent"),
    "undelivered": (dict(UNDELIVERED), "Undelivered: no email about it reached anybody"),
    "reached": (CLOSED, "Closed: reached"),
    "booked": (CLOSED | {"outcome": Outcome.BOOKED}, "Closed: booked a consultation"),
    "not wanted": (
        CLOSED | {"action": ClaimAction.NOT_WANTED, "outcome": Outcome.DECLINED},
        "Closed: does not want to be contacted",
    ),
    "spam": (CLOSED | {"action": ClaimAction.SPAM}, "Closed: spam"),
}


@pytest.mark.parametrize("name", STATES)
def test_each_state_is_in_words(name: str) -> None:
    progress, words = STATES[name]
    assert facts(opened(**progress))["State"] == words


@pytest.mark.parametrize("name", STATES)
def test_a_page_in_any_state_is_well_tied_and_has_no_inline_style(name: str) -> None:
    answer = opened(a_full_lead(), **STATES[name][0])
    page = answer.page
    assert_well_tied(page)
    assert not page.xpath("//@style | //script | //*[starts-with(name(@*), 'on')]")
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//style").__len__() == 1
    for form in page.xpath("//form"):
        assert form.get("method") == "post"
        assert form.get("action").startswith(f"{BASE}/")
        assert len(form.xpath(".//input[@name='csrf']")) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open", ["Claim this request", "Reached", "No answer"]),
        ("mine", ["Reached", "No answer", "Hand back"]),
        ("a colleague's", ["Reached", "No answer"]),
        ("quarantined", ["Not spam: release it", "Claim this request"]),
        ("undelivered", ["Email staff again", "Claim this request", "Reached", "No answer"]),
        ("reached", ["Reopen this request"]),
    ],
)
def test_only_what_is_possible_has_a_button(name: str, expected: list[str]) -> None:
    found = buttons(opened(**STATES[name][0]))
    assert found[: len(expected)] == expected
    assert found[len(expected)] == "Add the note"


def test_emailed_is_offered_if_an_email_may_be_sent() -> None:
    assert "Emailed and waiting" in buttons(opened(a_lead(preferred_contact="email")))
    answer = opened(a_lead(preferred_contact="phone"))
    assert "You can't email this person: they asked for another way." in answer.text
    assert "You can't email this person: they gave no address." in opened(a_lead(email=None)).text


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a colleague's", "jordan@example.com has it, so you can't claim it."),
        ("reached", "The request is closed. To claim it or to say how it went, reopen it first."),
        ("quarantined", "To work on it, release it or claim it first."),
        ("mine", "\u201cCould not be reached\u201d needs 3 tries without an answer. So far: 0."),
    ],
)
def test_what_is_not_possible_says_why(name: str, why: str) -> None:
    assert why in opened(**STATES[name][0]).text


def test_an_outcome_of_no_answer_needs_three_tries() -> None:
    def offered(tried: int) -> list[str]:
        return [str(each) for each in opened(tried=tried).page.xpath("//select[@name='outcome']/option/@value")]

    assert set(offered(3)) == {"", *Outcome}
    assert set(offered(2)) == {"", *Outcome} - {"unreachable"}


def test_a_request_can_be_handed_to_everybody_but_its_owner() -> None:
    def takers(answer: Answer) -> list[str]:
        return [each.text for each in answer.page.xpath("//select[@name='to']/option[@value!='']")]

    assert takers(opened(**CLAIMED)) == ["jordan@example.com", "casey@example.com"]
    assert takers(opened(**CLAIMED | {"claimed_by": JORDAN.id})) == ["You", "casey@example.com"]
    alone = Office(colleagues=(NURSE,))
    answer = alone.open(alone.add(**CLAIMED))
    assert takers(answer) == []
    assert "Nobody else has an account, so you can't hand it over." in answer.text


# --- safety -----------------------------------------------------------------------------------------------------------


def headings(answer: Answer) -> list[str]:
    return [each.text_content() for each in answer.page.xpath("//main//h2")]


def test_what_staff_must_know_comes_before_the_contact_details() -> None:
    found = headings(opened(a_lead(in_crisis=True)))
    assert found[0].startswith("CALL NOW, at any hour.")
    assert found[1:3] == ["Before you reach out", "Contact"]


def test_a_person_who_wants_no_contact_is_first_of_all() -> None:
    answer = opened(a_lead(in_crisis=True), **CLOSED | {"action": ClaimAction.NOT_WANTED})
    assert headings(answer)[0] == "Does not want to be contacted"


def test_no_contact_is_said_on_the_persons_other_requests_too() -> None:
    office = Office()
    first = office.add(a_lead(1, received_at=NOW - timedelta(days=2)))
    second = office.add(a_lead(2))
    office.send(first, "not-wanted")
    answer = office.open(second)
    assert headings(answer)[0] == "Does not want to be contacted"
    assert f"The person said so in {first.reference}." in answer.text


def test_the_rules_of_the_emails_are_in_the_box() -> None:
    lead = a_lead(voicemail_ok=None, consents=(), age_unknown=True)
    box = opened(lead).page.xpath("//section[contains(@class, 'mind')]")[0].text_content()
    assert "Ask their age first" in box
    assert "Do not contact them." in box
    assert "Do not leave a voicemail" in box
    assert "Do not text" in box


def test_a_night_is_said_as_of_now() -> None:
    office = Office(now=datetime(2026, 3, 5, 8, tzinfo=UTC))
    assert "It is 2:00 AM where they are. Do not call before 8 AM their time." in office.open(office.add()).text


@pytest.mark.parametrize(
    ("progress", "in_crisis", "title"),
    [
        (dict(QUARANTINED), False, "This request looks like spam, so no alert was sent. It is deleted after 30 days."),
        ({}, False, "Possible spam"),
        ({}, True, "This request may be from a bot. Act on it anyway."),
    ],
)
def test_the_signs_of_spam_are_in_words(progress: dict[str, Any], in_crisis: bool, title: str) -> None:  # noqa: FBT001
    answer = opened(a_lead(in_crisis=in_crisis), **progress | {"reasons": (Reason.MOSTLY_LINKS,), "score": 50})
    assert title in headings(answer)
    assert "The message is mostly links" in answer.text


# --- what the visitor typed -------------------------------------------------------------------------------------------

HOSTILE = f"</dd></blockquote></style>\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{{{ 7*7 }}}} {CANARY}"
TYPED = [
    name
    for name, each in FIELDS.items()
    if each.kind not in {Kind.YES_NO, Kind.CONSENT, Kind.SEVERAL} and each.stored == FIELDS["name"].stored
]
# A token is no answer, and of the other two the page shows only what it knows.
NOT_SHOWN = {"turnstile_token", "form", "preferred_contact"}


def assert_harmless(answer: Answer) -> None:
    page = answer.page
    assert not page.xpath("//script | //img | //@onerror | //@style")
    assert "49" not in answer.body.replace(" ", "").partition(CANARY)[0][-8:]
    for link in page.xpath("//a/@href"):
        assert re.match(
            r"tel:\+[0-9]+(;ext=[0-9]+)?$|mailto:[^?]+\?subject=KC-[0-9A-Z-]+$|#|https://api\.example\.com/", link
        )


@pytest.mark.parametrize("field", TYPED)
def test_hostile_text_in_any_field_stays_text(field: str) -> None:
    answer = opened(a_full_lead(**{field: HOSTILE}))
    assert_harmless(answer)
    if field not in NOT_SHOWN:
        assert CANARY in answer.text


def test_hostile_text_in_any_other_place_stays_text() -> None:
    lead = a_full_lead(
        also_sent=(AlsoSent(HOSTILE, HOSTILE), AlsoSent("phone", HOSTILE)),
        consents=(Consent(kind="consent_texts", version=HOSTILE, text_hash="x"),),
        symptoms=(HOSTILE,),
    )
    answer = opened(lead, **CLOSED | {"outcome": Outcome.BOOKED, "outcome_reason": HOSTILE})
    assert_harmless(answer)
    assert answer.text.count(CANARY) >= 5


# The table holds no lone surrogates.
_storable = any_text.map(lambda text: text.encode(errors="ignore").decode())


@given(name=_storable, message=_storable, email=_storable, phone=_storable)
def test_any_text_is_shown(name: str, message: str, email: str, phone: str) -> None:
    answer = opened(a_lead(name=name or "x", message=message, email=email, phone=phone))
    assert_harmless(answer)


def test_a_message_keeps_its_lines_and_spaces_and_is_marked_as_the_visitors() -> None:
    message = "First line\n\n   indented <b>\nwww.example.com"
    (quote,) = opened(a_lead(message=message)).page.xpath("//section[@aria-labelledby='message']//blockquote")
    assert quote.text_content() == message
    assert "as the visitor typed it" in quote.xpath("string(ancestor::div[1]/dt)")


def test_only_the_reference_is_in_the_subject_of_an_email() -> None:
    lead = a_lead(preferred_contact="email", discreet=None)
    (link,) = opened(lead).page.xpath("//a[starts-with(@href, 'mailto:')]/@href")
    assert link == f"mailto:robin@example.com?subject={lead.reference}"


def test_answers_have_their_labels_and_talking_points_give_no_verdict() -> None:
    answer = opened(a_full_lead())
    assert facts(answer)["Would like help with"]
    assert "Ask about pregnancy or nursing." in answer.text


def test_the_page_says_where_the_person_came_from() -> None:
    assert facts(opened())["Came from"] == "https://search.example/"


# --- consents ---------------------------------------------------------------------------------------------------------


def test_a_consent_shows_the_text_that_the_person_read() -> None:
    text = opened().text
    assert "May be contacted. Text of version 2026-01-02: You may contact me about this request." in text


def test_a_text_that_changed_since_is_not_shown() -> None:
    consent = Consent(kind="consent_contact", version="2026-01-02", text_hash="0" * 16)
    text = opened(a_lead(consents=(consent,))).text
    assert "May be contacted. Text of version 2026-01-02, which has changed since" in text
    assert "You may contact me" not in text
    assert "Did not agree to text messages" in text


# --- timeline and others ----------------------------------------------------------------------------------------------


def test_the_timeline_is_newest_first_with_who_and_when() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "claim", JORDAN)
    office.now += timedelta(minutes=2)
    office.send(lead, "note", CASEY, text="Called.\n <b>Monday</b> is better.")
    lines = [
        " ".join(each.text_content().split()) for each in office.open(lead).page.xpath("//ol[@class='timeline']/li")
    ]
    assert lines == [
        "Note Called. <b>Monday</b> is better. casey@example.com, today at 10:57 AM EST",
        "Claimed jordan@example.com, today at 10:55 AM EST",
        "Request received Today at 10:30 AM EST",
    ]
    (note,) = office.open(lead).page.xpath("//ol[@class='timeline']//p[@class='written']")
    assert note.text_content() == "Called.\n <b>Monday</b> is better."


def test_the_persons_other_requests_are_linked_with_state_and_date() -> None:
    office = Office()
    earlier = office.add(a_lead(1, received_at=NOW - timedelta(days=1)), **CLOSED)
    stranger = office.add(a_lead(2, email="sam@example.com", phone="+12025550111"))
    lead = office.add(a_lead(3))
    answer = office.open(lead)
    (section,) = answer.page.xpath("//section[@aria-labelledby='others']")
    assert section.xpath(".//a/@href") == [f"{BASE}/requests/{earlier.id}"]
    assert "Yesterday at 10:30 AM EST Closed: reached" in " ".join(section.text_content().split())
    assert stranger.reference not in answer.text
    assert answer.shown.lead_ids == (lead.id, earlier.id)


def test_only_the_newest_other_requests_are_listed() -> None:
    office = Office()
    others = [office.add(a_lead(number, received_at=NOW - timedelta(days=20 - number))) for number in range(14)]
    lead = office.add(a_lead(50))
    answer = office.open(lead)
    # The form of a withdrawal names the others too, and the audit names whatever the page shows.
    assert answer.shown.lead_ids == (lead.id, *(each.id for each in reversed(others)))
    assert "These are the newest. There are 4 more." in answer.text


def test_no_contact_is_said_however_many_requests_came_since() -> None:
    office = Office()
    others = [office.add(a_lead(number, received_at=NOW - timedelta(days=60 - number))) for number in range(49)]
    lead = office.add(a_lead(50))
    office.send(others[0], "not-wanted")
    answer = office.open(lead)
    assert f"The person said so in {others[0].reference}." in answer.text
    assert answer.shown.lead_ids == (lead.id, *(each.id for each in reversed(others)))


def test_a_long_timeline_has_pages() -> None:
    office = Office()
    lead = office.add()
    for number in range(150):
        office.now += timedelta(seconds=1)
        office.send(lead, "note", text=f"Note number {number}.")
    seen: list[list[str]] = []
    query: dict[str, str] = {}
    while True:
        answer = office.open(lead, **query)
        assert_well_tied(answer.page)
        seen.append(answer.page.xpath("//ol[@class='timeline']//p[@class='written']/text()"))
        assert ("Request received" in answer.text) is (len(seen) == 2)
        links = answer.page.xpath("//a[.='Earlier entries']/@href")
        if not links:
            break
        query = dict(parse_qsl(urlsplit(links[0]).query))
    assert [len(each) for each in seen] == [100, 50]
    assert [text for each in seen for text in each] == [f"Note number {each}." for each in reversed(range(150))]
    assert answer.page.xpath("//a[.='Newest entries']/@href") == [f"{BASE}/requests/{lead.id}"]
    assert not done(office, lead, "note", **query)


def test_a_request_with_very_many_long_notes_opens() -> None:
    office = Office()
    lead = office.add()
    for _ in range(120):
        office.now += timedelta(seconds=1)
        office.send(lead, "note", text="<" * 5_000)
    assert len(office.open(lead).body) < 1_000_000


@pytest.mark.parametrize("before", ["x", "2026-03-04T15:30:00.000Z", "\ud800", "../../LEAD"])
def test_a_place_in_the_timeline_that_does_not_exist_is_a_page_too(before: str) -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "note", text="Called.")
    assert "Called." in office.open(lead, before=before).text


def test_the_zone_of_a_follow_up_is_that_of_its_date() -> None:
    office = Office(now=NOW + timedelta(days=2, hours=8))  # a Friday, after the clinic closed; clocks change on Sunday
    lead = office.add()
    assert "The time is the clinic\u2019s (EDT on March 9)." in office.open(lead).text
    refused = office.send(lead, "follow-up", day="2026-11-10", time="25:00")
    assert "(EDT on March 9)" in refused.text
    late = office.send(lead, "follow-up", day="2025-11-10", time="10:00")
    assert "(EST on November 10)" in late.text


# --- what was done just now -------------------------------------------------------------------------------------------


def done(office: Office, lead: Lead, key: str, by: Person = NURSE, /, **query: str) -> str:
    return str(office.open(lead, by, done=key, **query).page.xpath("string(//*[@role='status'])"))


def test_the_page_says_what_its_reader_just_did() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "claim")
    assert done(office, lead, "claim").startswith("You claimed this request.")
    for unknown in ("", "x", "<script>"):
        assert not done(office, lead, unknown)


@pytest.mark.parametrize("key", DONE)
def test_an_address_alone_says_nothing_about_what_was_done(key: str) -> None:
    office = Office()
    lead = office.add()
    assert not done(office, lead, key)
    office.send(lead, "claim", JORDAN)
    assert not done(office, lead, key)
    office.now += timedelta(minutes=1)
    office.send(lead, "no-answer")
    if key not in {"no-answer", "saved"}:
        assert not done(office, lead, key)


def test_what_somebody_did_is_not_news_later_or_after_a_colleague_acted() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "claim")
    office.now += timedelta(minutes=9)
    assert done(office, lead, "claim")
    assert not done(office, lead, "claim", JORDAN)
    office.now += timedelta(minutes=1)
    assert not done(office, lead, "claim")
    assert not done(office, lead, "saved")
    office.send(lead, "no-answer")
    office.now += timedelta(minutes=1)
    office.send(lead, "reached", JORDAN)
    assert not done(office, lead, "no-answer")


def test_the_ways_to_close_are_told_apart() -> None:
    office = Office()
    lead = office.add()
    office.send(lead, "spam")
    assert done(office, lead, "spam")
    assert not done(office, lead, "not-wanted")
    assert not done(office, lead, "outcome")


def test_who_takes_a_request_over_is_told_so() -> None:
    office = Office()
    lead = office.add(**CLAIMED | {"claimed_by": JORDAN.id})
    path = office.send(lead, "hand-over", NURSE, to=NURSE.id).path
    assert path == f"/requests/{lead.id}?done=took-over"
    assert done(office, lead, "took-over") == "You took this request over. It is yours now."
    assert not done(office, lead, "hand-over")


@pytest.mark.parametrize(
    ("owner", "hint", "after"),
    [
        (None, "everybody who gets alerts is emailed.", "Everybody who gets alerts is emailed"),
        (CASEY, "only the owner gets the email, casey@example.com.", "The owner of this request is emailed"),
        (NURSE, "only the owner gets the email, you.", "The owner of this request is emailed"),
    ],
)
def test_the_page_says_who_is_emailed_again(owner: Person | None, hint: str, after: str) -> None:
    office = Office()
    owned = CLAIMED | {"claimed_by": owner.id, "owner_address": owner.email} if owner else {}
    lead = office.add(**dict(UNDELIVERED) | owned)
    assert f"\u201cEmail staff again\u201d: {hint}" in office.open(lead).text
    office.send(lead, "tell-again")
    assert done(office, lead, "tell-again").startswith(after)


def test_a_request_that_does_not_exist_has_a_page_that_says_so() -> None:
    office = Office()
    with pytest.raises(PageError, match="There is no such request"):
        office.get("/requests/" + "0" * 26)


def test_the_canarys_requests_are_not_shown() -> None:
    office = Office()
    lead = office.add(synthetic=True)
    with pytest.raises(PageError, match="There is no such request"):
        office.open(lead)


def test_each_form_of_a_page_is_another_press() -> None:
    presses = opened().page.xpath("//input[@name='press']/@value")
    assert len(presses) == len(set(presses)) > 5


def test_a_wait_is_next_to_its_target() -> None:
    assert facts(opened())["Wait"] == "Waiting 25 min, target 15 min: late"
    assert "Wait" not in facts(opened(**CLAIMED))
    assert "Wait" not in facts(opened(**QUARANTINED))


def test_a_follow_up_that_is_over_is_marked() -> None:
    answer = opened(**CLAIMED | {"follow_up_at": LATER - timedelta(minutes=5)})
    assert facts(answer)["Follow-up"] == "Today at 10:50 AM EST"
    assert answer.page.xpath("//dd[@class='late']/text() | //dd[@class='late']//*/text()")


@given(state=st.sampled_from(AlertState), response=st.sampled_from(ResponseState), action=st.sampled_from(ClaimAction))
def test_every_combination_of_states_has_a_page(
    state: AlertState, response: ResponseState, action: ClaimAction
) -> None:
    progress: dict[str, Any] = {
        "state": state,
        "response": response,
        "action": action,
        "claimed_by": JORDAN.id,
        "acted_by": JORDAN.id,
    }
    answer = opened(**progress)
    assert facts(answer)["State"]
    assert_well_tied(answer.page)
