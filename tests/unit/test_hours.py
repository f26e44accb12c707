"""shared.leads.hours: when the clinic is open, how much open time has passed, when to try a person."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.leads.hours import (
    HORIZON,
    PARTS_OF_THE_DAY,
    THEIR_DAY,
    Day,
    Hours,
    OpenTime,
    Span,
    known_zone,
    person_zone,
)
from tests.unit.choices import BEST_TIME

NEW_YORK: Final = ZoneInfo("America/New_York")
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
OFFICE: Final = ("09:00-17:00",)
LUNCH: Final = ("09:00-12:30", "13:30-17:00")
AROUND_THE_CLOCK: Final = ("00:00-24:00",)
CLOSED: Final = ()


def day(*spans: str) -> Day:
    return tuple(map(Span.parse, spans))


def hours(*days: tuple[str, ...], zone: ZoneInfo = NEW_YORK, closed_on: tuple[date, ...] = ()) -> Hours:
    """Return opening hours, from Monday. A single value means every day."""
    week = tuple(day(*spans) for spans in (days * 7 if len(days) == 1 else days))
    assert len(week) == 7
    return Hours(zone, week, frozenset(closed_on))


def at(text: str, *, fold: int = 0, zone: ZoneInfo = NEW_YORK) -> datetime:
    """Return the moment when a clock in that zone shows `text`. If there are two, `fold` chooses."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def shown(moment: datetime, zone: ZoneInfo = NEW_YORK) -> str:
    """Return what a clock there shows at `moment`, with the time zone's abbreviation."""
    assert moment.tzinfo is UTC
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"


# March 2, 2026 is a Monday. Clocks in New York go forward on March 8, back on November 1.
WEEK = hours(OFFICE, OFFICE, OFFICE, LUNCH, OFFICE, CLOSED, CLOSED, closed_on=(date(2026, 11, 26), date(2026, 12, 25)))
NIGHTS = hours(AROUND_THE_CLOCK)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02T08:59:59.999999", False),
        ("2026-03-02T09:00", True),
        ("2026-03-02T16:59:59.999999", True),
        ("2026-03-02T17:00", False),
        ("2026-03-05T12:29", True),
        ("2026-03-05T12:30", False),  # lunch
        ("2026-03-05T13:29", False),
        ("2026-03-05T13:30", True),
        ("2026-03-07T10:00", False),  # Saturday
        ("2026-11-26T10:00", False),  # Thanksgiving
        ("2026-11-27T10:00", True),
    ],
)
def test_it_is_open_from_an_opening_until_just_before_a_closing(moment: str, is_open: bool) -> None:  # noqa: FBT001
    assert WEEK.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "minutes", "then"),
    [
        ("2026-03-02T10:00", 15, "Mon 2026-03-02 10:15 EST"),
        ("2026-03-02T10:00", 0, "Mon 2026-03-02 10:00 EST"),
        ("2026-03-02T08:00", 0, "Mon 2026-03-02 09:00 EST"),  # before it opens
        ("2026-03-02T08:00", 15, "Mon 2026-03-02 09:15 EST"),
        ("2026-03-02T16:45", 15, "Mon 2026-03-02 17:00 EST"),  # exactly at the closing, not tomorrow
        ("2026-03-02T16:45", 16, "Tue 2026-03-03 09:01 EST"),
        ("2026-03-02T17:00", 0, "Tue 2026-03-03 09:00 EST"),  # arrived exactly at the closing
        ("2026-03-02T17:00", 15, "Tue 2026-03-03 09:15 EST"),
        ("2026-03-05T12:20", 15, "Thu 2026-03-05 13:35 EST"),  # over lunch
        ("2026-03-06T16:30", 60, "Mon 2026-03-09 09:30 EDT"),  # over a weekend on which clocks go forward
        ("2026-10-30T16:30", 60, "Mon 2026-11-02 09:30 EST"),  # and back
        ("2026-11-25T16:30", 60, "Fri 2026-11-27 09:30 EST"),  # over Thanksgiving
        ("2026-12-25T11:00", 1, "Mon 2026-12-28 09:01 EST"),  # on a holiday
        ("2026-03-02T09:00", 5 * 8 * 60 - 60, "Fri 2026-03-06 17:00 EST"),  # a whole week but for lunch
    ],
)
def test_minutes_pass_while_it_is_open(moment: str, minutes: float, then: str) -> None:
    assert shown(WEEK.open_after(at(moment), minutes)) == then


