"""alerts.send: one alert, taken once, sent once, its outcome written down, and on the agenda until it is accepted."""

from datetime import timedelta

import pytest

from alerts.send import Result
from aws.mailer import MailDeferredError, MailRefusedError
from leads.alert import LEASE, AlertState
from leads.spam import Reason, Verdict, words
from tests.unit.fakes import CrashError, FakeVerifier
from tests.unit.output import counted, everything_printed
from tests.unit.people import NOW, a_lead
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
    assert output.getvalue().count(a_lead().reference) == 3  # screened once, tried twice


def test_no_entry_of_the_timeline_quotes_the_visitor(desk: Desk) -> None:
    lead_id = desk.store(name=CANARY, email=f"{CANARY}@example.com", message=CANARY)
    desk.mailer.faults.before["send"].append(MailDeferredError("Throttling"))
    desk.sender(detail="full").send(lead_id)
    assert desk.table.timeline
    assert CANARY not in str(desk.table.timeline)


def test_what_looks_like_spam_is_kept_back_and_goes_away_by_itself(desk: Desk) -> None:
    lead_id = desk.store(trap_filled=True)
    assert desk.sender().send(lead_id) is Result.QUARANTINED
    assert desk.mailer.sent == []
    assert desk.table.state_of(lead_id) is AlertState.QUARANTINED
    assert desk.due_at(lead_id) is None
    assert desk.table.kinds_of(lead_id) == ["quarantined", "received"]
    assert desk.table.leads[lead_id]["spam_score"] == {"N": "100"}
    assert desk.table.leads[lead_id]["spam_reasons"] == {"L": [{"S": "trap_filled"}]}
    assert desk.table.leads[lead_id]["expires_at"] == {"N": str(int((NOW + timedelta(days=30)).timestamp()))}
    assert counted("RequestsQuarantined") == [1]
    desk.clock.time += timedelta(days=9)
    assert desk.sender().send(lead_id) is Result.NOT_DUE


def test_who_is_in_crisis_is_alerted_whatever_it_looks_like(desk: Desk) -> None:
    lead_id = desk.store(trap_filled=True, in_crisis=True)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert words((Reason.TRAP_FILLED,))[0] in desk.mailer.sent[0].message.text
    assert "expires_at" not in desk.table.leads[lead_id]


def test_words_of_crisis_are_no_way_around_the_screen(desk: Desk) -> None:
    lead_id = desk.store(trap_filled=True, message="I want to die, buy my pills")
    assert desk.sender().send(lead_id) is Result.QUARANTINED


def test_what_staff_take_out_of_quarantine_is_alerted_and_stays_out(desk: Desk) -> None:
    lead_id = desk.store(trap_filled=True)
    desk.clock.time += timedelta(seconds=1)
    desk.sender().send(lead_id)
    desk.clock.time += timedelta(days=2)
    desk.release(lead_id)
    assert desk.due_at(lead_id) == 0
    desk.mailer.faults.before["send"].append(MailDeferredError("Throttling"))
    assert desk.sender().send(lead_id) is Result.DEFERRED
    desk.clock.time += timedelta(minutes=10)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert words((Reason.TRAP_FILLED,))[0] in desk.mailer.sent[0].message.text
    assert "expires_at" not in desk.table.leads[lead_id]
    assert desk.table.kinds_of(lead_id) == ["received", "quarantined", "alert_deferred", "alert_accepted"]


def test_a_weak_sign_is_shown_at_every_attempt_and_looked_for_once(desk: Desk) -> None:
    desk.verifier = FakeVerifier(Verdict.UNVERIFIED)
    lead_id = desk.store(seconds_to_fill=1, turnstile_token="made-up-token")
    desk.mailer.faults.before["send"].extend([MailRefusedError("MessageRejected"), MailDeferredError("Throttling")])
    while desk.sender().send(lead_id) is not Result.ACCEPTED:
        desk.clock.time += timedelta(minutes=1)
    (mail,) = desk.mailer.sent
    for flag in words((Reason.TOO_FAST, Reason.TURNSTILE_UNVERIFIED)):
        assert flag in mail.message.text
        assert flag in mail.message.html
    assert desk.verifier.asked == [("made-up-token", lead_id)]
    assert "turnstile_token" not in desk.table.leads[lead_id]


def test_a_request_without_a_sign_says_nothing_of_spam(desk: Desk) -> None:
    lead_id = desk.store()
    desk.sender().send(lead_id)
    assert desk.table.leads[lead_id]["spam_reasons"] == {"L": []}
    assert "spam" not in desk.mailer.sent[0].message.text.lower()


def test_a_screen_that_fails_delays_no_alert_and_says_so(desk: Desk) -> None:
    lead_id = desk.store()
    desk.table.faults.before["count_repeats"].append(OSError(CANARY))
    with everything_printed() as output:
        assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert words((Reason.NOT_SCREENED,))[0] in desk.mailer.sent[0].message.text
    assert desk.table.leads[lead_id]["spam_reasons"] == {"L": [{"S": "not_screened"}]}
    assert "OSError" in output.getvalue()
    assert CANARY not in output.getvalue()


def test_a_quarantine_that_could_not_be_written_down_is_tried_again(desk: Desk) -> None:
    lead_id = desk.store(trap_filled=True)
    desk.table.faults.before["finish_attempt"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.QUARANTINED
    assert desk.mailer.sent == []
