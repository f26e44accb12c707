"""The owner's email: when it goes out, at most once for each month, and what it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follow_up.owner_report.email import ABOUT, compose_owner_report
from follow_up.owner_report.item import OWNER as KEY
from follow_up.owner_report.item import OwnerReportItem
from follow_up.owner_report.send import OwnerReports
from shared.leads.month import Month
from shared.leads.notice import Outcome
from shared.leads.report import Dated, report
from shared.leads.report_facts import unpacked
from shared.leads.report_result import row_of
from shared.leads.team import Recipient
from shared.services.mailer import MailError, Message
from shared.web.report_words import parts
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.emails import hrefs, words_of
from tests.unit.fakes import Clock, FakeMailer
from tests.unit.output import everything_printed
from tests.unit.people import CLINIC, NOW
from tests.unit.report_rows import requests

ZONE = CLINIC.hours.zone
MARCH = Month(2026, 3)
OWNER = "owner@example.com"
URL = "https://api.example.com/v1"
# April 1, 2026 is a Wednesday. The clinic opens at 9 AM, 13:00 UTC.
OPENING = datetime(2026, 4, 1, 13, tzinfo=UTC)
ROWS = [Dated(each.lead.received_at, unpacked(row)) for each in requests(200, days=20) if (row := row_of(each))]


class World:
    """The table, a clock and a mailer that several processes share."""

    def __init__(self, at: datetime = OPENING) -> None:
        self.dynamodb = MemoryDynamoDB()
        self.clock = Clock(at)
        self.mailer = FakeMailer()
        self.asked: list[Month] = []

    def process(self, **changes: Any) -> OwnerReports:  # noqa: ANN401 - any attribute
        def rows(month: Month) -> list[Dated]:
            self.asked.append(month)
            return ROWS

        parts: dict[str, Any] = {
            "owner": OWNER,
            "item": OwnerReportItem(self.dynamodb.client(), NAME),
            "rows": rows,
            "mailer": self.mailer,
            "clinic": CLINIC,
            "public_url": URL,
            "now": self.clock,
        }
        return OwnerReports(**(parts | changes))

    @property
    def subjects(self) -> list[str]:
        return [each.message.subject for each in self.mailer.sent]


def composed(rows: list[Dated] = ROWS) -> Message:
    return compose_owner_report(report(rows, MARCH, CLINIC, OPENING), CLINIC, URL)


def test_the_report_goes_out_when_the_first_working_day_opens() -> None:
    world = World(OPENING - timedelta(minutes=1))
    process = world.process()
    process.try_to_send()
    assert world.subjects == []
    assert world.dynamodb.requests == [], "until then it reads nothing"
    world.clock.time = OPENING
    process.try_to_send()
    (sent,) = world.mailer.sent
    assert sent.to == (OWNER,)
    assert sent.tags == {"notice": "owner_report", "recipient": Recipient(OWNER).id}
    assert sent.message.subject.startswith("Consultation requests in March 2026: ")
    assert world.asked == [MARCH]


def test_a_month_that_begins_on_a_weekend_is_reported_on_the_monday() -> None:
    world = World(datetime(2026, 8, 1, 15, tzinfo=UTC))  # a Saturday
    process = world.process()
    process.try_to_send()
    assert world.subjects == []
    world.clock.time = datetime(2026, 8, 3, 13, tzinfo=UTC)
    process.try_to_send()
    assert [subject.partition(":")[0] for subject in world.subjects] == ["Consultation requests in July 2026"]


def test_without_an_address_nothing_is_read_and_nothing_is_sent() -> None:
    world = World()
    world.process(owner="").try_to_send()
    assert (world.subjects, world.dynamodb.requests) == ([], [])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 60 * 24 * 9)), min_size=1, max_size=30))
def test_each_month_is_reported_at_most_once_by_several_processes(steps: list[tuple[int, int]]) -> None:
    world = World()
    processes = [world.process() for _ in range(3)]
    for which, minutes in steps:
        processes[which].try_to_send()
        world.clock.time += timedelta(minutes=minutes)
    assert len(world.subjects) == len(set(world.subjects))
    assert world.subjects


def test_once_it_is_sent_a_process_asks_no_more() -> None:
    world = World()
    process = world.process()
    process.try_to_send()
    asked = len(world.dynamodb.requests)
    process.try_to_send()
    assert len(world.dynamodb.requests) == asked


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.BLOCKED, Outcome.THROTTLED])
def test_an_email_that_ses_did_not_take_is_tried_again_an_hour_later(outcome: Outcome) -> None:
    world = World()
    world.mailer.faults.before["send"].append(MailError(outcome, "MessageRejected"))
    with everything_printed() as output:
        world.process().try_to_send()
    assert "owner report not sent" in output.getvalue()
    assert OWNER not in output.getvalue()
    world.clock.time += timedelta(minutes=59)
    world.process().try_to_send()
    assert world.subjects == []
    world.clock.time += timedelta(minutes=1)
    world.process().try_to_send()
    assert len(world.subjects) == 1


def test_an_email_that_ses_may_have_taken_is_not_sent_again() -> None:
    world = World()
    world.mailer.faults.before["send"].append(MailError(Outcome.DEFERRED, "ReadTimeoutError"))
    world.process().try_to_send()
    world.clock.time += timedelta(days=10)
    world.process().try_to_send()
    assert world.subjects == []


def test_a_failure_of_the_index_costs_no_report_and_stops_nothing() -> None:
    world = World()

    def broken(_: Month) -> list[Dated]:
        raise RuntimeError("made up")

    world.process(rows=broken).try_to_send()
    assert (KEY, KEY) not in world.dynamodb.items
    world.process().try_to_send()
    assert len(world.subjects) == 1


def test_both_parts_of_the_email_say_what_the_page_says() -> None:
    message, found = composed(), report(ROWS, MARCH, CLINIC, OPENING)
    text = " ".join(message.text.split())
    html = " ".join(" ".join(words_of(message, "//body")).split())
    for part in parts(found, CLINIC):
        assert part.title.upper() in text
        assert part.title in html
        for line in part.lines:
            assert f"{line.label}: {line.number:,} ({line.share})" in text
            assert f"{line.label}: {line.number:,} ({line.share})" in html
        for campaign in part.campaigns:
            assert f"{campaign.name}: {campaign.words}" in text
            assert f"{campaign.name}: {campaign.words}" in html
        for sentence in part.sentences:
            assert sentence in text
            assert sentence in html
    assert ABOUT in text
    assert ABOUT in html
    assert [link for link in hrefs(message) if "report" in link] == [f"{URL}/desk/report?month=2026-03"]


def test_the_email_has_nothing_of_a_person() -> None:
    message = composed()
    for words in ("Robin", "robin@", "555-01", "5550147", "KC-", "LEAD#"):
        assert words not in message.text + message.html


def test_a_source_that_looks_like_an_address_does_not_become_a_link() -> None:
    rows = [Dated(NOW, row.facts._replace(source="https://spam.example", campaign="www.spam.example")) for row in ROWS]
    rows = [row._replace(received_at=NOW) for row in rows] + [Dated(NOW, ROWS[0].facts._replace(campaign=""))] * 9
    message = composed(rows)
    assert "spam" in message.text
    for part in (message.text, message.html):
        assert "spam.example" not in part
        assert "https://spam" not in part


def test_an_empty_month_is_an_email_too() -> None:
    message = composed([])
    assert message.subject == "Consultation requests in March 2026: 0"
    assert "0 requests in March 2026" in message.text
