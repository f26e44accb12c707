"""How to reach a person safely: what to know before a call or an email, then the phone number and address.

Someone else may hear the voicemail, answer the phone or read the texts. So unless the person said yes to voicemail or
texts, staff must not use them.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from shared.leads.clinic import Clinic
from shared.leads.contact import normalize_email, readable_phone
from shared.leads.dialing import caution, phone_link
from shared.leads.fields import Section, shown_in
from shared.leads.hours import THEIR_DAY, every_day, known_zone, person_zone
from shared.leads.lead import TEXTS, Lead, Priority
from shared.messages.circumstances import Circumstances
from shared.messages.quote import Quote, Words
from shared.messages.wording import NOT_AGREED, in_words, kind_of
from shared.text import DEFAULT, LANGUAGES, text
from shared.text.en.fields import FIELDS


class Point(NamedTuple):
    """One thing staff must know. `quote` has the visitor's own words, and `words` say what they are."""

    words: str
    forbids: bool = False
    quote: Quote | None = None


class Fact(NamedTuple):
    """One thing the person told us. Either `value` or `quote` has it. `warning` and `link` are our own."""

    label: str
    value: str = ""
    quote: Quote | None = None
    warning: str | None = None
    link: str | None = None


# The warning for an email that shows nothing about the person, not even their time. It is the same for every request,
# so it does not tell whether this person may be in danger.
NIGHT: Final = Point(
    "When we sent this email, it was night where the person is. Do not call before 8 AM their time, unless you think "
    "they are in danger.",
    forbids=True,
)


# Comes before what the visitor typed, which may pose as an instruction to staff.
TYPED: Final = Point(
    "The marked words below are the visitor's own, not instructions from us. Do not call a number that is in them."
)


def points_to_mind(lead: Lead, around: Circumstances) -> tuple[Point, ...]:
    """Return what staff must know before they use the number or address. `forbids` marks what they must not do.

    Our own rules come first, then a line that says where ours end. So nothing that a visitor typed reads like one of
    them, or is the first line. If the person does not want to be contacted, that is all that there is to know.
    """
    if no_contact := _no_contact(lead, around):
        return (no_contact,)
    ruled = (rule(lead, around) for _, rule in RULES)
    others = (
        point_of(shown.label, in_words(field, shown, lead.answers[field.name], around.clinic))
        for field, shown in _WITHOUT_A_RULE
        if field.name in lead.answers
    )
    points = [point for point in (*ruled, *others) if point]
    ours, typed = (tuple(each for each in points if (each.quote is not None) is quoted) for quoted in (False, True))
    return (*ours, TYPED, *typed) if typed else ours


def _no_contact(lead: Lead, around: Circumstances) -> Point | None:
    if not lead.no_contact:
        return None
    on = f"on {around.day(around.no_contact_since)} " if around.no_contact_since else ""
    return Point(f"Do not contact them: {on}they said that they do not want to be contacted.", forbids=True)


def without_contact(lead: Lead, around: Circumstances) -> tuple[Point, ...]:
    """Return what staff must know if the email shows nothing about the person. The points say nothing about them."""
    if lead.no_contact:
        return ()  # nobody reaches out, so the first lines say all
    age = ask_age(lead, around)
    return (*((age,) if age else ()), *((NIGHT,) if is_night(lead, around) else ()))


def point_of(label: str, answer: Words) -> Point:
    """Return an answer as a point with its label."""
    return Point(label, quote=Quote.of(answer.text)) if answer.typed else Point(f"{label}: {answer.text}")


def fact_of(label: str, answer: Words) -> Fact:
    """Return an answer as a fact with its label."""
    return Fact(label, quote=Quote.of(answer.text)) if answer.typed else Fact(label, answer.text)


def for_later_emails[T: (Point, Fact)](entries: tuple[T, ...]) -> tuple[T, ...]:
    """Return entries whose quotes a spam filter does not stop."""
    return tuple(each._replace(quote=each.quote.for_later_emails()) if each.quote else each for each in entries)


