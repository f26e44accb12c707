"""A restore never brings back less protection than a person had: withdrawn consents, no contact, a legal hold."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.consent import How, give_back, withdraw
from shared.leads.desk import act
from shared.leads.event import OPERATOR, Event
from shared.leads.hold import hold
from shared.leads.lead import CONSENT_KINDS, CONTACT, NEWS, TEXTS
from shared.leads.response import ClaimAction, ResponseState
from shared.store.keys import timestamp
from tests.unit.restoring import AT, LATER, NURSE, SOON, Rehearsal, noted
from tests.unit.test_desk import RULES
from tools.operate.restore.protection import HOLD_REASON, NONE, Protection, added, merged, protection_in

# ---- what the audit knows about a missing lead


@pytest.mark.parametrize(("action", "consent"), [("withdraw", ""), ("withdraw", CONTACT), ("not_wanted", "")])
def test_a_missing_lead_comes_back_without_contact(action: str, consent: str) -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, action, rehearsal.leads["open"].id, consent=consent)
    rehearsal.lose("open")
    told = rehearsal.restore()
    progress = rehearsal.stored("open").progress
    assert (*progress.withdrawn, progress.withdrawn_at, progress.withdrawn_by) == (CONTACT, SOON, OPERATOR)
    assert progress.all_withdrawn == CONSENT_KINDS
    assert (
        f"A manager can undo it at the desk:\n  {rehearsal.reference('open')}: no contact\n" in rehearsal.said[0] + "\n"
    )
    assert (
        f"a withdrawn consent or a legal hold. A manager can undo it at the desk:\n  {rehearsal.reference('open')}"
        in told
    )


def test_a_withdrawal_of_texts_alone_does_not_silence_the_reminders() -> None:
    rehearsal = Rehearsal()
    ids = [rehearsal.leads[name].id for name in ("open", "claimed")]
    noted(rehearsal, "withdraw", ids[0], consent=TEXTS)
    noted(rehearsal, "withdraw", *ids)  # the form also counted for another request: this entry names no consent
    rehearsal.lose("open", "claimed")
    rehearsal.restore()
    assert [rehearsal.stored(name).progress.all_withdrawn for name in ("open", "claimed")] == [{TEXTS}, {TEXTS}]


def test_a_manager_can_undo_a_withdrawal_and_the_reminders_go_on() -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, "withdraw", rehearsal.leads["open"].id, consent=CONTACT)
    rehearsal.lose("open")
    rehearsal.restore()
    undo = give_back(CONTACT, RULES, LATER, by=NURSE, press="undo", manages=True, recorded_by={})
    assert rehearsal.erasing.leads.change(rehearsal.leads["open"].id, undo)
    progress = rehearsal.stored("open").progress
    assert not progress.all_withdrawn
    assert progress.due_at


def test_a_missing_lead_comes_back_under_the_hold_that_the_audit_knows() -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, "hold", rehearsal.leads["closed"].id)
    assert "expires_at" in rehearsal.erasing.lead_item(rehearsal.leads["closed"])
    rehearsal.lose("closed")
    told = rehearsal.restore()
    progress = rehearsal.stored("closed").progress
    assert (progress.held_at, progress.held_by, progress.hold_reason) == (SOON, OPERATOR, HOLD_REASON)
    assert "expires_at" not in rehearsal.erasing.lead_item(rehearsal.leads["closed"])
    assert f"{rehearsal.reference('closed')}: under legal hold" in told


def test_a_lead_that_is_there_or_erased_is_not_in_the_plan() -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, "hold", rehearsal.leads["open"].id, rehearsal.leads["closed"].id)
    rehearsal.erasing.erase(rehearsal.leads["closed"])
    rehearsal.lose("closed")
    rehearsal.restore()
    assert "A manager can undo it" not in rehearsal.said[0]
    assert not rehearsal.stored("open").progress.held


def test_the_audit_is_read_before_the_first_write() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    before = dict(rehearsal.items)
    rehearsal.erasing.audit.broken["Query"] = "ThrottlingException"
    with pytest.raises(Exception, match="ThrottlingException"):
        rehearsal.restore()
    assert rehearsal.items == before


# ---- what a timeline knows that is still in the table


def test_a_withdrawal_in_a_timeline_that_is_left_counts() -> None:
    rehearsal = Rehearsal()
    lead_id = rehearsal.leads["open"].id
    rehearsal.erasing.clock.time = SOON
    assert rehearsal.erasing.leads.change(lead_id, withdraw(CONTACT, How.PHONE, RULES, SOON, by=NURSE, press="w"))
    rehearsal.erasing.clock.time = LATER
    rehearsal.lose_the_lead("open")
    told = rehearsal.restore()
    assert CONTACT in rehearsal.stored("open").progress.withdrawn
    assert f"  {rehearsal.reference('open')}\n    2026-03-04T16:35:00Z withdraw by {NURSE.email}" in told


def test_a_hold_in_a_timeline_that_is_left_counts() -> None:
    rehearsal = Rehearsal()
    assert rehearsal.erasing.leads.change(
        rehearsal.leads["closed"].id, hold("A court asked.", SOON, by=NURSE, press="h")
    )
    rehearsal.lose_the_lead("closed")
    told = rehearsal.restore()
    assert rehearsal.stored("closed").progress.held_at == SOON
    assert "A court asked." not in told


def test_a_close_as_not_wanted_in_a_timeline_that_is_left_counts() -> None:
    rehearsal = Rehearsal()
    closing = act(ClaimAction.NOT_WANTED, RULES, SOON, by=NURSE, press="n")
    assert rehearsal.erasing.leads.change(rehearsal.leads["open"].id, closing)
    rehearsal.lose_the_lead("open")
    rehearsal.restore()
    assert CONTACT in rehearsal.stored("open").progress.withdrawn


def test_the_rest_of_a_timeline_is_told_and_emails_are_not() -> None:
    rehearsal = Rehearsal()
    lead_id = rehearsal.leads["open"].id
    for kind, actor in (("claimed", "r-000000000001"), ("reminder_accepted", "system")):
        event = Event(kind=kind, at=SOON, actor=actor)
        assert rehearsal.erasing.leads.change(lead_id, lambda lead, event=event: replace(lead.progress, event=event))  # type: ignore[misc]
    rehearsal.lose_the_lead("open")
    told = rehearsal.restore()
    assert "    2026-03-04T16:35:00Z claim by r-000000000001\n" in told
    assert "reminder" not in told.partition("A part of the timeline")[2]
    assert "no other trace" not in told


def test_a_damaged_entry_of_a_timeline_does_not_stop_the_others() -> None:
    rehearsal = Rehearsal()
    pk = rehearsal.key("open")[0]
    entry: dict[str, Any] = {"pk": {"S": pk}, "sk": {"S": f"EVENT#{timestamp(SOON)}#held"}, "kind": {"S": "held"}}
    rehearsal.items[pk, f"EVENT#{timestamp(SOON)}#held"] = entry
    for number, odd in enumerate([{"kind": {"N": "1"}}, {}, {"kind": {"S": "held"}}]):
        sk = f"EVENT#{'yesterday' if number == 2 else timestamp(SOON)}#{number}"
        rehearsal.items[pk, sk] = {"pk": {"S": pk}, "sk": {"S": sk}} | odd
    rehearsal.lose_the_lead("open")
    rehearsal.restore()
    assert rehearsal.stored("open").progress.held_at == SOON


# ---- a named lead keeps what it has


def test_a_named_lead_keeps_what_protects_its_person() -> None:
    rehearsal = Rehearsal()
    rehearsal.change("closed", withdrawn=frozenset({TEXTS}), not_wanted_at=AT, held_at=AT, hold_reason="A court asked.")
    rehearsal.change("closed", response=ResponseState.OPEN)
    told = rehearsal.restore(rehearsal.reference("closed"))
    progress = rehearsal.stored("closed").progress
    assert progress.response is ResponseState.CLOSED
    assert (*progress.withdrawn, progress.not_wanted_at, progress.hold_reason) == (TEXTS, AT, "A court asked.")
    assert CONTACT in progress.all_withdrawn
    assert "expires_at" not in rehearsal.erasing.lead_item(rehearsal.leads["closed"])
    assert "could not be read" not in told


@pytest.mark.parametrize("value", [{"SS": [TEXTS, NEWS]}, {"L": [{"S": TEXTS}, {"S": NEWS}]}], ids=["a set", "a list"])
def test_withdrawn_consents_count_in_each_form(value: dict[str, Any]) -> None:
    rehearsal = Rehearsal()
    rehearsal.spoil("open", withdrawn_consents=value)
    rehearsal.restore(rehearsal.reference("open"))
    assert rehearsal.stored("open").progress.withdrawn == {TEXTS, NEWS}


def test_a_withdrawn_consent_that_is_a_text_counts() -> None:
    rehearsal = Rehearsal()
    rehearsal.spoil("open", withdrawn_consents={"S": TEXTS}, version={"S": "broken"})
    rehearsal.restore(rehearsal.reference("open"))
    assert rehearsal.stored("open").progress.withdrawn == {TEXTS}


@pytest.mark.parametrize(
    ("damage", "no_contact", "held"),
    [
        ({"withdrawn_consents": {"S": "broken"}}, True, False),
        ({"withdrawn_consents": {"NULL": True}}, True, False),
        ({"not_wanted_at": {"N": "1"}}, True, False),
        ({"held_at": {"N": "1"}}, False, True),
        ({"held_at": {"S": "yesterday"}, "withdrawn_consents": {"M": {}}, "version": {"S": "broken"}}, True, True),
    ],
)
def test_a_protection_that_cannot_be_read_counts_and_is_told(
    damage: dict[str, Any],
    no_contact: bool,  # noqa: FBT001 - parametrized
    held: bool,  # noqa: FBT001 - parametrized
) -> None:
    rehearsal = Rehearsal()
    right = rehearsal.items[rehearsal.key("open")]
    rehearsal.spoil("open", **damage)
    told = rehearsal.restore(rehearsal.reference("open"))
    progress = rehearsal.stored("open").progress
    assert (CONTACT in progress.withdrawn, progress.held_at) == (no_contact, LATER if held else None)
    assert {progress.withdrawn_by, progress.held_by} <= {OPERATOR, None}
    assert rehearsal.items[rehearsal.key("open")]["email"] == right["email"]
    assert f"Ask your colleagues what is right:\n  {rehearsal.reference('open')}" in told


def test_each_protection_is_kept_on_its_own() -> None:
    rehearsal = Rehearsal()
    rehearsal.change("open", held_at=AT, held_by="r-000000000002", hold_reason="A court asked.")
    rehearsal.spoil("open", withdrawn_consents={"N": "1"}, consents={"S": "broken"})
    rehearsal.restore(rehearsal.reference("open"))
    progress = rehearsal.stored("open").progress
    assert (progress.held_at, progress.hold_reason) == (AT, "A court asked.")
    assert CONTACT in progress.withdrawn


def test_what_the_audit_knows_counts_for_a_named_lead_that_cannot_be_read() -> None:
    rehearsal = Rehearsal()
    noted(rehearsal, "hold", rehearsal.leads["open"].id, rehearsal.leads["claimed"].id)
    rehearsal.spoil("open", response={"NULL": True})
    rehearsal.restore(rehearsal.reference("open"), rehearsal.reference("claimed"))
    assert rehearsal.stored("open").progress.held
    assert not rehearsal.stored("claimed").progress.held, "its own item says that the hold ended"


# ---- in general

MOMENTS = st.sampled_from([AT, SOON, LATER])
PROTECTIONS = st.builds(
    Protection,
    withdrawn=st.frozensets(st.sampled_from(sorted(CONSENT_KINDS))),
    withdrawn_at=MOMENTS,
    withdrawn_by=st.sampled_from(["r-000000000001", OPERATOR]),
    not_wanted_at=st.none() | MOMENTS,
    held_at=st.none() | MOMENTS,
    hold_reason=st.none() | st.just("A court asked."),
)


@given(own=PROTECTIONS, other=PROTECTIONS)
def test_nothing_is_less_protected_than_before(own: Protection, other: Protection) -> None:
    both = merged([own, other])
    assert both.withdrawn == own.withdrawn | other.withdrawn
    assert bool(both.not_wanted_at) == bool(own.not_wanted_at or other.not_wanted_at)
    assert bool(both.held_at) == bool(own.held_at or other.held_at)
    assert not added(own, own)
    assert merged([both, own, other]) == replace(both, unreadable=both.unreadable)
    assert not added(both, own)


VALUES = st.recursive(
    st.builds(lambda text: {"S": text}, st.text(max_size=30) | st.sampled_from([TEXTS, CONTACT, timestamp(AT)]))
    | st.just({"NULL": True})
    | st.just({"BOOL": False})
    | st.builds(lambda number: {"N": str(number)}, st.integers())
    | st.builds(lambda texts: {"SS": texts}, st.lists(st.text(max_size=5) | st.just(TEXTS), min_size=1, unique=True)),
    lambda inner: st.builds(lambda values: {"L": values}, st.lists(inner, max_size=2)),
    max_leaves=3,
)


@given(withdrawn=VALUES, not_wanted=VALUES, held=VALUES)
def test_any_value_is_read_or_counts(
    withdrawn: dict[str, Any], not_wanted: dict[str, Any], held: dict[str, Any]
) -> None:
    item: Any = {"withdrawn_consents": withdrawn, "not_wanted_at": not_wanted, "held_at": held}
    found = protection_in(item, LATER)
    assert found.held_at
    assert found.not_wanted_at
    assert found != NONE
    assert found.withdrawn <= CONSENT_KINDS
