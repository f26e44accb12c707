"""The clinic's opening hours: when it is open, how many open minutes have passed, and when to call a person again.

One rule defines everything: **the clinic is open when its local time is within one of the day's spans, unless the day
is a day off.** When clocks go forward, a span loses the time that is skipped: one that starts at 02:30 opens at 03:00.
When clocks go back, the repeated time counts twice. A span ends at `closes`: at that moment the clinic is closed.

All moments are aware and in UTC, and durations are elapsed time. Nothing here reads a clock.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
# No search looks further ahead than this, so a clinic that is always closed cannot cause an endless search. A search
# that finds nothing returns the moment where it stopped. So anything that depends on it still happens, but late.
HORIZON: Final = timedelta(days=366)
# The minimum wait before calling a person again, and how long we keep looking for the time of day they prefer.
PAUSE_BEFORE_TRYING_AGAIN: Final = timedelta(hours=1)
WISH_IS_GOOD_FOR: Final = timedelta(days=14)


class Span(NamedTuple):
    """A part of a day in local time: from `opens` up to, but not including, `closes`. Both are times since midnight."""

    opens: timedelta
    closes: timedelta

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the span in `text`, such as "09:00-17:00". "24:00" is the end of the day. Raises ValueError."""
        times = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)", text, re.ASCII)
        if times is None:
            raise ValueError('must be two 24-hour times, such as "09:00-17:00"; a day ends at 24:00')
        hour, minute, to_hour, to_minute = map(int, times.groups())
        opens, closes = timedelta(hours=hour, minutes=minute), timedelta(hours=to_hour, minutes=to_minute)
        if opens >= closes:
            raise ValueError("must end after it starts, on the same day; a night shift is two spans, one on each day")
        return cls(opens, closes)


type Day = tuple[Span, ...]  # in order, without overlaps; empty for a closed day
type Week = tuple[Day, ...]  # seven days from Monday, like `date.weekday`

# 47 CFR 64.1200(c)(1) allows calls from 8 a.m. to 9 p.m. local time of the person called.
THEIR_DAY: Final = Span(timedelta(hours=8), timedelta(hours=21))
# The choices of the field `best_time`, in the person's local time.
PARTS_OF_THE_DAY: Final = {
    "any": THEIR_DAY,
    "morning": Span(timedelta(hours=8), timedelta(hours=12)),
    "afternoon": Span(timedelta(hours=12), timedelta(hours=17)),
    "evening": Span(timedelta(hours=17), timedelta(hours=21)),
}


