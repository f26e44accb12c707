"""desk.moments: the date and time of a follow-up, in the clinic's time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.moments import BadMomentError, Trouble, fields_of, moment_of
from shared.leads.desk import LONGEST_FOLLOW_UP
from tests.unit.people import NOW
from tests.unit.words import any_text

NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"]).map(
    ZoneInfo
)


def trouble(day: str, time: str, now: datetime = NOW) -> Trouble:
    with pytest.raises(BadMomentError) as caught:
        moment_of(day, time, NEW_YORK, now)
    return caught.value.trouble


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("2026-03-04", "10:31", datetime(2026, 3, 4, 15, 31, tzinfo=UTC)),
        ("2026-03-09", "15:30", datetime(2026, 3, 9, 19, 30, tzinfo=UTC)),  # in summer time
        ("2026-03-09", "15:30:45.5", datetime(2026, 3, 9, 19, 30, tzinfo=UTC)),
        ("2026-03-08", "01:59", datetime(2026, 3, 8, 6, 59, tzinfo=UTC)),
        ("2026-03-08", "03:00", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("2026-11-01", "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # the first of two
        ("2027-03-04", "10:30", datetime(2027, 3, 4, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_clinics(day: str, time: str, moment: datetime) -> None:
    assert moment_of(day, time, NEW_YORK, NOW) == moment


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("", "10:00", Trouble.NO_DATE),
        ("03/09/2026", "10:00", Trouble.NO_DATE),
        ("2026-02-30", "10:00", Trouble.NO_DATE),
        ("20260309", "10:00", Trouble.NO_DATE),
        ("2026-W10-1", "10:00", Trouble.NO_DATE),
        ("0001-01-01", "00:00", Trouble.NO_DATE),
        ("9999-12-31", "23:59", Trouble.NO_DATE),
        ("2026-03-09", "", Trouble.NO_TIME),
        ("2026-03-09", "25:00", Trouble.NO_TIME),
        ("2026-03-09", "3 PM", Trouble.NO_TIME),
        ("2026-03-09", "10:00+02:00", Trouble.NO_TIME),
        ("2026-03-08", "02:00", Trouble.SKIPPED),
        ("2026-03-08", "02:59", Trouble.SKIPPED),
        ("2026-03-04", "10:30", Trouble.PAST),  # now
        ("2026-03-03", "10:30", Trouble.PAST),
        ("2027-03-04", "10:31", Trouble.TOO_FAR),
        ("2206-03-09", "10:00", Trouble.TOO_FAR),
    ],
)
def test_anything_else_says_what_is_wrong(day: str, time: str, expected: Trouble) -> None:
    assert trouble(day, time) is expected


@given(zone=ZONES, minutes=st.integers(1, 524_000))
def test_the_fields_of_a_moment_are_read_as_that_moment(zone: ZoneInfo, minutes: int) -> None:
    moment = NOW + timedelta(minutes=minutes)
    read = moment_of(*fields_of(moment, zone), zone, NOW - timedelta(hours=2))
    # Of a time that occurs twice, the first one is meant.
    assert moment - read in {timedelta(), timedelta(minutes=30), timedelta(hours=1)}
    assert fields_of(read, zone) == fields_of(moment, zone)


@given(day=any_text, time=any_text, zone=ZONES)
def test_any_text_is_a_moment_to_come_or_refused(day: str, time: str, zone: ZoneInfo) -> None:
    try:
        moment = moment_of(day, time, zone, NOW)
    except BadMomentError:
        return
    assert NOW < moment <= NOW + LONGEST_FOLLOW_UP
