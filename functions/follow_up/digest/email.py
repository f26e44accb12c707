"""The digest as an email to one recipient. AlertDetail decides whether it shows the names of the people who asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from follow_up.digest.status import status
from follow_up.digest.summary import Digest, FailingRecipient, Request, Section
from follow_up.digest.times import Times
from shared.leads.audit_chain import Mark
from shared.leads.canary import looks_synthetic
from shared.leads.clinic import Clinic
from shared.leads.link import LINK_LIFE
from shared.leads.numbers import counted
from shared.leads.retention import LONG_OPEN
from shared.leads.team import FORMER_RECIPIENT, Team
from shared.messages.quote import Quote
from shared.messages.render import message
from shared.messages.settings import AlertDetail
from shared.messages.wording import SUBJECT_PREFIX, kind_of
from shared.services.mailer import Message
from shared.web.report_words import speed_in_words

_FOLDER = "follow_up/digest"
_LONGEST_NAME: Final = 60  # characters
_NO_LINKS: Final[Mapping[str, str]] = MappingProxyType({})

ABOUT_LINKS: Final = (
    f"The links are only for you and work for {LINK_LIFE.days} days. Do not forward this email: anyone who has it can "
    "use the links in your name."
)
NO_LINKS: Final = "We couldn't create the links for this email. Use the links in the emails about each request."

NO_AUDIT: Final = "We couldn't read the audit of the desk, so this email doesn't name its last entry."
EMPTY_AUDIT: Final = "The audit of the desk has no entries yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What the digest may say to its recipient. `names` has the address of each recipient by id; staff may see them.

    `pages` has the address of each request's page, by the lead's id. It is empty if the links could not be created.
    `audit_end` is the last entry of the desk's audit, or None if it could not be read.
    """

    clinic: Clinic
    team: Team
    detail: AlertDetail
    names: Mapping[str, str]
    pages: Mapping[str, str] = field(default=_NO_LINKS)
    audit_end: Mark | None = None
    desk: str | None = None  # the address of the desk

    @property
    def shows_names(self) -> bool:
        """Whether the digest shows the names of the people who asked."""
        return self.detail in {"contact", "full"}


class _Row(NamedTuple):
    """One request in a list."""

    reference: str  # with its mark, if it is urgent
    received: str
    name: Quote | None  # None if it is not shown
    status: str
    page: str | None


class _List(NamedTuple):
    """One list of requests. Some lists are highlighted."""

    title: str
    intro: str
    rows: tuple[_Row, ...]
    more: str
    late: bool = False


def compose_digest(digest: Digest, reader: Reader) -> Message:
    """Return the digest as an email to `reader`."""
    zone = ZoneInfo(reader.clinic.time_zone)
    here, times = digest.at.astimezone(zone), Times(now=digest.at, zone=zone)
    values = {
        "clinic": reader.clinic.name,
        "day": f"{here:%A, %B %-d}",
        "year": here.year,
        "urgent": digest.urgent,
        "unclaimed": digest.unclaimed,
        "all_are": _all_are(digest),
        "headline": _headline(digest),
        "desk": reader.desk,
        "lists": _lists(digest, times, reader),
        "failing": [_failing(recipient, times, reader.names) for recipient in digest.failing],
        "speed": _speeds(digest),
        "about_links": (ABOUT_LINKS if reader.pages else NO_LINKS) if digest.shown else "",
        "audit": _audit(reader.audit_end),
    }
    return message(_FOLDER, values, reader.clinic.look)


def _audit(end: Mark | None) -> str:
    """Return what the audit's last entry is. If somebody wrote the audit again later, this email shows it."""
    if end is None:
        return NO_AUDIT
    if not end.number:
        return EMPTY_AUDIT
    number, _, digest = str(end).partition(":")
    return (
        f"The audit's last entry is number {number} with digest {digest}. Keep this email. To compare it with the"
        f" audit, your system administrator runs make audit-verify LAST={end}"
    )


