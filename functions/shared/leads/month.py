"""A month at the clinic, such as "2026-11"."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_MONTHS: Final = 12


class Month(NamedTuple):
    """A month. `str` gives the text that `parse` reads."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the month in a text such as "2026-11", or None if it is none."""
        found = _MONTH.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """Return the month of a moment in a time zone."""
        local = moment.astimezone(zone)
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def name(self) -> str:
        """The month in words: "November 2026"."""
        return f"{self.first:%B %Y}"

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.number, 1)

    def before(self, months: int = 1) -> Self:
        """Return the month that is some months earlier. A negative number gives a later one."""
        count = self.year * _MONTHS + self.number - 1 - months
        return type(self)(count // _MONTHS, count % _MONTHS + 1)

    def starts(self, zone: ZoneInfo) -> datetime:
        """Return the moment when the month begins in a time zone, in UTC."""
        return midnight(self.first, zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """Return the moment when the next month begins in a time zone, in UTC."""
        return self.before(-1).starts(zone)

    def days(self) -> list[date]:
        """Return all days of the month."""
        count = (self.before(-1).first - self.first).days
        return [self.first + timedelta(days=number) for number in range(count)]


def noon(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return noon of the day of a moment in a time zone, in UTC. It says the day and hides the time."""
    return datetime.combine(moment.astimezone(zone).date(), time(12), zone).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment when a day begins in a time zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
