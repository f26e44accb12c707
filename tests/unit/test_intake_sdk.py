"""intake_sdk: one conditional write, and what its failures mean. The rest is tested on the local AWS."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from shared.store.intake import StorageError, Stored, new_lead_item
from shared.store.intake_sdk import SdkIntake
from tests.unit.people import a_lead
from tests.unit.words import CANARY

URL = "https://dynamodb.us-east-1.amazonaws.com/"


type Try = BotoCoreError | tuple[int, str]

NO_CONNECTION = EndpointConnectionError(endpoint_url=URL)
SLOW_CONNECTION = ConnectTimeoutError(endpoint_url=URL)
LOST_ANSWER = ReadTimeoutError(endpoint_url=URL)
CUT_CONNECTION = ConnectionClosedError(endpoint_url=URL)
THROTTLED = (400, "ProvisionedThroughputExceededException")
SERVER_ERROR = (500, "InternalServerError")


def put_answered_by(add: Callable[[Stubber], None]) -> Stored:
    stubbed = boto3.client("dynamodb")
    with Stubber(stubbed) as stubber:
        add(stubber)
        return SdkIntake(stubbed, "made-up-table").put(a_lead()).stored


def put_failing_with(*tries: Try) -> StorageError:
    """Put a lead. The SDK's tries have these outcomes, in order. Return the result."""
    (error,) = puts_failing_with(tries)
    return error


def puts_failing_with(*puts: Sequence[Try]) -> list[StorageError]:
    """Put a lead into one table once for each of `puts`: the outcomes of its tries. Return the results."""
    config = Config(retries={"total_max_attempts": len(puts[0]), "mode": "standard"})
    broken: Any = boto3.client("dynamodb", config=config)
    left = [each for tries in puts for each in tries]

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        outcome = left.pop(0)
        if isinstance(outcome, BotoCoreError):
            raise outcome
        status, code = outcome
        body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": f"says {CANARY}"})
        return AWSResponse(request.url, status, HTTPHeaders(), _Raw(body.encode()))

    broken.meta.events.register("before-send.dynamodb.PutItem", answer)
    intake, errors = SdkIntake(broken, "made-up-table"), []
    for _ in puts:
        with pytest.raises(StorageError) as caught:
            intake.put(a_lead())
        errors.append(caught.value)
    assert left == [], "the SDK must use all tries"
    return errors


class _Raw(io.BytesIO):
    def stream(self, *_: object) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's pause between its tries."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)


def test_a_lead_is_put_only_where_there_is_none() -> None:
    expected = {
        "TableName": "made-up-table",
        "Item": new_lead_item(a_lead()),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    assert put_answered_by(lambda stubber: stubber.add_response("put_item", {}, expected)) is Stored.NEW


@pytest.mark.parametrize(
    ("item", "stored"),
    [
        ({"fingerprint": {"S": a_lead().fingerprint}}, Stored.REPEAT),
        (new_lead_item(a_lead()), Stored.REPEAT),
        ({"fingerprint": {"S": "another"}}, Stored.CONFLICT),
        ({"fingerprint": {"S": a_lead().fingerprint}, "erased_at": {"S": "2026"}}, Stored.ERASED),
        ({"fingerprint": {"S": "another"}, "erased_at": {"S": "2026"}}, Stored.ERASED),
        ({}, Stored.CONFLICT),
        (None, Stored.CONFLICT),
    ],
)
def test_a_lead_that_is_there_is_a_repeat_a_conflict_or_erased(item: dict[str, Any] | None, stored: Stored) -> None:
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
    "tries",
    [
        [THROTTLED],
        [(400, "ThrottlingException")],
        [(400, "ResourceNotFoundException")],
        [(400, "AccessDeniedException")],
        [(400, "ValidationException")],
        [NO_CONNECTION],
        [SLOW_CONNECTION],
        [THROTTLED, THROTTLED, THROTTLED],
        [NO_CONNECTION, SLOW_CONNECTION, THROTTLED],
    ],
)
def test_after_only_refused_tries_nothing_was_stored(tries: list[Try]) -> None:
    assert put_failing_with(*tries).nothing_stored


@pytest.mark.parametrize(
    "tries",
    [
        [SERVER_ERROR],
        [(503, "ServiceUnavailable")],
        [LOST_ANSWER],
        [CUT_CONNECTION],
        [SERVER_ERROR, THROTTLED, THROTTLED],
        [LOST_ANSWER, NO_CONNECTION, NO_CONNECTION],
        [NO_CONNECTION, LOST_ANSWER, THROTTLED],
    ],
)
def test_after_an_uncertain_write_no_one_reads_that_nothing_was_stored(tries: list[Try]) -> None:
    assert not put_failing_with(*tries).nothing_stored


def test_what_one_put_left_open_says_nothing_of_the_next() -> None:
    first, second = puts_failing_with([LOST_ANSWER], [THROTTLED])
    assert (first.nothing_stored, second.nothing_stored) == (False, True)


def test_a_failed_put_says_nothing_of_what_was_in_it() -> None:
    error = put_failing_with(THROTTLED)
    assert str(error) == ""
    assert error.__suppress_context__


def test_a_retry_of_the_sdk_that_meets_our_own_lead_is_a_repeat() -> None:
    own = new_lead_item(a_lead())
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
