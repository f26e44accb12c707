"""Times in the digest, in words."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.leads.numbers import duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Says when something happened, as seen from `now` at the clinic."""

    now: datetime
    zone: ZoneInfo

    def on(self, moment: datetime) -> str:
        """Return a moment as the clinic's date and time, with the year only if it is not this year."""
        there, here = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        return f"{there:%a, %b %-d}{'' if there.year == here.year else f', {there:%Y}'}, {there:%-I:%M %p}"

    def ago(self, moment: datetime) -> str:
        """Return how long ago a moment was."""
        passed = duration(self.now - moment)
        return f"{passed} ago" if passed else "just now"

    def since(self, moment: datetime) -> str:
        """Return a moment, and how long ago it was."""
        return f"{self.on(moment)}, {self.ago(moment)}"
