"""shared.leads.month: months at the clinic, and the moments when they begin and end."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.month import Month

NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from(
    [NEW_YORK, *map(ZoneInfo, ("America/Phoenix", "Pacific/Honolulu", "Asia/Kolkata", "Pacific/Kiritimati"))]
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - gets UTC


@given(MOMENTS, ZONES)
def test_a_moment_is_in_its_month_and_in_no_other(moment: datetime, zone: ZoneInfo) -> None:
    month = Month.of(moment, zone)
    assert month.starts(zone) <= moment < month.ends(zone)
    assert month.ends(zone) == month.before(-1).starts(zone)
    assert Month.parse(str(month)) == month


@given(MOMENTS, st.integers(-30, 30))
def test_going_back_and_forth_ends_in_the_same_month(moment: datetime, months: int) -> None:
    month = Month.of(moment, NEW_YORK)
    assert month.before(months).before(-months) == month
    assert month.before(12) == Month(month.year - 1, month.number)


def test_a_month_has_its_days_also_when_clocks_change() -> None:
    march = Month(2026, 3)
    assert (march.days()[0], march.days()[-1], len(march.days())) == (date(2026, 3, 1), date(2026, 3, 31), 31)
    assert march.ends(NEW_YORK) - march.starts(NEW_YORK) == timedelta(days=31, hours=-1)
    assert march.name == "March 2026"


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-3", "1999-03", "2026-03-01", "2026-03\n", "٢٠٢٦-٠٣"])
def test_a_text_that_names_no_month_is_none(text: str) -> None:
    assert Month.parse(text) is None
