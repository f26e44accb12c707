"""alerts.send: one alert, taken once, sent once, its outcome written down, and on the agenda until it is accepted."""

from datetime import timedelta

import pytest

from alerts.send import Result
from aws.mailer import MailDeferredError, MailRefusedError
from leads.alert import LEASE, AlertState
from tests.unit.fakes import CrashError
from tests.unit.output import counted, everything_printed
from tests.unit.people import a_lead
from tests.unit.senders import FALLBACK, STAFF, Desk
from tests.unit.words import CANARY


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_new_leads_alert_goes_to_the_staff_and_is_done(desk: Desk) -> None:
    lead_id = desk.store()
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    (mail,) = desk.mailer.sent
    assert (mail.to, mail.lead_id) == (STAFF, lead_id)
    assert a_lead().reference in mail.message.subject
    assert desk.table.state_of(lead_id) is AlertState.ACCEPTED
    assert desk.due_at(lead_id) is None
    assert desk.table.kinds_of(lead_id) == ["alert_accepted", "received"]
    assert counted("AlertsAccepted") == [1]


def test_an_alert_that_is_done_is_not_sent_again(desk: Desk) -> None:
    lead_id = desk.store()
    desk.sender().send(lead_id)
    desk.clock.time += timedelta(days=9)
    assert desk.sender().send(lead_id) is Result.NOT_DUE
    assert len(desk.mailer.sent) == 1


def test_a_lead_that_is_not_there_is_not_due(desk: Desk) -> None:
    assert desk.sender().send("nobody") is Result.NOT_DUE
    assert desk.mailer.sent == []


def test_a_deferred_alert_is_tried_again_after_a_wait_and_not_before(desk: Desk) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(MailDeferredError("TooManyRequestsException"))
    assert desk.sender().send(lead_id) is Result.DEFERRED
    assert desk.due_at(lead_id) == 30
    assert desk.sender().send(lead_id) is Result.NOT_DUE
    desk.clock.time += timedelta(seconds=30)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert [mail.to for mail in desk.mailer.sent] == [STAFF]
    assert counted("AlertsDeferred") == [1]


def test_a_refused_alert_goes_to_the_fallback_at_once(desk: Desk) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(MailRefusedError("MessageRejected"))
    assert desk.sender().send(lead_id) is Result.REFUSED
    assert desk.due_at(lead_id) == 0
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert [mail.to for mail in desk.mailer.sent] == [FALLBACK]
    assert desk.table.state_of(lead_id) is AlertState.ACCEPTED


def test_refused_everywhere_the_two_mailboxes_take_turns_for_as_long_as_it_takes(desk: Desk) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].extend(MailRefusedError("MessageRejected") for _ in range(6))
    for _ in range(6):
        assert desk.sender().send(lead_id) is Result.REFUSED
        desk.clock.time += timedelta(seconds=desk.due_at(lead_id) or 1)
    recipients = [
        str(entry["recipients"]["S"])
        for (_, key), entry in sorted(desk.table.timeline.items())
        if key.endswith("alert_refused")
    ]
    assert recipients == ["alert", "fallback"] * 3
    assert desk.sender().send(lead_id) is Result.ACCEPTED


def test_without_a_fallback_a_refused_alert_goes_to_the_staff_again_after_a_wait(desk: Desk) -> None:
    lead_id = desk.store()
    sender = desk.sender(fallback_recipients=())
    desk.mailer.faults.before["send"].append(MailRefusedError("MessageRejected"))
    assert sender.send(lead_id) is Result.REFUSED
    assert desk.due_at(lead_id) == 30
    desk.clock.time += timedelta(seconds=30)
    assert sender.send(lead_id) is Result.ACCEPTED
    assert [mail.to for mail in desk.mailer.sent] == [STAFF]


def test_a_deferral_by_the_fallback_stays_with_the_fallback(desk: Desk) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].extend([MailRefusedError("MessageRejected"), MailDeferredError("Throttling")])
    desk.sender().send(lead_id)
    desk.sender().send(lead_id)
    desk.clock.time += timedelta(minutes=1)
    desk.sender().send(lead_id)
    assert [mail.to for mail in desk.mailer.sent] == [FALLBACK]