def known_zone(name: str | None) -> ZoneInfo | None:
    """Return the time zone with this IANA name, or None if there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # unknown zone, invalid name, or a folder of zones
        return None


# Zones of computers that have none, and of browsers that hide it for privacy. Nobody lives in them.
_NO_PLACE: Final = re.compile(r"Etc/.*|UTC|UCT|GMT([+-]?0)?|Greenwich|Universal|Zulu|Factory", re.IGNORECASE)


def person_zone(name: str | None) -> ZoneInfo | None:
    """Return the time zone of a person whose browser named it, or None if it says nothing about where they are."""
    return None if name is None or _NO_PLACE.fullmatch(name) else known_zone(name)


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: the spans of each weekday, the days off and the time zone."""

    zone: ZoneInfo
    week: Week
    closed_on: frozenset[date] = frozenset()

    def is_open(self, moment: datetime) -> bool:
        """Return whether the clinic is open at `moment`. It is open at an opening time and closed at a closing time."""
        wall = self._wall(moment)
        return any(span.opens <= wall - _midnight(wall) < span.closes for span in self._spans(wall))

    def open_minutes(self, start: datetime, end: datetime) -> float:
        """Return the open minutes between two moments, or 0 if `end` is not later. Whole minutes are exact.

        This goes over the days in between once, so it needs no limit.
        """
        return sum((closes - opens for opens, closes in self.open_periods(start, end)), timedelta()) / timedelta(
            minutes=1
        )

    def open_after(self, moment: datetime, minutes: float) -> datetime:
        """Return the first moment at which `minutes` open minutes (0 or more) have passed since `moment`.

        The result may be a closing time: 15 minutes after 16:45 is 17:00, not tomorrow morning. For 0 minutes it is the
        first open moment: `moment` itself or, if closed, the next opening. It is at most `HORIZON` after `moment`.
        """
        left, end = timedelta(minutes=minutes), moment + HORIZON
        for opens, closes in self.open_periods(moment, end):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        return end

    def next_opening(self, after: datetime) -> datetime:
        """Return the next time after `after` when a working day opens, at most `HORIZON` later.

        There is one per working day: reopening after a lunch break does not count. A day that is open from
        midnight on opens at midnight.
        """
        known = date.min
        for opens, _ in self.open_periods(after - 2 * _DAY, after + HORIZON):  # starts before today's first opening
            day = self._wall(opens).date()
            if day > known and opens > after:
                return opens
            known = max(known, day)
        return after + HORIZON

    def best_moment(self, best_time: str | None, time_zone: str | None, after: datetime) -> datetime:
        """Return the time to try again, after a person could not be reached at `after`.

        This is the first moment when the clinic is open and the person's local time is in the part of the day that they
        asked for. If there is no such moment within `WISH_IS_GOOD_FOR`, any time of their day will do. If the clinic is
        never open in their day, it is the first moment of their day. An unknown time zone means the clinic's. The
        result is always at least `PAUSE_BEFORE_TRYING_AGAIN` after `after`, and never in the person's night.
        """
        zone, start = person_zone(time_zone) or self.zone, after + PAUSE_BEFORE_TRYING_AGAIN
        their_wish = every_day(PARTS_OF_THE_DAY.get(best_time or "any", THEIR_DAY), zone)
        their_day = every_day(THEIR_DAY, zone)
        return (
            self._open_together(their_wish, start, after + WISH_IS_GOOD_FOR)
            or self._open_together(their_day, start, after + HORIZON)
            or their_day.open_after(start, 0)
        )

    def is_wished(self, best_time: str | None, time_zone: str | None, moment: datetime) -> bool:
        """Return whether a person asked to be called at this time of their day.

        This is False if they did not ask for a part of the day. An unknown time zone means the clinic's.
        """
        part = PARTS_OF_THE_DAY.get(best_time or "any", THEIR_DAY)
        return part is not THEIR_DAY and every_day(part, person_zone(time_zone) or self.zone).is_open(moment)

    def _open_together(self, wished: Self, start: datetime, end: datetime) -> datetime | None:
        """Return the first moment from `start` to `end` that is in both opening hours, or None."""
        moment = self.open_after(start, 0)
        while moment <= end:
            # Move to the next moment that suits the person or the clinic, until a moment suits both.
            suits = wished.open_after(moment, 0)
            if suits == moment:
                return moment
            moment = self.open_after(suits, 0)
        return None

    def _spans(self, wall: datetime) -> Day:
        return () if wall.date() in self.closed_on else self.week[wall.weekday()]

    def _wall(self, moment: datetime) -> datetime:
        """Return the local time as if it were UTC, so that adding and comparing need no time zone."""
        return moment.astimezone(self.zone).replace(tzinfo=UTC)

    def _offset(self, moment: datetime) -> timedelta:
        return self._wall(moment) - moment

    def open_periods(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open periods between two moments, in order. One span may be split into several periods."""
        for since, until, offset in self._steady(start, end):
            day = _midnight(since + offset)
            while day < until + offset:
                for span in self._spans(day):
                    opens, closes = max(since, day + span.opens - offset), min(until, day + span.closes - offset)
                    if opens < closes:
                        yield opens, closes
                day += _DAY

    def _steady(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """Split the time between two moments into parts with a constant UTC offset.

        Within a part, local time is simple arithmetic, so no other code has to handle daylight saving time. This
        assumes that no zone changes its offset and changes it back within a day.
        """
        while start < end:
            until, offset = min(start + _DAY, end), self._offset(start)
            if self._offset(until) != offset:
                seconds = range(int(start.timestamp()), int(until.timestamp()) + 1)  # offsets change on whole seconds
                changed = bisect_left(seconds, True, key=lambda each: self._offset(_at(each)) != offset)  # noqa: FBT003
                until = _at(seconds[changed])
            yield start, until, offset
            start = until


class OpenTime:
    """The open minutes between moments of a period, looked up at once. It says the same as `Hours.open_minutes`.

    A report asks for very many moments. Outside of the period, the clinic counts as closed.
    """

    def __init__(self, hours: Hours, start: datetime, end: datetime) -> None:
        self._opens: list[datetime] = []
        self._spans: list[tuple[timedelta, timedelta]] = []  # the open time before each, and its length
        total = timedelta()
        for opens, closes in hours.open_periods(start, end):
            self._opens.append(opens)
            self._spans.append((total, closes - opens))
            total += closes - opens

    def minutes(self, start: datetime, end: datetime) -> float:
        """Return the open minutes between two moments, or 0 if `end` is not later."""
        return max(timedelta(), self._until(end) - self._until(start)) / timedelta(minutes=1)

    def _until(self, moment: datetime) -> timedelta:
        place = bisect_right(self._opens, moment) - 1
        if place < 0:
            return timedelta()
        before, length = self._spans[place]
        return before + min(length, moment - self._opens[place])


def every_day(span: Span, zone: ZoneInfo) -> Hours:
    """Return the hours that are this part of every day."""
    return Hours(zone, week=((span,),) * 7)


def _midnight(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=0, second=0, microsecond=0)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
