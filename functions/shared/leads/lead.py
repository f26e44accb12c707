"""The lead: one person's request for a consultation, as the clinic keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import cast

from shared.leads import identity
from shared.leads.crisis import mentions_crisis

type Answer = str | bool | tuple[str, ...]


class Priority(StrEnum):
    """How soon staff should act. It changes how an alert looks, never whether it is sent."""

    NORMAL = "normal"
    HIGH = "high"  # words of crisis in what was written
    URGENT = "urgent"  # the person says they are in crisis now


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person agreed to, when the lead was received and on the lead's page."""

    kind: str  # the form's field
    version: str  # of the text in clinic.toml
    text_hash: str  # SHA-256 of the text, 16 hexadecimal digits, should a version be used twice


class _Answer[T]:
    """Reads one answer of a lead as an attribute, so that mypy checks the rules that read it."""

    __slots__ = ("_name",)

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, lead: "Lead", _owner: type) -> T:
        return cast("T", lead.answers.get(self._name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a person asked for and how to reach them. Text is normalized and untrusted: escape it where it is shown."""

    id: str
    received_at: datetime  # aware, UTC
    fingerprint: str  # of what the person said; tells a repeat from another request under the same id
    # What was filled in, by the field's name: the fields of fields.py that are stored as answers.
    answers: Mapping[str, Answer]
    consents: tuple[Consent, ...] = ()
    # What the spam screen looks at (shared/leads/spam.py).
    trap_filled: bool = False
    seconds_to_fill: int | None = None  # from the form's appearance to its arrival; None where nobody measured

    # The answers that a rule reads. The table has all of them.
    name = _Answer[str]()
    email = _Answer[str | None]()
    phone = _Answer[str | None]()  # E.164, perhaps with " ext. N"
    preferred_contact = _Answer[str | None]()
    best_time = _Answer[str | None]()
    time_zone = _Answer[str | None]()
    voicemail_ok = _Answer[bool | None]()
    discreet = _Answer[bool | None]()
    call_me = _Answer[str | None]()
    message = _Answer[str | None]()
    in_crisis = _Answer[bool | None]()
    page = _Answer[str | None]()
    turnstile_token = _Answer[str | None]()

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))

    @property
    def reference(self) -> str:
        """What staff and the visitor call this lead, e.g. `KC-7Q2M-4XHD`."""
        return identity.reference(self.id)

    @property
    def email_may_be_used(self) -> bool:
        """Whether staff may write to the person: they gave an address and did not ask for another way."""
        return self.email is not None and (self.phone is None or self.preferred_contact in {None, "email"})

    @property
    def texts_may_be_sent(self) -> bool:
        """Whether staff may text the person: only who agreed to it (47 U.S.C. 227, the TCPA)."""
        return self.phone is not None and any(consent.kind == "consent_texts" for consent in self.consents)

    @property
    def priority(self) -> Priority:
        """How soon staff should act."""
        if self.in_crisis:
            return Priority.URGENT
        written = (self.message, self.name, self.call_me)
        return Priority.HIGH if any(text and mentions_crisis(text) for text in written) else Priority.NORMAL
