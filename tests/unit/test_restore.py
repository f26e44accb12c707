"""`make restore` on a table in memory: what was lost is back, and nothing else changes."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.leads.event import OPERATOR
from shared.leads.lead import CONTACT, TEXTS
from shared.leads.response import ResponseState
from shared.store.erasures import ERASURES
from shared.store.keys import LEAD_SORT_KEY, timestamp
from tests.unit.dynamodb import Key
from tests.unit.expressions import Item
from tests.unit.fakes import CrashError
from tests.unit.restoring import AT, STATES, Rehearsal, kind
from tools.operate.restore.kinds import Kind
from tools.operate.restore.since import RESTORED_ENTRY
from tools.operate.restore.verdicts import AS_OF
from tools.operate.stack import OperateError

MARK = {AS_OF: {"S": timestamp(AT)}}
NAMES = sorted(STATES)


def is_mark(key: Key) -> bool:
    """Whether an item is the timeline's entry about the restore."""
    return key[1].endswith(f"#{RESTORED_ENTRY}")


def without_marks(items: dict[Key, Item]) -> dict[Key, Item]:
    """Return items without what a restore adds to those that it brings back."""
    added = {AS_OF, "confirmation_at"}
    return {
        key: {name: value for name, value in item.items() if name not in added}
        for key, item in items.items()
        if not is_mark(key)
    }


# ---- one lead


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_lead_comes_back_with_all_that_belongs_to_it(name: str) -> None:
    rehearsal = Rehearsal()
    before = deepcopy(rehearsal.items)
    rehearsal.lose(name)
    told = rehearsal.restore()
    lost = rehearsal.leads[name].id
    if name == "ending":
        assert {kind(item) for item in rehearsal.items.values() if lost in str(item)} == {Kind.ROW}
        assert "Requests that came back: 0" in told
        assert f"name it in REFERENCES:\n  {rehearsal.reference(name)}" in told
        return
    wanted = {key: item for key, item in before.items() if kind(item) is not Kind.PASSING}
    assert without_marks({**before, **rehearsal.items}) == without_marks(before)
    assert wanted.keys() <= rehearsal.items.keys()
    assert MARK.items() <= rehearsal.erasing.lead_item(rehearsal.leads[name]).items()
    state = {"quarantined": "in quarantine", "claimed": "claimed", "closed": "closed", "held": "closed"}.get(
        name, "open"
    )
    assert f"Requests that came back: 1 (1 {state})\n  {rehearsal.reference(name)}" in told


def test_a_visitor_who_may_have_a_confirmation_gets_none() -> None:
    rehearsal = Rehearsal()
    assert "confirmation_at" not in rehearsal.erasing.lead_item(rehearsal.leads["new"])
    rehearsal.lose("new")
    rehearsal.restore()
    assert rehearsal.erasing.lead_item(rehearsal.leads["new"])["confirmation_at"] == {"S": timestamp(AT)}


def test_the_timeline_says_where_its_gap_is() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("claimed")
    rehearsal.restore()
    key = (f"LEAD#{rehearsal.leads['claimed'].id}", f"EVENT#{timestamp(AT)}#{RESTORED_ENTRY}")
    assert rehearsal.items[key]["actor"] == {"S": OPERATOR}
    assert [each for each in rehearsal.items if is_mark(each)] == [key]


def test_a_lost_timeline_comes_back_to_a_lead_that_is_there() -> None:
    rehearsal = Rehearsal()
    before = deepcopy(rehearsal.items)
    for key in [key for key in before if key[1].startswith("EVENT#") or key[0].startswith("PERSON#")]:
        del rehearsal.items[key]
    rehearsal.restore()
    of_the_canary = {key for key in before if rehearsal.canary.id in str(before[key])}
    of_the_ended = {key for key in before if rehearsal.leads["ending"].id in str(before[key])}  # it expired meanwhile
    assert {key: rehearsal.items[key] for key in before.keys() - of_the_canary - of_the_ended} == {
        key: before[key] for key in before.keys() - of_the_canary - of_the_ended
    }


def test_the_canarys_lead_and_the_counters_stay_away() -> None:
    rehearsal = Rehearsal()
    rehearsal.items.clear()
    told = rehearsal.restore()
    assert rehearsal.canary.id not in str(rehearsal.items)
    assert not {kind(item) for item in rehearsal.items.values()} & {Kind.PASSING, Kind.UNKNOWN}
    assert {"RECIPIENT#r-000000000001"} <= {pk for pk, _ in rehearsal.items}
    assert "are counters and the like, and stay away" in told


def test_an_item_of_an_unknown_kind_stays_away_and_is_told() -> None:
    rehearsal = Rehearsal()
    rehearsal.copy.table.put({"pk": {"S": "NEWER#1"}, "sk": {"S": "NEWER"}})
    assert "1 are of a kind that this version does not know" in rehearsal.restore()
    assert ("NEWER#1", "NEWER") not in rehearsal.items


# ---- erased people


