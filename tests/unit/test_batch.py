"""notify.batch: one bad record never costs other leads their alerts."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from notify.batch import alert_each
from shared.leads.notice import Outcome
from shared.leads.progress import AlertState
from shared.runtime.telemetry import logger
from shared.services.mailer import MailError
from shared.store.keys import key
from tests.unit.output import counted, everything_printed
from tests.unit.senders import STAFF, Rehearsal
from tests.unit.words import CANARY


def enough_time() -> float:
    return 60


def failed(records: list[dict[str, Any]], desk: Rehearsal, time_left: Callable[[], float] = enough_time) -> list[str]:
    """Alert each lead. Return the sequence numbers of the records that Lambda must retry."""
    response = alert_each(records, desk.sender(), time_left)
    assert set(response) == {"batchItemFailures"}
    return [str(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]


def record(lead_id: str, sequence: str) -> dict[str, Any]:
    return {"eventName": "INSERT", "dynamodb": {"Keys": key(lead_id), "SequenceNumber": sequence}}


def test_each_leads_alert_is_sent_and_nothing_comes_again() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    assert failed([record(lead_id, lead_id) for lead_id in ids], desk) == []
    assert desk.mailer.told == ids


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("kind", ["broken lead", "broken keys", "no keys"])
def test_a_poisoned_record_is_retried_alone_at_any_position(position: int, kind: str) -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(4)]
    records = [record(lead_id, f"sequence-{place}") for place, lead_id in enumerate(ids)]
    if kind == "broken lead":
        desk.poison(ids[position], CANARY)
    else:
        records[position]["dynamodb"]["Keys"] = {"pk": {CANARY: 1}} if kind == "broken keys" else {}
    with everything_printed() as output:
        failures = failed(records, desk)
    assert failures == [f"sequence-{position}"]
    assert desk.mailer.told == [one for one in ids if one != ids[position]]
    assert CANARY not in output.getvalue()
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    (told,) = [line for line in lines if line.get("message") == "stream record failed"]
    assert told["sequence"] == f"sequence-{position}"
    assert told.get("lead_id") == (ids[position] if kind == "broken lead" else None)


def test_all_poisoned_records_are_listed_and_counted() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    for lead_id in ids:
        desk.poison(lead_id, CANARY)
    failures = failed([record(lead_id, lead_id) for lead_id in ids], desk)
    assert failures == ids
    assert counted("StreamRecordsFailed") == [1, 1, 1]


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.DEFERRED, Outcome.BLOCKED])
def test_an_email_that_ses_refuses_is_left_to_the_agenda(outcome: Outcome) -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(MailError(outcome, "made up"))
    assert failed([record(lead_id, "1")], desk) == []
    assert desk.table.state_of(lead_id) is AlertState.PENDING


def test_a_record_delivered_twice_sends_one_email() -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    assert failed([record(lead_id, "1"), record(lead_id, "1")], desk) == []
    assert len(desk.mailer.sent) == len(STAFF)


def test_a_record_of_a_lead_that_is_gone_fails_nothing() -> None:
    assert failed([record("gone", "1")], Rehearsal()) == []


def test_an_empty_batch_is_no_failure() -> None:
    assert failed([], Rehearsal()) == []


def test_leads_without_time_left_are_left_to_the_sweep() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    clock = iter([60.0, 0.5, 0.0])
    assert failed([record(lead_id, lead_id) for lead_id in ids], desk, lambda: next(clock)) == []
    assert desk.mailer.told == ids[:2]
    assert desk.table.state_of(ids[2]) is AlertState.PENDING
    assert "agenda_at" in desk.table.leads[ids[2]]


def test_records_left_to_the_sweep_are_logged_once_and_are_no_failures() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    with everything_printed() as output:
        assert failed([record(lead_id, lead_id) for lead_id in ids], desk, lambda: 0.0) == []
    assert output.getvalue().count("batch out of time") == 1
    assert not desk.mailer.sent


def test_a_record_s_lines_carry_its_lead_and_the_next_ones_do_not() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(2)]
    desk.poison(ids[0], CANARY)
    with everything_printed() as output:
        failed([record(ids[0], "first"), record(ids[1], "second")], desk)
        logger.info("after the batch")
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    bound = [(line.get("sequence"), line.get("lead_id")) for line in lines if "message" in line]
    assert set(bound[:-1]) == {("first", ids[0]), ("second", ids[1])}
    assert bound[-1] == (None, None)


def test_powertools_own_log_quotes_nothing_even_when_enabled(caplog: pytest.LogCaptureFixture) -> None:
    desk = Rehearsal()
    desk.poison(lead_id := desk.store(), CANARY)
    powertools = logging.getLogger("aws_lambda_powertools")
    powertools.addHandler(caplog.handler)
    powertools.setLevel(logging.DEBUG)
    try:
        assert failed([record(lead_id, "1")], desk) == ["1"]
    finally:
        powertools.removeHandler(caplog.handler)
        powertools.setLevel(logging.NOTSET)
    assert "Record processing exception" in caplog.text
    assert CANARY not in caplog.text
