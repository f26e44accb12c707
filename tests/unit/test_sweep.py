"""follow_up.sweep: everything due, urgent leads first, until time runs short; and a heartbeat that counts work."""

from collections.abc import Callable
from datetime import timedelta
from itertools import chain, count, pairwise
from unittest.mock import patch

import pytest

from follow_up.sweep import LONGEST_READ_SECONDS, AgendaOutOfReachError, Digests, report_undeliverable
from follow_up.sweep import sweep as real_sweep
from shared.leads.agenda import SHARDS, Lane, partitions, shard
from shared.leads.alert import LEASE
from shared.leads.notice import Outcome
from shared.leads.progress import AlertState
from shared.leads.worklist import Worklist
from shared.messages.send import AlertSender
from shared.services.mailer import MailError
from shared.store.intake import STREAM_GRACE
from shared.store.keys import DIGEST
from shared.store.leads import AgendaEntry
from tests.unit.output import counted, everything_printed
from tests.unit.people import NOW
from tests.unit.senders import NO_DIGEST, Rehearsal
from tests.unit.words import CANARY

PARTITIONS = [each for lane in Lane for each in partitions(lane)]


def forever() -> float:
    return 60.0


def sweep(sender: AlertSender, digests: Digests, time_left: Callable[[], float]) -> int:
    """Sweep one lead at a time, so the order is always the same."""
    return real_sweep(sender, digests, time_left, at_once=1, sleep=lambda _: None)


def test_nothing_due_is_a_heartbeat_and_zeroes() -> None:
    assert sweep(Rehearsal().sender(), NO_DIGEST, forever) == 0
    assert (counted("Sweeps"), counted("DueLeadsFailed"), counted("OldestOverdue")) == ([1], [0], [0])
    assert counted("LeadsHandled") == [0]


def test_a_new_lead_is_left_to_the_stream_for_its_grace() -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    desk.clock.time += STREAM_GRACE - timedelta(milliseconds=1)
    assert sweep(desk.sender(), NO_DIGEST, forever) == 0
    desk.clock.time += timedelta(milliseconds=1)
    assert sweep(desk.sender(), NO_DIGEST, forever) == 1
    assert desk.table.state_of(lead_id) is AlertState.ACCEPTED


def test_leads_of_every_partition_are_found_and_the_first_due_comes_first() -> None:
    desk = Rehearsal()
    ids = [desk.store(number, received_at=NOW - timedelta(minutes=(number * 7) % 20)) for number in range(20)]
    assert {shard(lead_id) for lead_id in ids} == set(SHARDS)
    desk.clock.time += STREAM_GRACE
    assert sweep(desk.sender(), NO_DIGEST, forever) == 20
    by_age = sorted(range(20), key=lambda number: -((number * 7) % 20))
    assert desk.mailer.told == [ids[number] for number in by_age]
    assert counted("OldestOverdue") == [19 * 60]


def test_a_lead_that_was_tried_is_in_line_by_its_next_time() -> None:
    desk = Rehearsal()
    old, new = desk.store(0), desk.store(1, received_at=NOW + timedelta(minutes=1))
    desk.mailer.faults.before["send"].append(MailError(Outcome.THROTTLED, "TooManyRequestsException"))
    desk.sender().send(old)
    desk.clock.time += timedelta(minutes=10)
    sweep(desk.sender(), NO_DIGEST, forever)
    assert desk.mailer.told == [old, new]
    assert counted("OldestOverdue") == [9 * 60]


def test_a_sweep_stops_when_time_is_short_and_the_next_one_goes_on() -> None:
    desk = Rehearsal()
    ids = {desk.store(number) for number in range(5)}
    desk.clock.time += STREAM_GRACE
    left = chain([60.0] * 2, [LONGEST_READ_SECONDS + 1, LONGEST_READ_SECONDS], count(0, 0))
    assert sweep(desk.sender(), NO_DIGEST, lambda: next(left)) == 2
    assert counted("Sweeps") == [1]
    assert sweep(desk.sender(), NO_DIGEST, forever) == 3
    assert {mail.lead_id for mail in desk.mailer.sent} == ids


def test_a_poisoned_lead_stops_no_other_and_is_counted_without_its_words() -> None:
    desk = Rehearsal()
    ids = [desk.store(number, received_at=NOW - timedelta(minutes=number)) for number in range(5)]
    desk.poison(ids[2], CANARY)
    desk.clock.time += STREAM_GRACE
    with everything_printed() as output:
        assert sweep(desk.sender(), NO_DIGEST, forever) == 5
        assert counted("DueLeadsFailed") == [1]
    assert {mail.lead_id for mail in desk.mailer.sent} == set(ids) - {ids[2]}
    assert ids[2] in output.getvalue()
    assert CANARY not in output.getvalue()


def test_a_lead_that_fails_is_not_handled_and_the_heartbeat_goes_on() -> None:
    desk = Rehearsal()
    desk.poison(desk.store(), CANARY)
    desk.clock.time += STREAM_GRACE
    sweep(desk.sender(), NO_DIGEST, forever)
    assert (counted("Sweeps"), counted("LeadsHandled"), counted("DueLeadsFailed")) == ([1], [0], [1])