def test_a_lead_that_was_erased_after_the_copy_stays_erased() -> None:
    rehearsal = Rehearsal()
    lead = rehearsal.leads["closed"]
    rehearsal.erasing.erase(lead)
    tombstone = rehearsal.erasing.lead_item(lead)
    rehearsal.restore()
    assert rehearsal.erasing.lead_item(lead) == tombstone
    assert not list(rehearsal.erasing.about(lead))
    assert not list(rehearsal.erasing.erasures.all())[1:], "the replay found nothing to erase"


@pytest.mark.parametrize("in_the_copy", [True, False])
def test_a_lost_tombstone_comes_back_from_the_audits_table(in_the_copy: bool) -> None:  # noqa: FBT001 - parametrized
    rehearsal = Rehearsal()
    lead = rehearsal.leads["closed"]
    rehearsal.erasing.erase(lead)
    tombstone = rehearsal.erasing.lead_item(lead)
    rehearsal.lose("closed")
    if not in_the_copy:
        rehearsal.copy.table.items.pop((f"LEAD#{lead.id}", LEAD_SORT_KEY))
    rehearsal.restore()
    found = rehearsal.erasing.lead_item(lead)
    same = ("reference", "received_at", "fingerprint", "erased_at", "schema")
    assert [found[name] for name in same] == [tombstone[name] for name in same]
    assert (
        lead.name.lower() not in str({key: item for key, item in rehearsal.items.items() if key[0] != ERASURES}).lower()
    )


def test_an_order_to_erase_that_was_lost_is_carried_out() -> None:
    rehearsal = Rehearsal()
    order = rehearsal.erasing.order(rehearsal.leads["claimed"])
    rehearsal.copy.table.put(rehearsal.items[ERASURES, order.id])
    rehearsal.lose("claimed")
    rehearsal.restore()
    rehearsal.erasing.run()
    assert "erased_at" in rehearsal.erasing.lead_item(rehearsal.leads["claimed"])


# ---- leads that somebody names


def test_a_damaged_lead_is_told_and_comes_back_if_it_is_named() -> None:
    rehearsal = Rehearsal()
    item = rehearsal.erasing.lead_item(rehearsal.leads["open"])
    right = dict(item)
    rehearsal.items["LEAD#" + rehearsal.leads["open"].id, LEAD_SORT_KEY] = item | {"email": {"S": "undefined"}}
    reference = rehearsal.reference("open")
    assert f"name them in REFERENCES:\n  {reference}" in rehearsal.restore()
    assert rehearsal.erasing.lead_item(rehearsal.leads["open"])["email"] == {"S": "undefined"}
    rehearsal.copy.deleted = False
    told = rehearsal.restore(reference.lower())
    found = rehearsal.erasing.lead_item(rehearsal.leads["open"])
    assert found == right | MARK | {"version": {"N": str(int(right["version"]["N"]) + 1)}}
    assert "1 replaced, because you named them" in told


def test_a_named_lead_keeps_what_protects_its_person() -> None:
    rehearsal = Rehearsal()
    rehearsal.change("closed", withdrawn=frozenset({TEXTS}), not_wanted_at=AT, held_at=AT, hold_reason="A court asked.")
    rehearsal.change("closed", response=ResponseState.OPEN)
    rehearsal.restore(rehearsal.reference("closed"))
    stored = rehearsal.erasing.leads.read(rehearsal.leads["closed"].id)
    assert stored
    assert stored.progress.response is ResponseState.CLOSED
    assert (stored.progress.withdrawn, stored.progress.not_wanted_at) == (frozenset({TEXTS}), AT)
    assert stored.progress.held
    assert CONTACT in stored.progress.all_withdrawn
    assert "expires_at" not in rehearsal.erasing.lead_item(rehearsal.leads["closed"])


def test_work_on_a_named_lead_survives_a_second_run() -> None:
    rehearsal = Rehearsal()
    rehearsal.restore(rehearsal.reference("open"))
    rehearsal.change("open", response=ResponseState.CLAIMED)
    before = deepcopy(rehearsal.items)
    rehearsal.copy.deleted = False
    told = rehearsal.restore(rehearsal.reference("open"))
    assert rehearsal.items == before
    assert "Requests that came back: 1" in told


def test_an_erased_lead_does_not_come_back_if_it_is_named() -> None:
    rehearsal = Rehearsal()
    rehearsal.erasing.erase(rehearsal.leads["closed"])
    rehearsal.restore(rehearsal.reference("closed"))
    assert "erased_at" in rehearsal.erasing.lead_item(rehearsal.leads["closed"])


def test_a_name_without_a_request_changes_nothing() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    before = deepcopy(rehearsal.items)
    with pytest.raises(OperateError, match="no request KC-ZZZZ-ZZZZ"):
        rehearsal.restore(rehearsal.reference("open"), "KC-ZZZZ-ZZZZ")
    assert rehearsal.items == before
    assert not rehearsal.copy.deleted


