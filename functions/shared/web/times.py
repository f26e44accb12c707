"""Moments and durations in words, in the clinic's time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.leads.clinic import Clinic
from shared.leads.lead import Lead
from shared.leads.numbers import counted, duration


@dataclass(frozen=True, slots=True)
class Times:
    """The words for times at the moment `now`."""

    clinic: Clinic
    now: datetime

    def at(self, moment: datetime) -> str:
        """Return a moment for a list: "Today at 10:30 AM EST"."""
        words = self.on(moment).removeprefix("on ")
        return words[0].upper() + words[1:]

    def on(self, moment: datetime) -> str:
        """Return a moment for a sentence: "today at 10:30 AM EST", "on Tuesday, March 10 at 6 PM EDT"."""
        local, today = (each.astimezone(self.clinic.hours.zone) for each in (moment, self.now))
        near = {timedelta(-1): "yesterday", timedelta(): "today", timedelta(1): "tomorrow"}
        year = "" if local.year == today.year else f", {local.year}"
        day = near.get(local.date() - today.date(), f"on {local:%A, %B %-d}{year}")
        return f"{day} at {local:%-I}{f':{local:%M}' if local.minute else ''} {local:%p %Z}"

    def soon(self, moment: datetime) -> str:
        """Return a moment that is still to come for a sentence. One that has come means the next minute."""
        return self.on(moment) if moment > self.now else "within the next few minutes"

    def since(self, moment: datetime) -> str:
        """Return how long ago a moment was: "2 minutes"."""
        return duration(self.now - moment) or "less than a minute"

    def is_wished(self, lead: Lead, moment: datetime) -> bool:
        """Return whether the person asked to be called at this time of day.

        The clinic may never be open in the part of the day they asked for. Then the reminder comes at another time.
        """
        return self.clinic.hours.is_wished(lead.best_time, lead.time_zone, moment)


def times(count: int) -> str:
    """Return how often something happened: "Once", "Twice", "3 times"."""
    return {1: "Once", 2: "Twice"}.get(count) or counted(count, "time")
