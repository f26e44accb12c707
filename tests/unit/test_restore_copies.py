"""The copy of a restore: what DynamoDB is asked for, as its service model checks it, and what somebody reads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.people import NOW
from tools.operate.restore.copies import POLL_SECONDS, Copy, Place, name_of_copy
from tools.operate.restore.when import as_of, names, utc
from tools.operate.stack import OperateError

TABLE = "clinic-leads-Data-1-Table-2"
AT = NOW - timedelta(days=3)
NAME = "clinic-leads-restore-20260301T153000Z"
KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000"


@contextmanager
def copy_of(sleep: Callable[[float], object] = lambda _: None) -> Iterator[tuple[Copy, Stubber]]:
    client = boto3.client("dynamodb", "us-east-1", aws_access_key_id="made-up", aws_secret_access_key="made-up")
    with Stubber(client) as stubber:
        yield Copy(client, TABLE, NAME, AT, sleep), stubber
        stubber.assert_no_pending_responses()


def described(status: str = "ACTIVE", **more: object) -> dict[str, Any]:
    return {"Table": {"TableStatus": status, **more}}


def recovery(status: str = "ENABLED", **times: datetime) -> dict[str, Any]:
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status, **times},
        }
    }


def window(first: timedelta, last: timedelta) -> dict[str, Any]:
    return recovery(EarliestRestorableDateTime=AT + first, LatestRestorableDateTime=AT + last)


# ---- DynamoDB


def test_the_name_of_a_copy_says_of_what_it_is() -> None:
    assert name_of_copy("clinic-leads", AT) == NAME


def test_the_copy_has_the_key_of_the_table_and_no_index() -> None:
    with copy_of() as (copy, stubber):
        source = described(SSEDescription={"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY})
        stubber.add_response("describe_table", source, {"TableName": TABLE})
        asked = {
            "SourceTableName": TABLE,
            "TargetTableName": NAME,
            "RestoreDateTime": AT,
            "BillingModeOverride": "PAY_PER_REQUEST",
            "GlobalSecondaryIndexOverride": [],
            "SSESpecificationOverride": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
        }
        stubber.add_response("restore_table_to_point_in_time", {}, asked)
        copy.begin()


def test_somebody_reads_how_long_the_copy_takes() -> None:
    said: list[str] = []
    slept: list[float] = []
    with copy_of(slept.append) as (copy, stubber):
        for status in ["CREATING"] * 5 + ["ACTIVE"]:
            stubber.add_response("describe_table", described(status), {"TableName": NAME})
        copy.wait(said.append)
    assert slept == [POLL_SECONDS] * 5
    assert said == [f"DynamoDB makes the copy: {minutes} minutes so far" for minutes in (0, 1)]


@pytest.mark.parametrize("status", ["DELETING", "ARCHIVED"])
def test_a_copy_that_is_going_away_is_told(status: str) -> None:
    with copy_of() as (copy, stubber):
        stubber.add_response("describe_table", described(status))
        with pytest.raises(OperateError, match=f"is {status}. Run this again"):
            copy.wait(lambda _: None)


def test_a_copy_is_found_by_its_name() -> None:
    with copy_of() as (copy, stubber):
        stubber.add_client_error("describe_table", "ResourceNotFoundException")
        assert not copy.exists()
        summary = {"SourceTableArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"}
        restored = {"RestoreDateTime": AT, "RestoreInProgress": True}
        stubber.add_response("describe_table", described("CREATING", RestoreSummary=summary | restored))
        assert copy.exists()


def test_the_place_of_the_copy_is_that_of_its_table() -> None:
    with copy_of() as (copy, stubber):
        arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"
        stubber.add_response("describe_table", described(TableArn=arn), {"TableName": TABLE})
        assert copy.place() == Place("123456789012", "us-east-1")


def test_a_table_that_is_gone_is_told() -> None:
    with copy_of() as (copy, stubber):
        stubber.add_client_error("describe_table", "ResourceNotFoundException")
        with pytest.raises(OperateError, match=f"There is no table {TABLE} in this region"):
            copy.place()


def test_the_command_that_deletes_a_copy_can_be_pasted() -> None:
    with copy_of() as (copy, _):
        assert copy.how_to_delete() == f"aws dynamodb delete-table --table-name {NAME} --region us-east-1"


def test_copies_of_other_times_are_found_among_all_tables() -> None:
    with copy_of() as (copy, stubber):
        others = [f"clinic-leads-restore-{time}" for time in ("20260101T000000Z", "20260401T000000Z")]
        first = ["clinic-leads-restore-2-Data-1-Table-2", others[0], NAME]
        stubber.add_response(
            "list_tables",
            {"TableNames": first, "LastEvaluatedTableName": NAME},
            {"ExclusiveStartTableName": "clinic-leads-restore-"},
        )
        second = {"TableNames": [others[1], "clinic-leads-sessions"], "LastEvaluatedTableName": "clinic-leads-sessions"}
        stubber.add_response("list_tables", second, {"ExclusiveStartTableName": NAME})
        last = {"TableNames": ["everything-else"], "LastEvaluatedTableName": "everything-else"}
        stubber.add_response("list_tables", last, {"ExclusiveStartTableName": "clinic-leads-sessions"})
        assert copy.left_over() == others


def test_a_copy_of_another_table_is_not_used() -> None:
    with copy_of() as (copy, stubber):
        summary = {"SourceTableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/another"}
        restored = {"RestoreDateTime": AT, "RestoreInProgress": False}
        stubber.add_response("describe_table", described(RestoreSummary=summary | restored))
        with pytest.raises(OperateError, match="copy of another table"):
            copy.exists()


def test_the_copy_is_deleted_and_the_table_never() -> None:
    with copy_of() as (copy, stubber):
        stubber.add_response("delete_table", {}, {"TableName": NAME})
        copy.delete()


@pytest.mark.parametrize(("first", "last"), [(-1, 1), (0, 0)])
def test_a_time_in_the_window_is_restored(first: int, last: int) -> None:
    with copy_of() as (copy, stubber):
        answer = window(timedelta(seconds=first), timedelta(seconds=last))
        stubber.add_response("describe_continuous_backups", answer, {"TableName": TABLE})
        copy.check_window()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (recovery("DISABLED"), "recovery of the table .* is off"),
        (recovery(), "does not say yet"),
        (window(timedelta(seconds=1), timedelta(days=1)), "from 2026-03-01T15:30:01Z to 2026-03-02T15:30:00Z. TIME is"),
        (window(timedelta(days=-1), timedelta(seconds=-1)), "TIME is 2026-03-01T15:30:00Z"),
    ],
)
def test_a_time_that_cannot_be_restored_is_told(answer: dict[str, Any], told: str) -> None:
    with copy_of() as (copy, stubber):
        stubber.add_response("describe_continuous_backups", answer)
        with pytest.raises(OperateError, match=told):
            copy.check_window()


# ---- what somebody types


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Name the last time"),
        ("  ", "Name the last time"),
        ("yesterday", "not a date and a time"),
        ("2026-13-01T00:00Z", "not a date and a time"),
        ("2026-03-01T15:30", "has no time zone. Add Z"),
        ("2026-03-01", "has no time zone"),
        ("0001-01-01T00:00+23:00", "too far away"),
        ("2026-03-04T15:30:02Z", "in the future: it is 2026-03-04T15:30:00Z now"),
    ],
)
def test_a_bad_time_is_told_with_what_to_type(typed: str, told: str) -> None:
    with pytest.raises(OperateError, match=told):
        as_of(typed, NOW)


@pytest.mark.parametrize("typed", ["2026-03-01T15:30Z", "2026-03-01 10:30-05:00", " 2026-03-01T15:30:00.900+00:00 "])
def test_a_time_is_read_in_any_zone(typed: str) -> None:
    assert as_of(typed, NOW) == AT


@given(st.datetimes(max_value=datetime(2026, 3, 3), timezones=st.timezones()))  # noqa: DTZ001 - the strategy adds the zone
def test_a_time_that_was_printed_can_be_typed(at: datetime) -> None:
    try:
        printed = utc(at.astimezone(UTC).replace(year=max(at.year, 1000)))
    except (OverflowError, ValueError):
        return
    assert utc(as_of(printed, NOW)) == printed


@given(st.text())
def test_any_typed_text_is_a_time_or_a_clear_error(typed: str) -> None:
    try:
        told = utc(as_of(typed, NOW))
    except OperateError as error:
        told = str(error)
    assert "TIME" in told or as_of(told, NOW).tzinfo is UTC


def test_references_are_separated_by_spaces_or_commas() -> None:
    expected = {"KC-7Q2M-4XHD", "KC-0000-0001", "7Q2M4XHD000000000000000000"}
    assert names("kc-7q2m-4xhd, KC-0000-0001 7Q2M4XHD000000000000000000") == expected
    assert names("") == frozenset()


@pytest.mark.parametrize("typed", ["Robin", "KC-7Q2M", "KC-7Q2M-4XHD;"])
def test_a_bad_reference_is_told_and_not_repeated(typed: str) -> None:
    with pytest.raises(OperateError, match="Type them with spaces") as caught:
        names(typed)
    assert "Robin" not in str(caught.value)
