"""send: one alert, leased once, sent once, recorded, and on the agenda until it is accepted."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.leads.alert import LEASE, MOST_TRIES, after_report
from shared.leads.canary import CANARY_NAME, SIMULATOR
from shared.leads.decisions import Rules, claim, report
from shared.leads.event import Event, Result
from shared.leads.history import History
from shared.leads.lead import Lead
from shared.leads.link import Links
from shared.leads.notice import Notice, Outcome, Report, ReportKind
from shared.leads.progress import AlertState, Case, Progress, StoredLead
from shared.leads.response import ClaimAction
from shared.leads.spam import NOT_SCREENED, Reason, Screening, Verdict, words
from shared.leads.team import Team
from shared.messages.send import EMAILS_UNTIL, EXTRAS_UNTIL, RECORDS_UNTIL, THROTTLED_RETRIES, THROTTLED_WAIT
from shared.services.mailer import MailError
from tests.unit.fakes import CrashError, FakeVerifier
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, NOW, SPAM, a_lead
from tests.unit.senders import FALLBACK, STAFF, Rehearsal
from tests.unit.words import CANARY


@pytest.fixture
def desk() -> Rehearsal:
    return Rehearsal()


def throttled() -> MailError:
    return MailError(Outcome.THROTTLED, "TooManyRequestsException")


def deferred() -> MailError:
    return MailError(Outcome.DEFERRED, "ReadTimeoutError")


def refused() -> MailError:
    return MailError(Outcome.REFUSED, "MessageRejected")


def blocked() -> MailError:
    return MailError(Outcome.BLOCKED, "SendingPausedException")


def recipients(desk: Rehearsal) -> list[str]:
    """The recipients of all emails, in order. Each email goes to one recipient."""
    return [address for mail in desk.mailer.sent for address in mail.to]


def test_a_new_leads_alert_goes_to_each_of_the_staff_and_a_reminder_is_planned(desk: Rehearsal) -> None:
    lead_id = desk.store()
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == list(STAFF)
    assert desk.mailer.sent[1].tags == {"lead_id": lead_id, "notice": "alert", "recipient": "staff-2", "attempt": "1"}
    assert a_lead().reference in desk.mailer.sent[0].message.subject
    progress = desk.table.progress_of(lead_id)
    assert (progress.state, progress.notice) == (AlertState.ACCEPTED, Notice.REMINDER)
    assert desk.table.kinds_of(lead_id) == ["alert_accepted"]
    assert counted("AlertsAccepted") == [1]


def test_each_email_has_its_own_links(desk: Rehearsal) -> None:
    lead_id = desk.store()
    asked = []

    def links(lead_id: str, recipient: str, attempt: int) -> Links:
        asked.append((lead_id, recipient, attempt))
        return Links(
            page="https://p.example",
            claim=f"https://www.example.com/{recipient}",
            reached="https://r.example",
            no_answer="https://n.example",
        )

    desk.sender(links=links).send(lead_id)
    assert asked == [(lead_id, "staff-1", 1), (lead_id, "staff-2", 1)]
    for mail, recipient in zip(desk.mailer.sent, ("staff-1", "staff-2"), strict=True):
        assert f"https://www.example.com/{recipient}" in mail.message.text


def test_an_alert_goes_out_once_then_come_the_reminder_and_the_escalation(
    desk: Rehearsal,
) -> None:
    lead_id = desk.store()
    desk.sender().send(lead_id)
    assert desk.sender().send(lead_id) is Result.NOT_DUE
    for _ in range(2):
        desk.clock.time += timedelta(days=9)
        assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == [*STAFF, *STAFF, *FALLBACK]
    assert [mail.tags["notice"] for mail in desk.mailer.sent] == ["alert"] * 2 + ["reminder"] * 2 + ["escalation"]
    assert len({mail.message.subject for mail in desk.mailer.sent}) == 3
    desk.clock.time += timedelta(days=9)
    assert desk.sender().send(lead_id) is Result.ACCEPTED  # and then everyone, until it is claimed
    assert recipients(desk)[-3:] == [*STAFF, *FALLBACK]


def test_a_lead_that_is_not_there_is_not_due(desk: Rehearsal) -> None:
    assert desk.sender().send("nobody") is Result.NOT_DUE
    assert desk.mailer.sent == []


@pytest.mark.parametrize("fault", [throttled, deferred, blocked])
def test_a_deferred_alert_is_tried_again_after_a_wait_and_not_before(
    desk: Rehearsal, fault: Callable[[], MailError]
) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(fault())
    assert desk.sender().send(lead_id) is (Result.THROTTLED if fault is throttled else Result.DEFERRED)
    assert desk.mailer.sent == []  # the others would get the same result
    assert desk.due_at(lead_id) == 30
    assert desk.sender().send(lead_id) is Result.NOT_DUE
    desk.clock.time += timedelta(seconds=30)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert sorted(recipients(desk)) == sorted(STAFF)
    assert counted("AlertsDeferred") == [1]
    assert counted("AlertsBlocked") == ([1] if fault is blocked else [])


def test_a_recipient_with_the_alert_does_not_get_it_again(desk: Rehearsal) -> None:
    lead_id = desk.store()
    sender = desk.sender()
    desk.mailer.faults.before[STAFF[1]].append(throttled())
    assert sender.send(lead_id) is Result.THROTTLED
    desk.clock.time += timedelta(minutes=1)
    assert sender.send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == list(STAFF)


def test_a_refused_alert_goes_to_the_fallback_at_once(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(refused())
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == [STAFF[1], *FALLBACK]
    assert counted("AlertsRefused") == [1]
    assert str(desk.table.timeline).count("MessageRejected") == 1


def test_refused_everywhere_all_are_tried_again_for_as_long_as_it_takes(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].extend(refused() for _ in range(6))
    for _ in range(2):
        assert desk.sender().send(lead_id) is Result.DEFERRED
        desk.clock.time += timedelta(seconds=desk.due_at(lead_id) or 1)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert sorted(recipients(desk)) == sorted(STAFF)


def test_after_days_of_refusals_a_lead_is_undeliverable_until_rearmed(desk: Rehearsal) -> None:
    lead_id = desk.store()
    sender = desk.sender(team=Team(staff=("staff-1",), fallback=()))
    desk.mailer.faults.before["send"].extend(refused() for _ in range(MOST_TRIES))
    for _ in range(MOST_TRIES - 1):
        assert sender.send(lead_id) is Result.DEFERRED
        desk.clock.time += timedelta(seconds=desk.due_at(lead_id) or 1)
    assert sender.send(lead_id) is Result.UNDELIVERABLE
    assert counted("AlertsUndeliverable") == [1]
    assert desk.due_at(lead_id) is None
    assert desk.table.leads[lead_id]["worklist"]["S"].startswith("undeliverable#")
    desk.release(lead_id)
    assert sender.send(lead_id) is Result.ACCEPTED


def test_a_crash_before_the_email_delays_the_alert_by_one_lease(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before["send"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    assert desk.due_at(lead_id) == LEASE.total_seconds()
    assert desk.sender().send(lead_id) is Result.NOT_DUE
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert sorted(recipients(desk)) == sorted(STAFF)
    assert desk.table.kinds_of(lead_id) == ["alert_accepted"]


def test_a_crash_after_ses_accepted_repeats_the_alert_under_the_same_reference(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.mailer.faults.after["send"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert sorted(recipients(desk)) == sorted([STAFF[0], *STAFF])
    assert all(a_lead().reference in mail.message.subject for mail in desk.mailer.sent)


def test_a_report_on_an_email_of_a_crashed_sender_stops_a_second_one(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.mailer.faults.after["send"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    report = Report(kind=ReportKind.DELIVERED, notice=Notice.ALERT, recipient="staff-1", attempt=1)
    case = Case(lead=a_lead(), clinic=CLINIC, team=desk.sender().rules.team)
    desk.table.change(lead_id, lambda stored: after_report(stored.progress, case, report, NOW))
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == list(STAFF)


def test_an_answer_of_ses_that_was_lost_repeats_the_alert_rather_than_lose_it(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.mailer.faults.after["send"].append(deferred())
    assert desk.sender().send(lead_id) is Result.DEFERRED
    desk.clock.time += timedelta(minutes=1)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert len(desk.mailer.sent) == 3


def test_an_outcome_that_could_not_be_written_repeats_the_alert(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.table.faults.before["finish"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.ACCEPTED


def test_two_senders_at_once_send_one_email_each(desk: Rehearsal) -> None:
    lead_id = desk.store()
    results: list[Result] = []
    desk.mailer.meanwhile = lambda: results.append(desk.sender().send(lead_id))
    results.append(desk.sender().send(lead_id))
    assert results == [Result.NOT_DUE, Result.ACCEPTED]
    assert recipients(desk) == list(STAFF)


def test_a_sender_whose_lease_ran_out_does_not_overwrite_the_next_ones_outcome(desk: Rehearsal) -> None:
    lead_id = desk.store()

    def meanwhile() -> None:
        desk.clock.time += LEASE
        assert desk.sender().send(lead_id) is Result.ACCEPTED
        desk.mailer.faults.before["send"].append(deferred())

    desk.mailer.meanwhile = meanwhile
    assert desk.sender().send(lead_id) is Result.LEASE_LOST
    assert desk.table.state_of(lead_id) is AlertState.ACCEPTED
    # Both attempts happened, and the timeline has both.
    assert sorted(desk.table.kinds_of(lead_id)) == ["alert_accepted", "alert_lease_lost"]


def test_a_sender_that_is_out_of_time_leaves_the_rest_to_the_next(desk: Rehearsal) -> None:
    lead_id = desk.store()

    def meanwhile() -> None:
        desk.clock.time += EMAILS_UNTIL + timedelta(seconds=1)

    desk.mailer.meanwhile = meanwhile
    assert desk.sender().send(lead_id) is Result.DEFERRED
    assert desk.due_at(lead_id) == 0
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == list(STAFF)


def test_an_email_rejected_for_its_content_goes_out_with_the_reference_only(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.sender(detail="full").send(lead_id)
    report = Report(kind=ReportKind.REJECTED, notice=Notice.ALERT, recipient="staff-1", attempt=1)
    case = Case(lead=a_lead(), clinic=CLINIC, team=desk.sender().rules.team)
    desk.table.change(lead_id, lambda stored: after_report(stored.progress, case, report, NOW))
    desk.sender(detail="full").send(lead_id)
    assert a_lead().name in desk.mailer.sent[0].message.text
    assert recipients(desk)[2:] == [STAFF[0]]
    assert a_lead().name not in desk.mailer.sent[2].message.text


# ---- second requests, the canary, the confirmation


def a_history(minutes: int) -> History:
    before = NOW - timedelta(minutes=minutes)
    return History(number=2, since=before, latest=before, first_reference="KC-0000-0000", first_claimed_by=None)


def test_a_second_request_within_minutes_is_alerted_at_the_end_of_its_wait(desk: Rehearsal) -> None:
    lead_id = desk.store()
    sender = desk.sender(history=lambda _lead: a_history(minutes=4))
    assert sender.send(lead_id) is Result.WAITING
    assert desk.due_at(lead_id) == 6 * 60
    desk.clock.time += timedelta(minutes=6)
    assert sender.send(lead_id) is Result.ACCEPTED
    assert "KC-0000-0000" in desk.mailer.sent[0].message.text


def test_a_second_request_in_crisis_does_not_wait(desk: Rehearsal) -> None:
    lead_id = desk.store(in_crisis=True)
    assert desk.sender(history=lambda _lead: a_history(minutes=4)).send(lead_id) is Result.ACCEPTED


def test_an_unreadable_history_does_not_stop_the_alert(desk: Rehearsal) -> None:
    def history(_lead: Lead) -> History | None:
        raise OSError(CANARY)

    lead_id = desk.store()
    with everything_printed() as output:
        assert desk.sender(history=history).send(lead_id) is Result.ACCEPTED
    assert CANARY not in output.getvalue()


def test_the_canarys_alert_goes_to_the_simulator_and_nowhere_else(desk: Rehearsal) -> None:
    lead_id = desk.store(name=CANARY_NAME)
    sender = desk.sender(is_canary=lambda _lead_id: True)
    assert sender.send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == [SIMULATOR]
    assert desk.due_at(lead_id) is None
    assert "worklist" not in desk.table.leads[lead_id]


def test_a_person_of_the_canarys_name_is_a_person(desk: Rehearsal) -> None:
    lead_id = desk.store(name=CANARY_NAME)
    desk.sender().send(lead_id)
    assert recipients(desk) == list(STAFF)


def test_a_canary_that_cannot_be_told_from_a_person_waits(desk: Rehearsal) -> None:
    def is_canary(_lead_id: str) -> bool:
        raise CrashError

    lead_id = desk.store(name=CANARY_NAME)
    with pytest.raises(CrashError):
        desk.sender(is_canary=is_canary).send(lead_id)
    assert desk.mailer.sent == []
    assert desk.due_at(lead_id) == LEASE.total_seconds()


def test_the_visitor_hears_after_staff_did_and_once(desk: Rehearsal) -> None:
    lead_id = desk.store()
    confirmed: list[tuple[str, int]] = []
    sender = desk.sender(confirm=lambda lead: confirmed.append((lead.id, len(desk.mailer.sent))))
    desk.mailer.faults.before["send"].append(throttled())
    sender.send(lead_id)
    assert confirmed == []
    for _ in range(3):
        desk.clock.time += timedelta(days=9)
        sender.send(lead_id)
    assert confirmed == [(lead_id, 2)]


def record_of(desk: Rehearsal, seen: list[tuple[str, AlertState, int]]) -> Callable[[StoredLead, Progress], None]:
    """Return a record that notes what is stored and how many emails were sent by the time it is made."""

    def record(leased: StoredLead, _after: Progress) -> None:
        assert leased.progress.state is AlertState.SENDING
        seen.append((leased.lead.id, desk.table.state_of(leased.lead.id), len(desk.mailer.sent)))

    return record


def test_a_request_is_recorded_after_its_outcome_and_before_the_visitor_hears(desk: Rehearsal) -> None:
    lead_id, seen = desk.store(), list[tuple[str, AlertState, int]]()

    def confirm(_lead: Lead) -> None:
        assert len(seen) == 1

    sender = desk.sender(record=record_of(desk, seen), confirm=confirm)
    assert sender.send(lead_id) is Result.ACCEPTED
    assert seen == [(lead_id, AlertState.ACCEPTED, 2)]


def test_a_request_that_waits_or_that_ses_did_not_accept_is_recorded(desk: Rehearsal) -> None:
    seen: list[tuple[str, AlertState, int]] = []
    waiting, deferred_id = desk.store(), desk.store(1)
    sender = desk.sender(history=lambda _lead: a_history(minutes=4), record=record_of(desk, seen))
    assert sender.send(waiting) is Result.WAITING
    desk.mailer.faults.before["send"].append(throttled())
    assert desk.sender(record=record_of(desk, seen)).send(deferred_id) is Result.THROTTLED
    assert seen == [(waiting, AlertState.PENDING, 0), (deferred_id, AlertState.PENDING, 0)]


def test_a_quarantined_request_is_recorded_as_such_and_the_canary_is_not(desk: Rehearsal) -> None:
    seen: list[tuple[str, AlertState, int]] = []
    record = record_of(desk, seen)
    spam = desk.store(**SPAM)
    assert desk.sender(record=record).send(spam) is Result.QUARANTINED
    assert seen == [(spam, AlertState.QUARANTINED, 0)]
    seen.clear()
    canary = desk.store(1, name=CANARY_NAME)
    assert desk.sender(record=record, is_canary=lambda _lead_id: True).send(canary) is Result.ACCEPTED
    assert seen == []


def test_a_sender_that_lost_its_lease_or_its_lead_records_nothing(desk: Rehearsal) -> None:
    seen: list[tuple[str, AlertState, int]] = []
    lost, deleted = desk.store(), desk.store(1)

    def another_sender() -> None:
        desk.clock.time += LEASE
        assert desk.sender().send(lost) is Result.ACCEPTED

    def an_operator() -> None:
        del desk.table.leads[deleted]

    for lead_id, meanwhile in ((lost, another_sender), (deleted, an_operator)):
        desk.mailer.meanwhile = meanwhile
        started = desk.clock.time
        assert desk.sender(record=record_of(desk, seen), now=lambda: started).send(lead_id) is Result.LEASE_LOST  # noqa: B023 - called at once
    assert seen == []


def test_the_email_that_a_request_is_claimed_records_nothing(desk: Rehearsal) -> None:
    seen: list[tuple[str, AlertState, int]] = []
    lead_id = desk.store()
    team = Team(staff=("staff-1", "staff-2"), fallback=(), tell_others=True)
    rules = Rules(clinic=CLINIC, team=team)
    desk.sender(team=team).send(lead_id)
    desk.table.change(lead_id, claim(ClaimAction.CLAIM, rules, desk.clock(), by="staff-1", link="staff-1/1/claim"))
    assert desk.sender(team=team, record=record_of(desk, seen)).send(lead_id) is Result.ACCEPTED
    assert desk.mailer.sent[-1].tags["notice"] == "claimed"
    assert seen == []


@pytest.mark.parametrize(("late", "recorded"), [(timedelta(), 1), (timedelta(milliseconds=1), 0)])
def test_a_request_is_recorded_only_while_there_is_time(desk: Rehearsal, late: timedelta, recorded: int) -> None:
    lead_id, seen = desk.store(), list[tuple[str, AlertState, int]]()

    def meanwhile() -> None:
        desk.clock.time += RECORDS_UNTIL + late

    desk.mailer.meanwhile = meanwhile
    assert desk.sender(record=record_of(desk, seen)).send(lead_id) is Result.ACCEPTED
    assert len(seen) == recorded


def test_the_log_of_an_attempt_has_its_reference_and_nothing_that_was_typed(desk: Rehearsal) -> None:
    lead_id = desk.store(name=CANARY, email=f"{CANARY}@example.com", message=CANARY)
    desk.mailer.faults.before["send"].append(refused())
    with everything_printed() as output:
        desk.sender(detail="full").send(lead_id)
        desk.clock.time += timedelta(days=9)
        desk.sender(detail="full").send(lead_id)
    assert CANARY in desk.mailer.sent[0].message.text
    assert CANARY not in output.getvalue()
    assert output.getvalue().count(a_lead().reference) == 3  # screened once, tried twice


def test_no_entry_of_the_timeline_quotes_the_visitor(desk: Rehearsal) -> None:
    lead_id = desk.store(name=CANARY, email=f"{CANARY}@example.com", message=CANARY)
    desk.mailer.faults.before["send"].append(throttled())
    desk.sender(detail="full").send(lead_id)
    assert desk.table.timeline
    assert CANARY not in str(desk.table.timeline)


def test_a_request_that_looks_like_spam_is_quarantined_and_expires(desk: Rehearsal) -> None:
    lead_id = desk.store(**SPAM)
    assert desk.sender().send(lead_id) is Result.QUARANTINED
    assert desk.mailer.sent == []
    assert desk.table.state_of(lead_id) is AlertState.QUARANTINED
    assert desk.due_at(lead_id) is None
    assert desk.table.kinds_of(lead_id) == ["quarantined"]
    assert desk.table.leads[lead_id]["spam_score"] == {"N": "105"}
    assert desk.table.leads[lead_id]["spam_reasons"] == {"L": [{"S": "trap_filled"}, {"S": "too_fast"}]}
    assert desk.table.leads[lead_id]["expires_at"] == {"N": str(int((NOW + timedelta(days=30)).timestamp()))}
    assert counted("RequestsQuarantined") == [1]
    desk.clock.time += timedelta(days=9)
    assert desk.sender().send(lead_id) is Result.NOT_DUE


def test_a_request_in_crisis_is_alerted_despite_signs_of_spam(desk: Rehearsal) -> None:
    lead_id = desk.store(trap_filled=True, in_crisis=True)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert words((Reason.TRAP_FILLED,))[0] in desk.mailer.sent[0].message.text
    assert "expires_at" not in desk.table.leads[lead_id]


def test_words_of_crisis_are_no_way_around_the_screen(desk: Rehearsal) -> None:
    lead_id = desk.store(**SPAM, message="I want to die, buy my pills")
    assert desk.sender().send(lead_id) is Result.QUARANTINED


def test_a_released_request_is_alerted_and_stays_out_of_quarantine(desk: Rehearsal) -> None:
    lead_id = desk.store(**SPAM)
    desk.clock.time += timedelta(seconds=1)
    desk.sender().send(lead_id)
    desk.clock.time += timedelta(days=2)
    desk.release(lead_id)
    assert desk.due_at(lead_id) == 0
    desk.mailer.faults.before["send"].append(throttled())
    assert desk.sender().send(lead_id) is Result.THROTTLED
    desk.clock.time += timedelta(minutes=10)
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert words((Reason.TRAP_FILLED,))[0] in desk.mailer.sent[0].message.text
    assert "expires_at" not in desk.table.leads[lead_id]
    assert desk.table.kinds_of(lead_id) == ["quarantined", "alert_deferred", "released", "alert_accepted"]


def test_a_weak_sign_is_shown_at_every_attempt_and_looked_for_once(desk: Rehearsal) -> None:
    desk.verifier = FakeVerifier(Verdict.UNVERIFIED)
    lead_id = desk.store(seconds_to_fill=1, turnstile_token="made-up-token")
    desk.mailer.faults.before["send"].extend([refused(), throttled()])
    while desk.sender().send(lead_id) is not Result.ACCEPTED:
        desk.clock.time += timedelta(minutes=1)
    for flag in words((Reason.TOO_FAST, Reason.TURNSTILE_UNVERIFIED)):
        assert all(flag in mail.message.text and flag in mail.message.html for mail in desk.mailer.sent)
    assert desk.verifier.asked == [("made-up-token", lead_id)]
    assert "turnstile_token" not in desk.table.leads[lead_id]


def test_a_request_without_a_sign_says_nothing_of_spam(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.sender().send(lead_id)
    assert desk.table.leads[lead_id]["spam_reasons"] == {"L": []}
    assert "spam" not in desk.mailer.sent[0].message.text.lower()


def test_a_screen_that_fails_delays_no_alert_and_says_so(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.table.faults.before["count"].append(OSError(CANARY))
    with everything_printed() as output:
        assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert words((Reason.NOT_SCREENED,))[0] in desk.mailer.sent[0].message.text
    assert desk.table.leads[lead_id]["spam_reasons"] == {"L": [{"S": "not_screened"}]}
    assert "OSError" in output.getvalue()
    assert CANARY not in output.getvalue()


def test_a_quarantine_that_could_not_be_written_down_is_tried_again(desk: Rehearsal) -> None:
    lead_id = desk.store(**SPAM)
    desk.table.faults.before["finish"].append(CrashError())
    with pytest.raises(CrashError):
        desk.sender().send(lead_id)
    desk.clock.time += LEASE
    assert desk.sender().send(lead_id) is Result.QUARANTINED
    assert desk.mailer.sent == []


# ---- turns, times and words


def bounce(desk: Rehearsal, lead_id: str, recipient: str = "staff-1") -> None:
    """Let SES report that the first attempt's email to `recipient` bounced."""
    report = Report(kind=ReportKind.BOUNCED, notice=Notice.ALERT, recipient=recipient, attempt=1)
    case = Case(lead=a_lead(), clinic=CLINIC, team=desk.sender().rules.team)
    desk.table.change(lead_id, lambda stored: after_report(stored.progress, case, report, desk.clock()))