def test_a_crash_before_the_mail_delays_the_alert_by_one_lease(desk: Desk) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    assert desk.due_at(lead_id) == LEASE.total_seconds()
    assert desk.sender().send(lead_id) is Result.NOT_DUE
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert len(desk.mailer.sent) == 1
    assert desk.table.kinds_of(lead_id) == ["received", "alert_accepted"]


def test_a_crash_after_ses_accepted_repeats_the_alert_under_the_same_reference(desk: Desk) -> None:
    lead_id = desk.store()
    desk.mailer.faults.after["send"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    first, second = desk.mailer.sent
    assert first == second
    assert a_lead().reference in second.message.subject


def test_an_answer_of_ses_that_was_lost_repeats_the_alert_rather_than_lose_it(desk: Desk) -> None:
    lead_id = desk.store()
    desk.mailer.faults.after["send"].append(MailDeferredError("ReadTimeoutError"))
    assert desk.sender().send(lead_id) is Result.DEFERRED
    desk.clock.time += timedelta(minutes=1)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert len(desk.mailer.sent) == 2


def test_an_outcome_that_could_not_be_written_repeats_the_alert(desk: Desk) -> None:
    lead_id = desk.store()
    desk.table.faults.before["finish_attempt"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.ACCEPTED


def test_two_senders_at_once_send_one_mail(desk: Desk) -> None:
    lead_id = desk.store()
    results: list[Result] = []
    desk.mailer.meanwhile = lambda: results.append(desk.sender().send(lead_id))
    results.append(desk.sender().send(lead_id))
    assert results == [Result.NOT_DUE, Result.ACCEPTED]
    assert len(desk.mailer.sent) == 1


def test_a_sender_whose_lease_ran_out_does_not_overwrite_the_next_ones_outcome(desk: Desk) -> None:
    lead_id = desk.store()

    def meanwhile() -> None:
        desk.clock.time += LEASE
        assert desk.sender().send(lead_id) is Result.ACCEPTED
        desk.mailer.faults.before["send"].append(MailDeferredError("Throttling"))

    desk.mailer.meanwhile = meanwhile
    desk.sender().send(lead_id)
    assert desk.table.state_of(lead_id) is AlertState.ACCEPTED
    # Both attempts happened, and the timeline says so.
    assert sorted(desk.table.kinds_of(lead_id)) == ["alert_accepted", "alert_deferred", "received"]


def test_once_refused_an_alert_goes_without_the_visitors_address_in_its_headers(desk: Desk) -> None:
    lead_id = desk.store(preferred_contact="email")
    desk.mailer.faults.before["send"].append(MailRefusedError("BadRequestException"))
    assert desk.sender().send(lead_id) is Result.REFUSED
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert [mail.message.reply_to for mail in desk.mailer.sent] == [None]


def test_the_log_of_an_attempt_has_its_reference_and_nothing_that_was_typed(desk: Desk) -> None:
    lead_id = desk.store(name=CANARY, email=f"{CANARY}@example.com", message=CANARY)
    desk.mailer.faults.before["send"].append(MailRefusedError("MessageRejected"))
    with everything_printed() as output:
        desk.sender(detail="full").send(lead_id)
        desk.sender(detail="full").send(lead_id)
    assert CANARY in desk.mailer.sent[0].message.text
    assert CANARY not in output.getvalue()
    assert output.getvalue().count(a_lead().reference) == 2


def test_no_entry_of_the_timeline_quotes_the_visitor(desk: Desk) -> None:
    lead_id = desk.store(name=CANARY, email=f"{CANARY}@example.com", message=CANARY)
    desk.mailer.faults.before["send"].append(MailDeferredError("Throttling"))
    desk.sender(detail="full").send(lead_id)
    assert desk.table.timeline
    assert CANARY not in str(desk.table.timeline)
