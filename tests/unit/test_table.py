"""table: what a put's failure means, and what is written of a screening. The rest is tested on the local AWS."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

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

from shared.leads.alert import AlertState, Progress, after_quarantine
from shared.leads.spam import NOT_SCREENED, REPEATED_OFTEN, Reason, Screening
from shared.store import items
from shared.store.table import MOST_REPEATS, LeadTable, LeasedLead, StorageError, Stored
from tests.unit.dynamodb import MemoryDynamoDB
from tests.unit.fakes import LeadTableInMemory, lead_table
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
    dynamodb = MemoryDynamoDB()
    assert lead_table(dynamodb).put(a_lead()) is Stored.NEW
    assert list(dynamodb.items.values()) == [items.new_lead_item(a_lead())]
    assert len(dynamodb.requests) == 1


@pytest.mark.parametrize(
    ("item", "stored"),
    [
        ({"fingerprint": {"S": a_lead().fingerprint}}, Stored.REPEAT),
        (items.new_lead_item(a_lead()), Stored.REPEAT),
        ({"fingerprint": {"S": "another"}}, Stored.CONFLICT),
        ({}, Stored.CONFLICT),
    ],
)
def test_a_lead_that_is_there_is_a_repeat_or_a_conflict(item: dict[str, Any], stored: Stored) -> None:
    dynamodb = MemoryDynamoDB()
    dynamodb.put(items.key(a_lead().id) | item)
    before = dict(dynamodb.items)
    assert lead_table(dynamodb).put(a_lead()) is stored
    assert dynamodb.items == before


def test_a_lead_that_is_there_without_a_word_of_it_is_a_conflict() -> None:
    dynamodb = MemoryDynamoDB(broken={"PutItem": "ConditionalCheckFailedException"})
    assert lead_table(dynamodb).put(a_lead()) is Stored.CONFLICT


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
    def twice[T](do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:  # noqa: ARG001 - it is a Carry
        do()
        return do()

    dynamodb = MemoryDynamoDB(carry=twice)
    assert lead_table(dynamodb).put(a_lead()) is Stored.REPEAT
    assert len(dynamodb.requests) == 2


def test_repeats_are_counted_by_day_in_one_write_that_may_be_repeated() -> None:
    dynamodb = MemoryDynamoDB()
    table, day, lead = lead_table(dynamodb), timedelta(days=1), a_lead()
    same = [a_lead(number, fingerprint=lead.fingerprint) for number in range(3)]
    assert [table.count_repeats(each, NOW) for each in (same[0], same[0], *same[1:])] == [0, 0, 1, 2]
    assert table.count_repeats(a_lead(fingerprint="another"), NOW) == 0
    assert table.count_repeats(same[0], NOW + day) == 0
    assert dynamodb.items[f"REPEATS#{lead.fingerprint}", "2026-03-04"] == {
        "pk": {"S": f"REPEATS#{lead.fingerprint}"},
        "sk": {"S": "2026-03-04"},
        "lead_ids": {"SS": sorted(each.id for each in same)},
        "expires_at": {"N": str(int(NOW.timestamp()) + 2 * 24 * 3600)},
    }
    assert len(dynamodb.requests) == 6


def test_a_full_count_is_enough_to_matter_and_grows_no_further() -> None:
    dynamodb = MemoryDynamoDB()
    table = lead_table(dynamodb)
    counts = [table.count_repeats(a_lead(number, fingerprint="same"), NOW) for number in range(MOST_REPEATS + 2)]
    assert counts == [*range(MOST_REPEATS), MOST_REPEATS, MOST_REPEATS]
    assert table.count_repeats(a_lead(0, fingerprint="same"), NOW) == MOST_REPEATS - 1  # it is one of them
    (item,) = dynamodb.items.values()
    assert len(item["lead_ids"]["SS"]) == MOST_REPEATS > REPEATED_OFTEN


def test_no_count_of_repeats_is_taken_for_a_lead() -> None:
    key = items.repeats_key(a_lead(), NOW)
    assert key["sk"] != items.key("x")["sk"]
    assert not str(key["pk"]["S"]).startswith("LEAD#")


ID = a_lead().id


def sending() -> LeasedLead:
    progress = Progress(state=AlertState.SENDING, attempts=1, tries=1, due_at=NOW, overdue_since=NOW, version=7)
    return LeasedLead(lead=a_lead(), progress=progress, token="made-up", reasons=None)


def accepted(progress: Progress) -> Progress:
    return replace(progress, state=AlertState.ACCEPTED, accepted=frozenset({"alert/staff-1"}), due_at=None)


def leased_table(*, lease: str = "made-up", **changes: Any) -> LeadTableInMemory:  # noqa: ANN401 - any attribute
    """Return a table with the lead that `sending` says is being sent, as it is by now."""
    table = lead_table()
    lead = a_lead(turnstile_token="made-up")
    progress = replace(sending().progress, **changes)
    more = items.progress_attributes(ID, progress) | {"lease_token": lease}
    table.leads[ID] = items.new_lead_item(lead) | items.attributes(more)
    return table


def finished(decide: Callable[[Progress], Progress], screening: Screening | None) -> dict[str, Any]:
    """Return the stored lead once an attempt has ended."""
    table = leased_table()
    assert table.finish_attempt(sending(), decide, NOW, "made-up", screening=screening)
    assert table.kinds_of(ID) == ["made-up", "received"]
    return dict(table.leads[ID])


def test_what_is_kept_back_is_off_the_agenda_without_its_token_and_goes_away() -> None:
    stored = finished(after_quarantine, Screening(100, (Reason.TRAP_FILLED, Reason.TOO_FAST)))
    assert stored["version"] == {"N": "8"}
    assert stored["alert_state"] == {"S": "quarantined"}
    assert stored["worklist"]["S"].startswith("quarantined#")
    assert stored["spam_reasons"] == {"L": [{"S": "trap_filled"}, {"S": "too_fast"}]}
    assert stored["expires_at"] == {"N": str(int(NOW.timestamp()) + 30 * 24 * 3600)}
    assert not {"lease_token", "agenda_shard", "agenda_at", "overdue_since", "turnstile_token"} & stored.keys()


def test_what_was_screened_is_written_down_and_is_kept() -> None:
    stored = finished(accepted, NOT_SCREENED)
    assert stored["spam_reasons"] == {"L": [{"S": "not_screened"}]}
    assert not {"expires_at", "turnstile_token", "lease_token"} & stored.keys()
    assert stored["mails_accepted"] == {"SS": ["alert/staff-1"]}


def test_what_was_screened_before_is_not_written_again() -> None:
    stored = finished(accepted, None)
    assert not {"spam_score", "spam_reasons"} & stored.keys()
    assert stored["turnstile_token"] == {"S": "made-up"}


def test_the_canarys_lead_goes_away_by_itself() -> None:
    stored = finished(lambda progress: replace(accepted(progress), synthetic=True), None)
    assert stored["expires_at"] == {"N": str(int(NOW.timestamp()) + 3600)}


def test_who_wrote_meanwhile_is_not_overwritten_but_taken_into_account() -> None:
    table = leased_table(claimed_by="staff-2", version=8)
    seen: list[Progress] = []

    def decide(progress: Progress) -> Progress:
        seen.append(progress)
        return accepted(progress)

    written = table.finish_attempt(sending(), decide, NOW, "made-up")
    assert isinstance(written, Progress)
    assert written.claimed_by == "staff-2"
    assert [progress.version for progress in seen] == [7, 8]
    stored = table.progress_of(ID)
    assert (stored.claimed_by, stored.state, stored.version) == ("staff-2", AlertState.ACCEPTED, 9)


@pytest.mark.parametrize("version", [7, 8])
def test_a_lease_that_passed_on_is_not_ours_to_write(version: int) -> None:
    table = leased_table(lease="another", version=version)
    before = dict(table.leads[ID])
    assert table.finish_attempt(sending(), accepted, NOW, "made-up") is None
    assert table.leads[ID] == before
    assert table.kinds_of(ID) == ["made-up", "received"]  # the attempt did happen


def changed(table: LeadTableInMemory, decide: Callable[[Progress], Progress] = accepted) -> object:
    return table.change(ID, lambda _lead, progress: decide(progress), NOW, "delivered", recipient="staff-1")


def test_a_change_is_written_and_its_entry_after_it_and_anew_where_somebody_else_wrote() -> None:
    table = leased_table()
    others = [8, 9]

    def decide(progress: Progress) -> Progress:
        if others:  # somebody else writes between our read and our write
            version = others.pop(0)
            more = items.progress_attributes(ID, replace(progress, claimed_by="staff-2", version=version))
            table.leads[ID] = table.leads[ID] | items.attributes(more)
        return accepted(progress)

    result = changed(table, decide)
    assert isinstance(result, tuple)
    assert (result[1].state, result[1].claimed_by) == (AlertState.ACCEPTED, "staff-2")
    assert table.progress_of(ID) == replace(result[1], version=10)
    writes = [operation for operation, _ in table.dynamodb.requests if operation != "GetItem"]
    assert writes == ["UpdateItem"] * 3 + ["PutItem"]


def test_a_change_reads_what_was_just_written() -> None:
    table = leased_table()
    table.dynamodb.stale = True
    for _ in range(2):
        assert changed(table, lambda progress: replace(progress, refusals=progress.refusals + 1))
    assert table.progress_of(ID).refusals == 2


def test_a_change_that_changes_nothing_still_leaves_its_entry() -> None:
    table = leased_table()
    before = dict(table.leads[ID])
    assert changed(table, lambda progress: progress)
    assert (table.leads[ID], table.kinds_of(ID)) == (before, ["delivered"])


def test_nobody_can_be_changed_who_is_not_there() -> None:
    table = lead_table()
    assert changed(table) is None
    assert table.dynamodb.items == {}


@pytest.mark.parametrize(
    ("stored", "reasons"),
    [
        ({}, None),
        ({"spam_reasons": {"L": []}}, ()),
        ({"spam_reasons": {"L": [{"S": "too_fast"}, {"S": "of another version"}]}}, (Reason.TOO_FAST,)),
    ],
)
def test_a_lease_says_whether_the_lead_was_screened(stored: dict[str, Any], reasons: tuple[Reason, ...] | None) -> None:
    table = lead_table()
    table.leads[ID] = items.new_lead_item(a_lead()) | stored
    leased = table.lease(ID, NOW, "made-up")
    assert isinstance(leased, LeasedLead)
    assert leased.reasons == reasons
