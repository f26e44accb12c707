"""The digest: once each working morning, the oldest lead first, references and times only."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from follow_up.digest.email import compose_digest
from follow_up.digest.summary import MOST_LINES, Digest, FailingRecipient, digest, speed, try_again_at
from shared.leads.alert import LEASE, LONGEST_BACKOFF
from shared.leads.notice import Outcome
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.worklist import ListedLead, Listing
from shared.services.mailer import MailError, Message
from tests.unit.digests import DigestDesk, on_the_list
from tests.unit.emails import words_of
from tests.unit.fakes import CrashError
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, NOW, a_lead
from tests.unit.senders import STAFF
from tests.unit.words import CANARY

NAMES = {"staff-1": "frontdesk@example.com", "staff-2": "nurse@example.com", "fallback-1": "owner@example.com"}
OPENS = datetime(2026, 3, 5, 14, tzinfo=UTC)  # Thursday 9 AM in New York, the first opening after NOW
CLOSES = datetime(2026, 3, 5, 22, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 6, 14, tzinfo=UTC)
THROTTLED = MailError(Outcome.THROTTLED, "TooManyRequestsException")
REFUSED = MailError(Outcome.REFUSED, "MessageRejected")

CLAIMED: dict[str, Any] = {"response": ResponseState.CLAIMED, "claimed_by": "staff-2"}


def digest_of(
    *opened: ListedLead, complete: bool = True, recipients: tuple[FailingRecipient, ...] = (), **lists: list[ListedLead]
) -> Digest:
    listings = {name: Listing(leads=tuple(lists.get(name, ()))) for name in ("undeliverable", "quarantined", "closed")}
    listing = Listing(leads=opened, complete=complete)
    return digest(now=NOW, clinic=CLINIC, opened=listing, recipients=recipients, **listings)


def mail_of(made: Digest) -> Message:
    return compose_digest(made, clinic=CLINIC, names=NAMES)


def references(message: Message) -> list[str]:
    return [line.split()[1] for line in message.text.splitlines() if line.startswith("- KC-")]


# --- what it says -----------------------------------------------------------------------------------------------------

moments = st.timedeltas(timedelta(), timedelta(days=60)).map(lambda age: NOW - age)
leads_on_the_list = st.lists(
    st.builds(
        on_the_list,
        st.integers(0, 9999),
        received_at=moments,
        response=st.sampled_from([ResponseState.OPEN, ResponseState.CLAIMED]),
    ),
    max_size=2 * MOST_LINES + 5,
)


@given(leads_on_the_list, leads_on_the_list)
def test_every_list_is_by_age_and_none_is_lost_from_the_count(
    opened: list[ListedLead], quarantined: list[ListedLead]
) -> None:
    made = digest_of(*opened, quarantined=quarantined)
    for section, newest_first in ((made.waiting, False), (made.claimed, False), (made.quarantined, True)):
        ages = [lead.received_at for lead in section.leads]
        assert ages == sorted(ages, reverse=newest_first)
        assert len(section.leads) <= MOST_LINES
    assert made.waiting.count + made.claimed.count == len(opened)
    assert made.unclaimed == sum(lead.response is ResponseState.OPEN for lead in opened)
    assert made.quarantined.count == len(quarantined)
    shown = [lead.received_at for lead in made.waiting.leads]
    hidden = sorted(lead.received_at for lead in opened if lead.response is ResponseState.OPEN)[len(shown) :]
    assert not shown or all(each >= shown[-1] for each in hidden)


def test_each_line_has_the_reference_the_time_and_the_owner() -> None:
    made = digest_of(
        on_the_list(1, minutes_ago=75),
        on_the_list(2, minutes_ago=100 * 24 * 60, told_at=None),
        on_the_list(3, claimed_at=NOW - timedelta(minutes=3), **CLAIMED),
        on_the_list(4, claimed_at=NOW, **CLAIMED | {"claimed_by": "fallback-3"}),
        undeliverable=[on_the_list(5)],
        quarantined=[on_the_list(6)],
    )
    text = mail_of(made).text
    assert "UNCLAIMED REQUESTS (2)" in text
    assert (
        "- KC-MADE-0002  Mon, Nov 24, 2025, 10:30 AM, 100 days ago\n  No email about it has been sent yet\n"
        "- KC-MADE-0001  Wed, Mar 4, 9:15 AM, 1 hour ago\n"
    ) in text
    assert (
        "- KC-MADE-0003  Wed, Mar 4, 10:20 AM, 10 minutes ago\n  Claimed by nurse@example.com, 3 minutes ago\n"
    ) in text
    assert "Claimed by a former recipient, just now" in text
    assert "ALERTS THAT REACHED NO ONE (1)\n" in text
    assert "POSSIBLE SPAM TO CHECK (1)\n" in text
    assert references(mail_of(made)) == [f"KC-MADE-000{number}" for number in (5, 2, 1, 3, 4, 6)]


@pytest.mark.parametrize(
    ("opened", "headline", "subject"),
    [
        ((), "Every request is closed", "all closed"),
        ((on_the_list(1, **CLAIMED),), "Every request is claimed", "all claimed"),
        ((on_the_list(1),), "1 request is unclaimed", "1 unclaimed"),
        ((on_the_list(1), on_the_list(2)), "2 requests are unclaimed", "2 unclaimed"),
    ],
)
def test_the_first_line_and_the_subject_say_whether_a_request_waits(
    opened: tuple[ListedLead, ...], headline: str, subject: str
) -> None:
    message = mail_of(digest_of(*opened))
    assert message.text.splitlines()[0] == headline
    assert words_of(message, "//h1") == [headline]
    assert message.subject == f"Consultation requests, Wednesday, March 4, 2026: {subject}"


@pytest.mark.parametrize(("complete", "words"), [(True, "and 7 more"), (False, "and at least 7 more")])
def test_a_long_list_is_cut_and_says_so(complete: bool, words: str) -> None:  # noqa: FBT001
    message = mail_of(digest_of(*(on_the_list(number) for number in range(MOST_LINES + 7)), complete=complete))
    assert len(references(message)) == MOST_LINES
    assert f"- {words}" in message.text.splitlines()
    assert words in words_of(message, "//li")
    assert message.text.startswith("At least") is not complete


def test_a_recipient_that_failed_last_week_is_named_by_address() -> None:
    long_ago, lately = NOW - timedelta(days=8), NOW - timedelta(days=1)
    message = mail_of(
        digest_of(
            recipients=(
                FailingRecipient(recipient="staff-1", bounced_at=long_ago, complained_at=None),
                FailingRecipient(recipient="staff-2", bounced_at=lately, complained_at=None),
                FailingRecipient(recipient="fallback-1", bounced_at=None, complained_at=lately),
            )
        )
    )
    assert (
        "RECIPIENTS WE CAN'T REACH BY EMAIL (2)\n"
        "- nurse@example.com. Emails to this address bounced, last on Tue, Mar 3, 10:30 AM.\n"
        "- owner@example.com. Emails to this address were reported as spam, last on Tue, Mar 3, 10:30 AM.\n"
    ) in message.text
    assert "frontdesk" not in message.html


def test_a_recipient_that_ses_suppresses_stays_in_the_digest_after_the_complaint() -> None:
    long_ago, lately = NOW - timedelta(days=8), NOW - timedelta(days=1)
    suppressed = FailingRecipient(recipient="staff-2", bounced_at=None, complained_at=long_ago, suppressed_at=lately)
    assert (
        "Emails to this address were not sent because of an earlier spam report, last on Tue, Mar 3, 10:30 AM.\n"
    ) in mail_of(digest_of(recipients=(suppressed,))).text


def test_an_undeliverable_lead_is_listed_as_waiting() -> None:
    message = mail_of(digest_of(undeliverable=[on_the_list(1)]))
    assert message.text.splitlines()[0] == "1 request is unclaimed"
    assert message.subject.endswith(": 1 unclaimed")


@pytest.mark.parametrize("cut", ["opened", "undeliverable", "quarantined"])
def test_every_list_that_was_not_read_to_its_end_says_so(cut: str) -> None:
    lists = {name: Listing(leads=(), complete=name != cut) for name in ("opened", "undeliverable", "quarantined")}
    made = digest(
        now=NOW,
        clinic=CLINIC,
        opened=lists["opened"],
        undeliverable=lists["undeliverable"],
        quarantined=lists["quarantined"],
        closed=Listing(leads=()),
    )
    assert made.waiting.exact is made.claimed.exact is (cut != "opened")
    assert made.undeliverable.exact is (cut != "undeliverable")
    assert made.quarantined.exact is (cut != "quarantined")


# --- how fast ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(moments, st.none() | st.timedeltas(timedelta(), timedelta(days=3))), max_size=15))
def test_response_times_count_the_open_minutes_of_the_last_week(cases: list[tuple[datetime, timedelta | None]]) -> None:
    leads = [
        on_the_list(n, received_at=at, claimed_at=None if wait is None else min(at + wait, NOW))
        for n, (at, wait) in enumerate(cases)
    ]
    found = speed(leads, CLINIC, NOW)
    recent = [lead for lead in leads if lead.received_at >= NOW - timedelta(days=7)]
    waits = [
        CLINIC.hours.open_minutes(lead.received_at, lead.claimed_at) for lead in recent if lead.claimed_at is not None
    ]
    assert (found.received, found.claimed) == (len(recent), len(waits))
    assert found.median_minutes == (median(waits) if waits else None)
    assert 0 <= found.in_time <= found.claimed <= found.judged <= found.received
    # Every lead is judged, except those that nobody has claimed yet and that are not late.
    left = [lead for lead in recent if not lead.claimed_at]
    in_time_yet = [lead for lead in left if CLINIC.hours.open_minutes(lead.received_at, NOW) <= found.target_minutes]
    assert found.judged == found.received - len(in_time_yet)


def test_a_request_of_the_night_claimed_at_opening_counts_as_immediate() -> None:
    night = datetime(2026, 3, 4, 4, tzinfo=UTC)
    lead = on_the_list(1, received_at=night, claimed_at=datetime(2026, 3, 4, 14, 2, tzinfo=UTC))
    late = on_the_list(2, minutes_ago=61)
    words = mail_of(digest_of(late, closed=[replace(lead, response=ResponseState.CLOSED)])).text
    assert (
        "RESPONSE TIMES IN THE LAST 7 DAYS\n"
        "- 2 requests came in, and 1 was claimed.\n"
        "- It was claimed within 2 minutes.\n"
        "- Within the target of 60 minutes: 1 of 2 (50%).\n"
        "- Only opening hours count here, even for urgent requests.\n"
    ) in words


def test_an_undeliverable_lead_counts_as_late() -> None:
    found = digest_of(undeliverable=[on_the_list(1, minutes_ago=75)]).speed
    assert (found.received, found.claimed, found.judged) == (1, 0, 1)


def test_without_requests_there_are_no_response_times() -> None:
    assert "- No requests came in.\n" in mail_of(digest_of()).text
    assert "- 1 request came in. None has been claimed yet.\n" in mail_of(digest_of(on_the_list(1))).text


# --- no text from visitors --------------------------------------------------------------------------------------------


def in_state(state: AlertState) -> Callable[[StoredLead], Progress]:
    return lambda stored: replace(stored.progress, state=state)


def test_the_digest_never_has_text_that_a_visitor_typed() -> None:
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
    desk.item.ensure(NOW)
    with everything_printed() as output:
        desk.digester().send()
    (sent,) = desk.mailer.sent
    assert len(references(sent.message)) == 3
    assert CANARY not in f"{sent}{output.getvalue()}"


# --- when it is sent --------------------------------------------------------------------------------------------------


def at_opening() -> DigestDesk:
    desk = DigestDesk()
    desk.digester().ensure()
    assert desk.item.agenda_at == OPENS
    desk.clock.time = OPENS
    return desk


def test_one_digest_goes_to_all_recipients_and_the_next_is_due_a_workday_later() -> None:
    desk = at_opening()
    desk.digester().send()
    desk.digester().send()
    (sent,) = desk.mailer.sent
    assert sent.to == STAFF
    assert sent.tags == {"notice": "digest"}
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
    assert len(desk.mailer.sent) == 1
    assert desk.item.agenda_at == datetime(2026, 3, 10, 13, tzinfo=UTC)  # Tuesday, in daylight saving time


def minute_by_minute(desk: DigestDesk, until: datetime, broken: Callable[[], MailError | None]) -> None:
    digester = desk.digester()
    while desk.clock.time < until:
        desk.mailer.faults.before["send"][:] = [error] if (error := broken()) else []
        digester.send()
        desk.clock.time += timedelta(minutes=1)


def test_what_ses_defers_goes_out_later_with_what_is_true_then() -> None:
    desk = at_opening()
    minute_by_minute(desk, OPENS + timedelta(hours=2), lambda: THROTTLED)
    assert desk.mailer.sent == []
    assert desk.item.tries > 4
    desk.table.put(a_lead())
    minute_by_minute(desk, OPENS + timedelta(hours=2) + LONGEST_BACKOFF, lambda: None)
    (sent,) = desk.mailer.sent
    assert references(sent.message) == [a_lead().reference]
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
    assert len(desk.mailer.sent) == 1


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


def test_one_bad_address_does_not_keep_it_from_the_others() -> None:
    desk = at_opening()
    desk.mailer.faults.before["send"] += [REFUSED, REFUSED]
    desk.digester().send()
    assert [sent.to for sent in desk.mailer.sent] == [(STAFF[1],)]
    assert counted("DigestsSent") == [1]


def test_a_digest_refused_for_all_recipients_is_retried() -> None:
    desk = at_opening()
    desk.mailer.faults.before["send"] += [REFUSED] * (1 + len(STAFF))
    desk.digester().send()
    assert desk.mailer.sent == []
    assert timedelta() < desk.due_in() <= LONGEST_BACKOFF


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
    assert 1 <= len(desk.mailer.sent) <= 2
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
    assert len(desk.mailer.sent) == 2
    assert desk.item.agenda_at == NEXT_DAY
