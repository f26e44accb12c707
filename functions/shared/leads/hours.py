"""The clinic's hours: when it is open, how much open time has passed, when to try a person.

One sentence defines all of it: **the clinic is open whenever the clock on its wall shows a time within one of the day's
spans, unless the day is a day off.** So when clocks go forward, a span has less by what the clock skips (02:30 never
comes: a span from 02:30 opens at 03:00); when they go back, it has twice what the clock shows twice. A span's last
minute is over at `closes`: who writes at closing time writes while it is closed.

Moments are aware, in UTC, in and out, and time between them is time that really passes. Nothing here reads a clock.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
# No search looks further ahead than this, so a calendar of closed days only ends one too. Where nothing is found, the
# end of the search is the answer: whatever waits for it comes late, and comes.
HORIZON: Final = timedelta(days=366)
# Who was just tried is left alone for this long, and their wish for a part of the day is good for that long.
PAUSE_BEFORE_TRYING_AGAIN: Final = timedelta(hours=1)
WISH_IS_GOOD_FOR: Final = timedelta(days=14)


class Span(NamedTuple):
    """A part of a day by the clock on the wall: from `opens`, up to and without `closes`, both since midnight."""

    opens: timedelta
    closes: timedelta

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the span that `text` says, such as "09:00-17:00"; "24:00" is the day's end. Else a `ValueError`."""
        times = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)", text, re.ASCII)
        if times is None:
            raise ValueError('must be two times of a day in 24 hours, such as "09:00-17:00"; a day ends at 24:00')
        hour, minute, to_hour, to_minute = map(int, times.groups())
        opens, closes = timedelta(hours=hour, minutes=minute), timedelta(hours=to_hour, minutes=to_minute)
        if opens >= closes:
            raise ValueError("must end later than it begins, on the same day; a night is two spans, one in each day")
        return cls(opens, closes)


type Day = tuple[Span, ...]  # in order, none within another; no span is a day when it is closed
type Week = tuple[Day, ...]  # seven, from Monday, as `date.weekday` counts

# What a person means by the choices of `BEST_TIME`, by the clock where they are. "Any time" is no time of
# the night: 8 to 21 there, whatever the time at the clinic, are the hours that 47 CFR 64.1200(c)(1) allows for calls.
PARTS_OF_THE_DAY: Final = {
    "any": Span(timedelta(hours=8), timedelta(hours=21)),
    "morning": Span(timedelta(hours=8), timedelta(hours=12)),
    "afternoon": Span(timedelta(hours=12), timedelta(hours=17)),
    "evening": Span(timedelta(hours=17), timedelta(hours=21)),
}


def known_zone(name: str | None) -> ZoneInfo | None:
    """Return the time zone of that IANA name, or None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # no such zone, no such name, a folder of zones
        return None


@dataclass(frozen=True, slots=True)
class Hours:
    """When it is open: the spans of each weekday, days off, and the time zone of the clock on the wall."""

    zone: ZoneInfo
    week: Week
    closed_on: frozenset[date] = frozenset()

    def is_open(self, moment: datetime) -> bool:
        """Return whether it is open at `moment`. It is at an opening and is not at a closing."""
        wall = self._wall(moment)
        return any(span.opens <= wall - _midnight(wall) < span.closes for span in self._spans(wall))

    def open_minutes(self, start: datetime, end: datetime) -> float:
        """Return how many minutes between the two it is open; whole ones come out whole. 0 if `end` is not later.

        One pass over the days between, so it needs no bound.
        """
        return sum((closes - opens for opens, closes in self._open(start, end)), timedelta()) / timedelta(minutes=1)

    def open_after(self, moment: datetime, minutes: float) -> datetime:
        """Return the first moment at which `minutes` open minutes (0 or more) have passed since `moment`.

        It may be a closing: 15 minutes after 16:45 is 17:00, not tomorrow morning. 0 minutes is the first open moment:
        `moment` itself or, while closed, the next opening. At the latest `HORIZON` after `moment`.
        """
        left, end = timedelta(minutes=minutes), moment + HORIZON
        for opens, closes in self._open(moment, end):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        return end

    def next_opening(self, after: datetime) -> datetime:
        """Return the next first opening of a working day, later than `after`; at the latest `HORIZON` after it.

        Once each working day: not after a lunch break, and at midnight where a day begins open.
        """
        known = date.min
        for opens, _ in self._open(after - 2 * _DAY, after + HORIZON):  # from before today's own first opening
            day = self._wall(opens).date()
            if day > known and opens > after:
                return opens
            known = max(known, day)
        return after + HORIZON

    def best_moment(self, best_time: str | None, time_zone: str | None, after: datetime) -> datetime:
        """Return when to try a person again, whom somebody tried at `after`.

        That is the first moment that is open here and, where they are, in the part of the day they asked for. A part
        that is not in `PARTS_OF_THE_DAY` is "any", a time zone we do not know is the clinic's. Without such a moment
        within `WISH_IS_GOOD_FOR`, it is the first open one. Always at least `PAUSE_BEFORE_TRYING_AGAIN` after `after`.
        """
        part = PARTS_OF_THE_DAY.get(best_time or "any", PARTS_OF_THE_DAY["any"])
        wish = Hours(known_zone(time_zone) or self.zone, week=((part,),) * 7)
        first = moment = self.open_after(after + PAUSE_BEFORE_TRYING_AGAIN, 0)
        while moment <= after + WISH_IS_GOOD_FOR:
            # Each waits for the other, until neither has to.
            wished = wish.open_after(moment, 0)
            if wished == moment:
                return moment
            moment = self.open_after(wished, 0)
        return first

    def _spans(self, wall: datetime) -> Day:
        return () if wall.date() in self.closed_on else self.week[wall.weekday()]

    def _wall(self, moment: datetime) -> datetime:
        """Return what the clock on the wall shows, as if it were UTC: then to add and to compare is plain."""
        return moment.astimezone(self.zone).replace(tzinfo=UTC)

    def _offset(self, moment: datetime) -> timedelta:
        return self._wall(moment) - moment

    def _open(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is open between the two, in order. What belongs together may come in several parts."""
        for since, until, offset in self._steady(start, end):
            day = _midnight(since + offset)
            while day < until + offset:
                for span in self._spans(day):
                    opens, closes = max(since, day + span.opens - offset), min(until, day + span.closes - offset)
                    if opens < closes:
                        yield opens, closes
                day += _DAY

    def _steady(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """Cut the time between the two so that the wall's distance from UTC is the same throughout each part.

        In each, local time is plain arithmetic; this is all there is to know about daylight saving. It takes for
        granted that no zone changes its distance and changes it back within a day.
        """
        while start < end:
            until, offset = min(start + _DAY, end), self._offset(start)
            if self._offset(until) != offset:
                seconds = range(int(start.timestamp()), int(until.timestamp()) + 1)  # zones change on a whole one
                changed = bisect_left(seconds, True, key=lambda each: self._offset(_at(each)) != offset)  # noqa: FBT003
                until = _at(seconds[changed])
            yield start, until, offset
            start = until


def _midnight(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=0, second=0, microsecond=0)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
