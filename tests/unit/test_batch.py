"""notify.batch: urgent leads come first, and one bad record never costs other leads their alerts."""

import json
from collections import Counter
from collections.abc import Callable
from itertools import chain, count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.batch import MOST_ORDINARY, ORDINARY_SECONDS, alert_each
from shared.leads.event import Result
from shared.leads.notice import Outcome
from shared.leads.progress import AlertState
from shared.runtime.telemetry import logger
from shared.runtime.together import AT_ONCE
from shared.services.mailer import MailError
from shared.store.keys import key
from tests.unit.output import counted, everything_printed
from tests.unit.senders import STAFF, Rehearsal
from tests.unit.words import CANARY


def enough_time() -> float:
    return 60


def failed(
    records: list[dict[str, Any]],
    desk: Rehearsal,
    time_left: Callable[[], float] = enough_time,
    at_once: int = AT_ONCE,
) -> list[str]:
    """Alert each lead. Return the sequence numbers of the records that Lambda must retry."""
    response = alert_each(records, desk.sender(), time_left, at_once=at_once)
    assert set(response) == {"batchItemFailures"}
    return [str(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]


def record(lead_id: str, sequence: str) -> dict[str, Any]:
    return {"eventName": "INSERT", "dynamodb": {"Keys": key(lead_id), "SequenceNumber": sequence}}


def test_each_leads_alert_is_sent_and_nothing_comes_again() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    assert failed([record(lead_id, lead_id) for lead_id in ids], desk, at_once=1) == []
    assert desk.mailer.told == ids


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("kind", ["broken lead", "broken keys", "no keys"])
def test_a_poisoned_record_is_retried_alone_at_any_position(position: int, kind: str, at_once: int) -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(4)]
    records = [record(lead_id, f"sequence-{place}") for place, lead_id in enumerate(ids)]
    if kind == "broken lead":
        desk.poison(ids[position], CANARY)
    else:
        records[position]["dynamodb"]["Keys"] = {"pk": {CANARY: 1}} if kind == "broken keys" else {}
    with everything_printed() as output:
        failures = failed(records, desk, at_once=at_once)
    assert failures == [f"sequence-{position}"]
    assert set(desk.mailer.told) == {one for one in ids if one != ids[position]}
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
    clock = chain([60.0, 0.5], count(0, 0))
    # They may all start at once, so none is looked at before.
    assert failed([record(lead_id, lead_id) for lead_id in ids], desk, lambda: next(clock), at_once=3) == []
    assert set(desk.mailer.told) == set(ids[:2])
    assert desk.table.state_of(ids[2]) is AlertState.PENDING
    assert "agenda_at" in desk.table.leads[ids[2]]


def test_records_left_to_the_sweep_are_logged_once_and_are_no_failures() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    with everything_printed() as output:
        assert failed([record(lead_id, lead_id) for lead_id in ids], desk, lambda: 0.0) == []
    assert output.getvalue().count("batch not finished") == 1
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


# ---- more than can start at once


def a_flood(desk: Rehearsal, ordinary: int, urgent: int) -> tuple[list[str], list[str]]:
    """Store ordinary leads and then urgent ones."""
    first = [desk.store(number) for number in range(ordinary)]
    return first, [desk.store(number, in_crisis=True) for number in range(ordinary, ordinary + urgent)]


def test_urgent_leads_come_first_and_most_ordinary_ones_are_left_to_the_sweep() -> None:
    desk = Rehearsal()
    ordinary, urgent = a_flood(desk, 98, 2)
    assert failed([record(each, each) for each in ordinary + urgent], desk, at_once=1) == []
    assert desk.mailer.told == urgent + ordinary[:MOST_ORDINARY]
    assert desk.table.state_of(ordinary[MOST_ORDINARY]) is AlertState.PENDING
    assert "agenda_at" in desk.table.leads[ordinary[MOST_ORDINARY]]


def test_ordinary_leads_start_for_a_few_seconds_and_urgent_ones_while_there_is_time() -> None:
    desk = Rehearsal()
    ordinary, urgent = a_flood(desk, 10, 10)
    left = [60.0]

    class Slow:
        def send(self, *args: Any, **more: Any) -> str:  # noqa: ANN401 - as the mailer takes them
            left[0] -= 1
            return desk.mailer.send(*args, **more)

    records = [record(each, each) for each in ordinary + urgent]
    response = alert_each(records, desk.sender(mailer=Slow()), lambda: left[0], at_once=1)
    assert response == {"batchItemFailures": []}
    started = -(-int(ORDINARY_SECONDS) // len(STAFF))
    assert desk.mailer.told == urgent + ordinary[:started]


def test_once_ses_throttles_no_more_ordinary_leads_start() -> None:
    desk = Rehearsal()
    ordinary, urgent = a_flood(desk, 30, 3)
    desk.mailer.faults.before["send"] += [MailError(Outcome.THROTTLED, "TooManyRequestsException") for _ in range(99)]
    assert failed([record(each, each) for each in ordinary + urgent], desk) == []
    tried = [each for each in ordinary + urgent if desk.table.progress_of(each).attempts]
    assert set(tried) == set(urgent)


def test_if_leads_cannot_be_read_first_they_are_handled_one_by_one() -> None:
    desk = Rehearsal()
    ordinary, urgent = a_flood(desk, 10, 1)
    desk.table.faults.before["read"].append(OSError(CANARY))
    with everything_printed() as output:
        assert failed([record(each, each) for each in ordinary + urgent], desk, at_once=1) == []
    assert desk.mailer.told == ordinary + urgent, "in the order of the stream"
    assert "lead not looked at" in output.getvalue()
    assert CANARY not in output.getvalue()


@given(
    urgent=st.lists(st.booleans(), max_size=40),
    fates=st.lists(st.sampled_from([*Result, None]), min_size=1),
    unreadable=st.sets(st.integers(0, 39), max_size=2),
    looks=st.integers(0, 300),
)
def test_any_batch_begins_each_lead_at_most_once_and_reports_what_failed(
    urgent: list[bool], fates: list[Result | None], unreadable: set[int], looks: int
) -> None:
    desk = Rehearsal()
    ids = [desk.store(number, in_crisis=True if each else None) for number, each in enumerate(urgent)]
    for number in unreadable & set(range(len(ids))):
        desk.poison(ids[number], CANARY)
    begun: list[str] = []

    class Sender:
        leads = desk.table

        def send(self, lead_id: str) -> Result:
            begun.append(lead_id)
            fate = fates[ids.index(lead_id) % len(fates)]
            if fate is None:
                raise OSError(CANARY)
            return fate

    clock = chain([60.0] * looks, count(0, 0))
    sender: Any = Sender()
    response = alert_each([record(each, each) for each in ids], sender, lambda: next(clock))
    assert max(Counter(begun).values(), default=0) <= 1
    bad = {each for each in begun if fates[ids.index(each) % len(fates)] is None}
    assert [each["itemIdentifier"] for each in response["batchItemFailures"]] == [each for each in ids if each in bad]
    if not unreadable and len(ids) > AT_ONCE and next(clock):
        important = {each for each, is_urgent in zip(ids, urgent, strict=True) if is_urgent}
        assert set(begun[: len(important)]) == important
        assert len(begun) <= len(important) + MOST_ORDINARY