def ways(lead: Lead, clinic: Clinic) -> tuple[Fact, ...]:
    """Return each way to reach the person. The preferred way is first and is marked.

    Only a way that staff may use becomes a link, and only a checked one: the parts of a link are never as typed.
    """
    if lead.no_contact:
        return tuple(_not_used(lead))
    facts = []
    if lead.phone:
        texts = "" if TEXTS in lead.withdrawn else " (text preferred)"
        mark = {"phone": " (preferred)", "text": texts}.get(lead.preferred_contact or "", "")
        facts.append(_phone(f"Phone{mark}", lead.phone))
    if lead.email and not lead.email_may_be_used:
        warning = "Do not email: they asked for another way."
        facts.append(Fact("Email", quote=Quote.of(lead.email), warning=warning))
    elif lead.email:
        mark = " (preferred)" if lead.preferred_contact == "email" else ""
        facts.append(_email(f"Email{mark}", lead.email, lead, clinic))
    return tuple(sorted(facts, key=lambda fact: not fact.label.endswith("preferred)")))


def instead_of_a_reply(lead: Lead) -> str:
    """Return what to do instead of replying to the email."""
    email, phone = lead.email_may_be_used, bool(lead.phone) and not lead.no_contact
    instead = {
        (True, True): "Write to the person at their address, or call them.",
        (True, False): "Write to the person at their address.",
        (False, True): "Call the person.",
    }.get((email, phone))
    return f"A reply to this email reaches nobody.{f' {instead}' if instead else ''}"


def about_form(lead: Lead) -> tuple[Fact, ...]:
    """Return what kind of request it is, if it is from a short form."""
    kind = kind_of(lead)
    return (Fact("Kind of request", kind.said),) if kind else ()


def ask_age(lead: Lead, around: Circumstances) -> Point | None:
    """Return what to ask first if the request does not say that the patient is old enough."""
    if not lead.age_unknown:
        return None
    return Point(
        f"Ask their age first: we do not know it. If the patient is under {around.clinic.minimum_age}, tell "
        "them who can help, and ask a manager to erase this request at the desk."
    )


def _phone(label: str, phone: str) -> Fact:
    link, warning = phone_link(phone), caution(phone)
    if link is None:
        return Fact(label, quote=Quote.of(phone))
    return Fact(
        label,
        readable_phone(phone),
        warning=warning.words if warning else None,
        link=None if warning and warning.costly else link,
    )


def _email(label: str, address: str, lead: Lead, clinic: Clinic) -> Fact:
    if normalize_email(address) != address:
        return Fact(label, quote=Quote.of(address))
    # A new subject: a reply to ours would quote it, and with it this email. Other people may see the subject.
    subject = "Your request" if lead.discreet else f"Your request to {clinic.name}"
    return Fact(label, address, link=f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}")


def _not_used(lead: Lead) -> Iterator[Fact]:
    """Yield the ways to reach a person who does not want that, without links."""
    if lead.phone:
        link = phone_link(lead.phone)
        known = {"value": readable_phone(lead.phone)} if link else {"quote": Quote.of(lead.phone)}
        yield Fact("Phone", **known, warning="Do not call or text: they do not want to be contacted.")
    if lead.email:
        yield Fact("Email", quote=Quote.of(lead.email), warning="Do not email: they do not want to be contacted.")


def _contact(lead: Lead, _around: Circumstances) -> Point | None:
    if lead.may_be_contacted:
        return None
    if lead.in_crisis:
        return Point(f"{NOT_AGREED} They said that somebody is in crisis, so contact them anyway, but only about this.")
    return Point(f"Do not contact them. {NOT_AGREED}", forbids=True)


def _voicemail(lead: Lead, _around: Circumstances) -> Point | None:
    if not lead.phone:
        return None
    if lead.voicemail_ok is None:
        return Point("Do not leave a voicemail: they did not say whether it is OK.", forbids=True)
    if not lead.voicemail_ok:
        return Point("Do NOT leave a voicemail.", forbids=True)
    # Anyone who shares the phone can hear the voicemail.
    return Point(f"Voicemail is OK{', but do not name the clinic in it' if lead.discreet else ''}.")


def _discreet(lead: Lead, _around: Circumstances) -> Point | None:
    if not lead.discreet:
        return None
    return Point("Be discreet: do not name the clinic to anyone but the person.", forbids=True)


def _call_me(lead: Lead, _around: Circumstances) -> Point | None:
    return Point("Name to ask for, as the visitor typed it", quote=Quote.of(lead.call_me)) if lead.call_me else None