def test_parts_of_a_minute_pass_as_well() -> None:
    start = at("2026-03-02T16:59:30.250000")
    assert WEEK.open_after(start, 1) == at("2026-03-03T09:00:30.250000")
    assert WEEK.open_minutes(at("2026-03-02T16:59:15"), at("2026-03-03T09:00")) == 0.75


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-02T09:00", "2026-03-02T17:00", 480),
        ("2026-03-02T16:30", "2026-03-03T09:30", 60),
        ("2026-03-02T17:00", "2026-03-03T09:00", 0),
        ("2026-03-05T00:00", "2026-03-06T00:00", 420),
        ("2026-03-06T17:00", "2026-03-09T09:00", 0),
        ("2026-11-25T17:00", "2026-11-27T09:00", 0),
        ("2026-03-03T10:00", "2026-03-02T10:00", 0),  # the wrong way round
        ("2026-03-02T10:00", "2026-03-02T10:00", 0),
    ],
)
def test_open_minutes_leave_out_what_is_closed(start: str, end: str, minutes: int) -> None:
    assert WEEK.open_minutes(at(start), at(end)) == minutes


def test_midnight_is_no_boundary_of_days_around_the_clock() -> None:
    assert NIGHTS.is_open(at("2026-03-03T00:00"))
    assert shown(NIGHTS.open_after(at("2026-03-02T23:50"), 20)) == "Tue 2026-03-03 00:10 EST"
    assert NIGHTS.open_minutes(at("2026-03-02T12:00"), at("2026-03-04T12:00")) == 2 * 24 * 60


def test_a_night_is_two_spans() -> None:
    night = hours(("00:00-04:00", "20:00-24:00"))
    assert shown(night.open_after(at("2026-03-02T23:00"), 120)) == "Tue 2026-03-03 01:00 EST"
    assert shown(night.open_after(at("2026-03-02T23:00"), 360)) == "Tue 2026-03-03 21:00 EST"


def test_a_holiday_interrupts_days_around_the_clock() -> None:
    ours = hours(AROUND_THE_CLOCK, closed_on=(date(2026, 12, 25),))
    assert shown(ours.open_after(at("2026-12-24T23:50"), 20)) == "Sat 2026-12-26 00:10 EST"
    assert shown(ours.open_after(at("2026-12-25T00:00"), 0)) == "Sat 2026-12-26 00:00 EST"


