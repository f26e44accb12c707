"""follow_up.digest.item: on the agenda once, leased by one sender at a time, and nobody overwrites another's lease."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from follow_up.digest.item import DigestItem, Try
from shared.leads.agenda import SHARDS
from shared.leads.alert import LEASE
from shared.store.keys import DIGEST, lead_id_of
from shared.store.leads import Leads
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import NOW

KEY: dict[str, Any] = {"pk": {"S": "DIGEST"}, "sk": {"S": "DIGEST"}}
HOUR = timedelta(hours=1)
DAY = "2026-03-04"


def on_the_agenda(table: MemoryDynamoDB) -> DigestItem:
    item = DigestItem(table.client(), NAME)
    item.ensure(NOW)
    return item


def stored(table: MemoryDynamoDB) -> dict[str, Any]:
    """Return the digest's item without its key."""
    (item,) = table.items.values()
    assert {name: item[name] for name in KEY} == KEY
    return {name: value for name, value in item.items() if name not in KEY}


def agenda(at: datetime) -> list[str]:
    """Return what a sweep finds at a moment."""
    table = MemoryDynamoDB()
    on_the_agenda(table)
    return [entry.lead_id for entry in Leads(table.client(), NAME).agenda(SHARDS[0], at)]


FIRST: dict[str, Any] = {
    "agenda_shard": {"S": "0"},
    "agenda_at": {"S": "2026-03-04T15:30:00.000Z"},
    "overdue_since": {"S": "2026-03-04T15:30:00.000Z"},
    "tries": {"N": "0"},
    "schema": {"N": "1"},
}


def test_it_is_put_where_it_is_not_and_the_sweep_knows_it() -> None:
    table = MemoryDynamoDB()
    item = on_the_agenda(table)
    assert stored(table) == FIRST
    item.ensure(NOW + HOUR)
    assert stored(table) == FIRST
    assert lead_id_of(KEY) == DIGEST
    assert (agenda(NOW), agenda(NOW - HOUR)) == ([DIGEST], [])


def test_a_due_digest_is_leased_until_the_lease_ends() -> None:
    table = MemoryDynamoDB()
    item = on_the_agenda(table)
    assert item.lease(NOW - timedelta(milliseconds=1), "early", DAY) is None
    assert item.lease(NOW, "made-up", DAY) == Try(number=1, has_it=frozenset())
    assert stored(table) == FIRST | {
        "agenda_at": {"S": "2026-03-04T15:33:00.000Z"},
        "lease_token": {"S": "made-up"},
        "tries": {"N": "1"},
        "schema": {"N": "1"},
    }
    assert timedelta(minutes=3) == LEASE
    assert item.lease(NOW, "another", DAY) is None
    # The SDK repeats an update with a lost response.
    assert item.lease(NOW, "made-up", DAY) == Try(number=2, has_it=frozenset())
    assert item.lease(NOW + LEASE, "another", DAY) == Try(number=3, has_it=frozenset())


def test_a_missing_digest_cannot_be_leased() -> None:
    table = MemoryDynamoDB()
    assert DigestItem(table.client(), NAME).lease(NOW, "made-up", DAY) is None
    assert table.items == {}


@pytest.mark.parametrize(
    ("write", "changed"),
    [
        (DigestItem.later, {"agenda_at": {"S": "2026-03-04T16:30:00.000Z"}, "tries": {"N": "1"}, "schema": {"N": "1"}}),
        (
            DigestItem.done,
            {
                "agenda_at": {"S": "2026-03-04T16:30:00.000Z"},
                "overdue_since": {"S": "2026-03-04T16:30:00.000Z"},
                "tries": {"N": "0"},
                "schema": {"N": "1"},
            },
        ),
    ],
)
def test_only_the_holder_of_the_lease_sets_the_next_due_time(
    write: Callable[..., None], changed: dict[str, Any]
) -> None:
    table = MemoryDynamoDB()
    item = on_the_agenda(table)
    item.lease(NOW, "made-up", DAY)
    before = stored(table)
    write(item, "another", NOW + HOUR)
    assert stored(table) == before
    write(item, "made-up", NOW + HOUR)
    assert stored(table) == FIRST | changed
    write(item, "made-up", NOW + 2 * HOUR)
    assert stored(table) == FIRST | changed


def test_a_later_try_knows_who_has_the_digest_and_the_next_digest_starts_over() -> None:
    table = MemoryDynamoDB()
    item = on_the_agenda(table)
    item.lease(NOW, "made-up", DAY)
    assert item.sent("made-up", DAY, {"staff-1"})
    assert item.sent("made-up", DAY, {"staff-1", "staff-2"})
    item.later("made-up", NOW + HOUR)
    assert item.lease(NOW + HOUR, "again", DAY) == Try(number=2, has_it=frozenset({"staff-1", "staff-2"}))
    item.done("again", NOW + 2 * HOUR)
    assert not {"sent_on", "sent_to", "lease_token"} & set(stored(table))
    assert item.lease(NOW + 2 * HOUR, "next", DAY) == Try(number=1, has_it=frozenset())


def test_who_got_an_older_digest_does_not_have_todays() -> None:
    item = on_the_agenda(MemoryDynamoDB())
    item.lease(NOW, "made-up", DAY)
    item.sent("made-up", DAY, {"staff-1"})
    taken = item.lease(NOW + LEASE, "days later", "2026-03-09")
    assert taken == Try(number=2, has_it=frozenset())


def test_who_has_the_digest_is_noted_only_by_the_holder_of_the_lease() -> None:
    table = MemoryDynamoDB()
    item = on_the_agenda(table)
    item.lease(NOW, "made-up", DAY)
    before = stored(table)
    assert not item.sent("another", DAY, {"staff-1"})
    assert stored(table) == before