def _headline(digest: Digest) -> str:
    exact = digest.waiting.exact and digest.undeliverable.exact
    urgent = ""
    if digest.urgent:
        urgent = f"{counted(digest.urgent, 'urgent request')} {'is' if digest.urgent == 1 else 'are'} still open. "
    if not digest.unclaimed:
        return f"{urgent}Every request is {_all_are(digest)}"
    unclaimed = "1 request is" if digest.unclaimed == 1 else f"{digest.unclaimed} requests are"
    return f"{urgent}{'' if exact else 'At least '}{unclaimed} unclaimed"


def _all_are(digest: Digest) -> str:
    return "claimed" if digest.claimed.count or digest.long_open.count else "closed"


def _lists(digest: Digest, times: Times, reader: Reader) -> list[_List]:
    def listed(title: str, intro: str, section: Section, *, late: bool = False) -> _List:
        rows = tuple(_row(request, times, reader) for request in section.shown)
        return _List(f"{title} ({_count(section)})", intro, rows, _more(section), late)

    every = (
        listed(
            "Alerts that reached no one",
            "Open these at the desk and call the people. Your system administrator can correct the addresses of staff.",
            digest.undeliverable,
            late=True,
        ),
        listed("Unclaimed requests", "Please open each one and claim it.", digest.waiting, late=True),
        listed("Claimed, not reached yet", "", digest.claimed),
        listed(
            f"Open for more than {LONG_OPEN.days} days: decide",
            "An open request is never deleted. Please reach each person, or say what came of the request and close it.",
            digest.long_open,
            late=True,
        ),
        listed(
            "Possible spam to check",
            "No alert was sent for these. Newest first. Release a person's request at the desk. Each is deleted after "
            f"{counted(reader.clinic.retention.spam, 'day')}.",
            digest.quarantined,
        ),
    )
    return [each for each in every if each.rows]


def _row(request: Request, times: Times, reader: Reader) -> _Row:
    listed = request.listed
    return _Row(
        reference=f"{SUBJECT_PREFIX[request.priority]}{listed.reference}",
        received=f"{_kind(request)}Received {times.since(listed.received_at)}",
        name=_name(request) if reader.shows_names else None,
        status=status(request, times, reader.names, reader.team),
        page=reader.pages.get(listed.lead_id),
    )


def _kind(request: Request) -> str:
    """Return what kind of request it is, as a sentence, if it is from a short form and we know it."""
    kind = kind_of(request.stored.lead) if request.stored else None
    return f"{kind.said}. " if kind else ""


def _name(request: Request) -> Quote | None:
    """Return the person's name, or None if it must not or cannot be shown."""
    # If SES rejected an email for what the visitor wrote, it might reject the whole digest too.
    if request.stored is None or request.progress.shows_reference_only:
        return None
    lead = request.stored.lead
    if looks_synthetic(lead) and request.progress.told_at is None:  # the canary's, until its email is sent
        return None
    name = lead.name
    short = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME].rstrip()}\N{HORIZONTAL ELLIPSIS}"
    return Quote.of(short).for_later_emails()


def _failing(failing: FailingRecipient, times: Times, names: Mapping[str, str]) -> str:
    what = (
        ("Emails to this address bounced", failing.bounced_at),
        ("Emails to this address were reported as spam", failing.complained_at),
        ("Emails to this address were not sent because of an earlier spam report", failing.suppressed_at),
    )
    said = " ".join(f"{words}, last on {times.on(at)}." for words, at in what if at)
    return f"{names.get(failing.recipient, FORMER_RECIPIENT)}. {said}"


def _speeds(digest: Digest) -> tuple[str, str]:
    return (
        speed_in_words("Normal requests, in opening hours", digest.speed),
        speed_in_words("Urgent requests, at any hour", digest.urgent_speed),
    )


def _count(section: Section) -> str:
    return f"{section.count}" if section.exact else f"at least {section.count}"


def _more(section: Section) -> str:
    if not section.more:
        return ""
    return f"and {'' if section.exact else 'at least '}{section.more} more"
