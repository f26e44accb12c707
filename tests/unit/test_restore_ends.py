"""A restore and the ends of requests: nothing comes back whose time is over, unless somebody still needs it."""

from datetime import timedelta
from typing import Any, cast

import pytest

from shared.leads.clinic import Retention
from shared.leads.desk import settle
from shared.leads.event import Event
from shared.leads.response import Outcome, ResponseState
from shared.leads.retention import GRACE
from shared.runtime.files import clinic
from shared.store.timeline import event_item
from tests.unit.restoring import AT, LATER, NURSE, SOON, Rehearsal, noted
from tests.unit.test_desk import RULES

RETENTION = clinic().retention
MONTH = timedelta(days=33)


def after_a_month() -> Rehearsal:
    """Return a world that is restored so late that some retentions are over."""
    rehearsal = Rehearsal()
    rehearsal.erasing.clock.time = AT + MONTH
    return rehearsal


# ---- a request that has expired as of the copy


def test_an_expired_lead_that_is_named_comes_back_for_some_days() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("ending")
    told = rehearsal.restore(rehearsal.reference("ending"))
    assert rehearsal.stored("ending").progress.kept_until == LATER + GRACE
    item = rehearsal.erasing.lead_item(rehearsal.leads["ending"])
    assert item["expires_at"] == {"N": str(int((LATER + GRACE).timestamp()))}
    assert "Requests that came back: 1" in told
    assert list(rehearsal.erasing.about(rehearsal.leads["ending"])), "what belongs to it came back too"


def test_an_expired_lead_that_is_there_and_damaged_is_replaced_if_it_is_named() -> None:
    rehearsal = Rehearsal()
    rehearsal.spoil("ending", email={"S": "undefined"})
    rehearsal.restore(rehearsal.reference("ending"))
    assert rehearsal.stored("ending").lead.email == "sam.ending@example.com"


def test_an_expired_lead_that_somebody_changed_comes_back_for_some_days() -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, "note", rehearsal.leads["ending"].id)
    rehearsal.lose("ending")
    rehearsal.restore()
    assert rehearsal.stored("ending").progress.kept_until == LATER + GRACE


def test_an_expired_lead_whose_timeline_has_more_comes_back_for_some_days() -> None:
    rehearsal = Rehearsal()
    rehearsal.erasing.clock.time = SOON
    rehearsal.erasing.note(rehearsal.leads["ending"], "Asked again.")
    rehearsal.erasing.clock.time = LATER
    rehearsal.lose_the_lead("ending")
    rehearsal.restore()
    assert rehearsal.stored("ending").progress.kept_until == LATER + GRACE


@pytest.mark.parametrize("action", ["read_request", "erase"])
def test_an_expired_lead_that_nobody_worked_on_is_told_and_stays_away(action: str) -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, action, rehearsal.leads["ending"].id)
    rehearsal.lose("ending")
    told = rehearsal.restore()
    assert rehearsal.key("ending") not in rehearsal.items
    assert "The time of these requests is over" in told
    assert told.count(rehearsal.reference("ending")) == 1


# ---- a request whose time has ended since


def test_a_lead_that_was_closed_as_spam_since_stays_away_after_its_time() -> None:
    rehearsal = after_a_month()
    noted(rehearsal, "spam", rehearsal.leads["open"].id)
    rehearsal.lose("open")
    told = rehearsal.restore()
    assert rehearsal.key("open") not in rehearsal.items
    assert f"  {rehearsal.reference('open')}\n" in told.partition("name it in REFERENCES:\n")[2]


def test_a_lead_that_was_closed_as_spam_since_comes_back_while_its_time_lasts() -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, "spam", rehearsal.leads["open"].id)
    rehearsal.lose("open")
    rehearsal.restore()
    assert rehearsal.stored("open").progress.response is ResponseState.OPEN


def test_a_lead_whose_time_is_over_comes_back_if_it_is_named() -> None:
    rehearsal = after_a_month()
    noted(rehearsal, "spam", rehearsal.leads["open"].id)
    rehearsal.lose("open")
    rehearsal.restore(rehearsal.reference("open"))
    assert rehearsal.stored("open").progress.kept_until == AT + MONTH + GRACE


@pytest.mark.parametrize("action", ["reopen", "claim", "hold"])
def test_a_lead_that_went_on_after_the_close_comes_back(action: str) -> None:
    rehearsal = after_a_month()
    noted(rehearsal, "spam", rehearsal.leads["open"].id, minutes=1)
    noted(rehearsal, action, rehearsal.leads["open"].id, minutes=2)
    rehearsal.lose("open")
    rehearsal.restore()
    assert rehearsal.stored("open")


@pytest.mark.parametrize("action", ["reached", "outcome", "not_wanted", "withdraw"])
def test_a_close_with_a_longer_or_an_unknown_time_keeps_no_lead_away(action: str) -> None:
    rehearsal = after_a_month()
    noted(rehearsal, action, rehearsal.leads["open"].id)
    rehearsal.lose("open")
    rehearsal.restore()
    assert rehearsal.stored("open")


def test_the_outcome_in_a_timeline_that_is_left_says_when_a_lead_ended() -> None:
    rehearsal = Rehearsal()
    booked = settle(Outcome.BOOKED, None, RULES, SOON, by=NURSE, press="b")
    for name in ("open", "claimed"):
        assert rehearsal.erasing.leads.change(rehearsal.leads[name].id, booked)
        noted(rehearsal, "outcome", rehearsal.leads[name].id)
        rehearsal.lose_the_lead(name)
    reopened = Event(kind="reopened", at=SOON + timedelta(days=1), actor=NURSE.id)
    rehearsal.erasing.clock.time = AT + MONTH
    rehearsal.erasing.table.put(cast("Any", event_item(rehearsal.leads["claimed"].id, reopened, AT + MONTH)))
    rehearsal.restore()
    assert rehearsal.key("open") not in rehearsal.items
    assert rehearsal.stored("claimed")


def test_work_on_a_closed_lead_gives_it_some_more_days() -> None:
    rehearsal = after_a_month()
    noted(rehearsal, "spam", rehearsal.leads["open"].id, minutes=1)
    noted(rehearsal, "note", rehearsal.leads["open"].id, minutes=60 * 24 * 28)
    rehearsal.lose("open")
    rehearsal.restore()
    assert rehearsal.stored("open")


def test_the_plan_says_that_requests_may_have_ended_since() -> None:
    shortest = min(RETENTION.spam, Retention().spam)
    rehearsal = Rehearsal()
    rehearsal.restore()
    assert "Requests are kept for" not in rehearsal.said[0]
    rehearsal = after_a_month()
    rehearsal.restore()
    assert f"Requests are kept for {shortest} days at least after they are closed" in rehearsal.said[0]
