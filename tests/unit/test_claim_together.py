"""Reached, and only it, offers to close the person's other open requests too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.leads.lead import Lead
from shared.leads.progress import AlertState
from shared.leads.response import ClaimAction, ClaimRefusedError, Refusal
from shared.leads.response import ResponseState as Stage
from shared.services.keys import Keys, KeysUnavailableError
from shared.store.leads import BusyLeadError
from shared.web.http import Response
from tests.unit.claim_pages import SECRET, Rehearsal, emitted, forget_metrics, forms, labels, sent_by
from tests.unit.forms import page_of
from tests.unit.people import NOW, a_lead
from tests.unit.web import page_text
from tests.unit.whose import whose

BUTTON = "Reached for these too"
EARLIER = a_lead(1, received_at=NOW - timedelta(days=1))
OLDEST = a_lead(2, received_at=NOW - timedelta(days=3))
STRANGER = a_lead(3, email="sam@example.com", phone="+12025550199")


@pytest.fixture
def desk() -> Rehearsal:
    desk = Rehearsal()
    for lead in (EARLIER, OLDEST, STRANGER):
        desk.add(lead)
    return desk


def ticked(response: Response) -> list[str]:
    return [str(each) for each in page_of(response.body).xpath("//input[@type='checkbox' and @checked]/@value")]


def stage_of(desk: Rehearsal, lead: Lead) -> Stage:
    return desk.table.progress_of(lead.id).response


def test_reached_lists_the_persons_other_open_requests(desk: Rehearsal) -> None:
    desk.table.change(OLDEST.id, lambda stored: replace(stored.progress, response=Stage.CLAIMED, claimed_by="staff-2"))
    response = desk.do("Reached")
    assert ticked(response) == [OLDEST.reference, EARLIER.reference]
    text = page_text(response)
    assert f"{OLDEST.reference} received Sunday, March 1 at 10:30 AM EST, claimed by frontdesk@example.com (a" in text
    assert f"{EARLIER.reference} received yesterday at 10:30 AM EST, nobody has claimed it" in text
    assert labels(response) == [BUTTON, "Undo"]
    assert EARLIER.id not in response.body


@pytest.mark.parametrize("label", ["Claim this request", "No answer", "Spam", "Duplicate of another request"])
def test_no_other_choice_offers_it(desk: Rehearsal, label: str) -> None:
    assert BUTTON not in forms(desk.do(label))


def test_the_page_of_a_closed_request_does_not_offer_it(desk: Rehearsal) -> None:
    desk.do("Reached")
    assert BUTTON not in forms(desk.get(desk.link()))


def test_pressing_reached_twice_still_offers_it(desk: Rehearsal) -> None:
    page = desk.get(desk.link())
    desk.press(page, "Reached")
    assert ticked(desk.press(page, "Reached")) == [OLDEST.reference, EARLIER.reference]


def test_pressing_another_button_again_does_not_offer_it(desk: Rehearsal) -> None:
    page = desk.get(desk.link())
    desk.press(page, "No answer")
    desk.do("Reached")
    assert BUTTON not in forms(desk.press(page, "No answer"))


def test_one_button_closes_them_with_the_same_decision(desk: Rehearsal) -> None:
    reached = desk.do("Reached")
    forget_metrics()
    response = desk.press(reached, BUTTON)
    assert response.status == 200
    assert f"Also closed: {OLDEST.reference}, {EARLIER.reference}." in page_text(response)
    assert labels(response) == ["Undo"]
    assert emitted() == {"RequestsReached": 2}
    for lead in (OLDEST, EARLIER):
        progress = desk.table.progress_of(lead.id)
        assert (progress.response, progress.claimed_by, progress.action) == (Stage.CLOSED, "staff-1", "reached")
        (entry,) = [entry for key, entry in desk.table.timeline.items() if key[0] == f"LEAD#{lead.id}"]
        assert (entry["kind"], entry["actor"]) == ({"S": "reached"}, {"S": "staff-1"})
        assert entry["with"] == {"S": desk.lead.reference}
    assert stage_of(desk, STRANGER) is Stage.OPEN


def test_only_those_that_are_ticked_are_closed(desk: Rehearsal) -> None:
    response = desk.press(desk.do("Reached"), BUTTON, also=[EARLIER.reference])
    assert f"Also closed: {EARLIER.reference}." in page_text(response)
    assert (stage_of(desk, EARLIER), stage_of(desk, OLDEST)) == (Stage.CLOSED, Stage.OPEN)
    assert ticked(response) == [OLDEST.reference]  # it can still be chosen


@pytest.mark.parametrize("also", [[], [STRANGER.reference], ["KC-0000-0000"], ["own"]])
def test_a_body_cannot_name_another_persons_request(desk: Rehearsal, also: list[str]) -> None:
    chosen = [desk.lead.reference if each == "own" else each for each in also]
    page = desk.do("Reached")
    before = desk.stored
    response = desk.press(page, BUTTON, also=chosen)
    assert response.status == 200
    assert "No other request was checked." in page_text(response)
    assert desk.stored == before


def test_pressing_it_twice_says_the_same_and_writes_once(desk: Rehearsal) -> None:
    page = desk.do("Reached")
    desk.press(page, BUTTON)
    before = desk.stored
    again = desk.press(page, BUTTON)
    assert f"Also closed: {OLDEST.reference}, {EARLIER.reference}." in page_text(again)
    assert desk.stored == before


def test_it_is_refused_unless_the_person_was_reached(desk: Rehearsal) -> None:
    page = desk.do("Reached")
    desk.do("Reopen this request")
    before = desk.stored
    response = desk.press(page, BUTTON)
    assert response.status == 409
    assert "That isn't possible now" in page_text(response)
    assert desk.stored == before


@pytest.mark.parametrize(
    "state",
    [
        {"response": Stage.CLOSED},
        {"state": AlertState.QUARANTINED},
        {"synthetic": True},
    ],
)
def test_closed_quarantined_and_synthetic_requests_are_left_out(desk: Rehearsal, state: dict[str, Any]) -> None:
    desk.table.change(OLDEST.id, lambda stored: replace(stored.progress, **state))
    assert ticked(desk.do("Reached")) == [EARLIER.reference]


def test_a_request_that_has_another_persons_details_by_now_is_left_out(desk: Rehearsal) -> None:
    whose(desk.table.client, replace(STRANGER, answers=desk.lead.answers), Keys(lambda: SECRET).for_people())
    page = desk.do("Reached")
    assert STRANGER.reference not in ticked(page)
    desk.table.change(STRANGER.id, lambda stored: replace(stored.progress, response=Stage.CLOSED))
    assert STRANGER.reference not in desk.press(page, BUTTON, also=[STRANGER.reference]).body


def test_one_that_was_reopened_before_can_be_closed_again(desk: Rehearsal) -> None:
    token = desk.link(ClaimAction.REACHED, lead=OLDEST)
    reopen = desk.post(token)
    desk.press(reopen, "Undo", token)
    assert f"Also closed: {OLDEST.reference}" in page_text(desk.press(desk.do("Reached"), BUTTON))
    assert stage_of(desk, OLDEST) is Stage.CLOSED


@pytest.mark.parametrize(("refusal", "said"), [(Refusal.CLOSED, "Also closed"), (Refusal.USED, "Not closed")])
def test_one_that_somebody_closed_at_the_same_time_is_closed(desk: Rehearsal, refusal: Refusal, said: str) -> None:
    page = desk.do("Reached")
    forget_metrics()
    desk.table.faults.before["change"].append(ClaimRefusedError(refusal))
    assert f"{said}: {OLDEST.reference}" in page_text(desk.press(page, BUTTON))
    assert emitted() == {"RequestsReached": 1}  # of the other one, and no failure


@pytest.mark.parametrize("fault", [BusyLeadError(), ClientError({}, "UpdateItem")])
def test_those_that_could_not_be_closed_are_named(desk: Rehearsal, fault: Exception) -> None:
    page = desk.do("Reached")
    desk.table.faults.before["change"].append(fault)
    response = desk.press(page, BUTTON)
    assert response.status == 200
    text = page_text(response)
    assert "Not all requests could be closed" in text
    assert f"Also closed: {EARLIER.reference}." in text
    assert f"Not closed: {OLDEST.reference}." in text
    assert ticked(response) == [OLDEST.reference]
    assert stage_of(desk, OLDEST) is Stage.OPEN


def test_one_that_was_quarantined_meanwhile_is_named(desk: Rehearsal) -> None:
    page = desk.do("Reached")
    desk.table.change(OLDEST.id, lambda stored: replace(stored.progress, state=AlertState.QUARANTINED))
    assert f"Not closed: {OLDEST.reference}." in page_text(desk.press(page, BUTTON))


def test_one_that_was_deleted_meanwhile_is_left_out(desk: Rehearsal) -> None:
    page = desk.do("Reached")
    del desk.table.leads[OLDEST.id]
    response = desk.press(page, BUTTON)
    assert f"Also closed: {EARLIER.reference}." in page_text(response)
    assert OLDEST.reference not in page_text(response)


def test_without_the_key_the_offer_is_missing(desk: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: Keys) -> bytes:
        raise KeysUnavailableError("made-up")

    page = desk.get(desk.link())
    monkeypatch.setattr(Keys, "for_people", fails)
    response = desk.press(page, "Reached")
    assert response.status == 200
    assert "Request closed." in page_text(response)
    assert labels(response) == ["Undo"]
    assert stage_of(desk, desk.lead) is Stage.CLOSED


def test_an_outage_offers_to_repeat_the_same_press(desk: Rehearsal) -> None:
    page = desk.do("Reached")
    desk.table.faults.before["read"].append(ClientError({}, "GetItem"))
    failed = desk.press(page, BUTTON)
    assert failed.status == 503
    assert sorted(sent_by(failed, "Try again").split("&")) == sorted(sent_by(page, BUTTON).split("&"))
    assert desk.press(failed, "Try again").status == 200
    assert stage_of(desk, OLDEST) is Stage.CLOSED
