"""How to reach a person without harm: what to mind before a call or a mail, then the ways themselves.

Somebody else may hear the voicemail, pick up the phone or read the texts. What the person did not say yes to is a no.
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
    """One thing to mind. A visitor's words never stand in a sentence of ours: they have a label."""

    words: str
    label: str | None = None
    forbids: bool = False


class Fact(NamedTuple):
    """One thing the person said. `warning` is ours."""

    label: str
    value: str
    warning: str | None = None


def points_to_mind(lead: Lead, clinic: Clinic) -> tuple[Point, ...]:
    """Return what staff must know before they use a number or an address, what is forbidden by its first words."""
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
    """Return each way to reach the person, the preferred one first and marked."""
    facts = []
    if lead.phone:
        mark = {"phone": " (preferred)", "text": " (text preferred)"}.get(lead.preferred_contact or "", "")
        facts.append(Fact(f"Phone{mark}", inert(readable_phone(lead.phone))))
    if lead.email and lead.email_may_be_used:
        # Not inert: staff click it or copy it, and a copied zero-width space would lose their mail.
        mark = " (preferred)" if lead.preferred_contact == "email" else ""
        facts.append(Fact(f"Email{mark}", lead.email))
    elif lead.email:
        facts.append(Fact("Email", inert(lead.email), "Do not email: asked for another way."))
    return tuple(sorted(facts, key=lambda fact: not fact.label.endswith("preferred)")))


def _voicemail(lead: Lead, _clinic: Clinic) -> Point | None:
    if not lead.phone:
        return None
    if lead.voicemail_ok is None:
        return Point("No voicemail: nothing was said about it.", forbids=True)
    if not lead.voicemail_ok:
        return Point("Do NOT leave a voicemail.", forbids=True)
    # Whoever shares the phone hears it too.
    return Point(f"A voicemail is fine{', but do not name the clinic in it' if lead.discreet else ''}.")


def _discreet(lead: Lead, _clinic: Clinic) -> Point | None:
    if not lead.discreet:
        return None
    return Point("Be discreet: do not name the clinic to anybody but the person.", forbids=True)


def _call_me(lead: Lead, _clinic: Clinic) -> Point | None:
    return Point(inert(lead.call_me), "Ask for") if lead.call_me else None


def _texts(lead: Lead, _clinic: Clinic) -> Point | None:
    if not lead.phone:
        return None
    if not lead.texts_may_be_sent:
        return Point("Do not text: no consent to texts.", forbids=True)
    instead = {"phone": "a phone call", "email": "an email"}.get(lead.preferred_contact or "")
    return Point(f"Agreed to texts, but would rather have {instead}." if instead else "May be texted.")


def _best_time(lead: Lead, clinic: Clinic) -> Point | None:
    if lead.in_crisis:
        return None  # they are called now
    best = WORDS["best_time"].choices.get(lead.best_time, inert(lead.best_time)) if lead.best_time else None
    zone = inert(lead.time_zone.replace("_", " ")) if lead.time_zone else None
    if best:
        label, words = "Best time", f"{best}, {zone} time" if zone else best
    elif zone:
        label, words = "Time zone", zone
    else:
        return None
    there = _clock_there(lead, clinic)
    return Point(f"{words}. It was {there} there when this request came in." if there else words, label)


def _clock_there(lead: Lead, clinic: Clinic) -> str | None:
    """Return the person's local time when the request came in, where it is another than the clinic's."""
    here = lead.received_at.astimezone(ZoneInfo(clinic.time_zone))
    # It was a time zone when it was stored. Should it no longer be one, the alert goes out without.
    with suppress(KeyError, ValueError, OSError):
        there = lead.received_at.astimezone(ZoneInfo(lead.time_zone or clinic.time_zone))
        return None if there.utcoffset() == here.utcoffset() else f"{there:%A, %-I:%M %p}"
    return None


# Each rule with the fields that it speaks of, in the order shown. The section's other fields follow, with their labels.
RULES: Final[tuple[tuple[tuple[str, ...], Callable[[Lead, Clinic], Point | None]], ...]] = (
    (("voicemail_ok",), _voicemail),
    (("discreet",), _discreet),
    (("call_me",), _call_me),
    (("consent_texts",), _texts),
    (("best_time", "time_zone"), _best_time),
)
_RULED: Final = {name for names, _ in RULES for name in names}
_WITHOUT_A_RULE: Final = tuple(row for row in shown_in(Section.MIND) if row[0].name not in _RULED)
