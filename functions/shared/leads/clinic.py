"""The clinic, as described in `clinic.toml`. The build checks that file: tools/package/clinic_file.py."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from shared.leads.hours import Hours, Span

CRISIS_LINE = "988"  # Suicide & Crisis Lifeline, call or text, https://988lifeline.org
EMERGENCY_NUMBER = "911"

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location of the clinic."""

    id: str  # what a form sends
    name: str  # what people read


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """The exact text that a person agrees to, and its version."""

    version: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of the text, 16 hex digits. A stored consent has it, in case a version is used twice."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """How long a request may stay unclaimed, in minutes. Only opening hours count, except for urgent requests."""

    remind_after: int = 15
    escalate_after: int = 60
    urgent_remind_after: int = 5
    urgent_escalate_after: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """When staff are reminded until the person was reached, in minutes. Only opening hours count, except if urgent."""

    claimed_after: int = 240
    emailed_after: int = 480
    repeat_after: int = 480
    urgent_claimed_after: int = 15
    urgent_emailed_after: int = 60
    urgent_no_answer_after: int = 10  # for the first time; doubles each time, up to `urgent_repeat_after`
    urgent_repeat_after: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailLimits:
    """How many emails the system sends at most, so that a flood of requests cannot use up the account's quota.

    No request is lost beyond a limit: a summary lists it.
    """

    max_alerts_per_hour: int = 60  # to one mailbox, without those about urgent requests
    max_urgent_alerts_per_hour: int = 40  # to one mailbox, about urgent requests
    max_confirmations_per_day: int = 200  # to all visitors together, on one UTC day


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many days a request is kept after it was closed, by what came of it. An open request is kept."""

    booked: int = 30
    came: int = 30
    no_show: int = 90
    not_suitable: int = 90
    declined: int = 90
    unreachable: int = 180
    referred: int = 90
    duplicate: int = 30
    wrong_number: int = 30
    reached: int = 365  # the person was reached, and nobody said what came of it
    spam: int = 30  # also the time that a request stays in quarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """The clinic and its settings."""

    name: str
    time_zone: str  # an IANA name
    minimum_age: int  # in years
    languages: tuple[str, ...] = ("en", "es")  # of forms and answers; the first is for visitors who say none
    crisis_without_consent: bool = True  # whether a person in crisis may be contacted without the consent to contact
    places: tuple[Place, ...] = ()
    opening_hours: tuple[tuple[str, ...], ...]  # each day's spans as written in the file, from Monday; see `hours`
    closed_on: frozenset[date] = frozenset()
    targets: Targets = Targets()
    follow_up: FollowUp = FollowUp()
    email: EmailLimits = EmailLimits()
    retention: Retention = Retention()
    consent_contact: ConsentText
    consent_texts: ConsentText
    consent_email_news: ConsentText

    @property
    def place_names(self) -> dict[str, str]:
        """The name of each place by its id."""
        return {place.id: place.name for place in self.places}

    def language_for(self, locale: str | None) -> str:
        """Return the language for a visitor of `locale`: theirs if the clinic offers it, otherwise its first."""
        return locale if locale in self.languages else self.languages[0]

    @property
    def hours(self) -> Hours:
        """The clinic's opening hours, in its time zone."""
        return _hours(self.time_zone, self.opening_hours, self.closed_on)


@lru_cache
def _hours(time_zone: str, opening_hours: tuple[tuple[str, ...], ...], closed_on: frozenset[date]) -> Hours:
    # Kept, because each answer to a visitor says when to expect a call.
    return Hours(
        zone=ZoneInfo(time_zone),
        week=tuple(tuple(sorted(map(Span.parse, spans))) for spans in opening_hours),
        closed_on=closed_on,
    )


@dataclass(frozen=True, slots=True)
class Help:
    """Where a visitor can get help now. Every page and every response shows it.

    The clinic's phone number is a parameter of the template and not in clinic.toml, because API Gateway's own error
    responses show it too, and a template cannot read that file.
    """

    clinic_phone: str
    crisis_line: str = CRISIS_LINE
    emergency_number: str = EMERGENCY_NUMBER

    @property
    def clinic_phone_link(self) -> str:
        """The clinic's number as a `tel:` link: digits and possibly a leading plus."""
        return "tel:" + "".join(sign for sign in self.clinic_phone if sign.isdigit() or sign == "+")


def clinic_of(sections: Mapping[str, Any]) -> Clinic:
    """Return the clinic that the sections of a checked clinic.toml describe. Days may be dates or ISO text."""
    hours = sections["hours"]
    return Clinic(
        name=sections["name"],
        time_zone=sections["time_zone"],
        minimum_age=sections["minimum_age"],
        crisis_without_consent=sections.get("crisis_without_consent", True),
        places=tuple(Place(**place) for place in sections.get("places", ())),
        opening_hours=tuple(tuple(hours.get(day, ())) for day in DAYS),
        closed_on=frozenset(date.fromisoformat(str(day)) for day in hours.get("closed_on", ())),
        targets=Targets(**sections.get("targets", {})),
        follow_up=FollowUp(**sections.get("follow_up", {})),
        email=EmailLimits(**sections.get("email", {})),
        retention=Retention(**sections.get("retention", {})),
        consent_contact=ConsentText(**sections["consent_contact"]),
        consent_texts=ConsentText(**sections["consent_texts"]),
        consent_email_news=ConsentText(**sections["consent_email_news"]),
    )