def test_a_day_is_23_or_25_hours_when_clocks_change() -> None:
    assert NIGHTS.open_minutes(at("2026-03-08T00:00"), at("2026-03-09T00:00")) == 23 * 60
    assert NIGHTS.open_minutes(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == 25 * 60


def test_half_past_two_does_not_come_when_clocks_go_forward() -> None:
    sunday = "2026-03-08"  # 02:00 is 03:00
    for spans, opens, minutes in [
        (("02:30-10:00",), "Sun 2026-03-08 03:00 EDT", 7 * 60),
        (("01:30-02:30",), "Sun 2026-03-08 01:30 EST", 30),
        (("01:30-03:30",), "Sun 2026-03-08 01:30 EST", 60),
        (("02:00-03:00", "08:00-09:00"), "Sun 2026-03-08 08:00 EDT", 60),  # the clock skips the first moment
        (("02:15-02:45", "02:50-03:10"), "Sun 2026-03-08 03:00 EDT", 10),
    ]:
        ours = hours(spans)
        assert shown(ours.next_opening(at(f"{sunday}T00:00"))) == opens
        assert shown(ours.open_after(at(f"{sunday}T00:00"), 0)) == opens
        assert ours.open_minutes(at(f"{sunday}T00:00"), at("2026-03-09T00:00")) == minutes


def test_half_past_one_comes_twice_when_clocks_go_back() -> None:
    first, second = at("2026-11-01T01:30"), at("2026-11-01T01:30", fold=1)
    assert second - first == HOUR
    ours = hours(("01:15-01:45",))
    assert ours.is_open(first)
    assert not ours.is_open(first + HOUR / 2)
    assert ours.is_open(second)
    assert ours.open_minutes(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == 60
    assert ours.open_after(first, 30) == second
    # Still one opening a day: the first.
    assert shown(ours.next_opening(at("2026-11-01T00:00"))) == "Sun 2026-11-01 01:15 EDT"
    assert shown(ours.next_opening(at("2026-11-01T01:15"))) == "Mon 2026-11-02 01:15 EST"
    # Opening hours that include both 1 AM hours last an hour longer than the clock shows.
    assert hours(("00:30-03:00",)).open_minutes(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == 3.5 * 60


def test_midnight_does_not_come_where_clocks_go_forward_at_midnight() -> None:
    havana = ZoneInfo("America/Havana")
    ours = hours(AROUND_THE_CLOCK, zone=havana)
    before = at("2026-03-07T12:00", zone=havana)
    assert shown(ours.next_opening(before), havana) == "Sun 2026-03-08 01:00 CDT"
    assert ours.open_minutes(before, before + DAY) == 24 * 60


def test_a_day_that_a_country_left_out_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went from Thursday, December 29 to Saturday, December 31, 2011
    ours = hours(OFFICE, zone=apia)
    thursday = at("2011-12-29T16:30", zone=apia)
    assert f"{ours.open_after(thursday, 60).astimezone(apia):%d %H:%M}" == "31 09:30"
    assert f"{ours.next_opening(thursday).astimezone(apia):%d %H:%M}" == "31 09:00"


@pytest.mark.parametrize(
    ("after", "opening"),
    [
        ("2026-03-02T08:00", "Mon 2026-03-02 09:00 EST"),
        ("2026-03-02T08:59:59.999999", "Mon 2026-03-02 09:00 EST"),
        ("2026-03-02T09:00", "Tue 2026-03-03 09:00 EST"),  # strictly after
        ("2026-03-05T12:45", "Fri 2026-03-06 09:00 EST"),  # not after lunch
        ("2026-03-06T09:00", "Mon 2026-03-09 09:00 EDT"),
        ("2026-11-25T12:00", "Fri 2026-11-27 09:00 EST"),
    ],
)
def test_the_next_opening_is_once_each_working_day(after: str, opening: str) -> None:
    assert shown(WEEK.next_opening(at(after))) == opening


def test_days_around_the_clock_begin_at_midnight() -> None:
    assert shown(NIGHTS.next_opening(at("2026-03-02T10:00"))) == "Tue 2026-03-03 00:00 EST"
    assert shown(NIGHTS.next_opening(at("2026-03-03T00:00"))) == "Wed 2026-03-04 00:00 EST"


def test_a_calendar_of_closed_days_only_ends_each_search() -> None:
    years = tuple(date(2026, 3, 1) + number * DAY for number in range(3 * 366))
    moment = at("2026-03-02T10:00")
    for closed in (hours(OFFICE, closed_on=years), hours(CLOSED)):
        assert not closed.is_open(moment)
        assert closed.open_after(moment, 0) == closed.open_after(moment, 60) == moment + HORIZON
        assert closed.next_opening(moment) == moment + HORIZON
        assert closed.best_moment("morning", None, moment) == moment + HOUR  # in the person's day, at least
        assert closed.open_minutes(moment, moment + 2 * HORIZON) == 0


@pytest.mark.parametrize(
    ("best_time", "time_zone", "after", "moment"),
    [
        (None, None, "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),
        ("any", None, "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),
        ("any", None, "2026-03-02T16:30", "Tue 2026-03-03 09:00 EST"),
        ("any", None, "2026-03-02T16:00", "Tue 2026-03-03 09:00 EST"),  # an hour later it is just closed
        ("morning", None, "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),
        ("morning", None, "2026-03-02T11:00", "Tue 2026-03-03 09:00 EST"),  # an hour later it is noon
        ("morning", None, "2026-03-06T11:30", "Mon 2026-03-09 09:00 EDT"),
        ("afternoon", None, "2026-03-02T10:00", "Mon 2026-03-02 12:00 EST"),
        ("afternoon", None, "2026-03-05T11:15", "Thu 2026-03-05 12:15 EST"),
        ("afternoon", None, "2026-03-05T11:45", "Thu 2026-03-05 13:30 EST"),  # lunch first
        ("evening", None, "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),  # never open then: the first open moment
        ("evening", None, "2026-03-02T17:30", "Tue 2026-03-03 09:00 EST"),
        ("evening", "Europe/London", "2026-03-02T10:00", "Mon 2026-03-02 12:00 EST"),
        ("morning", "America/Los_Angeles", "2026-03-02T08:00", "Mon 2026-03-02 11:00 EST"),
        ("any", "America/Los_Angeles", "2026-03-02T07:00", "Mon 2026-03-02 11:00 EST"),  # not at 6 in the morning
        ("afternoon", "America/Los_Angeles", "2026-03-02T10:00", "Mon 2026-03-02 15:00 EST"),
        # London's clocks change three weeks after New York's. In between, its evening begins at the clinic's 13:00.
        ("evening", "Europe/London", "2026-03-09T10:00", "Mon 2026-03-09 13:00 EDT"),
        ("evening", "America/Los_Angeles", "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),  # never open then
        ("evening", "America/Los_Angeles", "2026-03-06T16:30", "Mon 2026-03-09 11:00 EDT"),  # not at 6 in the morning
        ("morning", "Pacific/Honolulu", "2026-03-02T07:00", "Mon 2026-03-02 13:00 EST"),
        ("morning", "Asia/Tokyo", "2026-03-02T10:00", "Mon 2026-03-02 18:00 EST"),  # never open in their day
        ("evening", "UTC", "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),  # browsers hide the zone for privacy
        ("afternoon", "UTC", "2026-03-02T10:00", "Mon 2026-03-02 12:00 EST"),
        ("afternoon", "Etc/GMT+8", "2026-03-02T10:00", "Mon 2026-03-02 12:00 EST"),
        ("morning", "Etc/UTC", "2026-03-02T16:30", "Tue 2026-03-03 09:00 EST"),
        ("evening", "Nowhere/At_All", "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),
        ("afternoon", "America", "2026-03-02T10:00", "Mon 2026-03-02 12:00 EST"),  # a folder of zones
        ("at full moon", "", "2026-03-02T10:00", "Mon 2026-03-02 11:00 EST"),
    ],
)
def test_a_person_is_tried_again_when_they_asked_for(
    best_time: str | None, time_zone: str | None, after: str, moment: str
) -> None:
    assert shown(WEEK.best_moment(best_time, time_zone, at(after))) == moment


def test_a_clinic_that_is_closed_for_weeks_tries_again_when_it_opens() -> None:
    closed = Hours(WEEK.zone, WEEK.week, frozenset(date(2026, 12, 24) + number * DAY for number in range(30)))
    assert shown(closed.best_moment("morning", None, at("2026-12-23T16:50"))) == "Mon 2027-01-25 09:00 EST"


def test_a_wish_is_waited_for_for_two_weeks_and_no_longer() -> None:
    # Open late on Mondays only. The Monday after next is within two weeks, the one after that is not.
    late = hours(("09:00-19:00",), OFFICE, OFFICE, OFFICE, OFFICE, CLOSED, CLOSED)
    assert shown(late.best_moment("evening", None, at("2026-04-07T10:00"))) == "Mon 2026-04-13 17:00 EDT"
    one_off = Hours(late.zone, late.week, frozenset({date(2026, 4, 13)}))
    assert shown(one_off.best_moment("evening", None, at("2026-04-07T10:00"))) == "Mon 2026-04-20 17:00 EDT"
    two_off = Hours(late.zone, late.week, one_off.closed_on | {date(2026, 4, 20)})
    assert shown(two_off.best_moment("evening", None, at("2026-04-07T10:00"))) == "Tue 2026-04-07 11:00 EDT"


def test_each_choice_of_a_best_time_is_a_part_of_the_day() -> None:
    assert list(PARTS_OF_THE_DAY) == list(BEST_TIME)
    everything, *parts = PARTS_OF_THE_DAY.values()
    assert all(one.closes == other.opens for one, other in pairwise(parts))
    assert (parts[0].opens, parts[-1].closes) == (everything.opens, everything.closes)


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [("09:00-17:00", 540, 1020), ("00:00-24:00", 0, 1440), ("23:59-24:00", 1439, 1440), ("00:00-00:01", 0, 1)],
)
def test_a_span_is_two_times(text: str, opens: int, closes: int) -> None:
    assert Span.parse(text) == Span(opens * MINUTE, closes * MINUTE)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "09:00", "09:00-", "9:00-17:00", "09:00-17:60", "09:00 - 17:00", "09:00-17:00\n", "09:00-24:01"),
        *("25:00-26:00", "9-5", "09:00-12:00-17:00", "٠٩:00-17:00", "-9:00-17:00", "09:00\u201317:00", "99:00-99:30"),
        *("17:00-09:00", "09:00-09:00", "24:00-24:00", "20:00-00:00", "00:00-00:00"),
    ],
)
def test_an_invalid_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must "):
        Span.parse(text)


def test_a_zone_that_is_not_known_is_none() -> None:
    assert known_zone("America/New_York") == NEW_YORK
    assert [known_zone(name) for name in (None, "", "America", "New York", "../../etc/passwd", "/etc/localtime")] == (
        [None] * 6
    )


@pytest.mark.parametrize(
    "name",
    [None, "", "UTC", "Etc/UTC", "Etc/GMT+5", "Etc/GMT-14", "GMT", "GMT0", "Zulu", "Etc/Unknown", "Nowhere/At_All"],
)
def test_a_zone_of_no_place_says_nothing_about_where_a_person_is(name: str | None) -> None:
    assert person_zone(name) is None
    assert person_zone("America/New_York") == NEW_YORK


# Every zone of the United States and its territories, and places far from them.
ZONES: Final = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Anchorage", "America/Adak", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam"),
    *("Pacific/Pago_Pago", "America/Indiana/Knox", "America/Detroit", "America/Boise", "US/Eastern"),
    *("Europe/London", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Kiritimati", "UTC", "Etc/GMT+12", None),
)


@given(
    st.sampled_from(["America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Pacific/Guam"]),
    st.sampled_from([None, *BEST_TIME]),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - see timezones
)
def test_nobody_is_called_in_their_night(
    clinic: str, best_time: str | None, time_zone: str | None, after: datetime
) -> None:
    ours = Hours(ZoneInfo(clinic), WEEK.week, WEEK.closed_on)
    moment = ours.best_moment(best_time, time_zone, after)
    there = moment.astimezone(person_zone(time_zone) or ours.zone)
    assert 8 <= there.hour < 21
    assert after + HOUR <= moment <= after + timedelta(days=15)


# From here on: properties of any hours, compared with a model that shares no code with the implementation.

# Each zone with times when its clocks change, forward and back: by an hour, by half an hour (Lord Howe), at midnight
# (Havana), and formerly at one minute past midnight, when the old day interrupted the new one (St John's).
CHANGES: Final = {
    "America/New_York": ["2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04", "2027-04-04", "2027-10-03"],
    "America/Havana": ["2026-03-08", "2026-11-01"],
    "America/St_Johns": ["2010-03-14", "2010-11-07"],
    "Asia/Kathmandu": ["2026-03-08"],
}


@st.composite
def spans_of_a_day(draw: st.DrawFn) -> Day:
    """Return up to three spans, mostly around the times at which clocks change."""
    times = st.one_of(st.integers(0, 12).map(lambda quarters: 15 * quarters), st.integers(0, 1440), st.just(1440))
    drawn = sorted(draw(st.lists(times, min_size=0, max_size=6, unique=True)))
    spans = zip(drawn[::2], drawn[1::2], strict=False)
    return tuple(Span(opens * MINUTE, closes * MINUTE) for opens, closes in spans)


@st.composite
def around_a_change(draw: st.DrawFn) -> tuple[Hours, datetime]:
    """Return any hours and a whole minute near a clock change there."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    change = datetime.fromisoformat(draw(st.sampled_from(CHANGES[name]))).replace(tzinfo=UTC)
    week = draw(
        st.one_of(
            st.tuples(*[spans_of_a_day()] * 7),
            spans_of_a_day().map(lambda spans: (spans,) * 7),
            st.just((day(*AROUND_THE_CLOCK),) * 7),
            st.just(WEEK.week),
        )
    )
    assume(any(week))
    closed_on = draw(st.frozensets(st.integers(-2, 3).map(lambda days: (change + days * DAY).date()), max_size=2))
    return Hours(ZoneInfo(name), week, closed_on), change + draw(st.integers(-2 * 1440, 1440)) * MINUTE


minutes_to_pass = st.one_of(st.integers(0, 90), st.integers(0, 1440))


def open_there(ours: Hours, moment: datetime) -> bool:
    """The model: whether the clinic is open, judged as a person would by looking at its clock and calendar."""
    clock = moment.astimezone(ours.zone)
    read = f"{clock:%H:%M}"
    return clock.date() not in ours.closed_on and any(
        in_words(span.opens) <= read < in_words(span.closes) for span in ours.week[clock.weekday()]
    )


def in_words(time: timedelta) -> str:
    return "{:02}:{:02}".format(*divmod(time // MINUTE, 60))


def minutes_from(moment: datetime, days: int) -> list[datetime]:
    return [moment + number * MINUTE for number in range(days * 1440)]


@given(around_a_change(), st.integers(0, 59_999_999))
def test_the_clinic_is_open_when_its_clock_says_so(drawn: tuple[Hours, datetime], microseconds: int) -> None:
    ours, start = drawn
    moment = start + timedelta(microseconds=microseconds)
    assert ours.is_open(moment) == open_there(ours, moment)


@given(around_a_change(), minutes_to_pass)
def test_open_minutes_pass_as_a_person_would_count_them(drawn: tuple[Hours, datetime], minutes: int) -> None:
    ours, start = drawn
    counted = [moment for moment in minutes_from(start, 3) if open_there(ours, moment)]
    assert ours.open_minutes(start, start + 3 * DAY) == len(counted)
    then = ours.open_after(start, minutes)
    if 0 < minutes <= len(counted):
        assert then == counted[minutes - 1] + MINUTE
    elif minutes == 0 and counted:
        assert then == counted[0]
    else:
        assert then >= start + 3 * DAY


@given(around_a_change())
def test_open_days_are_those_a_person_would_count(drawn: tuple[Hours, datetime]) -> None:
    ours, start = drawn
    firsts: dict[date, datetime] = {}
    for moment in minutes_from(start - 2 * DAY, 5):
        if open_there(ours, moment):
            firsts.setdefault(moment.astimezone(ours.zone).date(), moment)
    seen = [moment for moment in firsts.values() if moment > start]
    opening = ours.next_opening(start)
    assert opening == seen[0] if seen else opening >= start + 3 * DAY


@given(
    around_a_change(),
    st.sampled_from([None, *BEST_TIME]),
    st.sampled_from([None, "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Chatham"]),
)
def test_no_moment_is_better_than_the_best(
    drawn: tuple[Hours, datetime], best_time: str | None, time_zone: str | None
) -> None:
    ours, after = drawn
    part = PARTS_OF_THE_DAY[best_time or "any"]
    there = Hours(ZoneInfo(time_zone) if time_zone else ours.zone, ((part,),) * 7)
    their_day = Hours(there.zone, ((THEIR_DAY,),) * 7)
    moment = ours.best_moment(best_time, time_zone, after)
    candidates = [each for each in minutes_from(after + HOUR, 4) if open_there(ours, each)]
    if wished := [each for each in candidates if open_there(there, each)]:
        assert moment == wished[0]
    elif moment <= after + timedelta(days=14) and open_there(there, moment) and open_there(ours, moment):
        assert moment >= after + HOUR + 4 * DAY
    elif decent := [each for each in candidates if open_there(their_day, each)]:
        assert moment == decent[0]
    assert open_there(their_day, moment)


seconds = st.integers(0, 86_400).map(lambda each: timedelta(seconds=each))


@given(around_a_change(), seconds, minutes_to_pass, st.integers(1, 1440))
def test_minutes_add_up(drawn: tuple[Hours, datetime], later: timedelta, some: int, more: int) -> None:
    ours, start = drawn
    start += later
    then = ours.open_after(start, some + more)
    assume(then < start + HORIZON)
    # Not for 0 minutes: no open time passes between a closing and the next opening, so both are right.
    assert ours.open_after(ours.open_after(start, some), more) == then


@given(around_a_change(), seconds, minutes_to_pass)
def test_as_many_minutes_have_passed_as_should(drawn: tuple[Hours, datetime], later: timedelta, minutes: int) -> None:
    ours, start = drawn
    start += later
    then = ours.open_after(start, minutes)
    assume(then < start + HORIZON)
    assert ours.open_minutes(start, then) == minutes
    # No earlier moment fits: the clinic is open at this moment, or was until just before it.
    assert then == start or ours.is_open(then - timedelta(microseconds=1)) or (minutes == 0 and ours.is_open(then))


@given(around_a_change(), seconds, seconds, minutes_to_pass, minutes_to_pass)
def test_later_never_becomes_earlier(
    drawn: tuple[Hours, datetime], one: timedelta, other: timedelta, some: int, more: int
) -> None:
    ours, start = drawn
    early, late = start + min(one, other), start + max(one, other)
    assert ours.open_after(early, some) <= ours.open_after(late, some)
    assert ours.open_after(early, min(some, more)) <= ours.open_after(early, max(some, more))
    assert ours.next_opening(early) <= ours.next_opening(late)
    assert early <= ours.open_after(early, some) <= early + HORIZON
    assert early < ours.next_opening(early) <= early + HORIZON
    whole = ours.open_minutes(start, late)
    assert whole == pytest.approx(ours.open_minutes(start, early) + ours.open_minutes(early, late))


@given(around_a_change())
def test_working_days_follow_each_other(drawn: tuple[Hours, datetime]) -> None:
    ours, start = drawn
    openings = [start]
    for _ in range(4):
        openings.append(ours.next_opening(openings[-1]))
    days = [opening.astimezone(ours.zone).date() for opening in openings[1:]]
    assert days == sorted(set(days)) or openings[-1] >= start + HORIZON
    assert all(ours.is_open(opening) for opening in openings[1:]) or openings[-1] >= start + HORIZON


@given(around_a_change(), st.timedeltas(timedelta(), timedelta(days=60)), st.lists(st.floats(0, 1), max_size=6))
def test_open_time_that_is_looked_up_is_the_same(
    drawn: tuple[Hours, datetime], length: timedelta, places: list[float]
) -> None:
    opening, start = drawn
    looked_up = OpenTime(opening, start, start + length)
    moments = [start, *(start + length * place for place in places), start + length]
    for first in moments:
        for second in moments:
            assert looked_up.minutes(first, second) == opening.open_minutes(first, second)
