"""shared.store.worklist: the queries of one read, and the index's attributes of a lead."""

from datetime import timedelta
from typing import Any

import pytest

from shared.leads.agenda import SHARDS
from shared.leads.decisions import lease
from shared.leads.lead import Lead
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.worklist import Worklist
from shared.store import worklist
from shared.store.intake import new_lead_item
from shared.store.keys import attributes
from shared.store.progress_item import progress_attributes
from shared.store.worklist import MOST_AT_A_GLANCE, WORKLIST_INDEX, WorkIndex, listed_lead
from tests.unit.dynamodb import NAME, MemoryDynamoDB, indexes
from tests.unit.fakes import MemoryLeads
from tests.unit.people import NOW, a_lead


def listed_as(worklist: Worklist, *leads: Lead) -> MemoryDynamoDB:
    """Return a table with leads on one list, each in its partition."""
    table = MemoryDynamoDB()
    for number, lead in enumerate(leads):
        table.put(new_lead_item(lead) | {"worklist": {"S": f"{worklist}#{number % len(SHARDS)}"}})
    return table


def index(table: MemoryDynamoDB) -> WorkIndex:
    return WorkIndex(table.client(), NAME)


def in_the_index(progress: Progress | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute
    """Return the index's entry of a lead."""
    lead = a_lead(1, **changes)
    item: dict[str, Any] = dict(new_lead_item(lead))
    if progress:
        written = progress_attributes(StoredLead(lead=lead, progress=progress))
        item = {name: value for name, value in item.items() if name not in written} | attributes(written)
    return indexes()[WORKLIST_INDEX].entry(item) or {}


def after(minutes: int, number: int = 0) -> Lead:
    return a_lead(number or minutes, received_at=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_glance_is_one_bounded_query_per_partition_and_the_whole_is_in_order(newest_first: bool) -> None:  # noqa: FBT001
    leads = [after(minutes) for minutes in (3, 1, 5, 2, 4)]
    table = listed_as(Worklist.QUARANTINED, *leads, after(-1))
    listing = index(table).glance(Worklist.QUARANTINED, since=NOW, newest_first=newest_first)
    assert [lead.lead_id for lead in listing.leads] == [
        lead.id for lead in sorted(leads, key=lambda lead: lead.received_at, reverse=newest_first)
    ]
    assert listing.complete
    assert [(query["Limit"], query["ScanIndexForward"]) for query in table.asked("Query")] == [
        (MOST_AT_A_GLANCE, not newest_first) for _ in SHARDS
    ]
    assert index(table).glance(Worklist.OPEN).leads == ()


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_list_that_is_too_long_is_cut_at_its_far_end_and_says_that_there_is_more(
    newest_first: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worklist, "MOST_AT_A_GLANCE", 2)
    table = MemoryDynamoDB()
    for minutes in range(1, 4):
        table.put(new_lead_item(after(minutes)) | {"worklist": {"S": "open#0"}})
    listing = index(table).glance(Worklist.OPEN, newest_first=newest_first)
    assert not listing.complete
    assert [lead.received_at for lead in listing.leads] == [
        NOW + timedelta(minutes=minutes) for minutes in ((3, 2) if newest_first else (1, 2))
    ]


def test_a_glance_without_a_beginning_sees_the_oldest() -> None:
    oldest = a_lead(1, received_at=NOW - timedelta(days=3000))
    assert [lead.lead_id for lead in index(listed_as(Worklist.OPEN, oldest)).glance(Worklist.OPEN).leads] == [oldest.id]


def test_a_count_is_one_bounded_query_per_partition_that_brings_no_items() -> None:
    table = listed_as(Worklist.UNDELIVERABLE, *(a_lead(number) for number in range(3)))
    assert index(table).count(Worklist.UNDELIVERABLE) == 3
    assert [(query["Select"], query["Limit"]) for query in table.asked("Query")] == [
        ("COUNT", MOST_AT_A_GLANCE) for _ in SHARDS
    ]


def test_an_operators_list_has_all_of_them() -> None:
    leads = [a_lead(number) for number in range(5 * len(SHARDS))]
    table = listed_as(Worklist.UNDELIVERABLE, *leads)
    found = [lead.lead_id for lead in index(table).listed(Worklist.UNDELIVERABLE)]
    assert sorted(found) == sorted(lead.id for lead in leads)
    assert len(table.asked("Query")) > len(SHARDS)


def test_what_the_index_holds_is_read_as_it_was_written() -> None:
    new = listed_lead(in_the_index())
    assert (new.reference, new.received_at) == (a_lead(1).reference, NOW)
    assert (new.response, new.claimed_by, new.claimed_at, new.told_at) == (ResponseState.OPEN, None, None, None)
    progress = Progress(response=ResponseState.CLAIMED, claimed_by="staff-2", claimed_at=NOW, told_at=NOW)
    taken = listed_lead(in_the_index(progress))
    assert (taken.response, taken.claimed_by, taken.claimed_at, taken.told_at) == (
        ResponseState.CLAIMED,
        "staff-2",
        NOW,
        NOW,
    )


IN_CRISIS: dict[str, Any] = {"in_crisis": True}
WORRYING: dict[str, Any] = {"message": "I want to kill myself."}


@pytest.mark.parametrize(
    ("progress", "changes", "expected"),
    [
        (None, IN_CRISIS, Worklist.OPEN),  # intake does not judge; the first lease moves it
        (Progress(), {}, Worklist.OPEN),
        (Progress(), IN_CRISIS, Worklist.URGENT),
        (Progress(), WORRYING, Worklist.URGENT),
        (Progress(response=ResponseState.CLAIMED), IN_CRISIS, Worklist.URGENT),
        (Progress(response=ResponseState.CLOSED), {}, Worklist.CLOSED),
        (Progress(response=ResponseState.CLOSED), WORRYING, Worklist.URGENT_CLOSED),
        (Progress(state=AlertState.UNDELIVERABLE), IN_CRISIS, Worklist.UNDELIVERABLE),
        (Progress(state=AlertState.QUARANTINED), WORRYING, Worklist.QUARANTINED),
    ],
)
def test_an_urgent_lead_is_on_the_list_of_urgent_ones(
    progress: Progress | None, changes: dict[str, Any], expected: Worklist
) -> None:
    entry = in_the_index(progress, **changes)
    assert entry["worklist"]["S"].partition("#")[0] == expected
    assert listed_lead(entry).urgent == (expected in {Worklist.URGENT, Worklist.URGENT_CLOSED})


def test_a_canarys_lead_is_on_no_list() -> None:
    assert in_the_index(Progress(synthetic=True), **IN_CRISIS) == {}


def test_an_urgent_lead_moves_with_its_first_lease() -> None:
    table, lead = MemoryLeads(), a_lead(1, **IN_CRISIS)
    table.put(lead)
    assert [each.lead_id for each in index(table.dynamodb).listed(Worklist.OPEN)] == [lead.id]
    table.change(lead.id, lease(NOW, "made-up"))
    assert [each.lead_id for each in index(table.dynamodb).listed(Worklist.URGENT)] == [lead.id]
    assert list(index(table.dynamodb).listed(Worklist.OPEN)) == []
