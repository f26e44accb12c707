"""The table adapter against a real DynamoDB API: a table of the deployed one's shape, without its stream."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aws.table import MOST_REPEATS, LeadTable, Stored
from leads.agenda import shard
from leads.alert import LEASE, STREAM_GRACE, AlertEvent, AlertState, after_send
from leads.lead import Lead, new_lead
from leads.request import parse_request
from leads.spam import Reason, Screening
from tests.deployed import Deployed, submission
from tests.unit.people import CLINIC

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
    return new_lead(parse_request(submission(**changes), CLINIC), received_at, CLINIC)


def due_ids(table: LeadTable, lead: Lead, at: datetime) -> list[str]:
    return [entry.lead_id for entry in table.agenda(shard(lead.id), at)]


def test_a_lead_is_stored_once(table: LeadTable) -> None:
    request = submission()
    lead = new_lead(parse_request(request, CLINIC), NOW, CLINIC)
    other = new_lead(parse_request(request | {"name": "Another Example"}, CLINIC), NOW, CLINIC)

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


def test_repeats_are_counted_once_each_up_to_a_limit_and_anew_the_next_day(table: LeadTable) -> None:
    lead = some_lead()
    others = [replace(lead, id=f"{lead.id}{number}") for number in range(MOST_REPEATS + 5)]

    assert [table.count_repeats(lead, NOW) for _ in range(3)] == [0, 0, 0]
    assert table.count_repeats(some_lead(), NOW) == 0  # says something else
    counts = [table.count_repeats(other, NOW) for other in others]

    assert counts == [*range(1, MOST_REPEATS), *[MOST_REPEATS] * 6]
    assert table.count_repeats(lead, NOW) == MOST_REPEATS - 1
    assert table.count_repeats(lead, NOW + timedelta(days=1)) == 0


def test_what_is_kept_back_is_off_the_agenda_and_cannot_be_leased(deployed: Deployed, table: LeadTable) -> None:
    lead = replace(some_lead(), turnstile_token="made-up-token")
    table.put(lead)
    leased = table.lease(lead.id, NOW, token="a")
    assert leased is not None
    assert leased.reasons is None

    step = after_send(leased.progress, AlertEvent.QUARANTINED, NOW, has_fallback=False, jitter=0)
    table.finish_attempt(leased, step, NOW, kind="quarantined", screening=Screening(100, (Reason.TRAP_FILLED,)))

    assert lead.id not in due_ids(table, lead, NOW + timedelta(days=365))
    assert table.lease(lead.id, NOW + timedelta(days=1), token="b") is None
    item = deployed.dynamodb.get_item(TableName="adapter", Key={"pk": {"S": f"LEAD#{lead.id}"}, "sk": {"S": "LEAD"}})[
        "Item"
    ]
    assert item["alert_state"] == {"S": "quarantined"}
    assert item["spam_reasons"] == {"L": [{"S": "trap_filled"}]}
    assert item["expires_at"] == {"N": str(int((NOW + timedelta(days=30)).timestamp()))}
    assert "turnstile_token" not in item


def test_what_the_screen_found_comes_back_with_the_next_lease(table: LeadTable) -> None:
    lead = some_lead()
    table.put(lead)
    leased = table.lease(lead.id, NOW, token="a")
    assert leased is not None
    step = after_send(leased.progress, AlertEvent.DEFERRED, NOW, has_fallback=False, jitter=0)
    table.finish_attempt(leased, step, NOW, kind="alert_deferred", screening=Screening(50, (Reason.TOO_FAST,)))

    again = table.lease(lead.id, NOW + LEASE, token="b")

    assert again is not None
    assert again.reasons == (Reason.TOO_FAST,)
