"""shared.store.desk_index: the lists of the desk page by page, their counts, and leads by their reference."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads import desk
from shared.leads.agenda import SHARDS, shard
from shared.leads.canary import CANARY_NAME
from shared.leads.decisions import Rules
from shared.leads.desk_list import DeskList
from shared.leads.identity import reference
from shared.leads.lead import Lead, Priority
from shared.leads.person import Person
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.leads.team import Team
from shared.store.canary_registry import CanaryRegistry
from shared.store.desk_index import DeskIndex, Row
from shared.store.intake import new_lead_item
from shared.store.keys import attributes, desk_at, epoch_seconds
from shared.store.leads import Leads
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import CLINIC, NOW, a_lead

KIM = Person("kim@example.com")
RULES = Rules(clinic=CLINIC, team=Team(staff=("staff-1",), fallback=()))


def index(table: MemoryDynamoDB) -> DeskIndex:
    return DeskIndex(table.client(), NAME, lambda: NOW)


def on(table: MemoryDynamoDB, on_list: DeskList, *minutes: int) -> list[str]:
    """Put leads on a list, each received so many minutes after `NOW`. Return their ids in that order."""
    leads = [a_lead(each, received_at=NOW + timedelta(minutes=each)) for each in minutes]
    for lead in leads:
        table.put(new_lead_item(lead) | attributes({"desk_list": f"{on_list}#{shard(lead.id)}"}))
    return [lead.id for lead in leads]


def ids(rows: Sequence[Row]) -> list[str]:
    return [row.lead_id for row in rows]


def every_page(table: MemoryDynamoDB, lists: Sequence[DeskList], size: int, *, newest_first: bool) -> list[list[str]]:
    pages: list[list[str]] = []
    after: str | None = None
    while True:
        page = index(table).page(lists, after=after, size=size, newest_first=newest_first)
        pages.append(ids(page.rows))
        after = page.next
        if after is None:
            return pages


def test_a_new_lead_is_on_the_list_of_its_urgency_from_its_first_write() -> None:
    table = MemoryDynamoDB()
    ordinary, urgent = a_lead(1), a_lead(2, in_crisis=True)
    for lead in (ordinary, urgent):
        table.put(new_lead_item(lead))
    assert ids(index(table).page([DeskList.OPEN]).rows) == [ordinary.id]
    (row,) = index(table).page([DeskList.URGENT]).rows
    assert (row.lead_id, row.priority, row.response) == (urgent.id, Priority.URGENT, ResponseState.OPEN)


def test_a_row_has_what_a_line_of_a_list_shows() -> None:
    table, lead = MemoryDynamoDB(), a_lead()
    table.put(new_lead_item(lead))
    leads = Leads(table.client(), NAME)
    leads.change(lead.id, desk.follow_up(RULES, NOW, by=KIM, at=NOW + timedelta(days=2), press="one"))
    (row,) = index(table).page([DeskList.CLAIMED]).rows
    assert row == Row(
        lead_id=lead.id,
        reference=lead.reference,
        received_at=NOW,
        at=desk_at(NOW, lead.id),
        name="Robin Example",
        phone="+12025550147",
        email="robin@example.com",
        preferred_contact="phone",
        priority=Priority.NORMAL,
        response=ResponseState.CLAIMED,
        claimed_by=KIM.id,
        owner_address="kim@example.com",
        outcome=None,
        follow_up_at=NOW + timedelta(days=2),
        not_wanted=False,
        told_at=None,
    )


def test_a_closed_lead_has_the_place_of_when_it_was_closed() -> None:
    table, lead = MemoryDynamoDB(), a_lead()
    table.put(new_lead_item(lead))
    leads, closed = Leads(table.client(), NAME, lambda: NOW), NOW + timedelta(days=3)
    leads.change(lead.id, desk.settle(Outcome.BOOKED, None, RULES, closed, by=KIM, press="one"))
    (row,) = index(table).page([DeskList.CLOSED]).rows
    assert (row.at, row.outcome) == (desk_at(closed, lead.id), Outcome.BOOKED)
    later = closed + timedelta(days=1)
    leads.change(lead.id, desk.settle(Outcome.CAME, None, RULES, later, by=KIM, press="two"))
    (row,) = index(table).page([DeskList.CLOSED]).rows
    assert (row.at, row.outcome) == (desk_at(closed, lead.id), Outcome.CAME)
    leads.change(lead.id, desk.act(ClaimAction.REOPEN, RULES, closed, by=KIM, press="three"))
    assert ids(index(table).page([DeskList.CLAIMED]).rows) == [lead.id]


@given(
    urgent=st.sets(st.integers(0, 40), max_size=9),
    others=st.sets(st.integers(41, 80), max_size=9),
    size=st.integers(1, 5),
    newest_first=st.booleans(),
)
def test_pages_of_several_lists_are_one_list_in_order_without_gaps(
    urgent: set[int],
    others: set[int],
    size: int,
    newest_first: bool,  # noqa: FBT001 - Hypothesis passes it
) -> None:
    table = MemoryDynamoDB(strict=False)
    found = dict(zip(urgent, on(table, DeskList.URGENT, *urgent), strict=True))
    found |= dict(zip(others, on(table, DeskList.OPEN, *others), strict=True))
    on(table, DeskList.CLOSED, 90)
    pages = every_page(table, [DeskList.URGENT, DeskList.OPEN], size, newest_first=newest_first)
    assert [each for page in pages for each in page] == [found[each] for each in sorted(found, reverse=newest_first)]
    assert all(len(page) == size for page in pages[:-1])


def test_leads_of_one_moment_are_all_shown() -> None:
    table = MemoryDynamoDB()
    for number in range(5):
        table.put(new_lead_item(a_lead(number)))
    pages = every_page(table, [DeskList.OPEN], 2, newest_first=False)
    assert sorted(each for page in pages for each in page) == sorted(a_lead(number).id for number in range(5))


def test_a_page_asks_each_partition_once_however_long_the_list_is() -> None:
    table = MemoryDynamoDB()
    on(table, DeskList.OPEN, *range(40))
    index(table).page([DeskList.OPEN], size=3)
    assert [query["Limit"] for query in table.asked("Query")] == [4] * len(SHARDS)


@pytest.mark.parametrize(("leads", "most", "counted"), [(0, 101, 0), (7, 101, 7), (7, 5, 5), (7, 7, 7)])
def test_a_count_stops_at_the_most_that_is_shown(leads: int, most: int, counted: int) -> None:
    table = MemoryDynamoDB()
    on(table, DeskList.OPEN, *range(leads))
    on(table, DeskList.CLAIMED, 90)
    assert index(table).count([DeskList.OPEN], most) == counted
    assert sum(query["Limit"] for query in table.asked("Query")) <= most * len(SHARDS)


def test_the_newest_of_all_lists_come_first_and_no_more_than_asked_for() -> None:
    table = MemoryDynamoDB()
    found = {
        minute: on(table, each, minute)[0] for minute, each in enumerate((*DeskList, DeskList.OPEN, DeskList.CLOSED))
    }
    newest = [found[minute] for minute in sorted(found, reverse=True)]
    assert ids(list(index(table).newest())) == newest
    assert ids(list(index(table).newest(3))) == newest[:3]


def test_a_reference_finds_each_lead_that_has_it() -> None:
    table = MemoryDynamoDB()
    on(table, DeskList.OPEN, 1, 2)
    first = a_lead(1)
    twin: dict[str, Any] = {"pk": {"S": f"LEAD#{first.id[:8]}000000000000000000"}}
    table.put(new_lead_item(first) | twin)
    found = index(table).by_reference(first.reference)
    assert {reference(each) for each in found} == {first.reference}
    assert len(found) == 2
    assert index(table).by_reference("KC-0000-0000") == ()


def canarys(number: int, at: datetime) -> Lead:
    return a_lead(number, received_at=at, name=CANARY_NAME)


def test_the_canarys_lead_is_not_shown_and_a_person_with_its_name_is() -> None:
    table = MemoryDynamoDB()
    for number, minute in enumerate((2, 4)):
        lead = canarys(100 + number, NOW + timedelta(minutes=minute))
        CanaryRegistry(table.client(), NAME).register(lead.id, NOW)
        table.put(new_lead_item(lead))
    namesake = canarys(102, NOW + timedelta(minutes=6))
    table.put(new_lead_item(namesake))
    people = on(table, DeskList.OPEN, 1, 3, 5)
    pages = every_page(table, [DeskList.OPEN], 2, newest_first=False)
    assert [each for page in pages for each in page] == [*people, namesake.id]
    assert ids(list(index(table).newest())) == [namesake.id, *people[::-1]]


def test_an_expired_lead_is_on_no_list_before_the_table_deletes_it() -> None:
    table = MemoryDynamoDB()
    expired = attributes({"expires_at": epoch_seconds(NOW)})
    for number in range(100, 104):
        table.put(new_lead_item(a_lead(number, received_at=NOW)) | expired)
    kept = on(table, DeskList.OPEN, 1, 2, 3)
    pages = every_page(table, [DeskList.OPEN], 2, newest_first=False)
    assert [each for page in pages for each in page] == kept
    assert ids(list(index(table).newest())) == kept[::-1]
    assert index(table).count([DeskList.OPEN], 2) == 2
    assert index(table).count([DeskList.OPEN]) == 3


def test_a_reference_with_new_letters_finds_a_request_from_before_they_were_chosen() -> None:
    table = MemoryDynamoDB()
    table.put(new_lead_item(a_lead(1)))
    assert index(table).by_reference(reference(a_lead(1).id, "DR")) == (a_lead(1).id,)
    assert index(table).by_reference("DR-0000-0000") == ()
