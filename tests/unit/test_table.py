"""aws.table: what a put's failure means. The rest of the table is tested against the local AWS."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from aws import items
from aws.table import LeadTable, StorageError, Stored
from tests.unit.people import a_lead
from tests.unit.words import CANARY

URL = "https://dynamodb.us-east-1.amazonaws.com/"


def client() -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    return boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))


def put_answered_by(add: Callable[[Stubber], None]) -> Stored:
    stubbed = client()
    with Stubber(stubbed) as stubber:
        add(stubber)
        return LeadTable(stubbed, "made-up-table").put(a_lead())


def put_failing_with(error: BotoCoreError) -> StorageError:
    broken = client()

    def fail(**_: object) -> None:
        raise error

    broken.meta.events.register("before-send.dynamodb.PutItem", fail)
    with pytest.raises(StorageError) as caught:
        LeadTable(broken, "made-up-table").put(a_lead())
    return caught.value


def test_a_lead_is_put_only_where_there_is_none() -> None:
    expected = {
        "TableName": "made-up-table",
        "Item": items.new_lead_item(a_lead()),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    assert put_answered_by(lambda stubber: stubber.add_response("put_item", {}, expected)) is Stored.NEW


@pytest.mark.parametrize(
    ("item", "stored"),
    [
        ({"fingerprint": {"S": a_lead().fingerprint}}, Stored.REPEAT),
        (items.new_lead_item(a_lead()), Stored.REPEAT),
        ({"fingerprint": {"S": "another"}}, Stored.CONFLICT),
        ({}, Stored.CONFLICT),
        (None, Stored.CONFLICT),
    ],
)
def test_a_lead_that_is_there_is_a_repeat_or_a_conflict(item: dict[str, Any] | None, stored: Stored) -> None:
    modeled = {} if item is None else {"Item": item}
    assert (
        put_answered_by(
            lambda stubber: stubber.add_client_error(
                "put_item", "ConditionalCheckFailedException", http_status_code=400, modeled_fields=modeled
            )
        )
        is stored
    )


@pytest.mark.parametrize(
    ("code", "status", "nothing_stored"),
    [
        ("ProvisionedThroughputExceededException", 400, True),
        ("ThrottlingException", 400, True),
        ("RequestLimitExceeded", 400, True),
        ("ResourceNotFoundException", 400, True),
        ("AccessDeniedException", 400, True),
        ("ValidationException", 400, True),
        ("InternalServerError", 500, False),
        ("ServiceUnavailable", 503, False),
    ],
)
def test_an_error_of_dynamodb_tells_whether_something_may_be_stored(
    code: str, status: int, *, nothing_stored: bool
) -> None:
    with pytest.raises(StorageError) as caught:
        put_answered_by(
            lambda stubber: stubber.add_client_error("put_item", code, f"says {CANARY}", http_status_code=status)
        )
    assert caught.value.nothing_stored is nothing_stored
    assert str(caught.value) == ""
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("error", "nothing_stored"),
    [
        (EndpointConnectionError(endpoint_url=URL), True),
        (ConnectTimeoutError(endpoint_url=URL), True),
        (ReadTimeoutError(endpoint_url=URL), False),
        (ConnectionClosedError(endpoint_url=URL), False),
    ],
)
def test_a_connection_that_was_never_made_stored_nothing_and_a_lost_answer_leaves_it_open(
    error: BotoCoreError, *, nothing_stored: bool
) -> None:
    assert put_failing_with(error).nothing_stored is nothing_stored


def test_a_retry_of_the_sdk_that_meets_our_own_lead_is_a_repeat() -> None:
    own = items.new_lead_item(a_lead())
    assert (
        put_answered_by(
            lambda stubber: stubber.add_client_error(
                "put_item",
                "ConditionalCheckFailedException",
                http_status_code=400,
                modeled_fields={"Item": own},
                response_meta={"RetryAttempts": 1},
            )
        )
        is Stored.REPEAT
    )
