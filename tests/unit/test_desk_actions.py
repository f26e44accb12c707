"""The forms of a request's page: each makes one change, and what is refused says why and keeps what was typed."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from desk.actions import clean
from desk.route import PageError, Shown
from desk.words.actions import DONE, Act
from shared.leads.lead import TEXTS, Lead
from shared.leads.progress import AlertState
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.store.leads import BusyLeadError
from tests.unit.desk_pages import CASEY, JORDAN, NURSE, QUARANTINED, UNDELIVERED, Answer, Office
from tests.unit.forms import assert_well_tied
from tests.unit.people import NOW, a_lead
from tests.unit.words import any_text

# What each form sends, and the state in which it is possible.
FORMS: dict[Act, dict[str, str]] = {
    Act.NOTE: {"text": "Called."},
    Act.OUTCOME: {"outcome": "booked", "reason": "Tuesday at 3"},
    Act.FOLLOW_UP: {"day": "2026-03-09", "time": "15:30"},
    Act.HAND_OVER: {"to": JORDAN.id},
    Act.WITHDRAW: {"consent": TEXTS, "how": "stop"},
    Act.RESTORE: {"consent": TEXTS},
    Act.HOLD: {"why": "A lawyer asked us to keep it."},
}
CLAIMED: dict[str, Any] = {"response": ResponseState.CLAIMED, "claimed_by": NURSE.id}
# A closed request still has notes, its person still has consents, and somebody may still have to keep it.
ALWAYS = {Act.NOTE, Act.WITHDRAW, Act.RESTORE, Act.HOLD}
POSSIBLE: dict[Act, dict[str, Any]] = {
    Act.HAND_BACK: CLAIMED,
    Act.RELEASE: dict(QUARANTINED),
    Act.TELL_AGAIN: dict(UNDELIVERED),
    Act.UNHOLD: {"held_at": NOW, "held_by": NURSE.id, "hold_reason": "A lawyer asked us to keep it."},
    Act.REOPEN: {"response": ResponseState.CLOSED, "action": ClaimAction.REACHED},
}


def ready(act: Act) -> tuple[Office, Lead]:
    """Return the desk with a request about which `act` is possible."""
    office = Office()
    lead = office.add(a_lead(preferred_contact="email"), **POSSIBLE.get(act, {}))
    if act is Act.RESTORE:
        office.send(lead, Act.WITHDRAW, **FORMS[Act.WITHDRAW])
        office.now += timedelta(minutes=1)
    return office, lead


def title(answer: Answer) -> str:
    (found,) = answer.page.xpath("//div[@role='alert']/p[@class='title']")
    return str(found.text_content())


# --- what is saved ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", Act)
def test_each_form_changes_the_request_and_moves_to_its_page(act: Act) -> None:
    office, lead = ready(act)
    before, entries = office.progress(lead), len(office.table.kinds_of(lead.id))
    assert office.send(lead, act, **FORMS.get(act, {})).path == f"/requests/{lead.id}?done={act}"
    assert office.progress(lead).version == before.version + 1
    assert len(office.table.kinds_of(lead.id)) == entries + 1
    assert DONE[act] in office.open(lead, done=act).text


@pytest.mark.parametrize("act", Act)
def test_a_double_click_counts_once(act: Act) -> None:
    office, lead = ready(act)
    form, entries = FORMS.get(act, {}) | {"press": "p" * 16, "seen": "0"}, len(office.table.kinds_of(lead.id))
    first = office.send(lead, act, **form)
    after = office.progress(lead)
    assert office.send(lead, act, **form).path == first.path
    assert office.progress(lead) == after
    assert len(office.table.kinds_of(lead.id)) == entries + 1


def test_a_note_that_did_not_get_into_the_timeline_is_written_when_it_is_sent_again() -> None:
    office = Office()
    lead, form = office.add(), {"press": "p" * 16, "text": "Booked for Tuesday."}
    office.table.dynamodb.broken["PutItem"] = "AccessDeniedException"
    with pytest.raises(ClientError):
        office.send(lead, "note", **form)
    office.table.dynamodb.broken.clear()
    office.now += timedelta(minutes=1)
    assert office.send(lead, "note", **form).path.endswith("done=note")
    assert office.open(lead).text.count("Booked for Tuesday.") == 1


def test_two_notes_of_one_moment_are_both_kept_and_an_old_page_writes_none_again() -> None:
    office = Office()
    lead = office.add()
    for press, text in (("a", "The first note."), ("b", "The second note."), ("a", "The first note.")):
        office.send(lead, "note", press=press * 16, text=text)
    said = office.open(lead).text
    assert (said.count("The first note."), said.count("The second note.")) == (1, 1)


@pytest.mark.parametrize("act", ["release", "claim"])
def test_notes_of_a_quarantined_request_end_with_it_unless_it_leaves_quarantine(act: str) -> None:
    office = Office()
    kept, spam = office.add(a_lead(0), **QUARANTINED), office.add(a_lead(1), **QUARANTINED)
    for lead in (kept, spam):
        office.send(lead, "note", text="Called them back.")
    office.send(kept, act)
    office.now += timedelta(days=31)
    assert "Called them back." in office.open(kept).text
    assert not list(office.desk.timeline.entries(spam.id))
    assert len(office.table.kinds_of(lead.id)) == 1


def test_an_old_page_that_is_sent_again_says_that_it_was_saved_before() -> None:
    office, lead = ready(Act.CLAIM)
    form = {"press": "p" * 16, "seen": "0"}
    office.send(lead, "claim", **form)
    office.send(lead, "hand-back")
    assert office.send(lead, "claim", **form).path == f"/requests/{lead.id}?done=saved"
    assert office.progress(lead).response is ResponseState.OPEN
    assert "That was already saved." in office.open(lead, done="saved").text


@pytest.mark.parametrize("act", [Act.RELEASE, Act.TELL_AGAIN])
def test_a_second_release_changes_nothing(act: Act) -> None:
    office, lead = ready(act)
    office.send(lead, act)
    after = office.progress(lead)
    assert after.state is AlertState.PENDING
    answer = office.send(lead, act)
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert "Nothing was changed." in answer.text
    assert office.progress(lead) == after


def test_an_outcome_closes_a_request_and_can_be_changed() -> None:
    office, lead = ready(Act.OUTCOME)
    office.send(lead, "outcome", outcome="booked", reason=" Tuesday\r\nat 3 ")
    progress = office.progress(lead)
    assert (progress.response, progress.outcome) == (ResponseState.CLOSED, Outcome.BOOKED)
    assert progress.outcome_reason == "Tuesday\nat 3"
    office.send(lead, "outcome", outcome="came")
    assert office.progress(lead).outcome is Outcome.CAME
    assert office.progress(lead).outcome_reason is None


def test_a_follow_up_is_in_the_clinics_time_zone() -> None:
    office, lead = ready(Act.FOLLOW_UP)
    office.send(lead, "follow-up", day="2026-03-09", time="15:30")
    assert office.progress(lead).follow_up_at == datetime(2026, 3, 9, 19, 30, tzinfo=UTC)
    assert office.progress(lead).claimed_by == NURSE.id


def test_a_colleague_who_gets_no_emails_keeps_their_address_on_the_request() -> None:
    office, lead = ready(Act.HAND_OVER)
    office.send(lead, "hand-over", to=CASEY.id)
    assert (office.progress(lead).claimed_by, office.progress(lead).owner_address) == (CASEY.id, CASEY.email)
    assert "Claimed by casey@example.com" in office.open(lead).text
    assert "You have it" in office.open(lead, CASEY).text


def refused(office: Office, lead: Lead, act: str, **form: str) -> str:
    answer = office.send(lead, act, **form)
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert "The request changed after this page was opened" not in answer.text
    return title(answer)


def test_a_follow_up_of_an_urgent_request_is_soon() -> None:
    office = Office()
    lead = office.add(a_lead(in_crisis=True))
    assert refused(office, lead, "follow-up", day="2026-03-09", time="15:30") == "That is more than 24 hours ahead"


def test_what_the_page_hides_in_quarantine_is_refused() -> None:
    office = Office()
    lead = office.add(**QUARANTINED)
    for act in (Act.REACHED, Act.NO_ANSWER, Act.OUTCOME, Act.HAND_OVER, Act.FOLLOW_UP, Act.NOT_WANTED):
        assert refused(office, lead, act, **FORMS.get(act, {})) == "This request is in quarantine"


@pytest.mark.parametrize(("act", "left"), [("no-answer", "You can still close it."), ("reopen", "It stays closed")])
def test_after_too_many_actions_the_page_says_what_is_left(act: str, left: str) -> None:
    office = Office()
    lead = office.add(**(POSSIBLE[Act.REOPEN] if act == "reopen" else {}), links_used=frozenset(map(str, range(102))))
    assert refused(office, lead, act) == "This request was changed too often"
    assert left in office.send(lead, act).text


# --- somebody was faster ----------------------------------------------------------------------------------------------


def test_a_colleague_who_was_faster_is_named() -> None:
    office, lead = ready(Act.CLAIM)
    office.send(lead, "claim", JORDAN)
    answer = office.send(lead, "claim")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert title(answer) == "jordan@example.com has this request"
    assert "jordan@example.com claimed it today at 10:55 AM EST. Nothing was changed." in answer.text
    assert "Not saved: " in answer.page.findtext(".//title")
    assert_well_tied(answer.page)


def test_a_request_that_was_closed_meanwhile_says_how_and_who_did_it() -> None:
    office, lead = ready(Act.NO_ANSWER)
    office.send(lead, "outcome", JORDAN, outcome="booked")
    answer = office.send(lead, "no-answer")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert title(answer) == "This request is closed"
    assert "jordan@example.com reached the person today at 10:55 AM EST." in answer.text
    assert "It is closed as: booked a consultation. Nothing was changed." in answer.text


def test_ones_own_claim_is_no_news() -> None:
    office, lead = ready(Act.CLAIM)
    office.send(lead, "claim")
    assert title(office.send(lead, "claim")) == "You already have this request"


def test_a_page_that_is_behind_does_not_undo_what_a_colleague_did() -> None:
    office, lead = ready(Act.FOLLOW_UP)
    office.send(lead, "claim", JORDAN)
    answer = office.send(lead, "follow-up", seen="0", day="2026-03-09", time="15:30")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert answer.page.xpath("//input[@name='day']/@value") == ["2026-03-09"]
    assert answer.page.xpath("//input[@name='time']/@value") == ["15:30"]
    assert office.progress(lead).follow_up_at is None


@pytest.mark.parametrize("act", [Act.SPAM, Act.NOT_WANTED, Act.OUTCOME])
def test_a_page_that_is_behind_does_not_close_what_a_colleague_claimed(act: Act) -> None:
    office, lead = ready(act)
    office.send(lead, "claim", JORDAN)
    answer = office.send(lead, act, **FORMS.get(act, {}) | {"seen": "0"})
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert title(answer) == "jordan@example.com has this request"
    assert "jordan@example.com claimed it today at 10:55 AM EST. Nothing was changed." in answer.text
    assert office.progress(lead).response is ResponseState.CLAIMED
    assert office.send(lead, act, **FORMS.get(act, {})).path


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 20, "\u0661"])
def test_a_form_without_a_number_of_presses_knew_of_none(seen: str) -> None:
    office, lead = ready(Act.HAND_BACK)
    office.send(lead, "no-answer")
    assert office.send(lead, "hand-back", seen=seen).shown.status is HTTPStatus.CONFLICT


def test_what_is_not_possible_changes_nothing() -> None:
    office = Office()
    lead = office.add(a_lead(email=None))
    answer = office.send(lead, "emailed")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert title(answer) == "That isn't possible now"
    assert office.progress(lead).response is ResponseState.OPEN


def test_a_busy_request_keeps_what_was_typed() -> None:
    office, lead = ready(Act.NOTE)
    office.table.faults.before["change"].append(BusyLeadError())
    answer = office.send(lead, "note", text="Long story")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert title(answer) == "Somebody else is changing this request"
    assert answer.page.xpath("string(//textarea[@id='note'])").strip() == "Long story"


@pytest.mark.parametrize("act", Act)
def test_a_request_that_was_deleted_has_a_page_that_says_so(act: Act) -> None:
    office, lead = ready(act)
    answer = office.open(lead)
    del office.table.leads[lead.id]
    with pytest.raises(PageError, match="There is no such request"):
        office._answer(  # noqa: SLF001 - `send` reads the request first
            "POST",
            f"/requests/{lead.id}/{act}",
            NURSE,
            answer.visit.role,
            form={"press": "p" * 16, **FORMS.get(act, {})},
        )


# --- what was typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "form", "expected"),
    [
        (Act.NOTE, {"text": " \r\n\t"}, "The note is empty"),
        (Act.NOTE, {}, "The note is empty"),
        (Act.NOTE, {"text": "x" * 5_001}, "The note is too long"),
        (Act.OUTCOME, {"outcome": "", "reason": "because"}, "No outcome is chosen"),
        (Act.OUTCOME, {"outcome": "won"}, "No outcome is chosen"),
        (Act.OUTCOME, {"outcome": "booked", "reason": "x" * 501}, "The reason is too long"),
        (Act.HAND_OVER, {"to": ""}, "No colleague is chosen"),
        (Act.HAND_OVER, {"to": "r-000000000000"}, "No colleague is chosen"),
        (Act.FOLLOW_UP, {"day": "", "time": "10:00"}, "The date is missing"),
        (Act.FOLLOW_UP, {"day": "2026-03-09", "time": ""}, "The time is missing"),
        (Act.FOLLOW_UP, {"day": "2026-03-04", "time": "09:00"}, "That time is over"),
        (Act.FOLLOW_UP, {"day": "2026-03-08", "time": "02:30"}, "There is no such time"),
        (Act.FOLLOW_UP, {"day": "2027-03-09", "time": "09:00"}, "That is more than a year ahead"),
    ],
)
def test_what_cannot_be_saved_is_kept_in_its_field(act: Act, form: dict[str, str], expected: str) -> None:
    office, lead = ready(act)
    before = office.progress(lead)
    answer = office.send(lead, act, **form)
    assert answer.shown.status is HTTPStatus.BAD_REQUEST
    assert title(answer) == expected
    page = answer.page
    assert_well_tied(page)
    for name, typed in form.items():
        (control,) = page.xpath("//section[@class='actions']//*[@name=$name]", name=name)
        assert control.get("aria-invalid") == "true"
        if control.tag == "textarea":
            assert (control.text or "").removeprefix("\n") == typed.replace("\r\n", "\n")
        elif control.tag == "select" and typed in control.xpath("./option/@value"):
            assert control.xpath("./option[@selected]/@value") == ([typed] if typed else [])
        elif control.tag == "input":
            assert control.get("value") == typed
    assert not page.xpath("//details[@open]") or page.xpath("//details[@open]//*[@aria-invalid]")
    assert office.progress(lead) == before
    assert office.table.kinds_of(lead.id) == []


def test_what_was_typed_is_shown_even_if_its_form_is_gone() -> None:
    office, lead = ready(Act.OUTCOME)
    office.send(lead, "spam", JORDAN)
    answer = office.send(lead, "outcome", outcome="booked", reason="She said <b>Tuesday</b>")
    assert answer.shown.status is HTTPStatus.CONFLICT
    assert_well_tied(answer.page)
    (kept,) = answer.page.xpath("//div[@role='alert']/p[@class='written']")
    assert kept.text_content() == "She said <b>Tuesday</b>"


@pytest.mark.parametrize("act", FORMS)
@pytest.mark.parametrize("meanwhile", ["spam", "reached"])
def test_a_form_that_comes_after_the_end_has_a_page_without_loose_ends(act: Act, meanwhile: str) -> None:
    office, lead = ready(act)
    office.send(lead, meanwhile, JORDAN)
    answer = office.send(lead, act, **FORMS[act] | {"seen": "0"})
    if act not in ALWAYS:
        assert_well_tied(answer.page)


def test_the_longest_note_and_reason_are_saved() -> None:
    office, lead = ready(Act.NOTE)
    assert office.send(lead, "note", text="\u00e9" * 5_000 + " \n").path
    assert office.send(lead, "outcome", outcome="booked", reason="x" * 500).path


def test_a_note_is_text() -> None:
    office, lead = ready(Act.NOTE)
    office.send(lead, "note", text="</textarea><script>alert(1)</script>")
    answer = office.open(lead)
    assert not answer.page.xpath("//script")
    assert "</textarea><script>alert(1)</script>" in answer.text
    refused = office.send(lead, "note", text="</textarea><script>alert(1)</script>" + "x" * 5_000)
    assert not refused.page.xpath("//script")


@given(any_text)
def test_a_cleaned_text_can_be_stored_and_stays_the_same(text: str) -> None:
    found = clean(text)
    assert clean(found) == found
    assert found.encode().decode() == found
    assert "\x00" not in found
    assert "\r" not in found


def test_a_cleaned_text_keeps_its_lines() -> None:
    assert clean(" a\r\nb\rc\x00\n\n\td \ud800") == "a\nb\nc\n\n\td"


@given(
    st.sampled_from(Act), st.dictionaries(st.sampled_from(["text", "outcome", "reason", "day", "time", "to"]), any_text)
)
def test_any_form_is_saved_or_has_a_page(act: Act, form: dict[str, str]) -> None:
    office, lead = ready(act)
    answer = office.send(lead, act, **form)
    if isinstance(answer.result, Shown):
        assert answer.shown.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}
        assert not answer.page.xpath("//script")


def test_the_follow_up_starts_with_the_next_opening() -> None:
    office, lead = ready(Act.FOLLOW_UP)
    office.now = NOW + timedelta(days=2)  # Friday
    page = office.open(lead).page
    assert page.xpath("//input[@name='day']/@value") == ["2026-03-09"]
    assert page.xpath("//input[@name='time']/@value") == ["09:00"]
