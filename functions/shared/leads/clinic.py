"""The clinic, as described in `clinic.toml`. The build checks that file: tools/package/clinic_file.py."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from shared.leads.hours import Hours, Span
from shared.leads.identity import REFERENCE_PREFIX
from shared.leads.localized import Localized, localized
from shared.leads.look import NO_LOOK, Look, look_of

if TYPE_CHECKING:
    from shared.leads.questions import Question

CRISIS_LINE = "988"  # Suicide & Crisis Lifeline, call or text, https://988lifeline.org
EMERGENCY_NUMBER = "911"

LANGUAGES: Final = ("en", "es")
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location of the clinic."""

    id: str  # what a form sends
    name: Localized  # what people read


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """The exact text that a person agrees to, in each language, and its version."""

    version: str
    text: Localized

    def hash_in(self, language: str) -> str:
        """Return the SHA-256 of the text, 16 hex digits. A stored consent has it, in case a version is used twice."""
        return hash_of(self.text.of(language))

    def agreed_to(self, version: str, text_hash: str) -> str | None:
        """Return the text that a stored consent was given to, or None if the settings no longer have it."""
        if version != self.version:
            return None
        return next((text for text in self.text.all if hash_of(text) == text_hash), None)


def hash_of(text: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of a consent text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
    languages: tuple[str, ...] = LANGUAGES  # of forms and answers; the first is for visitors who say none
    reference_prefix: str = REFERENCE_PREFIX  # of new requests
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
    # The clinic's own choices of a built-in field, by the field's name and the choice's id. See choices.py.
    choices: Mapping[str, Mapping[str, Localized]] = attribute(default_factory=dict, hash=False)
    questions: tuple["Question", ...] = ()  # the clinic's own, in the order of the form
    look: Look = NO_LOOK

    def question(self, name: str) -> "Question | None":
        """Return the clinic's own question with an id, if there is one."""
        return next((question for question in self.questions if question.id == name), None)

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


@dataclass(frozen=True)  # without slots, so `vars` has what an answer in JSON says
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
    languages = tuple(sections.get("languages", LANGUAGES))

    def consent(name: str) -> ConsentText:
        section = sections[name]
        text = section["text"]
        # People agreed to the text in a language that the clinic no longer offers, so it is kept as proof.
        others = () if isinstance(text, str) else tuple(code for code in text if code not in languages)
        return ConsentText(version=section["version"], text=localized(text, (*languages, *others)))

    return Clinic(
        name=sections["name"],
        time_zone=sections["time_zone"],
        minimum_age=sections["minimum_age"],
        languages=languages,
        reference_prefix=sections.get("reference_prefix", REFERENCE_PREFIX),
        crisis_without_consent=sections.get("crisis_without_consent", True),
        places=tuple(
            Place(id=place["id"], name=localized(place["name"], languages)) for place in sections.get("places", ())
        ),
        opening_hours=tuple(tuple(hours.get(day, ())) for day in DAYS),
        closed_on=frozenset(date.fromisoformat(str(day)) for day in hours.get("closed_on", ())),
        targets=Targets(**sections.get("targets", {})),
        follow_up=FollowUp(**sections.get("follow_up", {})),
        email=EmailLimits(**sections.get("email", {})),
        retention=Retention(**sections.get("retention", {})),
        consent_contact=consent("consent_contact"),
        consent_texts=consent("consent_texts"),
        consent_email_news=consent("consent_email_news"),
        choices={
            name: {choice: localized(label, languages) for choice, label in choices.items()}
            for name, choices in sections.get("choices", {}).items()
        },
        questions=_questions(sections.get("questions", ()), languages),
        look=look_of(sections.get("look", {})),
    )


def _questions(written: Sequence[Mapping[str, Any]], languages: tuple[str, ...]) -> tuple["Question", ...]:
    if not written:
        return ()
    # Imported here because most clinics have no question of their own, and a cold start should not load this.
    from shared.leads.questions import question_of  # noqa: PLC0415

    return tuple(question_of(each, languages) for each in written)
