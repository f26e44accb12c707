"""table: what a put's failure means, and what is written of a screening. The rest is tested on the local AWS."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
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

from shared.leads.alert import AlertState, Progress, after_quarantine
from shared.leads.spam import NOT_SCREENED, REPEATED_OFTEN, Reason, Screening
from shared.store import items
from shared.store.table import MOST_REPEATS, LeadTable, LeasedLead, StorageError, Stored
from tests.unit.people import NOW, a_lead
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
        return LeadTable(stubbed, "made-up-table").put(a_lead())


def put_failing_with(*tries: Try) -> StorageError:
    """Put a lead while each try of the SDK's ends as told, in turn; return what comes out."""
    config = Config(retries={"total_max_attempts": len(tries), "mode": "standard"})
    broken: Any = boto3.client("dynamodb", config=config)
    left = list(tries)

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        outcome = left.pop(0)
        if isinstance(outcome, BotoCoreError):
            raise outcome
        status, code = outcome
        body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": f"says {CANARY}"})
        return AWSResponse(request.url, status, HTTPHeaders(), _Raw(body.encode()))

    broken.meta.events.register("before-send.dynamodb.PutItem", answer)
    with pytest.raises(StorageError) as caught:
        LeadTable(broken, "made-up-table").put(a_lead())
    assert left == [], "the SDK gave up early"
    return caught.value


class _Raw(io.BytesIO):
    def stream(self, *_: object) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK waits between its tries."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)


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
def test_where_every_try_was_turned_away_nothing_was_stored(tries: list[Try]) -> None:
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
def test_where_one_try_may_have_written_nobody_is_told_that_nothing_was_stored(tries: list[Try]) -> None:
    assert not put_failing_with(*tries).nothing_stored


def test_a_failed_put_says_nothing_of_what_was_in_it() -> None:
    error = put_failing_with(THROTTLED)
    assert str(error) == ""
    assert error.__suppress_context__


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


def table_answering(add: Callable[[Stubber], None], run: Callable[[LeadTable], object]) -> object:
    stubbed = boto3.client("dynamodb")
    with Stubber(stubbed) as stubber:
        add(stubber)
        result = run(LeadTable(stubbed, "made-up-table"))
        stubber.assert_no_pending_responses()
    return result


def repeats(answer: Callable[[Stubber], None]) -> object:
    return table_answering(answer, lambda table: table.count_repeats(a_lead(), NOW))


def test_repeats_are_counted_by_day_in_one_write_that_may_be_repeated() -> None:
    lead = a_lead()
    expected = {
        "TableName": "made-up-table",
        "Key": {"pk": {"S": f"REPEATS#{lead.fingerprint}"}, "sk": {"S": "2026-03-04"}},
        "ConditionExpression": "attribute_not_exists(lead_ids) OR size(lead_ids) < :most OR contains(lead_ids, :id)",
        "UpdateExpression": "ADD lead_ids :ids SET expires_at = :end",
        "ExpressionAttributeValues": {
            ":most": {"N": str(MOST_REPEATS)},
            ":id": {"S": lead.id},
            ":ids": {"SS": [lead.id]},
            ":end": {"N": str(int(NOW.timestamp()) + 2 * 24 * 3600)},
        },
        "ReturnValues": "ALL_NEW",
    }
    answer = {"Attributes": {"lead_ids": {"SS": ["one", "another", lead.id]}}}
    assert repeats(lambda stubber: stubber.add_response("update_item", answer, expected)) == 2


def test_a_full_count_is_enough_to_matter_and_grows_no_further() -> None:
    assert repeats(lambda stubber: stubber.add_client_error("update_item", "ConditionalCheckFailedException")) == (
        MOST_REPEATS
    )
    assert MOST_REPEATS > REPEATED_OFTEN


def test_no_count_of_repeats_is_taken_for_a_lead() -> None:
    key = items.repeats_key(a_lead(), NOW)
    assert key["sk"] != items.key("x")["sk"]
    assert not str(key["pk"]["S"]).startswith("LEAD#")


def sending() -> LeasedLead:
    progress = Progress(state=AlertState.SENDING, attempts=1, tries=1, due_at=NOW, version=7)
    return LeasedLead(lead=a_lead(), progress=progress, token="made-up", reasons=None)


def accepted(progress: Progress) -> Progress:
    return replace(progress, state=AlertState.ACCEPTED, accepted=frozenset({"alert/staff-1"}), due_at=None)


def finished(decide: Callable[[Progress], Progress], screening: Screening | None) -> dict[str, Any]:
    """Return the update that writes down how an attempt ended."""
    written: list[dict[str, Any]] = []
    client: Any = boto3.client("dynamodb")
    client.meta.events.register(
        "provide-client-params.dynamodb.UpdateItem", lambda params, **_: written.append(dict(params))
    )
    with Stubber(client) as stubber:
        for operation in ("update_item", "put_item", "put_item"):
            stubber.add_response(operation, {})
        table = LeadTable(client, "made-up-table")
        assert table.finish_attempt(sending(), decide, NOW, "made-up", screening=screening)
    (update,) = written
    return update


def removed(update: dict[str, Any]) -> set[str]:
    return {name.strip(" #") for name in update["UpdateExpression"].partition(" REMOVE ")[2].split(",")}


