"""shared.store.recipient_status: the latest trouble with each recipient, and whether operators were told that day."""

from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from shared.store.recipient_status import RecipientStatus, RecipientStatuses, Trouble
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def statuses(table: MemoryDynamoDB | None = None) -> RecipientStatuses:
    return RecipientStatuses((table or MemoryDynamoDB()).client(), NAME)


def told(kept: RecipientStatuses, at: datetime, trouble: Trouble = Trouble.BOUNCED, recipient: str = "staff-2") -> bool:
    """Note trouble and tell operators if necessary. Return whether it was necessary."""
    if needed := kept.note(recipient, trouble, at):
        kept.told(recipient, trouble, at)
    return needed


def test_operators_hear_once_a_day_of_each_recipient_and_each_trouble() -> None:
    kept = statuses()
    assert [told(kept, NOW), told(kept, NOW), told(kept, NOW + HOUR), told(kept, NOW + DAY)] == [
        *(True, False, False),
        True,
    ]
    assert told(kept, NOW, Trouble.COMPLAINED)
    assert told(kept, NOW, recipient="fallback-1")


def test_operators_hear_of_suppression_once_in_thirty_days() -> None:
    kept = statuses()
    days = [day for day in range(62) if told(kept, NOW + day * DAY, Trouble.SUPPRESSED)]
    assert days == [0, 30, 60]


def test_a_failed_message_to_operators_is_retried() -> None:
    kept = statuses()
    assert kept.note("staff-2", Trouble.BOUNCED, NOW)
    assert kept.note("staff-2", Trouble.BOUNCED, NOW)


def test_yesterdays_report_that_comes_late_is_no_news() -> None:
    kept = statuses()
    assert told(kept, NOW)
    assert not told(kept, NOW - DAY)
    assert kept.all(["staff-2"]) == (RecipientStatus(recipient="staff-2", bounced_at=NOW, complained_at=None),)


@given(st.permutations([NOW, NOW + HOUR, NOW + DAY, NOW - DAY]), st.sampled_from(Trouble))
def test_in_any_order_the_latest_trouble_counts(moments: list[datetime], trouble: Trouble) -> None:
    kept = statuses()
    for moment in moments:
        kept.note("staff-1", trouble, moment)
    (status,) = kept.all(["staff-1"])
    assert {status.bounced_at, status.complained_at, status.suppressed_at} == {NOW + DAY, None}


def test_recipients_without_trouble_are_not_listed() -> None:
    kept = statuses()
    kept.note("staff-3", Trouble.COMPLAINED, NOW)
    kept.note("staff-1", Trouble.BOUNCED, NOW)
    assert [status.recipient for status in kept.all(["staff-1", "staff-2", "staff-3"])] == ["staff-1", "staff-3"]


def test_a_status_expires_and_names_no_address() -> None:
    table = MemoryDynamoDB()
    told(statuses(table), NOW)
    assert table.items == {
        ("RECIPIENT#staff-2", "RECIPIENT"): {
            "pk": {"S": "RECIPIENT#staff-2"},
            "sk": {"S": "RECIPIENT"},
            "bounced_at": {"S": "2026-03-04T15:30:00.000Z"},
            "bounced_told_on": {"S": "2026-03-04"},
            "schema": {"N": "1"},
            "expires_at": {"N": str(int((NOW + timedelta(days=30)).timestamp()))},
        }
    }


def test_what_is_written_after_a_status_expired_expires_too() -> None:
    table = MemoryDynamoDB()
    kept = statuses(table)
    kept.note("staff-2", Trouble.BOUNCED, NOW)
    table.items.clear()
    kept.told("staff-2", Trouble.BOUNCED, NOW)
    (item,) = table.items.values()
    assert (item["schema"], item["expires_at"]) == ({"N": "1"}, {"N": str(int((NOW + timedelta(days=30)).timestamp()))})


@pytest.mark.parametrize("operation", ["UpdateItem", "GetItem"])
def test_errors_of_the_table_come_out(operation: str) -> None:
    kept = statuses(MemoryDynamoDB(broken={operation: "InternalServerError"}))
    with pytest.raises(ClientError):
        kept.all(["staff-1"]) if operation == "GetItem" else told(kept, NOW)
