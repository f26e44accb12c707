"""Reads the date and time of a follow-up, which a person chooses in the clinic's time zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto
from typing import Final
from zoneinfo import ZoneInfo

from shared.leads.desk import LONGEST_FOLLOW_UP

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")  # some browsers send seconds


class Trouble(StrEnum):
    """Why a date and a time are no moment for a follow-up."""

    NO_DATE = auto()
    NO_TIME = auto()
    SKIPPED = auto()  # the clocks go forward then, so there is no such time
    PAST = auto()
    TOO_FAR = auto()


class BadMomentError(Exception):
    """The date and the time are no moment for a follow-up. `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def moment_of(day: str, clock: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment (in UTC) of a date and a time as a browser sends them, such as "2026-03-09" and "15:30".

    A time that occurs twice, because clocks go back, means the first one. Raises BadMomentError.
    """
    there = datetime.combine(_date(day), _time(clock), zone)
    moment = there.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != there.replace(tzinfo=None):
        raise BadMomentError(Trouble.SKIPPED)
    if moment <= now:
        raise BadMomentError(Trouble.PAST)
    if moment > now + LONGEST_FOLLOW_UP:
        raise BadMomentError(Trouble.TOO_FAR)
    return moment


def fields_of(moment: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return the date and the time of a moment, as `moment_of` reads them."""
    there = moment.astimezone(zone)
    return f"{there:%Y-%m-%d}", f"{there:%H:%M}"


def zone_of(day: str, clock: str, zone: ZoneInfo) -> str:
    """Return the name of the clinic's time on a day that a browser sent, such as "EDT on March 9".

    Return "" if the day and the time are no moment.
    """
    try:
        return f"{datetime.combine(_date(day), _time(clock), zone):%Z on %B %-d}"
    except BadMomentError:
        return ""


def _date(text: str) -> date:
    try:
        read = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        read = None
    # At the ends of the calendar, another time zone has no date.
    if read is None or not date.min + timedelta(days=2) < read < date.max - timedelta(days=2):
        raise BadMomentError(Trouble.NO_DATE)
    return read


def _time(text: str) -> time:
    try:
        read = time.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        read = None
    if read is None:
        raise BadMomentError(Trouble.NO_TIME)
    return read.replace(second=0, microsecond=0)
