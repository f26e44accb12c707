"""The content of the digest: which requests it lists, in which order, and how fast recent ones were claimed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from shared.leads.clinic import Clinic
from shared.leads.hours import Hours
from shared.leads.lead import Priority
from shared.leads.plan import owner_of
from shared.leads.progress import Progress, StoredLead
from shared.leads.response import ResponseState
from shared.leads.retention import LONG_OPEN
from shared.leads.speed import Speed, elapsed_minutes, speed
from shared.leads.team import Team
from shared.leads.worklist import ListedLead, Listing

# Maximum lines of a list. Gmail cuts off emails of more than 102 KB, and people do not read longer lists.
MOST_LINES: Final = 20
# The period for response times and for failing recipients.
WEEK: Final = timedelta(days=7)

_FIRST_TO_LAST: Final = (Priority.URGENT, Priority.HIGH, Priority.NORMAL)
_NOTHING_READ: Final[Mapping[str, StoredLead | None]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request in the digest: what the index says about it and, if it was read, the lead itself."""

    listed: ListedLead
    stored: StoredLead | None = None

    @property
    def progress(self) -> Progress:
        """Its follow-up state. If the lead was not read, it has only what the index says."""
        if self.stored:
            return self.stored.progress
        known = self.listed
        return Progress(
            response=known.response, claimed_by=known.claimed_by, claimed_at=known.claimed_at, told_at=known.told_at
        )

    @property
    def priority(self) -> Priority:
        """How soon staff should act. The index only knows that it is urgent, and not how urgent."""
        if self.stored:
            return self.stored.lead.priority
        return Priority.URGENT if self.listed.urgent else Priority.NORMAL

    @property
    def urgent(self) -> bool:
        """Whether staff should act before they look at normal requests."""
        return self.priority is not Priority.NORMAL

    def unclaimed(self, team: Team) -> bool:
        """Whether nobody who still gets our emails has claimed it."""
        return self.progress.response is ResponseState.OPEN or owner_of(self.progress, team) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A list of requests, of which the digest shows the first. If not `exact`, there are more than `count`."""

    shown: tuple[Request, ...]
    count: int = 0
    urgent: int = 0  # how many of them are urgent, shown or not
    exact: bool = True

    @property
    def more(self) -> int:
        """The number of requests that are not shown."""
        return self.count - len(self.shown)

    @classmethod
    def of(cls, requests: Iterable[Request], *, exact: bool, newest_first: bool = False) -> "Section":
        """Return a section with the urgent requests first, and then the oldest (or newest) first."""
        every = sorted(requests, key=_age, reverse=newest_first)
        every.sort(key=lambda each: _FIRST_TO_LAST.index(each.priority))
        return cls(
            shown=tuple(every[:MOST_LINES]), count=len(every), urgent=sum(each.urgent for each in every), exact=exact
        )


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
    """The content of the digest."""

    at: datetime  # aware, UTC
    undeliverable: Section  # no one could be told; oldest first
    waiting: Section  # unclaimed; oldest first
    claimed: Section  # claimed, but the person was not reached yet; oldest first
    long_open: Section  # open for longer than LONG_OPEN, claimed or not, and on neither list above; oldest first
    long_unclaimed: int  # how many of these are unclaimed
    quarantined: Section  # newest first, so a flood of spam does not hide new requests
    failing: tuple[FailingRecipient, ...]  # in the last week
    speed: Speed  # of normal requests; only opening hours count
    urgent_speed: Speed  # all hours count
    doubtful: tuple[str, ...] = ()  # ids of quarantined leads that may have expired, and are in no list; newest first

    @property
    def unclaimed(self) -> int:
        """The number of requests that are unclaimed."""
        return self.undeliverable.count + self.waiting.count + self.long_unclaimed

    @property
    def urgent(self) -> int:
        """The number of urgent requests whose person was not reached yet, without those that look like spam."""
        return self.undeliverable.urgent + self.waiting.urgent + self.claimed.urgent + self.long_open.urgent

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the leads that it shows."""
        sections = (self.undeliverable, self.waiting, self.claimed, self.long_open, self.quarantined)
        return tuple(each.listed.lead_id for section in sections for each in section.shown)


