"""The owner's email: when it goes out, at most once for each month, and what it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from follow_up.owner_report.email import ABOUT, TOO_FEW, compose_owner_report
from follow_up.owner_report.item import OWNER as KEY
from follow_up.owner_report.item import OwnerReportItem
from follow_up.owner_report.send import OwnerReports
from shared.leads.month import Month
from shared.leads.notice import Outcome
from shared.leads.report import Dated, report
from shared.leads.report_facts import unpacked
from shared.leads.report_result import row_of
from shared.leads.small_cells import FEWEST
from shared.leads.team import Recipient
from shared.services.mailer import MailError, Message
from shared.web.report_words import parts
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.emails import hrefs, words_of
from tests.unit.fakes import Clock, FakeMailer
from tests.unit.output import counted, everything_printed
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
    """The table, a clock and a mailer that several processes share. The report of February was handled."""

    def __init__(self, at: datetime = OPENING, *, handled: str = "2026-02") -> None:
        self.dynamodb = MemoryDynamoDB()
        if handled:
            self.dynamodb.put({"pk": {"S": KEY}, "sk": {"S": KEY}, "schema": {"N": "1"}, "handled": {"S": handled}})
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
    assert world.asked == []
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


@pytest.mark.parametrize("error", [EndpointConnectionError, ConnectTimeoutError])
def test_an_email_that_did_not_reach_ses_is_tried_again(error: type[Exception]) -> None:
    world = World()
    world.mailer.faults.before["send"].append(MailError(Outcome.DEFERRED, error.__name__))
    world.process().try_to_send()
    assert counted("OwnerReportsFailed") == [1]
    world.clock.time += timedelta(hours=1)
    world.process().try_to_send()
    assert len(world.subjects) == 1


def broken(_: Month) -> list[Dated]:
    raise RuntimeError("made up")


def test_a_month_that_cannot_be_read_is_read_again_an_hour_later() -> None:
    world, asked = World(), list[Month]()

    def counted_and_broken(month: Month) -> list[Dated]:
        asked.append(month)
        return broken(month)

    process = world.process(rows=counted_and_broken)
    for _ in range(60):
        process.try_to_send()
        world.clock.time += timedelta(minutes=1)
    assert len(asked) == 1
    process.try_to_send()
    assert len(asked) == 2
    assert world.dynamodb.items[KEY, KEY]["handled"] == {"S": "2026-02"}
    world.clock.time += timedelta(hours=1)
    world.process().try_to_send()
    assert len(world.subjects) == 1


def test_two_processes_do_not_count_the_same_month() -> None:
    world = World()
    one, other = world.process(), world.process()

    def rows(month: Month) -> list[Dated]:
        other.try_to_send()
        world.asked.append(month)
        return ROWS

    one.rows = rows
    one.try_to_send()
    assert world.asked == [MARCH]
    assert len(world.subjects) == 1


def test_a_process_that_read_an_old_mark_counts_nothing() -> None:
    world = World()
    item = OwnerReportItem(world.dynamodb.client(), NAME)
    mark, later = item.read(), OPENING + timedelta(hours=1)
    assert item.reserve(mark, OPENING, later)
    assert not item.reserve(mark, OPENING, later)
    assert item.reserve(mark, later, later + timedelta(hours=1))
    assert item.take(MARCH)
    assert not item.reserve(mark, later + timedelta(hours=2), later + timedelta(hours=3))


@pytest.mark.parametrize(
    "seen",
    [
        datetime(2026, 4, 1, 13, tzinfo=UTC),
        datetime(2026, 4, 1, 5, tzinfo=UTC),  # before the clinic opens
        datetime(2026, 4, 30, 23, tzinfo=UTC),
    ],
)
def test_the_first_report_is_that_of_the_month_in_which_there_was_an_owner(seen: datetime) -> None:
    world = World(seen, handled="")
    while world.clock.time < datetime(2026, 6, 1, 14, tzinfo=UTC):
        world.process().try_to_send()
        world.clock.time += timedelta(hours=6)
    world.clock.time = datetime(2026, 6, 1, 14, tzinfo=UTC)
    world.process().try_to_send()
    assert [subject.partition(":")[0].removeprefix("Consultation requests in ") for subject in world.subjects] == [
        "April 2026",
        "May 2026",
    ]


def test_without_a_mark_nothing_is_counted() -> None:
    world = World(handled="")
    world.process().try_to_send()
    assert (world.asked, world.subjects) == ([], [])
    assert world.dynamodb.items[KEY, KEY]["handled"] == {"S": "2026-03"}


def told(message: Message) -> tuple[str, str]:
    return " ".join(message.text.split()), " ".join(" ".join(words_of(message, "//body")).split())


def test_both_parts_of_the_email_say_the_same() -> None:
    message, found = composed(), report(ROWS, MARCH, CLINIC, OPENING)
    for part in parts(found, CLINIC, few=False):
        lines = [f"{each.label}: {each.number} ({each.share})".removesuffix(" ()") for each in part.lines]
        campaigns = [f"{each.name}: {each.words}" for each in part.campaigns]
        for words in told(message):
            assert part.title.upper() in words.upper()
            assert all(each in words for each in (*lines, *campaigns, *part.sentences))
    assert all(ABOUT in words for words in told(message))
    assert [link for link in hrefs(message) if "report" in link] == [f"{URL}/desk/report?month=2026-03"]


# ---- small numbers


def a_month(count: int, **facts: list[str]) -> list[Dated]:
    """Return requests. Each fact has the values of the first requests; the rest have none."""
    rows = []
    for number in range(count):
        own = {name: values[number] for name, values in facts.items() if number < len(values)}
        rows.append(Dated(NOW, unpacked("||||||||open|")._replace(**{"form": "consultation"} | own)))
    return rows


@pytest.mark.parametrize("count", range(FEWEST))
def test_an_email_about_fewer_than_five_requests_has_the_total_only(count: int) -> None:
    message = composed(a_month(count, urgent=["y"], interest=["depression"], result=["came"]))
    assert message.subject == f"Consultation requests in March 2026: {count}"
    for words in told(message):
        assert TOO_FEW in words
        assert "See this report at the desk" in words
        for other in ("Urgent", "Depression", "Came", "Location", "Not in these numbers", "%"):
            assert other not in words


@pytest.mark.parametrize("urgent", range(FEWEST))
def test_the_email_does_not_say_how_many_of_few_were_urgent(urgent: int) -> None:
    """Whatever the number is, the email is the same."""
    text = composed(a_month(20, urgent=["y"] * urgent, no_contact=["y"] * urgent)).text
    assert text == composed(a_month(20)).text
    assert "Urgent: fewer than 5" in text
    assert "Later asked for no contact: fewer than 5" in text


@pytest.mark.parametrize("urgent", range(16, 21))
def test_the_email_does_not_say_how_few_were_not_urgent(urgent: int) -> None:
    text = composed(a_month(20, urgent=["y"] * urgent, no_contact=["y"] * urgent)).text
    assert text == composed(a_month(20, urgent=["y"] * 20, no_contact=["y"] * 20)).text
    assert "Urgent" not in text


def test_large_numbers_are_in_the_email() -> None:
    text = composed(a_month(20, urgent=["y"] * 6, location=["downtown"] * 6 + ["riverside"] * 14)).text
    assert "Urgent: 6 (30%)" in text
    assert "Urgent requests, at any hour: 6 came in" in text
    assert "Downtown, 12 Example Street: 6 (30%)" in text


def test_without_the_urgent_ones_the_email_has_the_time_of_half_of_the_others() -> None:
    claimed = [(NOW + timedelta(minutes=12)).isoformat()] * 15
    text = composed(a_month(20, claimed_at=claimed, urgent=[""] * 18 + ["y"] * 2)).text
    assert "of those that were claimed, half were claimed within 12 minutes." in text
    for words in ("18", "came in,", "Within the target"):
        assert words not in text


@pytest.mark.parametrize(
    ("fact", "title", "values"),
    [
        ("location", "LOCATION", ["downtown", "riverside"]),
        ("locale", "LANGUAGE", ["en", "es"]),
        ("interest", "WHAT THEY WOULD LIKE HELP WITH", ["depression", "anxiety"]),
        ("form", "FORM", ["reply", "callback"]),
    ],
)
def test_a_small_number_of_a_list_is_not_in_the_email(fact: str, title: str, values: list[str]) -> None:
    one, other = values
    lone = composed(a_month(20, **{fact: [one] * 18 + [other] * 2})).text
    assert f"{title}\nNot in this email, because some of its numbers are below 5." in lone
    several = {composed(a_month(21, **{fact: [one] * few + [other] * (7 - few)})).text for few in (3, 4)}
    (same,) = several
    assert same.count(": fewer than 5") == 4, "two of the list, and two that are always there"


def test_the_page_at_the_desk_has_small_numbers() -> None:
    rows = a_month(20, urgent=["y"], location=["downtown"])
    said = {
        line.label: line.number for part in parts(report(rows, MARCH, CLINIC, OPENING), CLINIC) for line in part.lines
    }
    assert (said["Urgent"], said["Downtown, 12 Example Street"]) == ("1", "1")


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
