"""desk.waiting: a wait next to its target. It is late exactly when the plan reminds staff."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.waiting import waiting
from shared.leads.lead import Priority
from shared.leads.plan import deadlines
from shared.leads.progress import Case
from shared.leads.team import Team
from tests.unit.people import CLINIC, NOW, a_lead

TEAM = Team(staff=("staff-1",), fallback=())
LEADS = {
    Priority.NORMAL: a_lead(),
    Priority.HIGH: a_lead(message="I want to end it all"),
    Priority.URGENT: a_lead(in_crisis=True),
}


@pytest.mark.parametrize(
    ("minutes", "priority", "words", "late"),
    [
        (0, Priority.NORMAL, "Waiting less than 1 min, target 15 min", False),
        (1, Priority.NORMAL, "Waiting 1 min, target 15 min", False),
        (15, Priority.NORMAL, "Waiting 15 min, target 15 min", False),
        (25, Priority.NORMAL, "Waiting 25 min, target 15 min: late", True),
        (25, Priority.URGENT, "Waiting 25 min, target 5 min: late", True),
        (6, Priority.HIGH, "Waiting 6 min, target 5 min: late", True),
        (150, Priority.NORMAL, "Waiting 2 hours, target 15 min: late", True),
        (-3, Priority.NORMAL, "Waiting less than 1 min, target 15 min", False),
    ],
)
def test_a_wait_in_opening_hours(minutes: int, priority: Priority, words: str, late: bool) -> None:  # noqa: FBT001
    found = waiting(NOW, priority, CLINIC, NOW + timedelta(minutes=minutes))
    assert (found.words, found.late) == (words, late)


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (3, "Waiting 5 hours, all of it outside opening hours, target 15 min"),
        (14, "Waiting 16 hours, all of it outside opening hours, target 15 min"),
    ],
)
def test_a_night_does_not_count(hour: int, words: str) -> None:
    at_five = datetime(2026, 3, 4, 22, tzinfo=UTC)  # 5 PM in New York, when the clinic closes
    found = waiting(at_five, Priority.NORMAL, CLINIC, datetime(2026, 3, 5, hour, tzinfo=UTC))
    assert found.words == words
    assert not found.late


def test_a_wait_that_counts_in_part_says_how_much_of_it() -> None:
    at_five = datetime(2026, 3, 4, 22, tzinfo=UTC)
    found = waiting(at_five, Priority.NORMAL, CLINIC, datetime(2026, 3, 5, 14, 10, tzinfo=UTC))
    assert found.words == "Waiting 16 hours, 10 min of it in opening hours, target 15 min"


def test_a_night_counts_for_an_urgent_request() -> None:
    at_five = datetime(2026, 3, 4, 22, tzinfo=UTC)
    found = waiting(at_five, Priority.URGENT, CLINIC, at_five + timedelta(hours=3))
    assert found.words == "Waiting 3 hours, target 5 min: late"


@given(
    since=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - see timezones
    minutes=st.integers(0, 20_000),
    priority=st.sampled_from(Priority),
)
def test_a_request_is_late_after_the_time_of_its_reminder(since: datetime, minutes: int, priority: Priority) -> None:
    now = since + timedelta(minutes=minutes)
    remind_at, _ = deadlines(since, Case(lead=LEADS[priority], clinic=CLINIC, team=TEAM))
    # The reminder may be due at a closing time, and the first late minute is then the next opening.
    assert waiting(since, priority, CLINIC, now).late <= (now > remind_at)
    if CLINIC.hours.is_open(now) or priority is not Priority.NORMAL:
        assert waiting(since, priority, CLINIC, now + timedelta(minutes=1)).late >= (now > remind_at)
