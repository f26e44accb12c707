"""follow_up.backfill and `make backfill`: stored leads get what the desk needs, once, however often the job runs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from follow_up.backfill import Backfill, Backfilled, UpToDate
from shared.leads.clinic import Retention
from shared.leads.desk_list import DeskList
from shared.leads.event import Event
from shared.leads.progress import AlertState, Progress
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.leads.retention import LONGEST
from shared.leads.worklist import Worklist
from shared.store.desk_index import DeskIndex
from shared.store.keys import epoch_seconds
from shared.store.people import People, digests
from shared.store.report_item import REPORT
from shared.store.timeline import event_item
from shared.store.worklist import WorkIndex
from tests.unit.dynamodb import NAME
from tests.unit.fakes import MemoryLeads
from tests.unit.people import NOW, a_lead
from tools.operate.backfill import backfill

LATER = NOW + timedelta(days=1)
OF_THE_DESK = ("desk_list", "desk_at", "priority", "closed_at", "outcome", "expires_at")
KEY = b"made-up key"


def job(table: MemoryLeads) -> Backfill:
    client = table.dynamodb.client()
    return Backfill(
        leads=table,
        index=WorkIndex(client, NAME),
        is_up_to_date=UpToDate(client, NAME),
        key=lambda: KEY,
    )


def stored(table: MemoryLeads, number: int, progress: Progress | None = None, **lead: Any) -> str:  # noqa: ANN401
    """Store a lead as an older version would have, and return its id."""
    made = a_lead(number, received_at=NOW + timedelta(minutes=number), **lead)
    table.put(made)
    if progress:
        table.change(made.id, lambda _stored: progress)
    item = table.leads[made.id]
    for name in OF_THE_DESK:
        item.pop(name, None)
    return made.id


def on_the_desk(table: MemoryLeads) -> dict[str, list[str]]:
    index = DeskIndex(table.dynamodb.client(), NAME, lambda: NOW)
    found = {each: [row.lead_id for row in index.page([each]).rows] for each in DeskList}
    return {each: ids for each, ids in found.items() if ids}


CLOSED = Progress(
    state=AlertState.DELIVERED,
    response=ResponseState.CLOSED,
    action=ClaimAction.WRONG_NUMBER,
    acted_at=LATER,
    claimed_by="staff-1",
)


def test_each_lead_gets_its_list_and_a_closed_one_its_time() -> None:
    table = MemoryLeads()
    opened, urgent = stored(table, 1), stored(table, 2, in_crisis=True)
    spam = stored(table, 3, Progress(state=AlertState.QUARANTINED, quarantined_at=NOW))
    gone = stored(table, 4, Progress(state=AlertState.UNDELIVERABLE))
    closed = stored(table, 5, CLOSED)
    urgent_closed = stored(table, 6, replace(CLOSED, action=ClaimAction.REACHED), in_crisis=True)
    canarys = stored(table, 7, Progress(state=AlertState.ACCEPTED, synthetic=True))
    assert on_the_desk(table) == {}

    ended = job(table).run(None, lambda: 900).for_operator()
    assert ended == {"looked_at": 7, "written": 6, "failed": 0, "next": None}  # the urgent one moved to its own list

    assert on_the_desk(table) == {
        DeskList.OPEN: [opened],
        DeskList.URGENT: [urgent],
        DeskList.SPAM: [spam],
        DeskList.UNDELIVERED: [gone],
        DeskList.CLOSED: sorted([closed, urgent_closed]),  # closed at the same time
    }
    assert "desk_list" not in table.leads[canarys]
    after = table.read(closed)
    assert after is not None
    assert (after.progress.closed_at, after.progress.outcome) == (LATER, Outcome.WRONG_NUMBER)
    assert table.leads[closed]["desk_at"]["S"].startswith("2026-03-05T15:30:00.000Z#")


def test_what_is_done_is_not_written_again_and_the_timeline_stays_as_it_is() -> None:
    table = MemoryLeads()
    for number in range(5):
        stored(table, number)
    job(table).run(None, lambda: 900)
    before = dict(table.dynamodb.items)
    assert job(table).run(None, lambda: 900) == Backfilled(looked_at=5, written=0, failed=0)
    assert table.dynamodb.items == before
    assert not [key for key in before if key[1].startswith("EVENT")]


def test_a_changed_retention_applies_to_what_is_stored() -> None:
    table = MemoryLeads()
    closed = stored(table, 1, CLOSED)
    job(table).run(None, lambda: 900)
    table.dynamodb.put(event_item(closed, Event(kind="closed", at=LATER), LATER + timedelta(days=30)))
    longer = MemoryLeads(table.dynamodb, retention=Retention(wrong_number=60))
    assert job(longer).run(None, lambda: 900).written == 1
    ends = {key: item.get("expires_at") for key, item in table.dynamodb.items.items() if key[1] != REPORT}
    assert len(ends) == 4  # the lead, its entry, and its person's address and number
    assert set(map(str, ends.values())) == {str({"N": str(epoch_seconds(LATER + timedelta(days=60)))})}


def test_an_old_entry_of_an_open_lead_is_kept_as_long_as_the_lead() -> None:
    table = MemoryLeads()
    lead_id = stored(table, 1)
    table.dynamodb.put(event_item(lead_id, Event(kind="alert_accepted", at=NOW), NOW + timedelta(days=730)))
    job(table).run(None, lambda: 900)
    assert "expires_at" not in table.leads[lead_id]
    beside = [item for key, item in table.dynamodb.items.items() if key[1] != "LEAD"]
    assert {str(item["expires_at"]) for item in beside} == {str({"N": str(epoch_seconds(NOW + LONGEST))})}


def test_the_people_of_older_requests_are_found_afterwards() -> None:
    table = MemoryLeads()
    spam = stored(table, 1, Progress(state=AlertState.QUARANTINED, quarantined_at=NOW))
    opened = stored(table, 2)
    people = People(table.dynamodb.client(), NAME, lambda: NOW)
    assert people.by_contact("robin@example.com", KEY) == ()
    job(table).run(None, lambda: 900)
    assert people.by_contact("robin@example.com", KEY) == (spam, opened)
    after = table.read(opened)
    assert after is not None
    assert after.progress.person_keys == digests(after.lead, KEY)


def test_a_run_that_is_out_of_time_says_where_the_next_one_begins() -> None:
    table = MemoryLeads()
    ids = {stored(table, number) for number in range(9)}
    looked_at, after, runs = 0, None, 0
    while runs == 0 or after:
        left = iter([900.0, 900.0, 1.0])
        ended = job(table).run(after, lambda left=left: next(left))  # type: ignore[misc] # bound on purpose
        looked_at, after, runs = looked_at + ended.looked_at, ended.next, runs + 1
    assert runs > 2
    assert looked_at == len(ids)
    assert set(on_the_desk(table)[DeskList.OPEN]) == ids


def test_each_run_handles_a_lead_even_if_time_is_short() -> None:
    table = MemoryLeads()
    stored(table, 1)
    assert job(table).run(None, lambda: 0).written == 1


def test_one_lead_that_fails_keeps_no_other_from_its_list() -> None:
    table = MemoryLeads()
    for number in range(3):
        stored(table, number)
    table.faults.before["change"].append(ClientError({}, "UpdateItem"))
    assert job(table).run(None, lambda: 900) == Backfilled(looked_at=3, written=2, failed=1)


def test_an_erased_lead_does_not_come_back() -> None:
    table = MemoryLeads()
    lead_id = stored(table, 1)
    index = WorkIndex(table.dynamodb.client(), NAME)
    table.leads[lead_id]["erased_at"] = {"S": "2026-03-04T15:30:00.000Z"}  # the index still lists it
    before = dict(table.dynamodb.items)
    assert [each.lead_id for each in index.listed(Worklist.OPEN)] == [lead_id]
    assert job(table).run(None, lambda: 900) == Backfilled(looked_at=1, written=0, failed=0)
    assert table.dynamodb.items == before


# ---- the command


def runs(*answers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from answers


@pytest.mark.parametrize(("failed", "well"), [(0, True), (2, False)])
def test_the_command_runs_the_job_until_every_lead_was_looked_at(failed: int, *, well: bool) -> None:
    places = [None, "2/x", "5/y"]
    answers = [{"looked_at": 100, "written": 60, "failed": failed, "next": place} for place in (*places[1:], None)]
    asked: list[dict[str, Any]] = []
    said: list[str] = []
    number = count()

    def run(event: dict[str, Any]) -> dict[str, Any]:
        asked.append(event)
        return answers[next(number)]

    assert backfill(run, said.append) is well
    assert asked == [{"job": "backfill", "after": place} for place in places]
    assert said[2] == f"300 requests looked at, 180 written, {3 * failed} failed"
    assert len(said) == (3 if well else 4)