def week_before(now: datetime) -> datetime:
    """Return the start of the period for response times and for failing recipients."""
    return now - WEEK


def digest(  # noqa: PLR0913 - one argument for each list
    *,
    now: datetime,
    clinic: Clinic,
    team: Team,
    opened: Listing,
    undeliverable: Listing,
    quarantined: Listing,
    closed: Listing,
    recipients: Iterable[FailingRecipient] = (),
    leads: Mapping[str, StoredLead | None] = _NOTHING_READ,
) -> Digest:
    """Return the digest of `now`. `closed` needs only the last week; the other lists must be complete.

    `leads` has the leads that were read, by id, with None for those that expired or were erased or deleted. Without
    them, the digest says which ones to read: those it shows, and those that may have expired (`doubtful`).
    """

    def there(listing: Listing) -> list[Request]:
        gone = {lead_id for lead_id, stored in leads.items() if stored is None}
        every = (each for each in listing.leads if each.lead_id not in gone)
        return [Request(listed=each, stored=leads.get(each.lead_id)) for each in every]

    def requests(listing: Listing) -> list[Request]:
        # The index may be behind: someone may have closed the lead meanwhile.
        return [each for each in there(listing) if each.progress.response is not ResponseState.CLOSED]

    def recent(*, urgent: bool) -> list[ListedLead]:
        every = {each.listed.lead_id: each for listing in (opened, undeliverable, closed) for each in there(listing)}
        listed = [each.listed for each in every.values() if each.urgent is urgent]
        return [each for each in listed if week_before(now) <= each.received_at <= now]

    def may_have_expired(request: Request) -> bool:
        # The index does not know when a lead was quarantined. It was not before it was received.
        return request.stored is None and now - request.listed.received_at >= timedelta(days=clinic.retention.spam)

    targets = clinic.targets
    old, unclosed = _parted(requests(opened), lambda each: now - each.listed.received_at > LONG_OPEN)
    unclaimed, claimed = _parted(unclosed, lambda each: each.unclaimed(team))
    doubtful, spam = _parted(requests(quarantined), may_have_expired)
    return Digest(
        at=now,
        undeliverable=Section.of(requests(undeliverable), exact=undeliverable.complete),
        waiting=Section.of(unclaimed, exact=opened.complete),
        claimed=Section.of(claimed, exact=opened.complete),
        long_open=Section.of(old, exact=opened.complete),
        long_unclaimed=sum(each.unclaimed(team) for each in old),
        quarantined=Section.of(spam, exact=quarantined.complete and not doubtful, newest_first=True),
        failing=tuple(recipient for recipient in recipients if recipient.failed_since(week_before(now))),
        speed=speed(recent(urgent=False), now, targets.escalate_after, clinic.hours.open_minutes),
        urgent_speed=speed(recent(urgent=True), now, targets.urgent_escalate_after, elapsed_minutes),
        doubtful=tuple(each.listed.lead_id for each in sorted(doubtful, key=_age, reverse=True)),
    )


def joined(first: Listing, second: Listing) -> Listing:
    """Return two lists as one. A lead that moved from the first to the second while they were read is there once."""
    leads = {lead.lead_id: lead for lead in (*first.leads, *second.leads)}
    return Listing(leads=tuple(leads.values()), complete=first.complete and second.complete)


def try_again_at(hours: Hours, now: datetime, wait: timedelta) -> datetime | None:
    """Return when to retry a digest that could not be sent `now`, or None if the working day is over by then.

    The working day is over when no opening hours are left before the next working day opens.
    """
    later = now + wait
    return later if hours.open_minutes(later, hours.next_opening(now)) > 0 else None


def _parted(every: Iterable[Request], is_first: Callable[[Request], bool]) -> tuple[list[Request], list[Request]]:
    """Return the requests for which `is_first` holds, and the others."""
    parts: tuple[list[Request], list[Request]] = [], []
    for each in every:
        parts[0 if is_first(each) else 1].append(each)
    return parts


def _age(request: Request) -> tuple[datetime, str]:
    return request.listed.received_at, request.listed.reference