def test_what_is_kept_back_is_off_the_agenda_without_its_token_and_goes_away() -> None:
    update = finished(after_quarantine, Screening(100, (Reason.TRAP_FILLED, Reason.TOO_FAST)))
    assert update["ConditionExpression"] == "version = :read AND lease_token = :token"
    values = update["ExpressionAttributeValues"]
    assert (values[":read"], values[":version"], values[":token"]) == ({"N": "7"}, {"N": "8"}, {"S": "made-up"})
    assert values[":alert_state"] == {"S": "quarantined"}
    assert values[":worklist"]["S"].startswith("quarantined#")
    assert values[":spam_reasons"] == {"L": [{"S": "trap_filled"}, {"S": "too_fast"}]}
    assert values[":expires_at"] == {"N": str(int(NOW.timestamp()) + 30 * 24 * 3600)}
    assert {"lease_token", "agenda_shard", "agenda_at", "overdue_since", "turnstile_token"} <= removed(update)


def test_what_was_screened_is_written_down_and_is_kept() -> None:
    update = finished(accepted, NOT_SCREENED)
    assert update["ExpressionAttributeValues"][":spam_reasons"] == {"L": [{"S": "not_screened"}]}
    assert ":expires_at" not in update["ExpressionAttributeValues"]
    assert "turnstile_token" in removed(update)
    assert update["ExpressionAttributeValues"][":mails_accepted"] == {"SS": ["alert/staff-1"]}


def test_what_was_screened_before_is_not_written_again() -> None:
    update = finished(accepted, None)
    assert "spam" not in update["UpdateExpression"]
    assert "turnstile_token" not in update["UpdateExpression"]


def test_the_canarys_lead_goes_away_by_itself() -> None:
    update = finished(lambda progress: replace(accepted(progress), synthetic=True), None)
    assert update["ExpressionAttributeValues"][":expires_at"] == {"N": str(int(NOW.timestamp()) + 3600)}


def test_who_wrote_meanwhile_is_not_overwritten_but_taken_into_account() -> None:
    meanwhile = items.new_lead_item(a_lead()) | items.attributes(
        items.progress_attributes(a_lead().id, replace(sending().progress, claimed_by="staff-2", version=8))
        | {"lease_token": "made-up"}
    )
    seen: list[Progress] = []

    def decide(progress: Progress) -> Progress:
        seen.append(progress)
        return accepted(progress)

    def answers(stubber: Stubber) -> None:
        conflict(stubber, "update_item", meanwhile)
        stubber.add_response("update_item", {})
        stubber.add_response("put_item", {})
        stubber.add_response("put_item", {})

    written = table_answering(answers, lambda table: table.finish_attempt(sending(), decide, NOW, "made-up"))
    assert isinstance(written, Progress)
    assert written.claimed_by == "staff-2"
    assert [progress.version for progress in seen] == [7, 8]


def test_a_lease_that_passed_on_is_not_ours_to_write() -> None:
    def answers(stubber: Stubber) -> None:
        conflict(stubber, "update_item", items.new_lead_item(a_lead()) | {"lease_token": {"S": "another"}})
        stubber.add_response("put_item", {})
        stubber.add_response("put_item", {})

    assert table_answering(answers, lambda table: table.finish_attempt(sending(), accepted, NOW, "made-up")) is None


def conflict(stubber: Stubber, operation: str, item: Any) -> None:  # noqa: ANN401 - a stored item
    stubber.add_client_error(operation, "ConditionalCheckFailedException", modeled_fields={"Item": item})


def changed(answers: Callable[[Stubber], None], decide: Callable[[Progress], Progress] = accepted) -> object:
    def run(table: LeadTable) -> object:
        return table.change(
            a_lead().id, lambda _lead, progress: decide(progress), NOW, "delivered", recipient="staff-1"
        )

    return table_answering(answers, run)


def test_a_change_is_written_and_its_entry_after_it_and_anew_where_somebody_else_wrote() -> None:
    stored = {"Item": items.new_lead_item(a_lead())}

    def answers(stubber: Stubber) -> None:
        stubber.add_response("get_item", stored)
        conflict(stubber, "update_item", {})
        stubber.add_response("get_item", stored)
        stubber.add_response("update_item", {})
        stubber.add_response("put_item", {})

    result = changed(answers)
    assert isinstance(result, tuple)
    assert result[1].state is AlertState.ACCEPTED


def test_a_change_that_changes_nothing_still_leaves_its_entry() -> None:
    def answers(stubber: Stubber) -> None:
        stubber.add_response("get_item", {"Item": items.new_lead_item(a_lead())})
        stubber.add_response("put_item", {})

    assert changed(answers, lambda progress: progress)


def test_nobody_can_be_changed_who_is_not_there() -> None:
    assert changed(lambda stubber: stubber.add_response("get_item", {})) is None


@pytest.mark.parametrize(
    ("stored", "reasons"),
    [
        ({}, None),
        ({"spam_reasons": {"L": []}}, ()),
        ({"spam_reasons": {"L": [{"S": "too_fast"}, {"S": "of another version"}]}}, (Reason.TOO_FAST,)),
    ],
)
def test_a_lease_says_whether_the_lead_was_screened(stored: dict[str, Any], reasons: tuple[Reason, ...] | None) -> None:
    answer = {"Attributes": items.new_lead_item(a_lead()) | stored}
    leased = table_answering(
        lambda stubber: stubber.add_response("update_item", answer), lambda table: table.lease("x", NOW, "made-up")
    )
    assert isinstance(leased, LeasedLead)
    assert leased.reasons == reasons
