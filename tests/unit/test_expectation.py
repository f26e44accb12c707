"""shared.leads.expectation: when a visitor can expect to hear from the clinic. It promises no more than the targets."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.leads.clinic import Clinic, Targets
from shared.leads.expectation import contact_from, next_steps
from shared.leads.hours import Hours
from shared.text import text
from shared.text.en import thanks
from tests.unit.people import CLINIC

ENGLISH = text("en")
SPANISH = text("es")

OFFICE, LUNCH = ("09:00-17:00",), ("09:00-12:30", "13:30-17:00")
ALWAYS: tuple[str, ...] = ("00:00-24:00",)
# Monday to Sunday; Tuesdays have a lunch break.
WEEK = replace(
    CLINIC,
    opening_hours=(OFFICE, LUNCH, OFFICE, OFFICE, OFFICE, (), ()),
    closed_on=frozenset({date(2026, 3, 16), date(2026, 12, 25)}),
    targets=Targets(remind_after=15, escalate_after=60),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def always(clinic: Clinic = WEEK) -> Clinic:
    return replace(clinic, opening_hours=(ALWAYS,) * 7, closed_on=frozenset())


# March 2, 2026 is a Monday. Clocks go forward on March 8.
@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-03-02T10:00", "We are open now. Someone will contact you today."),
        ("2026-03-02T16:00", "We are open now. Someone will contact you today."),
        ("2026-03-02T16:01", "Someone will contact you tomorrow, Tuesday, from 9 AM Eastern time."),
        ("2026-03-02T17:00", "We are closed now. Someone will contact you tomorrow, Tuesday, from 9 AM Eastern time."),
        ("2026-03-02T07:00", "We are closed now. Someone will contact you today from 9 AM Eastern time."),
        ("2026-03-03T12:40", "We are closed now. Someone will contact you today from 1:30 PM Eastern time."),
        ("2026-03-03T12:10", "We are open now. Someone will contact you today."),
        ("2026-03-06T16:30", "Someone will contact you on Monday from 9 AM Eastern time."),
        ("2026-03-06T18:00", "We are closed now. Someone will contact you on Monday from 9 AM Eastern time."),
        ("2026-03-08T23:00", "We are closed now. Someone will contact you tomorrow, Monday, from 9 AM Eastern time."),
        (
            "2026-03-13T18:00",
            "We are closed now. Someone will contact you on Tuesday from 9 AM Eastern time.",
        ),  # closed on Monday
    ],
)
def test_a_visitor_reads_when_to_expect_us(now: str, said: str) -> None:
    assert next_steps(WEEK, at(now), ENGLISH) == f"{said} You don't need to do anything else."


def test_a_day_that_is_more_than_a_week_away_has_a_date() -> None:
    days_off = frozenset(date(2026, 3, day) for day in range(9, 14))
    clinic = replace(WEEK, closed_on=days_off)
    assert "on Monday, March 16, from 9 AM Eastern time." in next_steps(clinic, at("2026-03-06T18:00"), ENGLISH)
    assert "on Monday, March 16, from 9 AM Eastern time." in next_steps(clinic, at("2026-03-09T08:00"), ENGLISH)
    assert "on Monday from 9 AM Eastern time." in next_steps(clinic, at("2026-03-10T08:00"), ENGLISH)


def test_a_long_target_is_not_promised_for_the_first_day() -> None:
    clinic = replace(WEEK, targets=Targets(escalate_after=10 * 60))
    said = next_steps(clinic, at("2026-03-02T10:00"), ENGLISH)
    assert said.startswith("Someone will contact you tomorrow, Tuesday, from 9")
    assert "on Tuesday from 9 AM Eastern time" in next_steps(clinic, at("2026-03-07T10:00"), ENGLISH)


@pytest.mark.parametrize(("hours", "said"), [(("00:00-02:00",), "from midnight"), (("12:00-20:00",), "from noon")])
def test_noon_and_midnight_have_their_names(hours: tuple[str, ...], said: str) -> None:
    assert said in next_steps(replace(WEEK, opening_hours=(hours,) * 7), at("2026-03-02T21:00"), ENGLISH)


def test_around_the_clock_nobody_is_promised_a_day_that_ends_too_soon() -> None:
    today, soon = (next_steps(always(), at(f"2026-03-02T{time}"), ENGLISH) for time in ("22:59", "23:30"))
    assert today.startswith("We are open now. Someone will contact you today.")
    assert soon.startswith("We are open now. Someone will contact you soon.")


@pytest.mark.parametrize("urgent", [True, False])
def test_without_opening_hours_the_words_name_no_time(urgent: bool) -> None:  # noqa: FBT001 - a parameter
    never = replace(WEEK, opening_hours=((),) * 7)
    said = thanks.URGENT_NEXT if urgent else thanks.NEXT
    assert next_steps(never, at("2026-03-02T10:00"), ENGLISH, urgent=urgent) == said


def test_a_visitor_in_crisis_is_told_honestly_that_we_are_closed() -> None:
    assert next_steps(WEEK, at("2026-03-02T16:59"), ENGLISH, urgent=True) == thanks.URGENT_NEXT
    said = next_steps(WEEK, at("2026-03-06T18:00"), ENGLISH, urgent=True)
    assert said == (
        "We asked our staff to look at your request first. But we are closed now, so you may not hear from them before "
        "we open on Monday at 9 AM Eastern time. Until then, please use the numbers above."
    )


@pytest.mark.parametrize(
    ("zone", "said"),
    [("America/Denver", "from 9 AM Mountain time."), ("America/Detroit", "from 9 AM EDT."), ("UTC", "from 9 AM UTC.")],
)
def test_a_time_says_whose_time_it_is(zone: str, said: str) -> None:
    assert said in next_steps(replace(WEEK, time_zone=zone), at("2026-03-13T20:00"), ENGLISH)


@pytest.mark.parametrize(
    ("now", "opens", "said"),
    [
        ("2026-03-02T08:00", "09:00-17:00", "hoy a partir de las 9 a. m. (hora del Este)."),
        ("2026-03-02T18:00", "09:30-17:00", "mañana, martes, a partir de las 9:30 a. m. (hora del Este)."),
        ("2026-03-06T18:00", "13:00-17:00", "el lunes a partir de la 1 p. m. (hora del Este)."),
        ("2026-03-06T18:00", "12:00-17:00", "el lunes a partir de las 12 p. m. (hora del Este)."),
    ],
)
def test_a_time_in_spanish_has_its_own_words(now: str, opens: str, said: str) -> None:
    clinic = replace(WEEK, opening_hours=((opens,),) * 5 + ((), ()))
    words = next_steps(clinic, at(now), SPANISH).replace("\u00a0", " ")
    assert words == f"Ahora estamos cerrados. Alguien se comunicará con usted {said} No tiene que hacer nada más."


def test_a_date_in_spanish_has_its_own_words() -> None:
    days_off = frozenset(date(2026, 3, day) for day in range(9, 14))
    said = next_steps(replace(WEEK, closed_on=days_off), at("2026-03-06T18:00"), SPANISH)
    assert "el lunes 16 de marzo, a partir de las 9" in said


_days = st.sampled_from([(), OFFICE, LUNCH, ALWAYS, ("00:00-01:30", "22:00-24:00"), ("02:15-02:45",)])
_clinics = st.builds(
    lambda week, zone, off, minutes: replace(
        WEEK,
        opening_hours=tuple(week),
        time_zone=zone,
        closed_on=frozenset(off),
        targets=Targets(escalate_after=minutes),
    ),
    st.lists(_days, min_size=7, max_size=7),
    st.sampled_from(["America/New_York", "America/Phoenix", "Europe/London", "Asia/Kathmandu", "Pacific/Apia"]),
    st.lists(st.dates(date(2026, 10, 20), date(2026, 11, 20)), max_size=20),
    st.integers(1, 3_000),
)
_moments = st.datetimes(datetime(2026, 10, 15), datetime(2026, 11, 10)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@given(_clinics, _moments)
@example(always(), at("2026-11-01T01:30"))  # clocks go back at 2 AM
def test_the_promised_moment_is_open_not_past_and_not_sooner_than_the_target_allows(
    clinic: Clinic, now: datetime
) -> None:
    hours, within = clinic.hours, clinic.targets.escalate_after
    moment = contact_from(hours, within, now)
    if moment is None:
        assert not hours.open_minutes(now, now + timedelta(days=200))
        return
    assert moment >= now
    assert hours.is_open(moment)
    # On the promised day, or without a break from then on, the target is met.
    assert hours.open_minutes(now, _end_of_its_day(hours, moment)) >= within or _never_closed(hours, now, within)
    for urgent in (True, False):
        said = next_steps(clinic, now, ENGLISH, urgent=urgent)
        assert "{" not in said
        assert said[0].isupper()
        assert said.endswith(".")


def _end_of_its_day(hours: Hours, moment: datetime) -> datetime:
    local = moment.astimezone(hours.zone)
    return (local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).astimezone(UTC)


def _never_closed(hours: Hours, now: datetime, within: int) -> bool:
    return hours.open_minutes(now, now + timedelta(minutes=within)) == within
