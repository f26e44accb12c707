"""The spam screen: what about a request looks like a program's work, what each sign weighs, and what follows.

Whoever is taken for a program waits for staff to look, and may be a patient. Spam that gets through costs staff a
glance. So the weights are set for the patient: one sign that an honest person can give never reaches the threshold, nor
do two that come easily together. Only what no person does reaches it alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from typing import Final

from shared.leads.contact import normalise_email
from shared.leads.lead import Lead

THRESHOLD: Final = 100
# Long enough for a patient to call and ask, and for somebody back from a holiday to look through what was kept back;
# short enough that we do not hoard what bots send, or what a person wrote whom nobody will call.
QUARANTINE_RETENTION: Final = timedelta(days=30)
# How many other requests with the very same content are odd (somebody who presses the button again and again, say), and
# how many are no person's. The first ones have been alerted by then, so a person among them has been heard.
REPEATED: Final = 3
REPEATED_OFTEN: Final = 10

_TOO_FAST_SECONDS: Final = 3  # a form that fills itself in for a person still has to be read and sent
_MANY_LINKS: Final = 3
_WORDS_FOR_EACH_LINK: Final = 4


class Verdict(StrEnum):
    """What Cloudflare's Turnstile says about a request."""

    NOT_ASKED = auto()  # not configured, or not to be waited for
    PASSED = auto()
    FAILED = auto()  # the token is none that Cloudflare gave out, or it is too old
    UNVERIFIED = auto()  # nobody could tell: an outage, our own mistake, a token that was too old
    NOT_SENT = auto()  # configured, and no token came


