"""What a visitor can expect after we have their request: when someone will contact them.

It follows from the opening hours and from the target for the escalation. We never promise more than that. Nothing here
reads a clock.
"""

from datetime import datetime, time, timedelta
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.hours import HORIZON, Hours
from shared.text import Text

_HALF_DAY: Final = 12  # hours
_WEEK: Final = 7  # days; in a week or more, the name of a day is not enough


def next_steps(clinic: Clinic, now: datetime, text: Text, *, urgent: bool = False) -> str:
    """Return what happens next, in one to three sentences for the visitor."""
    hours, thanks = clinic.hours, text.thanks
    if urgent:
        opens = _first_open(hours, now)
        if opens is None or opens == now:
            return thanks.URGENT_NEXT
        return thanks.URGENT_CLOSED_NEXT.format(when=_when(thanks.AT, opens, now, clinic, text))
    moment = contact_from(hours, clinic.targets.escalate_after, now)
    if moment is None:
        return thanks.NEXT
    if moment > now:
        words = thanks.LATER if hours.is_open(now) else thanks.CLOSED
        said = words.format(when=_when(thanks.FROM, moment, now, clinic, text))
    else:
        said = thanks.TODAY_STILL if _ends_today(hours, clinic.targets.escalate_after, now) else thanks.SOON
    return f"{said} {thanks.NOTHING_ELSE}"


def contact_from(hours: Hours, within: float, now: datetime) -> datetime | None:
    """Return the moment from which someone will contact the visitor, or None if the clinic never seems to open.

    `within` is how many open minutes they may have to wait. If those end today, it is the next open moment: `now`
    itself if the clinic is open. Otherwise it is when the day opens on which they end. The clinic is always open at
    that moment.
    """
    first, latest = _first_open(hours, now), hours.open_after(now, within)
    if first is None or latest >= now + HORIZON:
        return None
    # A day ends at its midnight, which is a moment of the next day.
    day = max(latest - timedelta(microseconds=1), first).astimezone(hours.zone).date()
    if day == first.astimezone(hours.zone).date() or latest - now == timedelta(minutes=within):  # or never closed
        return first
    return hours.open_after(datetime.combine(day, time(), hours.zone).astimezone(now.tzinfo), 0)


def _first_open(hours: Hours, now: datetime) -> datetime | None:
    first = hours.open_after(now, 0)
    return first if hours.is_open(first) else None


def _ends_today(hours: Hours, within: float, now: datetime) -> bool:
    last = hours.open_after(now, within) - timedelta(microseconds=1)
    return last.astimezone(hours.zone).date() == now.astimezone(hours.zone).date()


def _when(words: str, moment: datetime, now: datetime, clinic: Clinic, text: Text) -> str:
    thanks = text.thanks
    local, today = (each.astimezone(clinic.hours.zone) for each in (moment, now))
    days = (local.date() - today.date()).days
    near = {0: thanks.TODAY, 1: thanks.TOMORROW}
    day = near.get(days, thanks.ON_DAY if days < _WEEK else thanks.ON_DATE)
    # The visitor may be in another time zone, and the thank-you page does not know theirs.
    zone = thanks.ZONE.format(zone=thanks.ZONES.get(clinic.time_zone, f"{local:%Z}"))
    return words.format(
        day=day.format(weekday=thanks.WEEKDAYS[local.weekday()], month=thanks.MONTHS[local.month - 1], day=local.day),
        time=f"{_clock(local, text)} {zone}".strip(),
    )


def _clock(local: datetime, text: Text) -> str:
    thanks = text.thanks
    if not local.minute and local.hour in thanks.CLOCK:
        return thanks.CLOCK[local.hour]
    hour = local.hour % _HALF_DAY or _HALF_DAY
    words = thanks.CLOCK_MINUTES if local.minute else thanks.CLOCK_HOUR
    # Some languages have other words for one o'clock than for the rest.
    return words["one" if hour == 1 else "other"].format(
        hour=hour, minute=f"{local.minute:02}", half=thanks.HALVES[local.hour // _HALF_DAY]
    )
