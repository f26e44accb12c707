"""notify.batch: one bad record never costs its neighbours their alerts."""

from typing import Any

import pytest

from notify.batch import alert_each
from shared.leads.alert import AlertState
from shared.leads.notice import Outcome
from shared.services.mailer import MailError
from shared.store.keys import key
from tests.unit.output import counted, everything_printed
from tests.unit.senders import STAFF, Rehearsal
from tests.unit.words import CANARY


def enough_time() -> float:
    return 60


def record(lead_id: str, sequence: str) -> dict[str, Any]:
    return {"eventName": "INSERT", "dynamodb": {"Keys": key(lead_id), "SequenceNumber": sequence}}


def test_each_leads_alert_is_sent_and_nothing_comes_again() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    assert alert_each([record(lead_id, lead_id) for lead_id in ids], desk.sender(), enough_time) == []
    assert desk.mailer.told == ids


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("kind", ["broken lead", "broken keys", "no keys"])
def test_a_poisoned_record_comes_again_alone_wherever_it_stands(position: int, kind: str) -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(4)]
    records = [record(lead_id, f"sequence-{place}") for place, lead_id in enumerate(ids)]
    if kind == "broken lead":
        desk.poison(ids[position], CANARY)
    else:
        records[position]["dynamodb"]["Keys"] = {"pk": {CANARY: 1}} if kind == "broken keys" else {}
    with everything_printed() as output:
        failures = alert_each(records, desk.sender(), enough_time)
    assert failures == [{"itemIdentifier": f"sequence-{position}"}]
    assert desk.mailer.told == [one for one in ids if one != ids[position]]
    assert f"sequence-{position}" in output.getvalue()
    assert CANARY not in output.getvalue()


def test_all_poisoned_records_are_listed_and_counted() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    for lead_id in ids:
        desk.poison(lead_id, CANARY)
    failures = alert_each([record(lead_id, lead_id) for lead_id in ids], desk.sender(), enough_time)
    assert failures == [{"itemIdentifier": lead_id} for lead_id in ids]
    assert counted("StreamRecordsFailed") == [1, 1, 1]


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.DEFERRED, Outcome.BLOCKED])
def test_mail_that_ses_does_not_take_is_the_agendas_and_not_the_streams(outcome: Outcome) -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(MailError(outcome, "made up"))
    assert alert_each([record(lead_id, "1")], desk.sender(), enough_time) == []
    assert desk.table.state_of(lead_id) is AlertState.PENDING


def test_a_record_that_comes_twice_is_one_mail() -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    assert alert_each([record(lead_id, "1"), record(lead_id, "1")], desk.sender(), enough_time) == []
    assert len(desk.mailer.sent) == len(STAFF)


def test_a_record_of_a_lead_that_is_gone_fails_nothing() -> None:
    assert alert_each([record("gone", "1")], Rehearsal().sender(), enough_time) == []


def test_an_empty_batch_is_no_failure() -> None:
    assert alert_each([], Rehearsal().sender(), enough_time) == []


def test_what_time_does_not_allow_is_left_to_the_sweep() -> None:
    desk = Rehearsal()
    ids = [desk.store(number) for number in range(3)]
    clock = iter([60.0, 0.5, 0.0])
    assert alert_each([record(lead_id, lead_id) for lead_id in ids], desk.sender(), lambda: next(clock)) == []
    assert desk.mailer.told == ids[:2]
    assert desk.table.state_of(ids[2]) is AlertState.PENDING
    assert "agenda_at" in desk.table.leads[ids[2]]