def test_a_bounce_that_overtakes_its_sender_is_counted_as_undeliverable(desk: Rehearsal) -> None:
    lead_id, alone = desk.store(), Team(staff=("staff-1",), fallback=())
    told = Report(kind=ReportKind.BOUNCED, notice=Notice.ALERT, recipient="staff-1", attempt=1)
    bounced = report(told, Event(kind="bounced", at=NOW), Rules(clinic=CLINIC, team=alone), NOW)

    def meanwhile() -> None:
        desk.table.change(lead_id, bounced)

    desk.mailer.meanwhile = meanwhile
    with everything_printed() as output:
        assert desk.sender(team=alone).send(lead_id) is Result.UNDELIVERABLE
        assert (counted("AlertsUndeliverable"), counted("AlertsAccepted")) == ([1], [])
    assert desk.table.state_of(lead_id) is AlertState.UNDELIVERABLE
    assert set(desk.table.kinds_of(lead_id)) == {"bounced", "alert_undeliverable"}
    said = [json.loads(line) for line in output.getvalue().splitlines()]
    outcomes = [line["outcome"] for line in said if line.get("message") == "lead changed"]
    assert outcomes == ["bounced", "alert_undeliverable"]


def test_a_failing_recipient_does_not_delay_the_other(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.mailer.faults.before[STAFF[0]].extend(deferred() for _ in range(9))
    assert desk.sender().send(lead_id) is Result.DEFERRED
    desk.clock.time += timedelta(minutes=1)
    assert desk.sender().send(lead_id) is Result.DEFERRED
    assert recipients(desk) == [STAFF[1]]


def test_the_fallbacks_first_alert_of_a_second_request_does_not_wait(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.sender().send(lead_id)
    bounce(desk, lead_id)
    assert desk.due_at(lead_id) == 0
    assert desk.sender(history=lambda _lead: a_history(minutes=4)).send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == [*STAFF, *FALLBACK]


@pytest.mark.parametrize(("late", "asked"), [(timedelta(), 1), (timedelta(milliseconds=1), 0)])
def test_a_history_is_asked_for_only_while_there_is_time(desk: Rehearsal, late: timedelta, asked: int) -> None:
    lead_id = desk.store()
    seen: list[str] = []

    def slow(_lead: Lead, _attempts: int) -> Screening:
        desk.clock.time += EXTRAS_UNTIL + late
        return NOT_SCREENED

    def history(lead: Lead) -> None:
        seen.append(lead.id)

    assert desk.sender(screen=slow, history=history).send(lead_id) is Result.ACCEPTED
    assert len(seen) == asked


@pytest.mark.parametrize(("late", "confirmed"), [(timedelta(), 1), (timedelta(milliseconds=1), 0)])
def test_the_visitor_is_written_to_only_while_there_is_time(desk: Rehearsal, late: timedelta, confirmed: int) -> None:
    lead_id = desk.store()
    seen: list[str] = []

    def meanwhile() -> None:
        desk.clock.time += EMAILS_UNTIL + late

    desk.mailer.meanwhile = meanwhile
    desk.sender(confirm=lambda lead: seen.append(lead.id)).send(lead_id)
    assert len(seen) == confirmed


def test_a_fallback_recipient_reads_why_and_an_escalation_when_staff_were_told(desk: Rehearsal) -> None:
    lead_id = desk.store()
    desk.sender().send(lead_id)
    bounce(desk, lead_id)
    desk.sender().send(lead_id)
    second_choice = desk.mailer.sent[-1]
    assert second_choice.to == FALLBACK
    because = "You are getting this email because you are a fallback recipient"
    assert f"{because} and an email to staff did not arrive." in second_choice.message.text
    for _ in range(2):
        desk.clock.time += timedelta(days=9)
        desk.sender().send(lead_id)
    escalation = desk.mailer.sent[-1]
    assert (escalation.to, escalation.tags["notice"]) == (FALLBACK, "escalation")
    assert f"{because}." in " ".join(escalation.message.text.split())
    told = "Staff were first alerted on Wednesday, March 4, 2026 at 10:30 AM EST."
    assert told in " ".join(escalation.message.text.split())
    assert all(because not in sent.message.text for sent in desk.mailer.sent if sent.to[0] in STAFF)


# ---- SES throttles


@pytest.mark.parametrize("times", range(1, THROTTLED_RETRIES + 1))
def test_a_throttled_email_about_an_urgent_lead_is_sent_again_a_second_later(desk: Rehearsal, times: int) -> None:
    lead_id = desk.store(in_crisis=True)
    desk.mailer.faults.before["send"].extend(throttled() for _ in range(times))
    started = desk.clock.time
    assert desk.sender().send(lead_id) is Result.ACCEPTED
    assert recipients(desk) == list(STAFF)
    assert desk.clock.time - started == times * THROTTLED_WAIT
    assert desk.table.progress_of(lead_id).attempts == 1
    assert counted("AlertsDeferred") == []


def test_an_urgent_lead_that_stays_throttled_is_deferred_and_the_caller_learns_why(desk: Rehearsal) -> None:
    lead_id = desk.store(message="I want to end my life")
    desk.mailer.faults.before["send"].extend(throttled() for _ in range(THROTTLED_RETRIES + 1))
    assert desk.sender().send(lead_id) is Result.THROTTLED
    assert not desk.mailer.sent
    assert not desk.mailer.faults.before["send"], "each retry was made"
    assert desk.table.kinds_of(lead_id) == ["alert_deferred"]
    assert counted("AlertsDeferred") == [1]


@pytest.mark.parametrize("fault", [deferred, blocked])
def test_only_a_throttled_email_is_sent_again_at_once(desk: Rehearsal, fault: Callable[[], MailError]) -> None:
    lead_id = desk.store(in_crisis=True)
    desk.mailer.faults.before["send"].append(fault())  # SES may have accepted it
    assert desk.sender().send(lead_id) is Result.DEFERRED
    assert not desk.mailer.sent


def test_no_retry_starts_late(desk: Rehearsal) -> None:
    lead_id = desk.store(in_crisis=True)
    desk.mailer.faults.before["send"].extend(throttled() for _ in range(2))

    def meanwhile() -> None:
        desk.clock.time += EMAILS_UNTIL - THROTTLED_WAIT

    desk.mailer.meanwhile = meanwhile
    assert desk.sender().send(lead_id) is Result.THROTTLED
    assert not desk.mailer.faults.before["send"], "the last one started just in time"
