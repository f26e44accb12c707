"""What each mail to staff about a lead says of itself: what it is for, why it comes now, and what came before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from shared.leads.clinic import Clinic
from shared.leads.history import History
from shared.leads.hours import PARTS_OF_THE_DAY, known_zone
from shared.leads.lead import Lead
from shared.leads.link import LINK_LIFE
from shared.leads.notice import Notice
from shared.leads.numbers import counted, duration, ordinal
from shared.leads.team import FORMER_RECIPIENT

# After the reference in subjects, which show on locked phones. Each is another, so that no mail program piles a
# reminder upon the alert before it.
HEADINGS: Final = {
    Notice.ALERT: "New consultation request",
    Notice.REMINDER: "Reminder of a consultation request",
    Notice.ESCALATION: "Unanswered consultation request",
    Notice.CALL_AGAIN: "Time to try again",
    Notice.CLAIMED: "Taken",
}
# Mail scanners open links, and people fear that a touch of their thumb does something.
ABOUT_LINKS: Final = (
    "Each of these links opens a page with a button, and nothing happens before you press it. They are for you only "
    f"and work for {LINK_LIFE.days} days. Do not forward this mail: whoever has it can answer in your name."
)
NO_LINKS: Final = (
    "The links to answer with could not be made this time. Act on this request all the same, tell your colleagues that "
    "you have it, and use the links in the next mail about it."
)
_ORDINALS: Final = ("", "", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
_NOBODY_KNOWN: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a mail about a lead has to know besides the lead. `names` has the addresses of mailboxes."""

    clinic: Clinic
    now: datetime
    names: Mapping[str, str] = field(default=_NOBODY_KNOWN)
    claimed_by: str | None = None  # a recipient
    claimed_at: datetime | None = None
    told_at: datetime | None = None
    to_fallback: bool = False

    @property
    def claimer(self) -> str:
        """Whoever answered last, in a sentence. Their recipient may be gone from the list since."""
        return self.names.get(self.claimed_by, FORMER_RECIPIENT) if self.claimed_by else "a colleague"

    def clock(self, moment: datetime) -> str:
        """Return a moment as the clinic's clock and calendar show it."""
        return f"{moment.astimezone(ZoneInfo(self.clinic.time_zone)):%A, %-d %B %Y at %-I:%M %p %Z}"

    def day(self, moment: datetime) -> str:
        """Return the day of a moment at the clinic, with the year only where it is another than now."""
        zone = ZoneInfo(self.clinic.time_zone)
        there, here = moment.astimezone(zone), self.now.astimezone(zone)
        return f"{there:%-d %B}" if there.year == here.year else f"{there:%-d %B %Y}"


def why(notice: Notice, lead: Lead, around: Circumstances, *, shows_contact: bool) -> str | None:
    """Return why this mail comes, or None for the first one, which says that by itself."""
    waited = f"It has waited {_waited(around.now - lead.received_at)}."
    sentences: tuple[str | None, ...]
    match notice:
        case Notice.REMINDER:
            sentences = ("Nobody has taken this request yet.", waited, _second_choice(around))
        case Notice.ESCALATION:
            told = f"Staff were first told on {around.clock(around.told_at)}." if around.told_at else None
            because = "You get this because you are a fallback recipient." if around.to_fallback else None
            sentences = ("Nobody has answered this request.", waited, told, because)
        case Notice.CALL_AGAIN:
            best = shows_contact and _at_their_best_time(lead, around)
            again = "This is their best time: please try again." if best else "Please try again now."
            sentences = (f"Nobody answered when {around.claimer} tried.", again, _second_choice(around))
        case _:
            sentences = (_second_choice(around),)
    return " ".join(sentence for sentence in sentences if sentence) or None


def before(history: History | None, around: Circumstances, *, shows_names: bool) -> str | None:
    """Return what is known of the person's earlier requests, in one line: `Third request from this person ...`."""
    if history is None or history.number <= 1:
        return None
    count = f"{_ordinal(history.number)} request from this person since {around.day(history.since)}"
    first = history.first_reference
    if not shows_names:
        return f"{count}. The first was {first}."
    if history.first_claimed_by is None:
        return f"{count}. Nobody took the first, {first}."
    taken_by = around.names.get(history.first_claimed_by, FORMER_RECIPIENT)
    return f"{count}, first taken by {taken_by}. The first was {first}."


def _second_choice(around: Circumstances) -> str | None:
    if not around.to_fallback:
        return None
    return "You get this because you are a fallback recipient, and a mail to staff did not arrive."


def _at_their_best_time(lead: Lead, around: Circumstances) -> bool:
    """Whether it is now, where they are, the part of the day they asked for. The clinic's hours may not have it."""
    if lead.in_crisis or lead.best_time in {None, "any"} or lead.best_time not in PARTS_OF_THE_DAY:
        return False
    there = around.now.astimezone(known_zone(lead.time_zone) or ZoneInfo(around.clinic.time_zone))
    part = PARTS_OF_THE_DAY[lead.best_time]
    return part.opens <= timedelta(hours=there.hour, minutes=there.minute) < part.closes


def _waited(time: timedelta) -> str:
    if time < timedelta(hours=2):  # minutes count
        minutes = int(time / timedelta(minutes=1))
        return counted(minutes, "minute") if minutes > 0 else "less than a minute"
    return str(duration(time))


def _ordinal(number: int) -> str:
    return _ORDINALS[number] if number < len(_ORDINALS) else ordinal(number)
