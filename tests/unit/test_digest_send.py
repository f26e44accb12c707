"""Sending the digest: once each working morning to each recipient, whatever fails; and what it may show of visitors."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follow_up.digest.email import EMPTY_AUDIT, NO_AUDIT, NO_LINKS
from follow_up.digest.send import READS_UNTIL
from follow_up.digest.summary import MOST_LINES, try_again_at
from shared.leads.alert import LEASE, LONGEST_BACKOFF
from shared.leads.audit_chain import EMPTY, Mark
from shared.leads.decisions import lease
from shared.leads.link import LINK_LIFE, read_link
from shared.leads.notice import Outcome
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.messages.send import EMAILS_UNTIL
from shared.services.mailer import MailError
from tests.unit.digests import KEY, DigestDesk
from tests.unit.emails import words_of
from tests.unit.fakes import CrashError
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.senders import ADDRESSES, STAFF
from tests.unit.test_digest_email import references
from tests.unit.words import CANARY

OPENS = datetime(2026, 3, 5, 14, tzinfo=UTC)  # Thursday 9 AM in New York, the first opening after NOW
CLOSES = datetime(2026, 3, 5, 22, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 6, 14, tzinfo=UTC)
THROTTLED = MailError(Outcome.THROTTLED, "TooManyRequestsException")
REFUSED = MailError(Outcome.REFUSED, "MessageRejected")


# --- what visitors typed ----------------------------------------------------------------------------------------------


def in_state(state: AlertState) -> Callable[[StoredLead], Progress]:
    return lambda stored: replace(stored.progress, state=state)


def with_typed_leads() -> DigestDesk:
    """Return a desk with a lead on each list. Every answer that is text is the canary."""
    desk = DigestDesk()
    typed = {
        name: (CANARY,) if isinstance(answer, tuple) else CANARY
        for name, answer in a_lead().answers.items()
        if isinstance(answer, str | tuple)
    } | {"fingerprint": CANARY}
    assert {"name", "email", "phone", "message", "fingerprint"} <= set(typed)
    for number, state in enumerate((AlertState.PENDING, AlertState.UNDELIVERABLE, AlertState.QUARANTINED)):
        lead = a_lead(number, **typed)
        desk.table.put(lead)
        desk.table.change(lead.id, in_state(state))
    urgent = a_lead(3, **typed | {"in_crisis": True})
    desk.table.put(urgent)
    desk.table.change(urgent.id, lease(NOW, "made-up"))
    desk.item.ensure(NOW)
    return desk


def test_with_only_references_the_digest_has_nothing_that_a_visitor_typed() -> None:
    desk = with_typed_leads()
    with everything_printed() as output:
        desk.digester(detail="reference").send()
    assert len(desk.mailer.sent) == len(STAFF)
    for sent in desk.mailer.sent:
        assert len(references(sent.message)) == 4
        assert "Name:" not in sent.message.text + sent.message.html
    assert CANARY not in f"{desk.mailer.sent}{output.getvalue()}"


@pytest.mark.parametrize("detail", ["contact", "full"])
def test_otherwise_names_are_all_that_it_shows(detail: str) -> None:
    desk = with_typed_leads()
    with everything_printed() as output:
        desk.digester(detail=detail).send()
    for sent in desk.mailer.sent:
        assert sent.message.text.count(CANARY) == sent.message.text.count(f"Name: {CANARY}\n") == 4
        assert sent.message.html.count(CANARY) == 4
        assert CANARY not in f"{sent.message.subject}{sent.tags}{sent.to}"
    assert CANARY not in output.getvalue()


# --- the leads that it reads ------------------------------------------------------------------------------------------


def test_each_shown_lead_is_read_once_and_no_other() -> None:
    desk = at_opening()
    for number in range(MOST_LINES + 3):
        desk.table.put(a_lead(number))
    read: list[str] = []

    def counting(lead_id: str) -> StoredLead | None:
        read.append(lead_id)
        return desk.table.read(lead_id)

    desk.digester(read=counting).send()
    assert len(read) == len(set(read)) == MOST_LINES
    assert all(len(references(sent.message)) == MOST_LINES for sent in desk.mailer.sent)


def quarantined(desk: DigestDesk, number: int, *, days_ago: float) -> str:
    """Put a lead into quarantine as it was `days_ago`, and return its reference."""
    at = NOW - timedelta(days=days_ago)
    lead = replace(a_lead(number), received_at=at)
    desk.table.put(lead)
    now, desk.table.now = desk.table.now, lambda: at
    changed = desk.table.change(
        lead.id, lambda stored: replace(stored.progress, state=AlertState.QUARANTINED, quarantined_at=at)
    )
    desk.table.now = now
    assert changed is not None
    return lead.reference


def test_expired_spam_that_is_not_deleted_yet_is_on_no_list_and_in_no_count() -> None:
    desk = at_opening()
    living = [quarantined(desk, number, days_ago=number) for number in range(3)]
    for number in range(3, MOST_LINES + 9):
        quarantined(desk, number, days_ago=31)
    desk.digester().send()
    for sent in desk.mailer.sent:
        assert references(sent.message) == living
        assert "POSSIBLE SPAM TO CHECK (3)" in sent.message.text


def test_spam_that_lives_longer_than_it_seems_is_listed() -> None:
    desk = at_opening()
    held = quarantined(desk, 1, days_ago=29)
    (lead_id,) = desk.table.leads
    desk.table.change(lead_id, lambda stored: replace(stored.progress, held_at=NOW, held_by="manager"))
    desk.clock.time = OPENS + timedelta(days=15)
    desk.item.ensure(desk.clock.time)
    desk.table.now = desk.clock
    desk.digester().send()
    assert {tuple(references(sent.message)) for sent in desk.mailer.sent} == {(held,)}


def test_without_time_to_read_old_spam_the_count_says_at_least() -> None:
    desk = at_opening()
    new = quarantined(desk, 1, days_ago=1)
    quarantined(desk, 2, days_ago=31)

    def slow(lead_id: str) -> StoredLead | None:
        desk.clock.sleep(READS_UNTIL.total_seconds() + 1)
        return desk.table.read(lead_id)

    desk.digester(read=slow).send()
    for sent in desk.mailer.sent:
        assert references(sent.message) == [new]
        assert "POSSIBLE SPAM TO CHECK (AT LEAST 1)" in sent.message.text


def test_others_take_the_place_of_leads_that_are_gone() -> None:
    desk = at_opening()
    leads = [replace(a_lead(number), received_at=NOW - timedelta(hours=number)) for number in range(MOST_LINES + 5)]
    for lead in leads:
        desk.table.put(lead)
    gone = {lead.id for lead in leads[-5:]}  # the oldest, which come first
    read: list[str] = []

    def without_the_gone(lead_id: str) -> StoredLead | None:
        read.append(lead_id)
        return None if lead_id in gone else desk.table.read(lead_id)

    desk.digester(read=without_the_gone).send()
    assert len(read) == len(set(read)) == MOST_LINES + 5
    for sent in desk.mailer.sent:
        assert len(references(sent.message)) == sent.message.text.count("Name: ") == MOST_LINES
        assert f"UNCLAIMED REQUESTS ({MOST_LINES})" in sent.message.text


def test_an_unreadable_lead_is_shown_by_its_reference_and_stops_no_other() -> None:
    desk = at_opening()
    for number in range(2):
        desk.table.put(a_lead(number))
    desk.table.faults.before["read"].append(OSError(CANARY))
    with everything_printed() as output:
        desk.digester().send()
    for sent in desk.mailer.sent:
        assert len(references(sent.message)) == 2
        assert sent.message.text.count("Name: ") == 1
    assert "digest lead not read" in output.getvalue()
    assert CANARY not in output.getvalue()


def test_slow_reads_stop_and_the_digest_goes_out() -> None:
    desk = at_opening()
    for number in range(4):
        desk.table.put(a_lead(number))

    def slow(lead_id: str) -> StoredLead | None:
        desk.clock.time += READS_UNTIL - timedelta(seconds=1)
        return desk.table.read(lead_id)

    desk.digester(read=slow).send()
    assert [sent.message.text.count("Name: ") for sent in desk.mailer.sent] == [2, 2]
    assert [len(references(sent.message)) for sent in desk.mailer.sent] == [4, 4]


# --- its links --------------------------------------------------------------------------------------------------------


def test_each_recipient_has_their_own_links() -> None:
    desk = at_opening()
    leads = [a_lead(number) for number in range(2)]
    for lead in leads:
        desk.table.put(lead)
    desk.digester().send()
    for recipient, sent in zip(("staff-1", "staff-2"), desk.mailer.sent, strict=True):
        assert sent.to == (ADDRESSES[recipient],)
        found = [read_link(token, KEY, OPENS) for token in re.findall(r"/claim/(\S+)", sent.message.text)]
        assert {link.lead_id for link in found} == {lead.id for lead in leads}
        assert {(link.recipient, link.action, link.attempt) for link in found} == {(recipient, None, 0)}
        assert {link.expires_at for link in found} == {OPENS + LINK_LIFE}


def test_without_the_key_the_digest_goes_out_without_links() -> None:
    desk = at_opening()
    desk.has_key = False
    for number in range(3):
        desk.table.put(a_lead(number))
    desk.digester().send()
    assert desk.told == list(STAFF)
    assert all("/claim/" not in sent.message.text + sent.message.html for sent in desk.mailer.sent)
    assert all(NO_LINKS in sent.message.text for sent in desk.mailer.sent)
    assert desk.asked_for_links == 1, "the key must not be asked for again and again"
    assert counted("DigestsSent") == [1]


# --- failures in between ----------------------------------------------------------------------------------------------


def test_a_recipient_that_fails_stops_no_other_and_the_others_get_it_once() -> None:
    desk = at_opening()
    desk.mailer.faults.before[STAFF[0]] += [THROTTLED, THROTTLED]
    desk.digester().send()
    assert (desk.told, desk.item.has_it) == ([STAFF[1]], {"staff-2"})
    assert (counted("DigestsSent"), counted("DigestsFailed")) == ([], [])
    desk.clock.time += desk.due_in()
    desk.digester().send()
    assert desk.told == [STAFF[1]]
    desk.clock.time += desk.due_in()
    desk.digester().send()
    assert desk.told == [STAFF[1], STAFF[0]]
    assert (counted("DigestsSent"), desk.item.agenda_at, desk.item.has_it) == ([1], NEXT_DAY, set())
    desk.clock.time = NEXT_DAY
    desk.digester().send()
    assert sorted(desk.told[2:]) == sorted(STAFF)


def test_a_process_that_dies_between_two_recipients_leaves_the_second_for_the_next() -> None:
    desk = at_opening()
    desk.mailer.faults.before[STAFF[1]].append(CrashError())
    with pytest.raises(CrashError):
        desk.digester().send()
    assert (desk.told, desk.item.has_it) == ([STAFF[0]], {"staff-1"})
    desk.clock.time += LEASE
    desk.digester().send()
    assert desk.told == list(STAFF)
    assert desk.item.agenda_at == NEXT_DAY


def test_a_note_that_fails_stops_no_other_recipient() -> None:
    desk = at_opening()
    desk.item.faults.before["sent"].append(OSError(CANARY))
    with everything_printed() as output:
        desk.digester().send()
    assert desk.told == list(STAFF)
    assert CANARY not in output.getvalue()
    assert desk.item.agenda_at == NEXT_DAY


def test_a_note_that_failed_is_made_good_with_the_next() -> None:
    desk = at_opening()
    desk.item.faults.before["sent"].append(OSError())
    desk.item.faults.before["done"].append(CrashError())
    with pytest.raises(CrashError):
        desk.digester().send()
    assert desk.item.has_it == {"staff-1", "staff-2"}


def test_a_digest_that_was_left_for_days_goes_to_everyone() -> None:
    desk = at_opening()
    desk.mailer.faults.before[STAFF[1]].append(THROTTLED)
    desk.digester().send()
    assert desk.told == [STAFF[0]]
    desk.clock.time = OPENS + timedelta(days=4, hours=3)
    desk.digester().send()
    assert sorted(desk.told[1:]) == sorted(STAFF)


def test_a_recipient_who_is_throttled_all_day_makes_it_a_failed_digest() -> None:
    desk = at_opening()
    digester = desk.digester()
    while desk.clock.time < NEXT_DAY:
        desk.mailer.faults.before[STAFF[0]][:] = [THROTTLED]
        digester.send()
        desk.clock.time += timedelta(minutes=5)
    assert desk.told == [STAFF[1]]
    assert (counted("DigestsSent"), counted("DigestsFailed")) == ([], [1])


def test_one_bad_address_does_not_keep_it_from_the_others() -> None:
    desk = at_opening()
    desk.mailer.faults.before[STAFF[0]].append(REFUSED)
    with everything_printed() as output:
        desk.digester().send()
        assert counted("DigestsSent") == [1]
    assert desk.told == [STAFF[1]]
    assert '"recipient":"staff-1"' in output.getvalue().replace(" ", "")


def test_a_digest_refused_for_all_recipients_is_retried() -> None:
    desk = at_opening()
    desk.mailer.faults.before["send"] += [REFUSED] * len(STAFF)
    desk.digester().send()
    assert desk.mailer.sent == []
    assert timedelta() < desk.due_in() <= LONGEST_BACKOFF


def test_slow_emails_are_left_to_the_next_try_which_begins_with_another_recipient() -> None:
    desk = at_opening()

    def slow() -> None:
        desk.clock.time += EMAILS_UNTIL + timedelta(seconds=1)

    desk.mailer.meanwhile = slow
    desk.digester().send()
    assert (desk.told, counted("DigestsSent")) == ([STAFF[0]], [])
    desk.clock.time += desk.due_in()
    desk.digester().send()
    assert desk.told == list(STAFF)


# --- when it is sent --------------------------------------------------------------------------------------------------


def at_opening() -> DigestDesk:
    desk = DigestDesk()
    desk.digester().ensure()
    assert desk.item.agenda_at == OPENS
    desk.clock.time = OPENS
    return desk


def test_one_digest_goes_to_each_recipient_and_the_next_is_due_a_workday_later() -> None:
    desk = at_opening()
    desk.digester().send()
    desk.digester().send()
    assert [sent.to for sent in desk.mailer.sent] == [(address,) for address in STAFF]
    assert [sent.tags for sent in desk.mailer.sent] == [
        {"notice": "digest", "recipient": recipient} for recipient in ("staff-1", "staff-2")
    ]
    assert desk.item.agenda_at == NEXT_DAY
    assert counted("DigestsSent") == [1]
    assert counted("DigestsFailed") == []


def test_the_digest_is_put_on_the_agenda_once_per_process_and_may_fail() -> None:
    desk = DigestDesk()
    desk.item.faults.before["ensure"].append(OSError())
    digester = desk.digester()
    digester.ensure()
    assert desk.item.agenda_at is None
    digester.ensure()
    assert desk.item.agenda_at == OPENS
    desk.item.faults.before["ensure"].append(OSError())
    digester.ensure()
    assert desk.item.faults.before["ensure"], "SES got a second try"


def test_before_its_time_nothing_is_sent() -> None:
    desk = at_opening()
    desk.clock.time -= timedelta(seconds=1)
    desk.digester().send()
    assert desk.mailer.sent == []


def test_after_days_without_a_sweep_there_is_one_digest() -> None:
    desk = at_opening()
    desk.clock.time = OPENS + timedelta(days=4, hours=3)
    desk.digester().send()
    desk.digester().send()
    assert len(desk.mailer.sent) == len(STAFF)
    assert desk.item.agenda_at == datetime(2026, 3, 10, 13, tzinfo=UTC)  # Tuesday, in daylight saving time


def minute_by_minute(desk: DigestDesk, until: datetime, broken: Callable[[], MailError | None]) -> None:
    digester = desk.digester()
    while desk.clock.time < until:
        desk.mailer.faults.before["send"][:] = [error] * len(STAFF) if (error := broken()) else []
        digester.send()
        desk.clock.time += timedelta(minutes=1)


def test_what_ses_defers_goes_out_later_with_what_is_true_then() -> None:
    desk = at_opening()
    minute_by_minute(desk, OPENS + timedelta(hours=2), lambda: THROTTLED)
    assert desk.mailer.sent == []
    assert desk.item.tries > 4
    desk.table.put(a_lead())
    minute_by_minute(desk, OPENS + timedelta(hours=2) + LONGEST_BACKOFF, lambda: None)
    assert [references(sent.message) for sent in desk.mailer.sent] == [[a_lead().reference]] * len(STAFF)
    assert desk.item.agenda_at == NEXT_DAY
    assert (counted("DigestsSent"), counted("DigestsFailed")) == ([1], [])


def test_after_closing_time_it_is_given_up_and_the_next_morning_has_its_own() -> None:
    desk = at_opening()
    tried: list[datetime] = []

    def always() -> MailError:
        tried.append(desk.clock.time)
        return THROTTLED

    minute_by_minute(desk, NEXT_DAY, always)
    assert (counted("DigestsSent"), counted("DigestsFailed")) == ([], [1])
    assert desk.item.agenda_at == NEXT_DAY
    assert desk.item.tries == 0
    desk.mailer.faults.before["send"].clear()
    desk.digester().send()
    assert sorted(desk.told) == sorted(STAFF)


@given(st.datetimes(NOW.replace(tzinfo=None), datetime(2027, 3, 4)), st.timedeltas(timedelta(), LONGEST_BACKOFF))  # noqa: DTZ001 - given its zone below
def test_it_is_never_tried_again_once_the_working_day_is_over(at: datetime, wait: timedelta) -> None:
    now = at.replace(tzinfo=UTC)
    again_at = try_again_at(CLINIC.hours, now, wait)
    end = CLINIC.hours.next_opening(now)
    if again_at:
        assert again_at == now + wait < end
        # Perhaps in a break, but the clinic opens again that day.
        assert CLINIC.hours.open_after(again_at, 0) < end
    elif now + wait < end:
        assert CLINIC.hours.open_after(now + wait, 0) == end


def test_a_try_that_falls_into_the_lunch_break_is_not_the_days_last() -> None:
    before_lunch = datetime(2026, 3, 5, 17, 25, tzinfo=UTC)  # 12:25 PM in New York, where the break begins at 12:30
    again_at = before_lunch + timedelta(minutes=15)
    assert not CLINIC.hours.is_open(again_at)
    assert try_again_at(CLINIC.hours, before_lunch, timedelta(minutes=15)) == again_at


@pytest.mark.parametrize("lost", ["lease", "done", "send"])
def test_a_sender_that_dies_leaves_the_digest_on_the_agenda(lost: str) -> None:
    desk = at_opening()
    if lost == "send":  # SES accepted it and the process was killed: nothing was recorded
        desk.mailer.faults.after["send"].append(CrashError())
        desk.item.faults.before["later"].append(CrashError())
    elif lost == "lease":
        desk.item.faults.after["lease"].append(CrashError())
    else:
        desk.item.faults.before["done"].append(CrashError())
    with pytest.raises(CrashError):
        desk.digester().send()
    assert desk.due_in() == LEASE
    desk.clock.time += LEASE
    desk.digester().send()
    assert set(desk.told) == set(STAFF)
    assert len(desk.told) == len(STAFF) + (lost == "send")
    assert desk.item.agenda_at == NEXT_DAY


def test_a_lead_that_cannot_be_read_defers_the_digest_and_is_not_quoted() -> None:
    desk = at_opening()
    desk.table.put(a_lead())
    desk.table.leads[a_lead().id]["received_at"] = {"S": CANARY}
    with everything_printed() as output:
        desk.digester().send()
    assert desk.mailer.sent == []
    assert timedelta() < desk.due_in() <= LONGEST_BACKOFF
    assert "ValueError at" in output.getvalue()
    assert CANARY not in output.getvalue()


def test_a_sender_that_lost_the_lease_decides_nothing() -> None:
    desk = at_opening()

    def another_takes_over() -> None:
        desk.clock.time += LEASE
        desk.digester().send()

    desk.mailer.meanwhile = another_takes_over
    desk.digester().send()
    # One email was on its way when the lease was lost.
    assert desk.told == [STAFF[1], STAFF[0], STAFF[0]]
    assert desk.item.agenda_at == NEXT_DAY
    assert counted("DigestsSent") == [1]


# --- the audit of the desk --------------------------------------------------------------------------------------------


def sent_with(desk: DigestDesk) -> list[tuple[str, str]]:
    desk.item.ensure(NOW)
    desk.digester().send()
    assert len(desk.mailer.sent) == len(STAFF)
    return [(each.message.text, " ".join(" ".join(words_of(each.message, "//p")).split())) for each in desk.mailer.sent]


def test_each_digest_names_the_last_entry_of_the_audit() -> None:
    digest = ("0f3a" * 16)[:24]
    for text, html in sent_with(DigestDesk()):
        for part in (" ".join(text.split()), html):
            assert f"The audit's last entry is number 1234 with digest {digest}." in part
            assert f"make audit-verify LAST=1234:{digest}" in part


def test_a_digest_goes_out_without_the_audit_and_says_so() -> None:
    with everything_printed() as output:
        for text, html in sent_with(DigestDesk(audit_end=None)):
            assert NO_AUDIT in text
            assert NO_AUDIT in html
            assert "audit-verify" not in text
    assert "AccessDeniedException" in output.getvalue()


def test_whatever_is_wrong_with_the_audit_the_digest_goes_out() -> None:
    def breaks() -> Mark:
        raise TypeError(CANARY)

    desk = DigestDesk()
    desk.item.ensure(NOW)
    with everything_printed() as output:
        desk.digester(audit_end=breaks).send()
    assert len(desk.mailer.sent) == len(STAFF)
    assert all(NO_AUDIT in each.message.text for each in desk.mailer.sent)
    assert "audit not read for the digest" in output.getvalue()
    assert CANARY not in output.getvalue()


def test_an_audit_without_entries_is_said_too() -> None:
    for text, _ in sent_with(DigestDesk(audit_end=EMPTY)):
        assert EMPTY_AUDIT in text
