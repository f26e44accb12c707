"""The table adapter against a real DynamoDB API: a table of the deployed one's shape, without its stream."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from aws.table import LeadTable, Stored
from leads.agenda import shard
from leads.alert import LEASE, STREAM_GRACE, AlertEvent, AlertState, after_send
from leads.lead import Lead, new_lead
from leads.request import parse_request
from tests.deployed import Deployed, submission

NOW = datetime(2026, 11, 2, 15, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def table(deployed: Deployed) -> Iterator[LeadTable]:
    shape = deployed.dynamodb.describe_table(TableName=deployed.stack.table)["Table"]
    deployed.dynamodb.create_table(
        TableName="adapter",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=shape["AttributeDefinitions"],
        KeySchema=shape["KeySchema"],
        GlobalSecondaryIndexes=[
            {"IndexName": index["IndexName"], "KeySchema": index["KeySchema"], "Projection": index["Projection"]}
            for index in shape["GlobalSecondaryIndexes"]
        ],
    )
    yield LeadTable(deployed.dynamodb, "adapter")
    deployed.dynamodb.delete_table(TableName="adapter")


def some_lead(received_at: datetime = NOW, **changes: object) -> Lead:
    return new_lead(parse_request(submission(**changes)), received_at)


def due_ids(table: LeadTable, lead: Lead, at: datetime) -> list[str]:
    return [entry.lead_id for entry in table.agenda(shard(lead.id), at)]


def test_a_lead_is_stored_once(table: LeadTable) -> None:
    request = submission()
    lead = new_lead(parse_request(request), NOW)
    other = new_lead(parse_request(request | {"name": "Another Example"}), NOW)

    assert [table.put(lead), table.put(lead), table.put(other)] == [Stored.NEW, Stored.REPEAT, Stored.CONFLICT]


def test_a_stored_lead_comes_back_as_it_was(table: LeadTable) -> None:
    lead = some_lead(message="ünïcødé\n\tzwei 👩🏽‍⚕️", phone=None, preferred_contact=None)
    table.put(lead)

    leased = table.lease(lead.id, NOW, token="a")

    assert leased is not None
    assert leased.lead == lead
    assert (leased.progress.state, leased.progress.attempts, leased.progress.refusals) == (AlertState.SENDING, 1, 0)


def test_one_lease_at_a_time_and_the_next_when_it_has_ended(table: LeadTable) -> None:
    lead = some_lead()
    table.put(lead)

    assert table.lease(lead.id, NOW, token="a") is not None
    assert table.lease(lead.id, NOW + LEASE - timedelta(milliseconds=1), token="b") is None
    again = table.lease(lead.id, NOW + LEASE, token="c")

    assert again is not None
    assert again.progress.attempts == 2


def test_nobody_can_lease_what_is_not_there(table: LeadTable) -> None:
    assert table.lease("NOSUCHLEAD", NOW, token="a") is None


def test_only_the_holder_of_the_lease_writes_the_outcome(table: LeadTable) -> None:
    lead = some_lead()
    table.put(lead)
    late = table.lease(lead.id, NOW, token="late")
    holder = table.lease(lead.id, NOW + LEASE, token="holder")
    assert late is not None
    assert holder is not None

    step = after_send(holder.progress, AlertEvent.ACCEPTED, NOW, has_fallback=False, jitter=0)

    assert table.finish_attempt(late, step, NOW, kind="alert_accepted") is False
    assert table.finish_attempt(holder, step, NOW, kind="alert_accepted") is True
    assert table.lease(lead.id, NOW + timedelta(days=1), token="d") is None


def test_the_agenda_holds_a_lead_until_its_alert_is_accepted(table: LeadTable) -> None:
    lead = some_lead()
    table.put(lead)
    due_at = NOW + STREAM_GRACE
    assert lead.id not in due_ids(table, lead, due_at - timedelta(milliseconds=1))
    assert lead.id in due_ids(table, lead, due_at)

    leased = table.lease(lead.id, due_at, token="a")
    assert leased is not None
    assert lead.id not in due_ids(table, lead, due_at)
    assert lead.id in due_ids(table, lead, due_at + LEASE)  # its sender died

    deferred = after_send(leased.progress, AlertEvent.DEFERRED, due_at, has_fallback=False, jitter=1)
    assert deferred.due_at is not None
    table.finish_attempt(leased, deferred, due_at, kind="alert_deferred")
    assert lead.id not in due_ids(table, lead, deferred.due_at - timedelta(milliseconds=1))
    (entry,) = [entry for entry in table.agenda(shard(lead.id), deferred.due_at) if entry.lead_id == lead.id]
    assert entry.due_at == deferred.due_at
    assert entry.overdue_since == due_at  # whatever was tried since

    leased = table.lease(lead.id, deferred.due_at, token="b")
    assert leased is not None
    accepted = after_send(leased.progress, AlertEvent.ACCEPTED, NOW, has_fallback=False, jitter=0)
    table.finish_attempt(leased, accepted, deferred.due_at, kind="alert_accepted")
    assert lead.id not in due_ids(table, lead, NOW + timedelta(days=365))


def test_an_agenda_entry_that_somebody_made_by_hand_does_not_stop_the_sweep(
    deployed: Deployed, table: LeadTable
) -> None:
    key = {"pk": {"S": "LEAD#BYHAND"}, "sk": {"S": "LEAD"}}
    entry = {"agenda_shard": {"S": "0"}, "agenda_at": {"S": "2026-11-02T15:04:00.000Z"}}
    deployed.dynamodb.put_item(TableName="adapter", Item={**key, **entry})

    assert "BYHAND" in [entry.lead_id for entry in table.agenda("0", NOW)]


def test_a_lease_whose_answer_was_lost_is_still_its_holders(table: LeadTable) -> None:
    lead = some_lead()
    table.put(lead)

    first = table.lease(lead.id, NOW, token="a")
    repeated_by_the_sdk = table.lease(lead.id, NOW, token="a")

    assert first is not None
    assert repeated_by_the_sdk is not None
    assert repeated_by_the_sdk.lead == lead
