"""shared.store.report_index and report_item: which requests a month has, also after they were deleted."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.canary import CANARY_NAME
from shared.leads.month import Month
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.report_facts import unpacked
from shared.leads.report_row import KEPT
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.store.intake import new_lead_item
from shared.store.leads import Leads
from shared.store.report_index import ReportIndex
from shared.store.report_item import REPORT, attributes_of, kept_item
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, NOW, a_full_lead, a_lead, but

ZONE = CLINIC.hours.zone
MARCH = Month(2026, 3)
CAME: dict[str, Any] = {
    "response": ResponseState.CLOSED,
    "action": ClaimAction.REACHED,
    "outcome": Outcome.CAME,
    "claimed_at": NOW,
    "closed_at": NOW,
}


class World:
    """Leads in memory, and a clock that stores and the index share."""

    def __init__(self) -> None:
        self.now = NOW
        self.table = MemoryLeads(now=lambda: self.now)
        self.index = ReportIndex(self.table.dynamodb.client, NAME, lambda: self.now)

    def results(self) -> list[str]:
        return sorted(row.facts.result if row else "unreadable" for row in self.index.rows(MARCH, ZONE))

    def kept(self, lead_id: str) -> Mapping[str, Any]:
        return self.table.dynamodb.items[f"LEAD#{lead_id}", REPORT]

    def become(self, lead_id: str, **progress: Any) -> None:  # noqa: ANN401 - any attribute of a progress
        self.table.change(lead_id, lambda _: Progress(**progress))

    def delete_expired(self) -> None:
        """Do what DynamoDB does some days after items ended."""
        items = self.table.dynamodb.items
        for key, item in list(items.items()):
            if "expires_at" in item and int(item["expires_at"]["N"]) <= self.now.timestamp():
                del items[key]


def test_a_new_request_counts_at_once_and_later_with_what_came_of_it() -> None:
    world, lead = World(), a_lead()
    world.table.put(lead)
    assert world.results() == ["open"]
    world.become(lead.id, response=ResponseState.CLAIMED, claimed_at=NOW)
    assert world.results() == ["claimed"]
    world.become(lead.id, **CAME)
    assert world.results() == ["came"]


def test_a_new_item_has_the_row_that_the_next_write_gives() -> None:
    lead = a_lead()
    item = new_lead_item(lead)
    expected = attributes_of(StoredLead(lead=lead, progress=Progress()))
    assert {name: item[name]["S"] for name in expected} == expected


@pytest.mark.parametrize("deleted", [False, True])
def test_a_request_that_ended_still_counts_once(deleted: bool) -> None:  # noqa: FBT001 - a parameter
    world, lead = World(), a_lead()
    world.table.put(lead)
    world.become(lead.id, **CAME)
    world.now += timedelta(days=31)
    if deleted:
        world.delete_expired()
        assert world.table.read(lead.id) is None
    assert world.results() == ["came"]
    stored: list[Any] = []
    list(world.index.rows(MARCH, ZONE, stored))
    assert stored == []


def test_a_change_of_the_outcome_is_kept_and_a_reopened_request_counts_as_open() -> None:
    world, lead = World(), a_lead()
    world.table.put(lead)
    world.become(lead.id, **CAME)
    world.become(lead.id, **CAME | {"outcome": Outcome.NO_SHOW})
    kept = world.kept(lead.id)
    assert unpacked(kept["report_row"]["S"]).result == "no_show"
    world.become(lead.id, response=ResponseState.CLAIMED, claimed_at=NOW)
    assert world.results() == ["claimed"]


def test_a_row_ends_400_days_after_its_request_came_in() -> None:
    world, lead = World(), a_lead()
    world.table.put(lead)
    world.become(lead.id, **CAME)
    noon = datetime(2026, 3, 4, 17, tzinfo=UTC)  # in New York
    world.now = noon + KEPT - timedelta(seconds=1)
    assert world.results() == ["came"]
    world.now = noon + KEPT
    assert world.results() == []


def test_the_canarys_requests_are_in_no_report() -> None:
    world, lead = World(), but(a_lead(), name=CANARY_NAME)
    world.table.put(lead)
    assert world.results() == []
    world.become(lead.id, synthetic=True)
    assert world.results() == []
    world.become(lead.id, synthetic=True, response=ResponseState.CLOSED)
    assert not [key for key in world.table.dynamodb.items if key[1] == REPORT]


def test_a_person_with_the_canarys_name_is_counted_after_the_first_lease() -> None:
    world, lead = World(), but(a_lead(), name=CANARY_NAME)
    world.table.put(lead)
    world.become(lead.id, response=ResponseState.CLAIMED, claimed_at=NOW)
    assert world.results() == ["claimed"]


def test_settling_a_lead_of_an_older_version_keeps_its_row() -> None:
    world, lead = World(), a_lead()
    world.table.put(lead)
    world.become(lead.id, **CAME)
    del world.table.dynamodb.items[f"LEAD#{lead.id}", REPORT]
    world.table.settle(lead.id, lambda stored: stored.progress)
    assert (f"LEAD#{lead.id}", REPORT) in world.table.dynamodb.items


def test_the_requests_of_a_month_are_listed_in_order_over_all_pages() -> None:
    table = MemoryDynamoDB()
    leads = [a_lead(number, received_at=NOW + timedelta(minutes=7 * number % 60)) for number in range(20)]
    for lead in leads:
        table.put(new_lead_item(lead))
    listed = ReportIndex(table.client, NAME, lambda: NOW).listed(MARCH, ZONE)
    assert [each.lead_id for each in listed] == [
        lead.id for lead in sorted(leads, key=lambda lead: (lead.received_at, lead.id))
    ]


def test_a_change_that_the_report_does_not_count_writes_nothing_into_the_index() -> None:
    """The state of the emails changes several times for each request."""
    lead = a_lead()
    rows = {
        tuple(attributes_of(StoredLead(lead=lead, progress=Progress(attempts=n, told_at=at))).items())
        for n, at in ((0, None), (1, NOW), (2, NOW + timedelta(days=1)))
    }
    assert len(rows) == 1


# ---- the row that is kept


SPAM: dict[str, Any] = {"response": ResponseState.CLOSED, "action": ClaimAction.SPAM, "closed_at": NOW}
QUARANTINED: dict[str, Any] = {"state": AlertState.QUARANTINED, "quarantined_at": NOW}


def test_a_kept_row_has_nothing_about_health_and_no_exact_time() -> None:
    world, lead = World(), a_full_lead(in_crisis=True)
    world.table.put(lead)
    world.become(lead.id, **CAME | {"claimed_at": NOW + timedelta(minutes=7)})
    item = world.kept(lead.id)
    facts = unpacked(item["report_row"]["S"])
    assert (facts.interest, facts.urgent, facts.claimed_at) == ("", "", "")
    assert (facts.source, facts.campaign, facts.location, facts.result) == ("newsletter", "spring", "downtown", "came")
    own = unpacked(world.table.dynamodb.items[f"LEAD#{lead.id}", "LEAD"]["report_row"]["S"])
    assert (own.interest, own.urgent) == ("depression", "y")
    assert item["received_at"]["S"] == "2026-03-04T17:00:00.000Z", "noon in New York"
    assert (int(item["expires_at"]["N"]) - KEPT.total_seconds()) % 3600 == 0
    assert "15:30" not in str(item)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - aware by `timezones`
def test_a_kept_row_is_on_the_day_and_in_the_month_of_its_request(received_at: datetime) -> None:
    stored = StoredLead(lead=a_lead(received_at=received_at), progress=Progress(**CAME))
    item = kept_item(stored, ZONE, received_at)
    assert item is not None
    at = datetime.fromisoformat(str(item["received_at"]["S"])).astimezone(ZONE)
    assert at.date() == received_at.astimezone(ZONE).date()
    table = MemoryDynamoDB()
    table.put(item)
    index = ReportIndex(table.client, NAME, lambda: received_at)
    assert len(list(index.rows(Month.of(received_at, ZONE), ZONE))) == 1


@pytest.mark.parametrize("progress", [SPAM, QUARANTINED])
def test_spam_and_quarantined_requests_leave_no_row(progress: dict[str, Any]) -> None:
    world, lead = World(), a_lead()
    world.table.put(lead)
    world.become(lead.id, **progress)
    assert (f"LEAD#{lead.id}", REPORT) not in world.table.dynamodb.items
    del world.table.dynamodb.items[f"LEAD#{lead.id}", "LEAD"]
    assert world.results() == []


def test_a_request_that_turns_out_to_be_spam_loses_its_kept_row() -> None:
    world, lead = World(), a_lead()
    world.table.put(lead)
    world.become(lead.id, **CAME)
    world.become(lead.id, response=ResponseState.CLAIMED, claimed_at=NOW)
    world.become(lead.id, **SPAM)
    del world.table.dynamodb.items[f"LEAD#{lead.id}", "LEAD"]
    assert world.results() == []
    assert "report_row" not in world.kept(lead.id)
    world.now += timedelta(days=1)
    world.delete_expired()
    assert (f"LEAD#{lead.id}", REPORT) not in world.table.dynamodb.items


def test_a_slower_writer_does_not_replace_what_a_later_one_kept() -> None:
    world, lead = World(), a_lead()
    world.table.put(lead)
    world.become(lead.id, **CAME)
    slow = world.table.read(lead.id)
    assert slow is not None
    world.become(lead.id, **CAME | {"outcome": Outcome.NO_SHOW})
    late = Leads(world.table.dynamodb.client(), NAME, lambda: NOW)
    late._keep_row(slow)  # noqa: SLF001 - the moment between its two writes
    assert unpacked(world.kept(lead.id)["report_row"]["S"]).result == "no_show"
    assert int(world.kept(lead.id)["version"]["N"]) == slow.progress.version + 1


# ---- rows that cannot be read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("received_at", {"S": "2026-03-04T25"}),
        ("received_at", {"S": "2026-03-04"}),  # no time zone
        ("report_row", {"S": "||||||| yesterday |open|"}),
        ("report_row", {"S": "|||||||2026-03-04T10:00|open|"}),
        ("expires_at", {"S": "soon"}),
        ("report_row", None),
    ],
)
def test_a_row_that_cannot_be_read_is_counted_and_stops_nothing(name: str, value: object) -> None:
    table, good, bad = MemoryDynamoDB(strict=False), a_lead(1), a_lead(2)
    table.put(new_lead_item(good))
    item: Any = new_lead_item(bad)
    table.put({each: what for each, what in (item | {name: value}).items() if what})
    rows = list(ReportIndex(table.client, NAME, lambda: NOW).rows(MARCH, ZONE))
    assert len([row for row in rows if row]) == 1
    assert rows.count(None) == 1
