"""What the digest looks like: references and times, whatever AlertDetail says."""

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
_LONG: Final = 120  # minutes; from here on hours are easier to read


class _Row(NamedTuple):
    """One request in a list."""

    reference: str
    when: str
    note: str = ""


class _List(NamedTuple):
    """One list of requests. `urgent` lists are marked."""

    title: str
    intro: str
    rows: tuple[_Row, ...]
    more: str
    urgent: bool = False


def compose_digest(digest: Digest, *, clinic: Clinic, names: Mapping[str, str]) -> Message:
    """Return the digest as a mail. `names` has the address of each recipient; staff may see them."""
    zone = ZoneInfo(clinic.time_zone)
    here = digest.at.astimezone(zone)
    values = {
        "clinic": clinic.name,
        "day": f"{here:%A, %-d %B %Y}",
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
    waiting = "1 request waits" if digest.unclaimed == 1 else f"{digest.unclaimed} requests wait"
    return f"{'' if exact else 'At least '}{waiting} for an answer"


def _all_are(digest: Digest) -> str:
    return "taken" if digest.claimed.count else "answered"


def _lists(digest: Digest, zone: ZoneInfo, names: Mapping[str, str]) -> list[_List]:
    def listed(title: str, intro: str, section: Section, *, urgent: bool = False) -> _List:
        waiting = section is digest.waiting
        rows = tuple(_row(lead, digest.at, zone, names, waiting=waiting) for lead in section.leads)
        return _List(f"{title} ({_count(section)})", intro, rows, _more(section), urgent)

    every = (
        listed(
            "The alert reached nobody",
            "Whoever looks after the system can look these up, and send their alerts again.",
            digest.undeliverable,
            urgent=True,
        ),
        listed("Nobody has taken these", "Please take them by the link in their mail.", digest.waiting, urgent=True),
        listed("Taken, and the person not reached yet", "", digest.claimed),
        listed(
            "Looks like spam: please have a look",
            f"No alert was sent for these, the newest first. Each is removed after {QUARANTINE_RETENTION.days} days.",
            digest.quarantined,
        ),
    )
    return [each for each in every if each.rows]


def _row(lead: ListedLead, now: datetime, zone: ZoneInfo, names: Mapping[str, str], *, waiting: bool) -> _Row:
    note = ""
    if lead.claimed_by:
        note = f"Taken by {names.get(lead.claimed_by, FORMER_RECIPIENT)}"
        if lead.claimed_at:
            note += f", {_ago(now - lead.claimed_at)}"
    elif waiting and not lead.told_at:
        note = "No mail about it was sent yet"
    return _Row(lead.reference, f"{_moment(lead.received_at, now, zone)}, {_ago(now - lead.received_at)}", note)


def _failing(failing: FailingRecipient, now: datetime, zone: ZoneInfo, names: Mapping[str, str]) -> str:
    what = (
        ("Mail to it came back", failing.bounced_at),
        ("Mail to it was reported as spam", failing.complained_at),
    )
    said = " ".join(f"{words}, last on {_moment(at, now, zone)}." for words, at in what if at)
    return f"{names.get(failing.recipient, FORMER_RECIPIENT)}. {said}"


def _speed(speed: Speed) -> list[str]:
    if not speed.received:
        return ["No request came in."]
    came_in = f"{counted(speed.received, 'request')} came in"
    if speed.median_minutes is None:
        return [f"{came_in}, and none is taken yet."]
    middle, share = _minutes(speed.median_minutes), 100 * speed.in_time // speed.judged
    return [
        f"{came_in}, and {speed.claimed} {'is' if speed.claimed == 1 else 'are'} taken.",
        f"{'It was' if speed.claimed == 1 else 'Half of them were'} taken within {middle}.",
        f"Within the target of {_minutes(speed.target_minutes)}: {speed.in_time} of {speed.judged} ({share}%).",
        "Only time when the clinic is open counts here, for urgent requests too.",
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
    """Return a moment as the clinic's clock and calendar show it, with the year only where it is another than now."""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    return f"{there:%a, %-d %b}{'' if there.year == here.year else f' {there:%Y}'}, {there:%-I:%M %p}"
