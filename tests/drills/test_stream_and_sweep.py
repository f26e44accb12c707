"""The parts that send alerts fail: the stream, its function, the sweep. The others make up for it."""

from datetime import timedelta
from typing import Any

import pytest

from shared.runtime.together import AT_ONCE
from tests.drills.drill import PAST, Drill, schedule
from tests.faults import refuse
from tools.local.parameters import RECIPIENTS as STAFF

BATCH = 10  # more than start at once
FIRST = 1000  # the sequence number of the first record in a batch


def a_batch(drill: Drill, references: list[str]) -> list[dict[str, Any]]:
    """Return the stream's records for these leads, as its function gets them."""
    leads = drill.leads()
    keys = [{"pk": leads[reference]["pk"], "sk": leads[reference]["sk"]} for reference in references]
    return [
        {"eventName": "INSERT", "dynamodb": {"Keys": key, "SequenceNumber": str(number)}}
        for number, key in enumerate(keys, start=FIRST)
    ]


def test_the_stream_is_off_for_25_hours(drill: Drill) -> None:
    with drill.stream_off():
        reference = drill.post()
        drill.is_waiting(reference)
        drill.later(reference)  # the stream's minute has passed
        at_once = drill.alerted(reference)

        neither = drill.post()  # no sweep ran either
        drill.age(neither, timedelta(hours=25))
        drill.is_waiting(neither)
        drill.deployed.sweep()
        overdue = drill.emitted("OldestOverdue", at_least=timedelta(hours=24).total_seconds())
        drill.alerted(neither)

    # The stream delivers its records late and in order: after the next lead's alert all have arrived.
    drill.alerted(drill.post())
    drill.alerted(reference)
    drill.alerted(neither)
    drill.saw(
        f"next sweep: {at_once}; with no sweep for 25 hours either, OldestOverdue at {overdue / 3600:.0f} hours, then"
        f" {drill.alerted(neither)}; the stream on again: no second email"
    )


def test_one_poisoned_record_in_every_position_of_a_batch(drill: Drill) -> None:
    poisoned: dict[str, Any] = {}  # the original of each poisoned lead, by its reference
    alerted = 0
    with drill.stream_off():
        for position in range(BATCH):
            drill.deployed.new_hour()
            references = [drill.post() for _ in range(BATCH)]
            records = a_batch(drill, references)
            poison = references.pop(position)
            poisoned[poison] = drill.leads()[poison]
            drill.set(poisoned[poison], consents={"S": "unreadable"})

            failed = drill.deployed.invoke("notify", {"Records": records})["batchItemFailures"]
            assert failed == [{"itemIdentifier": str(FIRST + position)}]
            # Lambda retries the batch from that record on. The poisoned one fails each time, until Lambda gives up.
            again = drill.deployed.invoke("notify", {"Records": records[position:]})["batchItemFailures"]
            assert again == failed
            drill.all_alerted(references)
            alerted += len(references)

        assert [mail for mail in drill.deployed.emails("KC-") if mail["Subject"].split()[0] in poisoned] == []
        drill.is_waiting(*poisoned)
        for lead in poisoned.values():
            drill.set(lead, agenda_at=PAST)
        drill.deployed.sweep()
        drill.emitted("DueLeadsFailed", at_least=BATCH)  # the sweep fails on them too, and an alarm rings

        for lead in poisoned.values():
            drill.set(lead, consents=lead["consents"], agenda_at=PAST)
        drill.deployed.sweep()
        ended = drill.all_alerted(list(poisoned))
    drill.saw(
        f"{BATCH} batches of {BATCH}: {alerted} others alerted once; {BATCH} reported to Lambda, on the agenda and in"
        f" DueLeadsFailed; once readable: {ended}"
    )


def test_notify_dies_in_the_middle_of_a_batch(drill: Drill) -> None:
    with drill.stream_off():
        references = [drill.post() for _ in range(BATCH)]
        records = a_batch(drill, references)
        drill.proxy.kill_after("notify", "sesv2", "SendEmail", skip=len(STAFF) * BATCH // 2)
        with pytest.raises(AssertionError, match="died"):
            drill.deployed.invoke("notify", {"Records": records})
        # Lambda retries both halves. The leads at which it died are still leased.
        for half in (records[: BATCH // 2], records[BATCH // 2 :]):
            assert drill.deployed.invoke("notify", {"Records": half}) == {"batchItemFailures": []}
        leads = drill.leads()
        interrupted = [each for each in references if leads[each]["alert_state"]["S"] == "sending"]
        assert 1 <= len(interrupted) <= AT_ONCE
        drill.all_alerted([each for each in references if each not in interrupted])
        for each in interrupted:
            drill.set(leads[each], agenda_at=PAST)
        drill.deployed.sweep()
        mails = {each: len(drill.deployed.emails(each)) for each in interrupted}
        assert all(len(STAFF) <= number <= 2 * len(STAFF) for number in mails.values()), mails
        assert {drill.leads()[each]["alert_state"]["S"] for each in interrupted} == {"accepted"}
    again = sum(mails.values()) - len(STAFF) * len(interrupted)
    drill.saw(
        f"{BATCH - len(interrupted)} leads: 1 email to each; the {len(interrupted)} at which it died, once their leases"
        f" ended: alerted, {again} of their emails twice"
    )


def test_the_sweep_is_dead_for_an_hour(drill: Drill) -> None:
    drill.proxy.on("sesv2", "SendEmail", refuse(429, "TooManyRequestsException"), times=1)
    reference = drill.post()
    drill.tried(reference, 1)
    drill.age(reference, timedelta(hours=1))
    drill.alerted(drill.post())  # the stream alerts new leads meanwhile
    drill.is_waiting(reference)
    assert drill.deployed.emails(reference) == []

    with schedule(drill.deployed, on=True):
        drill.deployed.the_alert(reference, within=90)  # only the schedule runs the sweep
        ended = drill.alerted(reference)
    overdue = drill.emitted("OldestOverdue", at_least=timedelta(minutes=58).total_seconds())
    drill.saw(f"new leads alerted by the stream; the first sweep: OldestOverdue at {overdue / 60:.0f} minutes, {ended}")
