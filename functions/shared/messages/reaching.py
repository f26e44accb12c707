"""How to reach a person safely: what to know before a call or an email, then the phone number and address.

Someone else may hear the voicemail, answer the phone or read the texts. So unless the person said yes to voicemail or
texts, staff must not use them.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from shared.leads.clinic import Clinic
from shared.leads.contact import readable_phone
from shared.leads.fields import Section, shown_in
from shared.leads.lead import Lead
from shared.messages.inert import inert
from shared.messages.wording import in_words
from shared.text.en.fields import FIELDS as WORDS


class Point(NamedTuple):
    """One thing staff must know. The visitor's own words get a label and are never part of our sentence."""

    words: str
    label: str | None = None
    forbids: bool = False


class Fact(NamedTuple):
    """One thing the person told us. `warning` is our own text."""

    label: str
    value: str
    warning: str | None = None


def points_to_mind(lead: Lead, clinic: Clinic) -> tuple[Point, ...]:
    """Return what staff must know before they use the number or address. `forbids` marks what they must not do."""
    points = (
        *(rule(lead, clinic) for _, rule in RULES),
        *(
            Point(in_words(field, shown, lead.answers[field.name], clinic), shown.label)
            for field, shown in _WITHOUT_A_RULE
            if field.name in lead.answers
        ),
    )
    return tuple(point for point in points if point)


def ways(lead: Lead) -> tuple[Fact, ...]:
    """Return each way to reach the person. The preferred way is first and is marked."""
    facts = []
    if lead.phone:
        mark = {"phone": " (preferred)", "text": " (text preferred)"}.get(lead.preferred_contact or "", "")
        facts.append(Fact(f"Phone{mark}", inert(readable_phone(lead.phone))))
    if lead.email and lead.email_may_be_used:
        # Not inert: staff click or copy it, and an address with a zero-width space does not work.
        mark = " (preferred)" if lead.preferred_contact == "email" else ""
        facts.append(Fact(f"Email{mark}", lead.email))
    elif lead.email:
        facts.append(Fact("Email", inert(lead.email), "Do not email: they asked for another way."))
    return tuple(sorted(facts, key=lambda fact: not fact.label.endswith("preferred)")))


def _voicemail(lead: Lead, _clinic: Clinic) -> Point | None:
    if not lead.phone:
        return None
    if lead.voicemail_ok is None:
        return Point("Do not leave a voicemail: they did not say whether it is OK.", forbids=True)
    if not lead.voicemail_ok:
        return Point("Do NOT leave a voicemail.", forbids=True)
    # Anyone who shares the phone can hear the voicemail.
    return Point(f"Voicemail is OK{', but do not name the clinic in it' if lead.discreet else ''}.")


def _discreet(lead: Lead, _clinic: Clinic) -> Point | None:
    if not lead.discreet:
        return None
    return Point("Be discreet: do not name the clinic to anyone but the person.", forbids=True)


def _call_me(lead: Lead, _clinic: Clinic) -> Point | None:
    return Point(inert(lead.call_me), "Ask for") if lead.call_me else None


def _texts(lead: Lead, _clinic: Clinic) -> Point | None:
    if not lead.phone:
        return None
    if not lead.texts_may_be_sent:
        return Point("Do not text: they did not agree to texts.", forbids=True)
    instead = {"phone": "a phone call", "email": "an email"}.get(lead.preferred_contact or "")
    return Point(f"They agreed to texts but prefer {instead}." if instead else "You may text them.")


def _best_time(lead: Lead, clinic: Clinic) -> Point | None:
    if lead.in_crisis:
        return None  # staff call them right away
    best = WORDS["best_time"].choices.get(lead.best_time, inert(lead.best_time)) if lead.best_time else None
    zone = inert(lead.time_zone.replace("_", " ")) if lead.time_zone else None
    if best:
        label, words = "Best time", f"{best}, {zone} time" if zone else best
    elif zone:
        label, words = "Time zone", zone
    else:
        return None
    there = _clock_there(lead, clinic)
    return Point(f"{words}. Their local time was {there} when this request came in." if there else words, label)


def _clock_there(lead: Lead, clinic: Clinic) -> str | None:
    """Return the person's local time when the request came in, or None if it is the same as the clinic's."""
    here = lead.received_at.astimezone(ZoneInfo(clinic.time_zone))
    # The zone was valid when it was stored. If it no longer is, the alert goes out without this time.
    with suppress(KeyError, ValueError, OSError):
        there = lead.received_at.astimezone(ZoneInfo(lead.time_zone or clinic.time_zone))
        return None if there.utcoffset() == here.utcoffset() else f"{there:%A, %-I:%M %p}"
    return None


# Each rule with the fields that it covers, in the order shown. The section's other fields follow with their labels.
RULES: Final[tuple[tuple[tuple[str, ...], Callable[[Lead, Clinic], Point | None]], ...]] = (
    (("voicemail_ok",), _voicemail),
    (("discreet",), _discreet),
    (("call_me",), _call_me),
    (("consent_texts",), _texts),
    (("best_time", "time_zone"), _best_time),
)
_RULED: Final = {name for names, _ in RULES for name in names}
_WITHOUT_A_RULE: Final = tuple(row for row in shown_in(Section.MIND) if row[0].name not in _RULED)
