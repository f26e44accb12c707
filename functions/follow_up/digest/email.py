"""The digest as an email. Of requests it shows only references and times, whatever AlertDetail is set to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from follow_up.digest.summary import Digest, FailingRecipient, Section, Speed
from shared.leads.clinic import Clinic
from shared.leads.numbers import counted, duration
from shared.leads.spam import QUARANTINE_RETENTION
from shared.leads.team import FORMER_RECIPIENT
from shared.leads.worklist import ListedLead
from shared.messages.render import message
from shared.services.mailer import Message

_FOLDER = "follow_up/digest"
_LONG: Final = 120  # minutes; longer times are shown in hours


class _Row(NamedTuple):
    """One request in a list."""

    reference: str
    when: str
    note: str = ""


class _List(NamedTuple):
    """One list of requests. Urgent lists are highlighted."""

    title: str
    intro: str
    rows: tuple[_Row, ...]
    more: str
    urgent: bool = False


def compose_digest(digest: Digest, *, clinic: Clinic, names: Mapping[str, str]) -> Message:
    """Return the digest as an email. `names` has the address of each recipient by id; staff may see them."""
    zone = ZoneInfo(clinic.time_zone)
    here = digest.at.astimezone(zone)
    values = {
        "clinic": clinic.name,
        "day": f"{here:%A, %B %-d, %Y}",
        "unclaimed": digest.unclaimed,
        "all_are": _all_are(digest),
        "headline": _headline(digest),
        "lists": _lists(digest, zone, names),
        "failing": [_failing(recipient, digest.at, zone, names) for recipient in digest.failing],
        "speed": _speed(digest.speed),
    }
    return message(_FOLDER, values)


def _ago(time: timedelta) -> str:
    passed = duration(time)
    return f"{passed} ago" if passed else "just now"


def _headline(digest: Digest) -> str:
    if not digest.unclaimed:
        return f"Every request is {_all_are(digest)}"
    exact = digest.waiting.exact and digest.undeliverable.exact
    unclaimed = "1 request is" if digest.unclaimed == 1 else f"{digest.unclaimed} requests are"
    return f"{'' if exact else 'At least '}{unclaimed} unclaimed"


def _all_are(digest: Digest) -> str:
    return "claimed" if digest.claimed.count else "closed"


def _lists(digest: Digest, zone: ZoneInfo, names: Mapping[str, str]) -> list[_List]:
    def listed(title: str, intro: str, section: Section, *, urgent: bool = False) -> _List:
        waiting = section is digest.waiting
        rows = tuple(_row(lead, digest.at, zone, names, waiting=waiting) for lead in section.leads)
        return _List(f"{title} ({_count(section)})", intro, rows, _more(section), urgent)

    every = (
        listed(
            "Alerts that reached no one",
            "Your system administrator can look these up and send the alerts again.",
            digest.undeliverable,
            urgent=True,
        ),
        listed("Unclaimed requests", "Please claim each one with the link in its email.", digest.waiting, urgent=True),
        listed("Claimed, not reached yet", "", digest.claimed),
        listed(
            "Possible spam to check",
            f"No alert was sent for these. Newest first. Each is deleted after {QUARANTINE_RETENTION.days} days.",
            digest.quarantined,
        ),
    )
    return [each for each in every if each.rows]


def _row(lead: ListedLead, now: datetime, zone: ZoneInfo, names: Mapping[str, str], *, waiting: bool) -> _Row:
    note = ""
    if lead.claimed_by:
        note = f"Claimed by {names.get(lead.claimed_by, FORMER_RECIPIENT)}"
        if lead.claimed_at:
            note += f", {_ago(now - lead.claimed_at)}"
    elif waiting and not lead.told_at:
        note = "No email about it has been sent yet"
    return _Row(lead.reference, f"{_moment(lead.received_at, now, zone)}, {_ago(now - lead.received_at)}", note)


def _failing(failing: FailingRecipient, now: datetime, zone: ZoneInfo, names: Mapping[str, str]) -> str:
    what = (
        ("Emails to this address bounced", failing.bounced_at),
        ("Emails to this address were reported as spam", failing.complained_at),
        ("Emails to this address were not sent because of an earlier spam report", failing.suppressed_at),
    )
    said = " ".join(f"{words}, last on {_moment(at, now, zone)}." for words, at in what if at)
    return f"{names.get(failing.recipient, FORMER_RECIPIENT)}. {said}"


def _speed(speed: Speed) -> list[str]:
    if not speed.received:
        return ["No requests came in."]
    came_in = f"{counted(speed.received, 'request')} came in"
    if speed.median_minutes is None:
        return [f"{came_in}. None has been claimed yet."]
    middle, share = _minutes(speed.median_minutes), 100 * speed.in_time // speed.judged
    return [
        f"{came_in}, and {speed.claimed} {'was' if speed.claimed == 1 else 'were'} claimed.",
        f"{'It was' if speed.claimed == 1 else 'Half of them were'} claimed within {middle}.",
        f"Within the target of {_minutes(speed.target_minutes)}: {speed.in_time} of {speed.judged} ({share}%).",
        "Only opening hours count here, even for urgent requests.",
    ]


def _minutes(minutes: float) -> str:
    if minutes < 1:
        return "less than a minute"
    return counted(round(minutes), "minute") if minutes < _LONG else f"{minutes / 60:.1f} hours"


def _count(section: Section) -> str:
    return f"{section.count}" if section.exact else f"at least {section.count}"


def _more(section: Section) -> str:
    if not section.more:
        return ""
    return f"and {'' if section.exact else 'at least '}{section.more} more"


def _moment(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a moment as the clinic's date and time, with the year only if it is not this year."""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    return f"{there:%a, %b %-d}{'' if there.year == here.year else f', {there:%Y}'}, {there:%-I:%M %p}"
