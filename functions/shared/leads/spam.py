"""The spam screen: the signs of spam in a request, their weights, and the verdict.

A request in quarantine waits for staff to look at it, and it may be from a patient. Spam that gets through costs staff
only a glance. So the weights favor the patient: a single sign that an honest person can show never reaches the
threshold, and neither do two that often occur together.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from shared.leads.contact import normalize_email
from shared.leads.lead import Lead

THRESHOLD: Final = 100
# How many other requests with the same content make a request suspicious, and how many make it more suspicious. Only
# requests that staff were alerted about count.
REPEATED: Final = 3
REPEATED_OFTEN: Final = 10

_TOO_FAST_SECONDS: Final = 3  # even with autofill, a person has to read and send the form
_MANY_LINKS: Final = 3
_WORDS_FOR_EACH_LINK: Final = 4


class Verdict(StrEnum):
    """The result of Cloudflare Turnstile for a request."""

    NOT_ASKED = auto()  # not configured, or not needed
    PASSED = auto()
    FAILED = auto()  # Cloudflare does not recognize the token: it is made up, or very old
    UNVERIFIED = auto()  # unknown: an outage, a configuration error, or an expired or used token
    NOT_SENT = auto()  # configured, but the request has no token


class Reason(StrEnum):
    """A sign of spam, or a note about the screening. These are static ids, so they may be stored and logged."""

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
    """A lead and what the table and Cloudflare know about it."""

    lead: Lead
    repeats: int  # other leads with the same content today that staff were alerted about
    turnstile: Verdict


@dataclass(frozen=True, slots=True)
class Screening:
    """The result of the screen. A `spared` lead, from a person who says they are in crisis, is never quarantined."""

    score: int
    reasons: tuple[Reason, ...]
    spared: bool = False

    @property
    def quarantined(self) -> bool:
        """Whether the request waits in quarantine until staff look at it."""
        return self.score >= THRESHOLD and not self.spared


# For a lead that could not be screened. Its alert is sent as usual.
NOT_SCREENED: Final = Screening(0, (Reason.NOT_SCREENED,))


def screen(evidence: Evidence) -> Screening:
    """Return the result for `evidence`."""
    found = [signal for signal in SIGNALS if signal.found_in(evidence)]
    return Screening(
        score=sum(signal.weight for signal in found),
        reasons=tuple(signal.reason for signal in found),
        spared=evidence.lead.in_crisis is True,
    )


def words(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    """Return the words for `reasons` that staff read."""
    return tuple(_WORDS[reason] for reason in reasons)


def known_reasons(stored: list[str]) -> tuple[Reason, ...]:
    """Return the reasons for `stored` ids. Ids that this version does not know are left out."""
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


# Patterns are compiled at first use, because the submit function imports this module but does not screen.
# The start of a web address. A plain alternation takes linear time for any text.
_LINK: Final = r"(?i)https?://(?:www\.)?|www\."
# A domain without a scheme, used only for names. In a message it may be a missing space after a period.
_DOMAIN: Final = r"(?i)\w\.(?:biz|click|cn|com|info|link|net|online|org|ru|shop|site|top|xyz)\b"


_MOST_LABELS: Final = 10  # checked labels of a domain, from its end; keeps the time linear for any text


def _links(evidence: Evidence) -> int:
    return len(re.findall(_LINK, evidence.lead.message or ""))


def _many_links(evidence: Evidence) -> bool:
    return _links(evidence) >= _MANY_LINKS


def _mostly_links(evidence: Evidence) -> bool:
    links = _links(evidence)
    return links > 0 and len((evidence.lead.message or "").split()) < links * _WORDS_FOR_EACH_LINK


def _link_in_name(evidence: Evidence) -> bool:
    # An email address in the name field is a mistake of the person or their browser.
    parts = [part for part in evidence.lead.name.split() if "@" not in part]
    return any(re.search(_LINK, part) or re.search(_DOMAIN, part) for part in parts)


def _disposable(evidence: Evidence) -> bool:
    if evidence.lead.email is None:
        return False
    # Imported here, because it is a large list that a lead without an address does not need.
    from disposable_email_domains import blocklist  # noqa: PLC0415

    labels = _domain(evidence.lead.email).split(".")[-_MOST_LABELS:]
    return any(".".join(labels[first:]) in blocklist for first in range(len(labels) - 1))


# Reserved names that do not exist (RFC 2606, RFC 6761). example.com is not among them, so that people can try the form
# with an address there.
_RESERVED: Final = frozenset({"example", "invalid", "localhost", "test"})
_UNREAD: Final = frozenset({"donotreply", "noreply"})


def _undeliverable(evidence: Evidence) -> bool:
    address = evidence.lead.email
    if address is None:
        return False
    local = re.sub(r"[._-]", "", address.partition("@")[0].partition("+")[0].lower())
    return normalize_email(address) is None or _domain(address).split(".")[-1] in _RESERVED or local in _UNREAD


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
    """One sign of spam: its id, its weight and its check."""

    reason: Reason
    weight: int
    found_in: Callable[[Evidence], bool]


SIGNALS: Final = (
    # People cannot see the field, and screen readers and browsers skip it. But a program that fills in forms for people
    # may fill it in, so this sign needs a second one that hardly occurs with it: a bot's speed, links, or a token that
    # Cloudflare does not know. An odd address or a browser without scripts is not such a sign.
    Signal(Reason.TRAP_FILLED, 55, _trap_filled),
    # Browsers fill in forms, some people are fast, and the visitor's clock may be wrong.
    Signal(Reason.TOO_FAST, 50, _too_fast),
    # "Is this for me? https://..." is a fair question, so these two signs stay below 100 together.
    Signal(Reason.MOSTLY_LINKS, 50, _mostly_links),
    Signal(Reason.MANY_LINKS, 40, _many_links),
    # Spammers put links into the name, where email previews show them. Some company names look like links.
    Signal(Reason.LINK_IN_NAME, 55, _link_in_name),
    # People who ask about their mental health may want to hide their address, so this sign is weak.
    Signal(Reason.DISPOSABLE_ADDRESS, 30, _disposable),
    # A made-up address with a real phone number may be a person who wants a call.
    Signal(Reason.UNDELIVERABLE_ADDRESS, 40, _undeliverable),
    # This says what others sent: an impatient person, a page that resends automatically, or somebody who copies a
    # person's request. So it must not change the fate of this one. The budget for email limits copies.
    Signal(Reason.REPEATED, 0, _repeated),
    Signal(Reason.REPEATED_OFTEN, 0, _repeated_often),
    # Cloudflare cannot always tell an old token from a made-up one, and a misconfigured widget fails for everyone. So
    # this sign needs a second one.
    Signal(Reason.TURNSTILE_FAILED, 55, _turnstile(Verdict.FAILED)),
    # Browsers without scripts or with a blocker send no token. Privacy-minded people use these.
    Signal(Reason.TURNSTILE_MISSING, 40, _turnstile(Verdict.NOT_SENT)),
    # This says something about Cloudflare or our setup, not about the person.
    Signal(Reason.TURNSTILE_UNVERIFIED, 0, _turnstile(Verdict.UNVERIFIED)),
)
