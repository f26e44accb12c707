"""The content of the digest. It has only references and times, and nothing that a visitor typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.hours import Hours
from shared.leads.response import ResponseState
from shared.leads.worklist import ListedLead, Listing

# Maximum lines of a list. Email clients cut off longer emails, and people do not read them.
MOST_LINES: Final = 50
# The period for response times and for failing recipients.
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The part of a list that the digest shows. `more` counts the rest, or only some of them if not `exact`."""

    leads: tuple[ListedLead, ...]
    more: int = 0
    exact: bool = True

    @property
    def count(self) -> int:
        """The number of leads, shown or not."""
        return len(self.leads) + self.more

    @classmethod
    def of(cls, leads: Iterable[ListedLead], *, exact: bool = True) -> "Section":
        """Return a section that shows the first of `leads`, in their order."""
        every = tuple(leads)
        return cls(leads=every[:MOST_LINES], more=max(0, len(every) - MOST_LINES), exact=exact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast recent requests were claimed, in minutes of opening hours.

    The worklist does not know which requests are urgent, so this counts only opening hours for all of them.
    """

    received: int
    claimed: int
    median_minutes: float | None  # of those that were claimed
    in_time: int  # claimed within `target_minutes`
    judged: int  # claimed, or waiting for longer than `target_minutes`
    target_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingRecipient:
    """A recipient whose emails bounce or are reported as spam."""

    recipient: str
    bounced_at: datetime | None  # when an email last bounced
    complained_at: datetime | None  # when an email was last reported as spam
    suppressed_at: datetime | None = None  # when SES last sent nothing, because of an earlier complaint

    def failed_since(self, moment: datetime) -> bool:
        """Whether an email failed at `moment` or later."""
        return any(at and at >= moment for at in (self.bounced_at, self.complained_at, self.suppressed_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The content of the digest, the most urgent first."""

    at: datetime  # aware, UTC
    undeliverable: Section  # no one could be told; oldest first
    waiting: Section  # unclaimed; oldest first
    claimed: Section  # claimed, but the person was not reached yet; oldest first
    quarantined: Section  # newest first, so a flood of spam does not hide new requests
    failing: tuple[FailingRecipient, ...]  # in the last week
    speed: Speed

    @property
    def unclaimed(self) -> int:
        """The number of requests that are unclaimed."""
        return self.undeliverable.count + self.waiting.count


def week_before(now: datetime) -> datetime:
    """Return the start of the period for response times and for failing recipients."""
    return now - WEEK


def digest(  # noqa: PLR0913 - one argument for each list
    *,
    now: datetime,
    clinic: Clinic,
    opened: Listing,
    undeliverable: Listing,
    quarantined: Listing,
    closed: Listing,
    recipients: Iterable[FailingRecipient] = (),
) -> Digest:
    """Return the digest of `now`. `closed` needs only the last week; the other lists must be complete."""
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
    """Return how fast the requests of the week before `now` were claimed.

    Time counts from when the request came in, because that is how long the person waited.
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
    """Return when to retry a digest that could not be sent `now`, or None if the working day is over by then.

    The working day is over when no opening hours are left before the next working day opens.
    """
    later = now + wait
    return later if hours.open_minutes(later, hours.next_opening(now)) > 0 else None


def _by_age(listing: Listing) -> list[ListedLead]:
    return sorted(listing.leads, key=lambda lead: (lead.received_at, lead.reference))
