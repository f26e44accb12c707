"""The summary as an email to one recipient. AlertDetail decides how much of each request it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from follow_up.digest.email import ABOUT_LINKS
from follow_up.digest.times import Times
from shared.leads.clinic import Clinic
from shared.leads.notice import Notice
from shared.leads.numbers import counted
from shared.leads.progress import StoredLead, names_of
from shared.leads.response import ClaimAction
from shared.leads.spam import words
from shared.messages import sections
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.emails import ABOUT_QUOTES
from shared.messages.quote import Quote
from shared.messages.reaching import (
    Fact,
    Point,
    about_form,
    for_later_emails,
    is_night,
    points_to_mind,
    without_contact,
)
from shared.messages.render import message
from shared.messages.send import shown
from shared.messages.settings import AlertDetail
from shared.messages.wording import SUBJECT_PREFIX, do_first
from shared.runtime.telemetry import logger, sanitized
from shared.services.mailer import Message

# Gmail cuts off an email of more than 102 KB.
MOST_BYTES: Final = 95_000
_FOLDER: Final = "follow_up/summary"

# Longer words of a visitor are cut, so that nobody's fill up the email.
_LONGEST_MESSAGE: Final = 1_000  # characters
_LONGEST_ANSWER: Final = 100
_CUT: Final = " [...] (cut: read the rest at the desk)"

_CLOSE_IT: Final = "If there is nothing left to do, please close it."

WHY: Final = "There are too many requests for an email about each. This email lists some. Please open each one."
WHY_URGENT: Final = (
    "These requests came in soon after others like them, or with many others. Even if one looks like a copy, it may be "
    "from a person who needs help. Please open each one."
)
MORE: Final = "There are more. The next summary lists them."
NO_LINKS: Final = (
    "We couldn't create the links for this email. Please act on these requests anyway, and tell your colleagues which "
    "ones you are handling."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The reader of a summary: what it may show, and the address of each request's page by the lead's id.

    `pages` is empty if the links could not be created. `names` has the addresses of recipients by id.
    """

    clinic: Clinic
    now: datetime
    detail: AlertDetail
    names: Mapping[str, str]
    pages: Mapping[str, str]
    desk: str | None = None  # the address of the desk


class _Row(NamedTuple):
    """One request."""

    reference: str  # with its mark, if it is urgent
    received: str
    first: tuple[str, ...]  # what to do first, if it is urgent
    status: str
    page: str | None
    mind: tuple[Point, ...]
    facts: tuple[Fact, ...]
    flags: tuple[str, ...]


