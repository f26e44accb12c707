"""A restore and damaged items: one odd value stops nothing, and what is damaged is told."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.store.erasures import ERASURES
from tests.unit.restoring import LATER, Rehearsal, noted
from tests.unit.test_restore import the_same_world
from tools.operate.restore.verdicts import AS_OF

MILLISECONDS = {"N": str(int(LATER.timestamp() * 1000) + 10**12)}


# ---- in the copy


@pytest.mark.parametrize(
    "damage",
    [
        {"expires_at": MILLISECONDS},
        {"expires_at": {"S": "2026-12-24"}},
        {"expires_at": {"NULL": True}},
        {"response": {"NULL": True}},
        {"response": {"S": "undefined"}},
        {"alert_state": {"N": "1"}},
        {"version": {"S": "broken"}},
        {"agenda_at": {"S": "yesterday"}},
        {"withdrawn_consents": {"N": "1"}},
        {"consents": {"S": "broken"}},
    ],
)
def test_a_lead_with_an_odd_value_comes_back_and_does_not_stop_the_others(damage: dict[str, Any]) -> None:
    rehearsal = Rehearsal()
    rehearsal.spoil_the_copy("closed", **damage)
    rehearsal.lose("closed", "open")
    told = rehearsal.restore()
    assert {rehearsal.key("closed"), rehearsal.key("open")} <= rehearsal.items.keys()
    assert rehearsal.items[rehearsal.key("closed")]["email"] == {"S": "sam.closed@example.com"}
    assert "Requests that came back: 2" in told
    assert rehearsal.copy.deleted


@pytest.mark.parametrize("damage", [{"expires_at": MILLISECONDS}, {"response": {"NULL": True}}])
def test_a_lead_that_is_damaged_in_the_copy_is_told(damage: dict[str, Any]) -> None:
    rehearsal = Rehearsal()
    rehearsal.spoil_the_copy("closed", **damage)
    rehearsal.lose("closed")
    told = rehearsal.restore()
    assert "damaged in the copy too" in told
    assert f"restore to an earlier time:\n  {rehearsal.reference('closed')}" in told


def test_a_named_lead_is_not_replaced_with_one_that_cannot_be_read() -> None:
    rehearsal = Rehearsal()
    rehearsal.spoil_the_copy("open", response={"NULL": True})
    before = rehearsal.items[rehearsal.key("open")]
    told = rehearsal.restore(rehearsal.reference("open"))
    assert rehearsal.items[rehearsal.key("open")] == before
    assert f"restore to an earlier time:\n  {rehearsal.reference('open')}" in told


def test_an_end_that_is_no_time_does_not_come_back() -> None:
    rehearsal = Rehearsal()
    rehearsal.spoil_the_copy("closed", expires_at={"S": "2026-12-24"})
    rehearsal.lose("closed")
    rehearsal.restore()
    assert "expires_at" not in rehearsal.items[rehearsal.key("closed")]


def test_a_hold_counts_for_a_lead_that_is_damaged_in_the_copy() -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, "hold", rehearsal.leads["closed"].id)
    rehearsal.spoil_the_copy("closed", response={"NULL": True})
    rehearsal.lose("closed")
    rehearsal.restore()
    assert "held_at" in rehearsal.items[rehearsal.key("closed")]
    assert "expires_at" not in rehearsal.items[rehearsal.key("closed")]


@pytest.mark.parametrize("name", ["reference", "received_at"])
def test_a_lead_that_dynamodb_refuses_stays_away_and_is_told(name: str) -> None:
    """A value in the key of an index has to be a text."""
    rehearsal = Rehearsal()
    rehearsal.spoil_the_copy("closed", **{name: {"NULL": True}})
    rehearsal.lose("closed", "open")
    told = rehearsal.restore()
    assert " cannot be read, or are of requests that cannot, and stay away" in told
    assert "Requests that came back: 1" in told
    called = rehearsal.leads["closed"].id if name == "reference" else rehearsal.reference("closed")
    assert f"restore to an earlier time:\n  {called}" in told


def test_an_item_that_belongs_to_nobody_stays_away_and_is_counted() -> None:
    rehearsal = Rehearsal()
    odd = {"pk": {"S": "PERSON#made-up"}, "sk": {"S": "2026-03-04"}, "lead_id": {"NULL": True}}
    rehearsal.copy.table.put(odd)
    rehearsal.lose("open")
    assert "Requests that came back: 1" in rehearsal.restore()
    assert ("PERSON#made-up", "2026-03-04") not in rehearsal.items


ODD = st.sampled_from([{"NULL": True}, {"S": ""}, {"S": "undefined"}, {"N": "1e30"}, {"N": "-1"}, {"L": []}, {"M": {}}])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), value=ODD)
def test_any_odd_value_stops_nothing(data: st.DataObject, value: dict[str, Any]) -> None:
    rehearsal, new = the_same_world()
    rehearsal.again(new)
    items = rehearsal.copy.table.items
    key = data.draw(st.sampled_from(sorted(each for each in items if each[0] != ERASURES)))
    name = data.draw(st.sampled_from(sorted(items[key].keys() - {"pk", "sk"} or {"schema"})))
    items[key] = items[key] | {name: value}
    rehearsal.lose("open", "claimed", "closed", "silent", "held")
    told = rehearsal.restore()
    assert "Requests that came back: " in told
    assert rehearsal.copy.deleted
    others = {rehearsal.key(each) for each in ("open", "claimed", "closed", "silent", "held")} - {key}
    assert others <= rehearsal.items.keys()


# ---- in the table


def test_a_lead_that_came_back_and_was_damaged_since_is_told() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    rehearsal.restore()
    rehearsal.spoil("open", email={"S": "undefined"})
    rehearsal.copy.deleted = False
    told = rehearsal.restore()
    assert f"name them in REFERENCES:\n  {rehearsal.reference('open')}" in told
    assert AS_OF in rehearsal.items[rehearsal.key("open")]


def test_a_lead_that_came_back_and_was_damaged_since_is_replaced_if_it_is_named() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    rehearsal.restore()
    rehearsal.spoil("open", email={"S": "undefined"})
    rehearsal.copy.deleted = False
    told = rehearsal.restore(rehearsal.reference("open"))
    assert rehearsal.stored("open").lead.email == "sam.open@example.com"
    assert "run this again and name them" not in told


# ---- erased leads that are back or have more than they may


@pytest.mark.parametrize(
    "back",
    [
        {"email": {"S": "sam.closed@example.com"}},
        {"erased_at": None},
        {"erased_at": None, "email": {"S": "sam.closed@example.com"}, "version": {"S": "broken"}},
    ],
)
def test_a_damaged_tombstone_becomes_right_again(back: dict[str, Any]) -> None:
    rehearsal = Rehearsal()
    rehearsal.erasing.erase(rehearsal.leads["closed"])
    right = rehearsal.items[rehearsal.key("closed")]
    rehearsal.items[rehearsal.key("closed")] = {
        name: value for name, value in (right | back).items() if value is not None
    }
    told = rehearsal.restore()
    found = rehearsal.items[rehearsal.key("closed")]
    same = ("pk", "sk", "reference", "received_at", "fingerprint", "erased_at", "schema")
    assert [found[name] for name in same] == [right[name] for name in same]
    assert "sam.closed@example.com" not in str(found)
    assert "0 were back" in told
    assert "could not be read" not in told


def test_an_erased_lead_that_is_back_is_erased_with_all_that_belongs_to_it() -> None:
    rehearsal = Rehearsal()
    lead, everything = rehearsal.leads["closed"], dict(rehearsal.items)
    rehearsal.erasing.erase(lead)
    for key in [key for key, item in everything.items() if lead.id in str(item)]:
        rehearsal.items[key] = everything[key]
    rehearsal.erasing.clock.time = LATER
    told = rehearsal.restore()
    assert "1 were back and are erased again" in told
    assert "erased_at" in rehearsal.erasing.lead_item(lead)
    rehearsal.erasing.run()
    assert not list(rehearsal.erasing.about(lead))


def test_an_erased_lead_that_is_back_under_a_hold_is_left_alone() -> None:
    rehearsal = Rehearsal()
    right = rehearsal.items[rehearsal.key("closed")]
    rehearsal.erasing.erase(rehearsal.leads["closed"])
    rehearsal.items[rehearsal.key("closed")] = right | {"held_at": {"S": "2026-03-04T16:00:00.000Z"}}
    told = rehearsal.restore()
    assert "1 were left alone because of a legal hold" in told
    assert "held_at" in rehearsal.erasing.lead_item(rehearsal.leads["closed"])