def test_a_name_of_two_requests_changes_nothing_and_their_ids_are_told() -> None:
    rehearsal = Rehearsal()
    twin = dict(rehearsal.erasing.lead_item(rehearsal.leads["open"])) | {"pk": {"S": f"LEAD#{'Z' * 26}"}}
    rehearsal.copy.table.put(twin)
    with pytest.raises(OperateError, match=f"by its id: .*{'Z' * 26}"):
        rehearsal.restore(rehearsal.reference("open"))


# ---- everything together


class Dying:
    """Ends the process before one of its calls, as when somebody closes the terminal."""

    def __init__(self, calls: int) -> None:
        self._calls = calls

    def __call__[T](
        self,
        do: Callable[[], T],
        lost: Callable[[Exception], NoReturn],  # noqa: ARG002 - as `Carry` has them
        *,
        again: bool,  # noqa: ARG002
    ) -> T:
        self._calls -= 1
        if not self._calls:
            raise CrashError
        return do()


@cache
def the_same_world() -> tuple[Rehearsal, Any]:
    """Return a world and what it was like when it was new: building one takes long."""
    rehearsal = Rehearsal()
    return rehearsal, rehearsal.kept()


@st.composite
def damages(draw: st.DrawFn) -> Callable[[Rehearsal], None]:
    """Return what happens after the copy: leads are erased and changed, and then items are lost or spoiled."""
    erased = draw(st.lists(st.sampled_from(["open", "closed", "quarantined"]), unique=True, max_size=2))
    changed = draw(st.lists(st.sampled_from(["new", "claimed"]), unique=True))
    lost = draw(st.sets(st.integers(0, 99)))
    spoiled = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))

    def damage(rehearsal: Rehearsal) -> None:
        clock = rehearsal.erasing.clock
        for name in erased:
            rehearsal.erasing.erase(rehearsal.leads[name])
        for name in changed:
            rehearsal.change(name, others_hear=True)
        for name in {*spoiled} - {*erased}:
            if (key := (f"LEAD#{rehearsal.leads[name].id}", LEAD_SORT_KEY)) in rehearsal.items:
                rehearsal.items[key] = rehearsal.items[key] | {"email": {"S": "undefined"}}
        for number, key in enumerate(sorted(rehearsal.items)):
            if number in lost:
                del rehearsal.items[key]
        assert clock.time > AT

    return damage


def expected(rehearsal: Rehearsal, erased: frozenset[str]) -> set[Key]:
    """Return the keys of the copy's items that have to be in the table afterwards."""
    now = int(rehearsal.erasing.clock.time.timestamp())
    gone = {rehearsal.canary.id, rehearsal.leads["ending"].id, *erased}
    return {
        key
        for key, item in rehearsal.copy.table.items.items()
        if kind(item) is not Kind.PASSING
        and not ("expires_at" in item and int(str(item["expires_at"]["N"])) <= now)
        and not any(lead_id in str(item) for lead_id in gone)
    }


@settings(max_examples=40, deadline=None)
@given(damage=damages(), named=st.frozensets(st.sampled_from(NAMES), max_size=2), dies=st.integers(1, 120))
def test_any_damage_is_repaired_and_nothing_else_changes(
    damage: Callable[[Rehearsal], None], named: frozenset[str], dies: int
) -> None:
    """An interrupted run that is repeated, and a second run, end as one run does."""
    rehearsal, new = the_same_world()
    rehearsal.again(new)
    damage(rehearsal)
    kept = rehearsal.kept()
    before = kept[0]
    erased = frozenset(sk for pk, sk in rehearsal.erasing.audit.items if pk == "TOMBSTONES")
    references = [rehearsal.reference(each) for each in named]

    rehearsal.restore(*references)
    after = deepcopy(rehearsal.items)
    assert expected(rehearsal, erased) <= after.keys()
    named_ids = {rehearsal.leads[each].id for each in named}
    for key, item in before.items():
        if not any(f"LEAD#{each}" == key[0] or each in str(item) for each in named_ids):
            assert after[key] == item, "nothing that is there is changed"
    for key in after.keys() - before.keys():
        assert is_mark(key) or key in rehearsal.copy.table.items or "erased_at" in after[key]
    for name, lead in rehearsal.leads.items():
        if lead.id in erased:
            texts = str({key: item for key, item in after.items() if key[0] != ERASURES}).lower()
            assert f"sam.{name}@example.com" not in texts
            assert "erased_at" in after[f"LEAD#{lead.id}", LEAD_SORT_KEY]

    rehearsal.copy.deleted = False
    rehearsal.restore(*references, at_once=8)
    assert rehearsal.items == after

    rehearsal.again(kept)
    rehearsal.erasing.table.carry = Dying(dies)
    try:
        rehearsal.restore(*references)
    except CrashError:
        rehearsal.erasing.table.carry = None
        assert not rehearsal.copy.deleted
        rehearsal.restore(*references)
    assert without_versions(rehearsal.items) == without_versions(after)


def without_versions(items: dict[Key, Item]) -> dict[Key, Item]:
    return {key: {name: value for name, value in item.items() if name != "version"} for key, item in items.items()}
