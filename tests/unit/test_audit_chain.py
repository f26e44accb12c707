"""The audit's chain: an entry that was changed, removed, replaced or added is noticed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.audit_chain import EMPTY, KEPT, SHORT, Entry, Mark, StoredEntry, verify
from tests.unit.people import NOW

MINUTE = timedelta(minutes=1)
texts = st.text(max_size=20)


def chain(length: int, begins: datetime = NOW, step: timedelta = MINUTE, **more: Any) -> list[StoredEntry]:  # noqa: ANN401 - any part of an entry
    """Return a right chain."""
    entries: list[StoredEntry] = []
    for number in range(1, length + 1):
        last = entries[-1] if entries else None
        content = {"actor": "r-000000000001", "email": "nurse@example.com", "action": "read", "visit": f"v{number}"}
        entry = Entry(
            number=number,
            at=begins + step * number,
            before=last.digest if last else EMPTY.digest,
            before_at=last.entry.at if last else None,
            **(content | more),
        )
        entries.append(StoredEntry(entry=entry, digest=entry.digest))
    return entries


def problems(entries: Sequence[StoredEntry], *marks: Mark) -> list[str]:
    return list(verify(entries, NOW, *marks))


def mark(entries: Sequence[StoredEntry]) -> Mark:
    return Mark(entries[-1].entry.number, entries[-1].digest)


@given(st.integers(min_value=0, max_value=12))
def test_a_chain_as_it_was_written_has_no_problem(length: int) -> None:
    entries = chain(length)
    assert problems(entries) == []
    assert problems(entries, mark(entries) if entries else EMPTY) == []


@given(st.data())
def test_a_changed_entry_is_noticed(data: st.DataObject) -> None:
    entries = chain(data.draw(st.integers(min_value=1, max_value=8)))
    at = data.draw(st.integers(min_value=0, max_value=len(entries) - 1))
    change: dict[str, Any] = data.draw(
        st.one_of(
            st.fixed_dictionaries({"actor": texts}),
            st.fixed_dictionaries({"email": texts}),
            st.fixed_dictionaries({"action": texts.filter(lambda text: text != "read")}),
            st.fixed_dictionaries({"lead_ids": st.lists(texts, min_size=1, max_size=3).map(tuple)}),
            st.fixed_dictionaries({"details": st.dictionaries(texts, texts, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"at": st.just(NOW - timedelta(days=1))}),
        )
    )
    entries[at] = replace(entries[at], entry=replace(entries[at].entry, **change))
    assert f"Entry {at + 1} was changed: its content doesn't match its digest." in problems(entries)


@given(st.data())
def test_an_entry_that_was_replaced_with_its_digest_is_noticed(data: st.DataObject) -> None:
    entries = chain(data.draw(st.integers(min_value=2, max_value=8)))
    last = mark(entries)
    at = data.draw(st.integers(min_value=0, max_value=len(entries) - 1))
    other = replace(entries[at].entry, action="other")
    entries[at] = StoredEntry(entry=other, digest=other.digest)
    assert problems(entries, last)
    if at < len(entries) - 1:
        assert problems(entries) == [f"Entry {at + 2} doesn't continue entry {at + 1}: one of the two was replaced."]


@given(st.data())
def test_missing_entries_are_noticed(data: st.DataObject) -> None:
    entries = chain(data.draw(st.integers(min_value=1, max_value=10)))
    gone = data.draw(st.sets(st.integers(min_value=0, max_value=len(entries) - 1), min_size=1))
    kept = [entry for at, entry in enumerate(entries) if at not in gone]
    assert problems(kept, mark(entries))


def test_a_chain_that_was_written_again_is_noticed_by_its_last_digest_only() -> None:
    entries = chain(5)
    forged = chain(5, actor="r-000000000002")
    assert problems(forged) == []
    (problem,) = problems(forged, mark(entries))
    assert problem == "Entry 5 has another digest than the one that is known: somebody wrote the chain again."


def test_entries_that_are_missing_are_named() -> None:
    entries = chain(9)
    assert problems(entries[1:]) == ["Entry 1 is missing."]
    assert problems(entries[:3] + entries[6:]) == ["Entries 4 to 6 are missing."]
    assert problems(entries[:7], mark(entries)) == [
        "Entries 8 to 9 are missing at the end: the last known entry is number 9."
    ]
    assert problems([], Mark(1, entries[0].digest)) == [
        "Entry 1 is missing at the end: the last known entry is number 1."
    ]
    assert problems([entries[0], entries[0]]) == ["Entry 1 comes after entry 1: the numbers are out of order."]


def test_entries_older_than_six_years_may_be_gone_in_any_order() -> None:
    entries = chain(10, begins=NOW - KEPT - MINUTE * 5)  # the fourth is the youngest that has expired
    assert problems(entries[5:]) == []
    assert problems([entries[1], entries[3], *entries[5:]]) == []
    assert problems(entries[6:]) == ["Entries 1 to 6 are missing."]


def test_a_short_digest_is_enough() -> None:
    entries = chain(3)
    text = str(mark(entries))
    number, _, digest = text.partition(":")
    assert (int(number), len(digest)) == (3, SHORT)
    assert problems(entries, Mark(3, digest)) == []
    assert problems(entries, Mark(3, "0" * SHORT)) != []


def test_an_entry_that_is_no_longer_kept_cannot_be_compared() -> None:
    entries = chain(10, begins=NOW - KEPT - MINUTE * 5)
    assert problems(entries[5:], Mark(2, entries[1].digest)) == [
        "Entry 2, which is known, isn't there, so the two can't be compared."
    ]


def test_several_marks_are_compared_and_the_newest_one_says_where_the_chain_ends() -> None:
    entries = chain(9)
    early, middle, end = (mark(entries[:length]) for length in (3, 6, 9))
    assert problems(entries, middle, early, end) == []
    forged = entries[:4] + chain(9, actor="r-000000000002")[4:]
    assert problems(forged, early) == ["Entry 5 doesn't continue entry 4: one of the two was replaced."]
    assert [each for each in problems(forged, end, middle, early) if "written again" in each or "again." in each] == [
        f"Entry {number} has another digest than the one that is known: somebody wrote the chain again."
        for number in (6, 9)
    ]
    assert problems(entries[:7], early, middle, end) == [
        "Entries 8 to 9 are missing at the end: the last known entry is number 9."
    ]


def test_a_changed_expiry_is_a_changed_entry() -> None:
    entries = chain(3)
    right = int(entries[1].entry.expires_at().timestamp())
    assert problems([entries[0], replace(entries[1], expires_at=right), entries[2]]) == []
    for wrong in (1, right + 1, 0):
        (problem,) = problems([entries[0], replace(entries[1], expires_at=wrong), entries[2]])
        assert problem == "Entry 2 was changed: DynamoDB deletes it at another time than six years later."


@pytest.mark.parametrize(("back", "noticed"), [(timedelta(seconds=60), False), (timedelta(seconds=61), True)])
def test_times_that_go_back_are_noticed(back: timedelta, *, noticed: bool) -> None:
    found = problems(chain(2, step=-back))
    assert found == (
        ["Entry 2 has an earlier time than entry 1: its time is not when it was written."] if noticed else []
    )


def test_an_item_that_is_no_entry_is_noticed_and_breaks_no_link() -> None:
    entries = chain(2)
    foreign = replace(entries[0], foreign_key="9999zz\n" + "x" * 99)
    assert (
        problems([entries[0], foreign, entries[1], foreign], mark(entries))
        == ["An item has the key '9999zz\\nxxxxx', which no entry has."] * 2
    )


@pytest.mark.parametrize("zone_hours", [-7, 0, 5])
def test_the_digest_does_not_depend_on_the_zone_of_a_time(zone_hours: int) -> None:
    from datetime import timezone  # noqa: PLC0415 - used by this test only

    entry = chain(1)[0].entry
    moved = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=zone_hours))))
    assert moved.digest == replace(entry, at=entry.at.astimezone(UTC)).digest