class Reason(StrEnum):
    """A sign of spam, or what staff should know of the screen. Static ids, so they may be stored and logged."""

    TRAP_FILLED = auto()
    TOO_FAST = auto()
    MOSTLY_LINKS = auto()
    MANY_LINKS = auto()
    LINK_IN_NAME = auto()
    DISPOSABLE_ADDRESS = auto()
    UNDELIVERABLE_ADDRESS = auto()
    REPEATED = auto()
    REPEATED_OFTEN = auto()
    TURNSTILE_FAILED = auto()
    TURNSTILE_MISSING = auto()
    TURNSTILE_UNVERIFIED = auto()
    NOT_SCREENED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A lead and what others know of it."""

    lead: Lead
    repeats: int  # other leads with the same content lately
    turnstile: Verdict


@dataclass(frozen=True, slots=True)
class Screening:
    """What the screen found. Who says they are in crisis is spared: never kept back, whatever the score."""

    score: int
    reasons: tuple[Reason, ...]
    spared: bool = False

    @property
    def quarantined(self) -> bool:
        """Whether the request is kept back until staff look at it."""
        return self.score >= THRESHOLD and not self.spared


# For a lead that could not be screened: it is alerted like any other.
NOT_SCREENED: Final = Screening(0, (Reason.NOT_SCREENED,))


def screen(evidence: Evidence) -> Screening:
    """Return what the signs in `evidence` come to."""
    found = [signal for signal in SIGNALS if signal.found_in(evidence)]
    return Screening(
        score=sum(signal.weight for signal in found),
        reasons=tuple(signal.reason for signal in found),
        spared=evidence.lead.in_crisis is True,
    )


def words(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    """Return `reasons` in words for staff."""
    return tuple(_WORDS[reason] for reason in reasons)


def known_reasons(stored: list[str]) -> tuple[Reason, ...]:
    """Return `stored` ids as reasons, without those that another version of this list knew."""
    return tuple(Reason(each) for each in stored if each in set(Reason))


_WORDS: Final[dict[Reason, str]] = {
    Reason.TRAP_FILLED: "A field that people cannot see was filled in",
    Reason.TOO_FAST: "The form was filled in within a few seconds",
    Reason.MOSTLY_LINKS: "The message is mostly links",
    Reason.MANY_LINKS: "The message has many links",
    Reason.LINK_IN_NAME: "The name contains a link",
    Reason.DISPOSABLE_ADDRESS: "The email address is from a disposable address service",
    Reason.UNDELIVERABLE_ADDRESS: "The email address does not look like one that a person reads",
    Reason.REPEATED: "The same request came in several times today",
    Reason.REPEATED_OFTEN: "The same request came in many times today",
    Reason.TURNSTILE_FAILED: "The Cloudflare check failed. This may be a bot, or a form left open for a long time",
    Reason.TURNSTILE_MISSING: "The Cloudflare check did not run. This happens in browsers without scripts",
    Reason.TURNSTILE_UNVERIFIED: "The Cloudflare check could not be confirmed",
    Reason.NOT_SCREENED: "This request could not be checked for spam",
}


def _trap_filled(evidence: Evidence) -> bool:
    return evidence.lead.trap_filled


def _too_fast(evidence: Evidence) -> bool:
    seconds = evidence.lead.seconds_to_fill
    return seconds is not None and seconds < _TOO_FAST_SECONDS


# Compiled where they are first used: the public function loads this module for its names, and screens nobody.
# What starts a web address. Counted as a plain alternation, so in time linear in the text, whatever the text.
_LINK: Final = r"(?i)https?://(?:www\.)?|www\."
# Also without scheme, in a name only: there "clinic.com" is no sentence that lacks a space.
_DOMAIN: Final = r"(?i)\w\.(?:biz|click|cn|com|info|link|net|online|org|ru|shop|site|top|xyz)\b"


_MOST_LABELS: Final = 10  # of a domain, from its end: keeps the time linear for any text


def _links(evidence: Evidence) -> int:
    return len(re.findall(_LINK, evidence.lead.message or ""))


def _many_links(evidence: Evidence) -> bool:
    return _links(evidence) >= _MANY_LINKS


def _mostly_links(evidence: Evidence) -> bool:
    links = _links(evidence)
    return links > 0 and len((evidence.lead.message or "").split()) < links * _WORDS_FOR_EACH_LINK


def _link_in_name(evidence: Evidence) -> bool:
    # An email address in the name's field is a person's slip, or their browser's.
    parts = [part for part in evidence.lead.name.split() if "@" not in part]
    return any(re.search(_LINK, part) or re.search(_DOMAIN, part) for part in parts)


def _disposable(evidence: Evidence) -> bool:
    if evidence.lead.email is None:
        return False
    # Imported where it is used: ten thousand names, of no use for a lead without an address.
    from disposable_email_domains import blocklist  # noqa: PLC0415

    labels = _domain(evidence.lead.email).split(".")[-_MOST_LABELS:]
    return any(".".join(labels[first:]) in blocklist for first in range(len(labels) - 1))


# Set aside for tests and for names that lead nowhere (RFC 2606, RFC 6761). Not example.com: whoever tries the form with
# an address there is to see that it works.
_RESERVED: Final = frozenset({"example", "invalid", "localhost", "test"})
_UNREAD: Final = frozenset({"donotreply", "noreply"})


def _undeliverable(evidence: Evidence) -> bool:
    address = evidence.lead.email
    if address is None:
        return False
    local = re.sub(r"[._-]", "", address.partition("@")[0].partition("+")[0].lower())
    return normalise_email(address) is None or _domain(address).split(".")[-1] in _RESERVED or local in _UNREAD


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _repeated(evidence: Evidence) -> bool:
    return REPEATED <= evidence.repeats < REPEATED_OFTEN


def _repeated_often(evidence: Evidence) -> bool:
    return evidence.repeats >= REPEATED_OFTEN


def _turnstile(verdict: Verdict) -> Callable[[Evidence], bool]:
    return lambda evidence: evidence.turnstile is verdict


@dataclass(frozen=True, slots=True)
class Signal:
    """One sign: what it is called, what it weighs, and whether it is there."""

    reason: Reason
    weight: int
    found_in: Callable[[Evidence], bool]


SIGNALS: Final = (
    # No person sees the field, and screen readers and browsers are told to pass over it. Enough by itself.
    Signal(Reason.TRAP_FILLED, THRESHOLD, _trap_filled),
    # Browsers fill in forms, and some people are quick. The visitor's clock may be wrong, too.
    Signal(Reason.TOO_FAST, 50, _too_fast),
    # "Is this for me? https://..." is a fair question, so the two about links stay below 100 even together.
    Signal(Reason.MOSTLY_LINKS, 50, _mostly_links),
    Signal(Reason.MANY_LINKS, 40, _many_links),
    # Spam shows itself in the name, where a mail's preview shows it. So do company names, now and then.
    Signal(Reason.LINK_IN_NAME, 55, _link_in_name),
    # Who asks about their mental health may well hide their address: the weakest of all.
    Signal(Reason.DISPOSABLE_ADDRESS, 30, _disposable),
    # A made-up address beside a true phone number is a person who wants to be called.
    Signal(Reason.UNDELIVERABLE_ADDRESS, 40, _undeliverable),
    # An impatient person, or a page that sends again by itself.
    Signal(Reason.REPEATED, 20, _repeated),
    Signal(Reason.REPEATED_OFTEN, THRESHOLD, _repeated_often),
    # Cloudflare does not know this token, or no longer: some of its codes for an old token are those for a made-up one,
    # and a widget with another key's secret fails for everybody. So it takes a second sign.
    Signal(Reason.TURNSTILE_FAILED, 55, _turnstile(Verdict.FAILED)),
    # A browser without scripts, or with a blocker, sends no token: people who care for their privacy.
    Signal(Reason.TURNSTILE_MISSING, 40, _turnstile(Verdict.NOT_SENT)),
    # Says something of Cloudflare or of us, nothing of the person.
    Signal(Reason.TURNSTILE_UNVERIFIED, 0, _turnstile(Verdict.UNVERIFIED)),
)
