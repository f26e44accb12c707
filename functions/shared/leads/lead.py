"""The lead: one person's consultation request, as stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, cast

from shared.leads import identity
from shared.leads.crisis import asks_about_crisis, mentions_crisis

type Answer = str | bool | tuple[str, ...]

# The kinds of consents: the names of the form's fields (fields.py; a test compares).
CONTACT: Final = "consent_contact"
TEXTS: Final = "consent_texts"
NEWS: Final = "consent_email_news"
CONSENT_KINDS: Final = frozenset({CONTACT, TEXTS, NEWS})
# The fields whose choices may be the clinic's own (a test compares). What a choice says is in its id.
OWN_CHOICES: Final = ("interest", "symptoms", "treatments_tried", "health_notes")


class Priority(StrEnum):
    """How soon staff should act. It changes the look and the deadlines of emails, never whether an alert is sent."""

    NORMAL = "normal"
    HIGH = "high"  # the request contains words that people in crisis use
    URGENT = "urgent"  # the person says they are in crisis now


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent that the person gave with the request."""

    kind: str  # the name of the form's field
    version: str  # of the text in clinic.toml
    text_hash: str  # SHA-256 of the text, 16 hex digits, in case a version is used twice


class AlsoSent(NamedTuple):
    """Something that the form sent and that fits no field. Treat it like the message: a person may have typed it."""

    name: str  # as the form sent it
    value: str


_NO_ANSWERS: Final[Mapping[str, Answer]] = MappingProxyType({})


class _Answer[T]:
    """Gives typed access to one answer of a lead, so mypy checks the rules that use it."""

    __slots__ = ("_name",)

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, lead: "Lead", _owner: type) -> T:
        return cast("T", lead.answers.get(self._name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A person's request and contact details. Text is normalized but untrusted: escape it when rendering."""

    id: str
    received_at: datetime  # aware, UTC
    fingerprint: str  # a hash of the request; tells a repeat from another request with the same id
    # The answers, by field name. fields.py says which fields are stored as answers.
    answers: Mapping[str, Answer]
    own_answers: Mapping[str, Answer] = _NO_ANSWERS  # to the clinic's own questions, by their ids
    consents: tuple[Consent, ...] = ()
    also_sent: tuple[AlsoSent, ...] = ()
    withdrawn: frozenset[str] = frozenset()  # kinds of consents that the person withdrew since; not part of the request
    reference_prefix: str = identity.REFERENCE_PREFIX  # the clinic's, when the lead was stored
    age_unknown: bool = False  # the question about the patient's age was not answered, so staff ask first
    # For the spam screen (shared/leads/spam.py).
    trap_filled: bool = False
    seconds_to_fill: int | None = None  # from showing the form to receiving it; None if unknown

    # The answers that rules use. `answers` has all of them.
    form = _Answer[str | None]()  # "reply" or "callback"; None is the consultation form
    name = _Answer[str]()
    email = _Answer[str | None]()
    phone = _Answer[str | None]()  # E.164, possibly with " ext. N"
    preferred_contact = _Answer[str | None]()
    best_time = _Answer[str | None]()
    time_zone = _Answer[str | None]()
    locale = _Answer[str | None]()  # the language of the visitor; None if nothing said which
    voicemail_ok = _Answer[bool | None]()
    discreet = _Answer[bool | None]()
    call_me = _Answer[str | None]()
    message = _Answer[str | None]()
    in_crisis = _Answer[bool | None]()
    page = _Answer[str | None]()
    turnstile_token = _Answer[str | None]()

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))
        object.__setattr__(self, "own_answers", MappingProxyType(dict(self.own_answers)))

    @property
    def reference(self) -> str:
        """The reference of this lead, e.g. `KC-7Q2M-4XHD`."""
        return identity.reference(self.id, self.reference_prefix)

    @property
    def no_contact(self) -> bool:
        """Whether the person asked us not to contact them."""
        return CONTACT in self.withdrawn

    @property
    def email_may_be_used(self) -> bool:
        """Whether staff may email the person: they gave an address and did not prefer another way, or no contact."""
        preferred = self.phone is None or self.preferred_contact in {None, "email"}
        return self.email is not None and preferred and not self.no_contact

    @property
    def texts_may_be_sent(self) -> bool:
        """Whether staff may text the person. This needs their consent (47 U.S.C. 227, the TCPA)."""
        return self.phone is not None and self._agreed(TEXTS)

    @property
    def news_may_be_sent(self) -> bool:
        """Whether the clinic may email news to the person."""
        return self.email is not None and self._agreed(NEWS)

    @property
    def may_be_contacted(self) -> bool:
        """Whether the person agreed to it, and did not withdraw that since.

        Without it, the person is in crisis, which is why the request is here, or `no_contact` says that they withdrew.
        """
        return self._agreed(CONTACT)

    def _agreed(self, kind: str) -> bool:
        return kind not in self.withdrawn and any(consent.kind == kind for consent in self.consents)

    @property
    def priority(self) -> Priority:
        """How soon staff should act."""
        if self.in_crisis:
            return Priority.URGENT
        own = [(name, said) for name, answer in self.own_answers.items() for said in _words(answer)]
        chosen = (said for name in OWN_CHOICES for said in _words(self.answers.get(name)))
        sent = (*self.also_sent, *own)
        written = (self.message, self.name, self.call_me, *(value for _, value in sent), *chosen)
        # Looked through once, because a visitor waits. No phrase goes on beyond the mark between two texts.
        said = mentions_crisis(_BETWEEN.join(filter(None, written))) or any(_may_say_crisis(*each) for each in sent)
        return Priority.HIGH if said else Priority.NORMAL


_BETWEEN: Final = " | "
_NO_CRISIS: Final = frozenset(
    {
        *(
            "no",
            "false",
            "0",
            "off",
            "none",
            "n",
            "n/a",
            "na",
            "nope",
            "not now",
            "not at all",
            "never",
            "none of these",
            "no thanks",
        ),
        *("nunca", "ninguno", "ninguna", "para nada", "no, gracias", "no gracias"),
    }
)


def _may_say_crisis(name: str, value: str) -> bool:
    # A question about a crisis that a site or the clinic added, or an answer to ours that we could not read.
    return value.lower().strip(" .!/") not in _NO_CRISIS and asks_about_crisis(name)


def _words(answer: Answer | None) -> tuple[str, ...]:
    """Return what an answer says. The id of a choice is read as words."""
    match answer:
        case None:
            return ()
        case bool():
            return ("yes" if answer else "no",)
        case str():
            return (answer.replace("_", " "),)
    return tuple(each.replace("_", " ") for each in answer)