def test_a_sweep_without_time_for_what_is_due_has_no_heartbeat() -> None:
    desk = Rehearsal()
    desk.store()
    desk.clock.time += STREAM_GRACE
    assert sweep(desk.sender(), NO_DIGEST, lambda: LONGEST_READ_SECONDS) == 0
    assert (counted("Sweeps"), counted("OldestOverdue")) == ([], [0])


def test_a_poisoned_lead_stays_on_the_agenda_so_that_the_alarm_keeps_ringing() -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    desk.poison(lead_id, CANARY)
    for sweeps in range(1, 4):
        desk.clock.time += LEASE + STREAM_GRACE
        assert sweep(desk.sender(), NO_DIGEST, forever) == 1
        assert counted("DueLeadsFailed") == [1] * sweeps
    assert counted("OldestOverdue")[-1] > counted("OldestOverdue")[0]


def test_an_alerted_lead_is_not_read_before_its_reminder() -> None:
    desk = Rehearsal()
    lead_id = desk.store()
    desk.clock.time += STREAM_GRACE
    sweep(desk.sender(), NO_DIGEST, forever)
    desk.clock.time += timedelta(seconds=(desk.due_at(lead_id) or 0) - 1)
    assert sweep(desk.sender(), NO_DIGEST, forever) == 0
    desk.clock.time += timedelta(seconds=1)
    assert sweep(desk.sender(), NO_DIGEST, forever) == 1
    assert counted("OldestOverdue")[-2:] == [0, 0]


def test_the_age_of_the_oldest_waiting_alert_is_emitted_often_and_only_grows() -> None:
    desk = Rehearsal()
    desk.store()
    desk.clock.time += STREAM_GRACE
    for _minute in range(90):
        desk.mailer.faults.before["send"].append(MailError(Outcome.BLOCKED, "AccountSuspendedException"))
        sweep(desk.sender(), NO_DIGEST, forever)
        desk.mailer.faults.before["send"].clear()
        desk.clock.time += timedelta(minutes=1)
    ages = counted("OldestOverdue")
    seen = [minute for minute, age in enumerate(ages) if age]
    assert [ages[minute] for minute in seen] == [60 * minute for minute in seen]
    # Between two tries nothing is due, so the alarm looks at the last twenty minutes.
    assert max(later - earlier for earlier, later in pairwise(seen)) <= 16


def test_the_digest_is_on_the_agenda_and_its_failure_stops_no_lead() -> None:
    class Broken:
        def send(self) -> None:
            raise OSError(CANARY)

    desk = Rehearsal()
    lead_id = desk.store()
    entry = AgendaEntry(DIGEST, NOW, NOW)
    agenda = desk.table.agenda
    with (
        everything_printed() as output,
        patch.object(desk.table, "agenda", lambda part, until: chain([entry][: part == "0"], agenda(part, until))),
    ):
        desk.clock.time += STREAM_GRACE
        assert sweep(desk.sender(), Broken(), forever) == 2
        assert counted("DueLeadsFailed") == [1]
    assert desk.mailer.told == [lead_id]
    assert CANARY not in output.getvalue()


def test_an_unreadable_agenda_shard_stops_no_other_but_the_heartbeat() -> None:
    desk = Rehearsal()
    stored = [desk.store(number) for number in range(12)]
    assert {shard(lead_id) for lead_id in stored} == set(SHARDS)
    desk.clock.time += STREAM_GRACE
    desk.table.unreadable.add(SHARDS[0])
    with everything_printed() as output:
        sweep(desk.sender(), NO_DIGEST, forever)
    assert set(desk.mailer.told) == {lead_id for lead_id in stored if shard(lead_id) != SHARDS[0]}
    assert (counted("Sweeps"), counted("OldestOverdue")) == ([], [])
    assert "agenda not read" in output.getvalue()
    desk.table.unreadable.clear()
    sweep(desk.sender(), NO_DIGEST, forever)
    assert set(desk.mailer.told) == set(stored)
    assert counted("Sweeps") == [1]


def test_a_sweep_that_can_read_nothing_fails() -> None:
    desk = Rehearsal()
    desk.table.faults.before["agenda"] += [OSError(CANARY)] * len(PARTITIONS)
    with everything_printed() as output, pytest.raises(AgendaOutOfReachError):
        sweep(desk.sender(), NO_DIGEST, forever)
    assert counted("Sweeps") == []
    assert CANARY not in output.getvalue()


def test_a_new_lead_is_not_overdue_before_its_time() -> None:
    desk = Rehearsal()
    desk.store()
    assert sweep(desk.sender(), NO_DIGEST, forever) == 0
    assert counted("OldestOverdue") == [0]


def test_how_many_leads_are_undeliverable_is_reported_even_if_there_is_none() -> None:
    for found in (0, 3):
        report_undeliverable({Worklist.UNDELIVERABLE: found}.__getitem__)
    assert counted("UndeliverableLeads") == [0, 3]


def test_a_failed_count_is_not_zero_and_stops_nothing() -> None:
    def broken(_: Worklist) -> int:
        raise OSError(CANARY)

    with everything_printed() as output:
        report_undeliverable(broken)
        assert counted("UndeliverableLeads") == []
    assert "undeliverable leads not counted" in output.getvalue()
    assert CANARY not in output.getvalue()
