"""What an email about a lead has to know besides the lead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from shared.leads.clinic import Clinic
from shared.leads.history import History
from shared.leads.link import Links
from shared.leads.team import FORMER_RECIPIENT
from shared.messages.settings import AlertDetail

_NOBODY_KNOWN: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is the same for every recipient. Moments are aware."""

    clinic: Clinic
    now: datetime
    names: Mapping[str, str] = field(default=_NOBODY_KNOWN)  # the address of each recipient
    claimed_by: str | None = None  # the recipient who claimed the lead last
    claimed_at: datetime | None = None
    told_at: datetime | None = None  # when SES first accepted an email about the lead
    history: History | None = None
    flags: tuple[str, ...] = ()  # static words on what looks like spam; every detail shows them

    @property
    def claimer(self) -> str:
        """The recipient who claimed the lead, in a sentence. They may have left the list since."""
        return self.names.get(self.claimed_by, FORMER_RECIPIENT) if self.claimed_by else "a colleague"

    def clock(self, moment: datetime) -> str:
        """Return a moment as the clinic's clock and calendar show it."""
        return f"{moment.astimezone(ZoneInfo(self.clinic.time_zone)):%A, %-d %B %Y at %-I:%M %p %Z}"

    def day(self, moment: datetime) -> str:
        """Return the day of a moment at the clinic, with the year only where it is another than now."""
        zone = ZoneInfo(self.clinic.time_zone)
        there, here = moment.astimezone(zone), self.now.astimezone(zone)
        return f"{there:%-d %B}" if there.year == here.year else f"{there:%-d %B %Y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is particular to one email: how much it may show, and to whom it goes."""

    detail: AlertDetail
    links: Links | None = None  # None where they could not be made
    to_fallback: bool = False
    with_reply_to: bool = True  # whether the visitor's address may stand in a header

    @property
    def shows_contact(self) -> bool:
        """Whether the email shows how to reach the person."""
        return self.detail in {"contact", "full"}

    @property
    def shows_all(self) -> bool:
        """Whether the email shows everything the person said, health details among it."""
        return self.detail == "full"
