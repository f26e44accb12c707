"""The digest: what staff read each working morning. References and times only: nothing a visitor typed gets here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.hours import Hours
from shared.leads.response import ResponseState
from shared.leads.worklist import ListedLead, Listing

# Lines that a list has at the most. A mail that is longer gets cut by mail programs, and nobody reads it.
MOST_LINES: Final = 50
# How far back "this week" goes.
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What the digest shows of a list. `more` are not shown; not `exact` where there are more than those."""

    leads: tuple[ListedLead, ...]
    more: int = 0
    exact: bool = True

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.leads) + self.more

    @classmethod
    def of(cls, leads: Iterable[ListedLead], *, exact: bool = True) -> "Section":
        """Return the section that shows `leads`, in their order, as far as there is room."""
        every = tuple(leads)
        return cls(leads=every[:MOST_LINES], more=max(0, len(every) - MOST_LINES), exact=exact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast requests of the last days were claimed. Minutes are those in which the clinic is open.

    That is the clinic's own rule for all but urgent requests; which those are, the worklist does not know.
    """

    received: int
    claimed: int
    median_minutes: float | None  # of those that were claimed
    in_time: int  # claimed within `target_minutes`
    judged: int  # claimed, or waiting for longer than that
    target_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingRecipient:
    """A recipient that mail to staff does not reach."""

    recipient: str
    bounced_at: datetime | None  # when mail to it last came back
    complained_at: datetime | None  # when its provider last told that mail to it was taken for spam

    def failed_since(self, moment: datetime) -> bool:
        """Whether it did at `moment` or later."""
        return any(at and at >= moment for at in (self.bounced_at, self.complained_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What the digest says, the first most urgently."""

    at: datetime  # aware, UTC
    undeliverable: Section  # nobody could be told; the oldest first
    waiting: Section  # nobody has claimed them; the oldest first
    claimed: Section  # somebody has, and has not reached the person; the oldest first
    quarantined: Section  # the newest first, so that a flood does not hide what is new
    failing: tuple[FailingRecipient, ...]  # in the last week
    speed: Speed

    @property
    def unclaimed(self) -> int:
        """How many people nobody has answered."""
        return self.undeliverable.count + self.waiting.count


def week_before(now: datetime) -> datetime:
    """Return since when requests count for the speed, and recipients as failing."""
    return now - WEEK


def digest(  # noqa: PLR0913 - the lists it is made of
    *,
    now: datetime,
    clinic: Clinic,
    opened: Listing,
    undeliverable: Listing,
    quarantined: Listing,
    closed: Listing,
    recipients: Iterable[FailingRecipient] = (),
) -> Digest:
    """Return the digest of `now`. `closed` needs to have the last week's only; the others are all there is."""
    waiting = [lead for lead in _by_age(opened) if lead.response is ResponseState.OPEN]
    claimed = [lead for lead in _by_age(opened) if lead.response is not ResponseState.OPEN]
    return Digest(
        at=now,
        undeliverable=Section.of(_by_age(undeliverable), exact=undeliverable.complete),
        waiting=Section.of(waiting, exact=opened.complete),
        claimed=Section.of(claimed, exact=opened.complete),
        quarantined=Section.of(reversed(_by_age(quarantined)), exact=quarantined.complete),
        failing=tuple(recipient for recipient in recipients if recipient.failed_since(week_before(now))),
        speed=speed((*opened.leads, *undeliverable.leads, *closed.leads), clinic, now),
    )


def speed(leads: Iterable[ListedLead], clinic: Clinic, now: datetime) -> Speed:
    """Return how fast those of `leads` were claimed that came in during the week before `now`.

    The clock runs from when a request came in: that is how long the person waited, whoever was told when.
    """
    hours, target = clinic.hours, clinic.targets.escalate_after
    recent = [lead for lead in leads if week_before(now) <= lead.received_at <= now]
    minutes = [hours.open_minutes(lead.received_at, lead.claimed_at) for lead in recent if lead.claimed_at]
    late = [lead for lead in recent if not lead.claimed_at and hours.open_minutes(lead.received_at, now) > target]
    return Speed(
        received=len(recent),
        claimed=len(minutes),
        median_minutes=median(minutes) if minutes else None,
        in_time=sum(each <= target for each in minutes),
        judged=len(minutes) + len(late),
        target_minutes=target,
    )


def try_again_at(hours: Hours, now: datetime, wait: timedelta) -> datetime | None:
    """Return when to try to send a digest again that could not be sent `now`, or None: the working day is over then.

    The working day ends with its last closing: until the next day's first opening there is nothing open any more.
    """
    later = now + wait
    return later if hours.open_minutes(later, hours.next_opening(now)) > 0 else None


def _by_age(listing: Listing) -> list[ListedLead]:
    return sorted(listing.leads, key=lambda lead: (lead.received_at, lead.reference))