def compose_summary(
    leads: Sequence[StoredLead], reader: Reader, *, urgent: bool, more: bool = False
) -> tuple[Message, int]:
    """Return the email that lists `leads`, and how many of them it lists: the first ones that fit.

    `more` says that other leads wait for the next summary.
    """
    rows = [_safe_row(each, reader) for each in leads]
    count = len(rows)
    while True:
        made = _message(rows[:count], reader, urgent=urgent, more=more or count < len(rows))
        size = len(made.html.encode())
        if size <= MOST_BYTES or count == 1:
            return made, count
        count = max(min(count - 1, count * MOST_BYTES // size), 1)


def _message(rows: Sequence[_Row], reader: Reader, *, urgent: bool, more: bool) -> Message:
    values = {
        "clinic": reader.clinic.name,
        "now": f"{reader.now.astimezone(ZoneInfo(reader.clinic.time_zone)):%A, %B %-d, %-I:%M %p %Z}",
        "urgent": urgent,
        "headline": f"{counted(len(rows), f'{"urgent " if urgent else ""}consultation request')} in one email",
        "clock": f"{reader.now.astimezone(ZoneInfo(reader.clinic.time_zone)):%-I:%M %p}",
        "why": WHY_URGENT if urgent else WHY,
        "desk": reader.desk,
        "rows": rows,
        "more": MORE if more else "",
        "about_links": ABOUT_LINKS if reader.pages else NO_LINKS,
        "about_quotes": ABOUT_QUOTES if reader.detail != "reference" else "",
    }
    return message(_FOLDER, values)


def _safe_row(stored: StoredLead, reader: Reader) -> _Row:
    """Return the row of a lead; without details if they cannot be shown, so that it does not stop the others."""
    try:
        return _row(stored, reader)
    except Exception as error:  # noqa: BLE001 - one bad lead must not stop the summary
        logger.error("summary row failed", extra={"lead_id": stored.lead.id, "error": str(sanitized(error))})
        return _row(stored, replace(reader, detail="reference"))


def _row(stored: StoredLead, reader: Reader) -> _Row:
    lead, progress = stored.lead, stored.progress
    around = Circumstances.of(progress, clinic=reader.clinic, now=reader.now, names=names_of(progress, reader.names))
    envelope = Envelope(detail=shown(progress, reader.detail))
    times = Times(now=reader.now, zone=ZoneInfo(reader.clinic.time_zone))
    mind: tuple[Point, ...] = without_contact(lead, around)
    facts: tuple[Fact, ...] = about_form(lead)
    if envelope.shows_contact:
        mind = for_later_emails(points_to_mind(lead, around))
        facts += for_later_emails(sections.who(lead, reader.clinic, shows_ways=not lead.no_contact))
    shows_all = envelope.shows_all and progress.notice is Notice.ALERT and not lead.no_contact
    if lead.no_contact:
        mind = ()  # the first lines say it
    if shows_all:
        facts += sections.needs(lead, reader.clinic)
        mind += sections.talking_points(lead, reader.clinic)
    mind, facts = _cut(mind, _LONGEST_ANSWER), _cut(facts, _LONGEST_ANSWER)
    if shows_all:
        facts += _cut(sections.messages(lead, reader.clinic), _LONGEST_MESSAGE)
    return _Row(
        reference=f"{SUBJECT_PREFIX[lead.priority]}{lead.reference}",
        received=f"Received {times.since(lead.received_at)}",
        first=do_first(lead, shows_contact=envelope.shows_contact, night=is_night(lead, around)),
        status=_CLOSE_IT
        if lead.no_contact and progress.notice is not Notice.ALERT
        else _status(progress.notice, around),
        page=reader.pages.get(lead.id),
        mind=mind,
        facts=facts,
        flags=words(progress.reasons or ()),
    )


def _cut[T: (Point, Fact)](entries: tuple[T, ...], most: int) -> tuple[T, ...]:
    """Return entries whose quotes have at most this many characters, and a note if one was longer."""
    return tuple(
        each._replace(quote=Quote(f"{each.quote.text[:most].rstrip()}{_CUT}"))
        if each.quote and len(each.quote.text) > most
        else each
        for each in entries
    )


def _status(notice: Notice, around: Circumstances) -> str:
    match notice:
        case Notice.ALERT:
            return "New."
        case Notice.OWNER_REMINDER:
            return f"{_to_the_owner(around)} Please say how it went."
        case Notice.CALL_AGAIN:
            return f"There was no answer when {around.claimer} tried. Please try again."
        case Notice.NOT_REACHED:
            return f"{_begun(around.claimer)} claimed it, but nobody has reached the person yet."
    if around.action is ClaimAction.HAND_BACK:
        return f"{_begun(around.actor)} handed it back, so nobody has it now."
    return "Not claimed yet."


def _to_the_owner(around: Circumstances) -> str:
    if around.action is ClaimAction.HAND_OVER and not around.owner_acted:
        return f"{_begun(around.actor)} handed it over to you."
    return "It is time to follow up." if around.action is ClaimAction.FOLLOW_UP else "You claimed it."


def _begun(words: str) -> str:
    """Return words as the start of a sentence."""
    return f"{words[0].upper()}{words[1:]}"
