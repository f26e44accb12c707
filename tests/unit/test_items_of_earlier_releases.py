"""Items as each earlier release stored them are read and changed by today's code: tests/items has them."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from follow_up.backfill import Backfill, Backfilled, UpToDate
from shared.leads.desk_list import DeskList
from shared.leads.progress import AlertState
from shared.leads.response import ResponseState
from shared.records.gathering import Sources, gather
from shared.runtime.files import clinic
from shared.store.audit import Audit
from shared.store.desk_index import DeskIndex
from shared.store.erasures import Erasures
from shared.store.keys import SCHEMA, lead_id_of
from shared.store.leads import ERASED_AT, Leads
from shared.store.progress_item import NewerItemError, progress_attributes, stored_lead
from shared.store.timeline import Timeline
from shared.store.worklist import WorkIndex
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tools.operate.restore.kinds import Kind, kind_of

FILES: Final = sorted(Path(__file__).parents[1].glob("items/*.json"))
NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)  # soon after they were stored
KEY: Final = b"made-up key"
# No release since 0.3.0 writes these or reads them. They ended after 30 days.
GONE: Final = "MAILBOX#"

# Made by tests/items/make.py. 0.1.0 was never deployed, and what it stored is not read: CHANGELOG.md, 0.2.0.
pytestmark = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def items_of(file: Path) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return items


def leads_in(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The leads among items, without what is left of erased ones."""
    return [item for item in items if item["sk"]["S"] == "LEAD" and ERASED_AT not in item]


def table_of(file: Path) -> MemoryDynamoDB:
    """Return a table with what a release stored."""
    table = MemoryDynamoDB(strict=False)
    for item in items_of(file):
        table.put(item)
    return table


def leads_of(table: MemoryDynamoDB) -> Leads:
    return Leads(table.client(), NAME, lambda: NOW)


def job(table: MemoryDynamoDB) -> Backfill:
    client = table.client()
    return Backfill(
        leads=leads_of(table), index=WorkIndex(client, NAME), is_up_to_date=UpToDate(client, NAME), key=lambda: KEY
    )


def test_every_item_is_of_a_known_kind_and_says_its_schema(file: Path) -> None:
    for item in items_of(file):
        assert kind_of(item) is not Kind.UNKNOWN or item["pk"]["S"].startswith(GONE), item["pk"]
        assert int(item["schema"]["N"]) <= SCHEMA, item["pk"]


def test_there_are_leads_in_several_states(file: Path) -> None:
    found = [stored_lead(item).progress for item in leads_in(items_of(file))]
    assert {each.state for each in found} >= {AlertState.ACCEPTED, AlertState.PENDING}
    assert {each.response for each in found} >= {ResponseState.OPEN, ResponseState.CLAIMED, ResponseState.CLOSED}


def test_a_lead_that_is_written_again_keeps_what_was_stored(file: Path) -> None:
    for item in leads_in(items_of(file)):
        again = progress_attributes(stored_lead(item))
        lost = [name for name, value in again.items() if value is None and name in item]
        assert lost in ([], ["turnstile_token"]), (item["pk"], lost)


def test_each_lead_is_read_with_its_timeline(file: Path) -> None:
    table = table_of(file)
    counted = Counter(pk for pk, sk in table.items if sk.startswith("EVENT#"))
    timeline, leads = Timeline(table.client(), NAME, lambda: NOW), leads_of(table)
    for item in leads_in(items_of(file)):
        lead_id = lead_id_of(item)
        assert leads.read(lead_id) is not None
        assert len(list(timeline.entries(lead_id))) == counted[item["pk"]["S"]]


def test_a_backfill_puts_each_lead_on_its_list_and_has_nothing_to_do_the_second_time(file: Path) -> None:
    table = table_of(file)
    first = job(table).run(None, lambda: 900)
    count = len(leads_in(items_of(file)))
    assert first.failed == 0
    assert first.looked_at >= count  # a lead that moves to another list can be looked at twice
    assert job(table).run(None, lambda: 900) == Backfilled(looked_at=count, written=0, failed=0)
    index = DeskIndex(table.client(), NAME, lambda: NOW)
    listed = {row.lead_id for each in DeskList for row in index.page([each]).rows}
    assert listed <= {lead_id_of(item) for item in leads_in(items_of(file))}
    assert listed


def test_each_lead_is_exported_whole(file: Path) -> None:
    table = table_of(file)
    audit = Audit(MemoryDynamoDB(strict=False).client(), NAME)
    sources = Sources(client=table.client(), table_name=NAME, audit=audit, people_key=KEY, clinic=clinic())
    ids = [lead_id_of(item) for item in leads_in(items_of(file))]
    document = gather(sources, ids, NOW)
    assert {each["id"] for each in document["requests"]} == set(ids)


def test_orders_to_erase_are_read(file: Path) -> None:
    table = table_of(file)
    ordered = [key for key in table.items if key[0] == "ERASURES"]
    assert len(list(Erasures(table.client(), NAME, lambda: NOW).all())) == len(ordered)


def test_a_lead_of_a_newer_release_is_left_alone(file: Path) -> None:
    item = leads_in(items_of(file))[0]
    table = MemoryDynamoDB(strict=False)
    newer = item | {"schema": {"N": str(SCHEMA + 1)}}
    table.put(newer)
    leads = leads_of(table)
    with pytest.raises(NewerItemError):
        leads.change(lead_id_of(item), lambda stored: replace(stored.progress, rounds=9))
    with pytest.raises(NewerItemError):
        leads.read(lead_id_of(item))
    assert table.items == {("LEAD#" + lead_id_of(item), "LEAD"): newer}


def test_what_a_newer_release_adds_to_a_lead_stays_when_this_one_changes_it(file: Path) -> None:
    item = leads_in(items_of(file))[0]
    table = MemoryDynamoDB(strict=False)
    added = {"made_up_by_a_newer_release": {"M": {"any": {"S": "thing"}}}}
    table.put(item | added)
    leads = leads_of(table)
    assert leads.change(lead_id_of(item), lambda stored: replace(stored.progress, rounds=9))
    after = table.items["LEAD#" + lead_id_of(item), "LEAD"]
    assert after["reminder_rounds"] == {"N": "9"}
    assert added.items() <= after.items()
