"""follow_up.digest.item: on the agenda once, taken by one at a time, and nobody writes over another's lease."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from follow_up.digest.item import DigestItem
from shared.leads.alert import LEASE
from shared.store.keys import DIGEST, lead_id_of
from shared.store.worklist import WorkIndex
from tests.unit.digests import FakeDigestItem, FakeWorkIndex
from tests.unit.people import NOW

KEY: dict[str, Any] = {"pk": {"S": "DIGEST"}, "sk": {"S": "DIGEST"}}
TAKE: dict[str, Any] = {
    "TableName": "made-up-table",
    "Key": KEY,
    "ConditionExpression": "agenda_at <= :now OR lease_token = :token",
    "UpdateExpression": "SET agenda_at = :ends, lease_token = :token ADD tries :one",
    "ExpressionAttributeValues": {
        ":now": {"S": "2026-03-04T15:30:00.000Z"},
        ":ends": {"S": "2026-03-04T15:33:00.000Z"},
        ":token": {"S": "made-up"},
        ":one": {"N": "1"},
    },
    "ReturnValues": "UPDATED_NEW",
}


def item_answering[R](add: Callable[[Stubber], None], run: Callable[[DigestItem], R]) -> R:
    client: Any = boto3.client("dynamodb")
    with Stubber(client) as stubber:
        add(stubber)
        result = run(DigestItem(client, "made-up-table"))
        stubber.assert_no_pending_responses()
    return result


def test_it_is_put_where_it_is_not_and_the_sweep_knows_it() -> None:
    expected = {
        "TableName": "made-up-table",
        "Item": KEY
        | {
            "agenda_shard": {"S": "0"},
            "agenda_at": {"S": "2026-03-04T15:30:00.000Z"},
            "overdue_since": {"S": "2026-03-04T15:30:00.000Z"},
            "schema": {"N": "1"},
            "tries": {"N": "0"},
        },
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    item_answering(lambda stubber: stubber.add_response("put_item", {}, expected), lambda item: item.ensure(NOW))
    item_answering(
        lambda stubber: stubber.add_client_error("put_item", "ConditionalCheckFailedException"),
        lambda item: item.ensure(NOW),
    )
    assert lead_id_of(KEY) == DIGEST


def test_it_is_taken_where_it_is_due_until_the_lease_ends() -> None:
    assert timedelta(minutes=3) == LEASE
    answer = {"Attributes": {"tries": {"N": "2"}}}
    take: Callable[[DigestItem], int | None] = lambda item: item.take(NOW, "made-up")  # noqa: E731 - used twice
    assert item_answering(lambda stubber: stubber.add_response("update_item", answer, TAKE), take) == 2
    refused = item_answering(lambda s: s.add_client_error("update_item", "ConditionalCheckFailedException"), take)
    assert refused is None


@pytest.mark.parametrize(
    ("write", "update", "values"),
    [
        (
            DigestItem.later,
            "SET agenda_at = :agenda_at REMOVE lease_token",
            {":agenda_at": {"S": "2026-03-04T15:30:00.000Z"}},
        ),
        (
            DigestItem.done,
            "SET agenda_at = :agenda_at, overdue_since = :overdue_since, tries = :tries REMOVE lease_token",
            {
                ":agenda_at": {"S": "2026-03-04T15:30:00.000Z"},
                ":overdue_since": {"S": "2026-03-04T15:30:00.000Z"},
                ":tries": {"N": "0"},
            },
        ),
    ],
)
def test_only_who_holds_the_lease_says_when_it_is_due_again(
    write: Callable[..., None], update: str, values: dict[str, Any]
) -> None:
    expected = {
        "TableName": "made-up-table",
        "Key": KEY,
        "ConditionExpression": "lease_token = :token",
        "UpdateExpression": update,
        "ExpressionAttributeValues": {":token": {"S": "made-up"}} | values,
    }
    item_answering(
        lambda stubber: stubber.add_response("update_item", {}, expected), lambda item: write(item, "made-up", NOW)
    )
    item_answering(
        lambda stubber: stubber.add_client_error("update_item", "ConditionalCheckFailedException"),
        lambda item: write(item, "made-up", NOW),
    )


@pytest.mark.parametrize(("fake", "real"), [(FakeDigestItem, DigestItem), (FakeWorkIndex, WorkIndex)])
def test_the_fakes_take_what_the_real_ones_take(fake: type, real: type) -> None:
    names = [name for name, value in vars(real).items() if inspect.isfunction(value) and not name.startswith("_")]
    assert names
    for name in names:
        assert inspect.signature(vars(fake)[name]) == inspect.signature(vars(real)[name]), name
