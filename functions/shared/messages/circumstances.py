"""The facts that an email about a lead depends on, besides the lead itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from shared.leads.clinic import Clinic
from shared.leads.history import History
from shared.leads.link import Links
from shared.leads.plan import owner_was_told
from shared.leads.progress import Progress
from shared.leads.response import ClaimAction, Outcome
from shared.leads.team import FORMER_RECIPIENT, display_name
from shared.messages.settings import AlertDetail

_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Facts that are the same for every recipient. Times are aware."""

    clinic: Clinic
    now: datetime
    names: Mapping[str, str] = field(default=_NO_NAMES)  # the addresses of recipients, owner and actor, by id
    claimed_by: str | None = None  # the owner of the lead
    claimed_at: datetime | None = None
    told_at: datetime | None = None  # when SES first accepted an email about the lead
    history: History | None = None
    action: ClaimAction | None = None  # what staff did last, when, and who did it
    acted_at: datetime | None = None
    acted_by: str | None = None
    handed_over_at: datetime | None = None  # when it was given to its owner, if they were not told yet
    tried: int = 0  # how often staff tried and nobody answered
    call_again_at: datetime | None = None  # when staff are asked to try again
    follow_up_at: datetime | None = None  # when the owner is reminded, if somebody at the desk chose a time
    closed_as: str | None = None  # how the lead was closed: a key of CLOSED_AS in wording.py
    outcome: Outcome | None = None  # what came of it, if that is known
    no_contact_since: datetime | None = None  # when the person asked for no contact, if they did
    flags: tuple[str, ...] = ()  # static words about possible spam, shown in every email
    on_a_page: bool = False  # whether the reader sees the words at `now`, and not whenever they read an email

    @classmethod
    def of(  # noqa: PLR0913 - the parts
        cls,
        progress: Progress,
        *,
        clinic: Clinic,
        now: datetime,
        names: Mapping[str, str],
        history: History | None = None,
        flags: tuple[str, ...] = (),
    ) -> "Circumstances":
        """Return the circumstances of a lead with this follow-up state."""
        return cls(
            clinic=clinic,
            now=now,
            names=names,
            claimed_by=progress.claimed_by,
            claimed_at=progress.claimed_at,
            told_at=progress.told_at,
            history=history,
            action=progress.action,
            acted_at=progress.acted_at,
            acted_by=progress.acted_by,
            handed_over_at=None if owner_was_told(progress) else progress.handed_over_at,
            tried=progress.tried,
            call_again_at=progress.call_again_at,
            follow_up_at=progress.follow_up_at,
            closed_as=progress.closed_as,
            outcome=progress.outcome,
            no_contact_since=progress.no_contact_since,
            flags=flags,
        )

    @property
    def claimer(self) -> str:
        """The owner of the lead, in words for a sentence. They may have left the list."""
        return self._named(self.claimed_by)

    @property
    def actor(self) -> str:
        """The person who did something last, in words for a sentence."""
        return self._named(self.acted_by)

    @property
    def owner_acted(self) -> bool:
        """Whether the owner is the person who did something last."""
        return self.acted_by is None or self.acted_by == self.claimed_by

    def clock(self, moment: datetime) -> str:
        """Return a moment as the clinic's date and time."""
        return f"{moment.astimezone(ZoneInfo(self.clinic.time_zone)):%A, %B %-d, %Y at %-I:%M %p %Z}"

    def _named(self, id_: str | None) -> str:
        if id_ is None:
            return "a colleague"
        return display_name(self.names[id_]) if id_ in self.names else FORMER_RECIPIENT

    def day(self, moment: datetime) -> str:
        """Return the date of a moment at the clinic, with the year only if it is not this year."""
        zone = ZoneInfo(self.clinic.time_zone)
        there, here = moment.astimezone(zone), self.now.astimezone(zone)
        return f"{there:%B %-d}" if there.year == here.year else f"{there:%B %-d, %Y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Facts about one email: how much it may show, and who gets it."""

    detail: AlertDetail
    links: Links | None = None  # None if they could not be created
    desk: str | None = None  # the address of the request's page at the desk
    to_fallback: bool = False

    @property
    def shows_contact(self) -> bool:
        """Whether the email shows contact details."""
        return self.detail in {"contact", "full"}

    @property
    def shows_all(self) -> bool:
        """Whether the email shows everything the person wrote, including health details."""
        return self.detail == "full"