def _texts(lead: Lead, _around: Circumstances) -> Point | None:
    if not lead.phone:
        return None
    if not lead.texts_may_be_sent:
        why = "they withdrew their consent" if TEXTS in lead.withdrawn else "they did not agree"
        return Point(f"Do not text: {why} to texts.", forbids=True)
    instead = {"phone": "a phone call", "email": "an email"}.get(lead.preferred_contact or "")
    return Point(f"They agreed to texts but prefer {instead}." if instead else "You may text them.")


def is_night(lead: Lead, around: Circumstances) -> bool:
    """Whether staff must not call now, because it is night where the person is. In a crisis they call at any hour."""
    zone = person_zone(lead.time_zone)
    if not lead.phone or lead.priority is Priority.URGENT or zone is None:
        return False
    return not every_day(THEIR_DAY, zone).is_open(around.now)


def at_night(lead: Lead, around: Circumstances) -> Point | None:
    """Return the warning that it is night where the person is, or None."""
    zone = person_zone(lead.time_zone)
    if zone is None or not is_night(lead, around):
        return None
    there = f"{around.now.astimezone(zone):%-I:%M %p}"
    morning = THEIR_DAY.opens // timedelta(hours=1)
    unless = ", unless you think they are in danger" if lead.priority is Priority.HIGH else ""
    return Point(
        f"{f'It is {there}' if around.on_a_page else f'When we sent this email, it was {there}'} where they are. "
        f"Do not call before {morning} AM their time{unless}.",
        forbids=True,
    )


def _best_time(lead: Lead, around: Circumstances) -> Point | None:
    if lead.in_crisis or not lead.best_time:
        return None  # staff call people in crisis right away
    best = FIELDS["best_time"].choices.get(lead.best_time)
    if best is None:
        return Point("Best time, in their own words", quote=Quote.of(lead.best_time))
    if not (zone := _zone_name(lead)):
        return Point(f"Best time: {best}")
    return Point(f"Best time: {best}, {zone} time{_clock_there(lead, around.clinic)}")


def _time_zone(lead: Lead, around: Circumstances) -> Point | None:
    """Return the person's time zone, unless it is in the line about the best time."""
    if lead.in_crisis or not lead.time_zone:
        return None
    if known_zone(lead.time_zone) and not person_zone(lead.time_zone):
        return None  # such as UTC, which says nothing about where they are
    if not (zone := _zone_name(lead)):
        return Point("Time zone, as the form sent it", quote=Quote.of(lead.time_zone))
    if lead.best_time in FIELDS["best_time"].choices:
        return None
    return Point(f"Time zone: {zone}{_clock_there(lead, around.clinic)}")


def _zone_name(lead: Lead) -> str | None:
    """Return the name of the person's time zone for a sentence, or None if there is no such zone."""
    return lead.time_zone.replace("_", " ") if lead.time_zone and person_zone(lead.time_zone) else None


def _clock_there(lead: Lead, clinic: Clinic) -> str:
    """Return a sentence with the person's local time when the request came in, if the clinic's differs."""
    zone = person_zone(lead.time_zone) or ZoneInfo(clinic.time_zone)
    there, here = (lead.received_at.astimezone(each) for each in (zone, ZoneInfo(clinic.time_zone)))
    if there.utcoffset() == here.utcoffset():
        return ""
    return f". Their local time was {there:%A, %-I:%M %p} when this request came in."


def _language(lead: Lead, _around: Circumstances) -> Point | None:
    """Return the language of a visitor who may not speak English, the language of staff."""
    if lead.locale in {None, DEFAULT}:
        return None
    if lead.locale not in LANGUAGES:  # of an earlier version
        return Point("Language, as the form sent it", quote=Quote.of(lead.locale or ""))
    name = text(lead.locale).name_for_staff
    return Point(f"Wrote in {name}. If you can, have someone who speaks {name} contact them.")


# Each rule with the fields that it covers, in the order shown. The section's other fields follow with their labels.
RULES: Final[tuple[tuple[tuple[str, ...], Callable[[Lead, Circumstances], Point | None]], ...]] = (
    (("form",), ask_age),
    (("locale",), _language),
    (("consent_contact",), _contact),
    (("time_zone",), at_night),
    (("voicemail_ok",), _voicemail),
    (("discreet",), _discreet),
    (("call_me",), _call_me),
    (("consent_texts",), _texts),
    (("best_time",), _best_time),
    (("time_zone",), _time_zone),
)
_RULED: Final = {name for names, _ in RULES for name in names}
_WITHOUT_A_RULE: Final = tuple(row for row in shown_in(Section.MIND) if row[0].name not in _RULED)
