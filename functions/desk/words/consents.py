"""What a person agreed to and what they withdrew, in words, with the version of the text that they read."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.leads.clinic import Clinic, ConsentText
from shared.leads.consent import How, may_withdraw
from shared.leads.fields import CONSENTS
from shared.leads.lead import CONTACT, Consent
from shared.leads.progress import StoredLead
from shared.store.timeline import Entry
from shared.web.times import Times

_WORDS: Final = {
    "consent_contact": ("May be contacted", "Did not agree to be contacted"),
    "consent_texts": ("May get text messages", "Did not agree to text messages"),
    "consent_email_news": ("May get news by email", "Did not agree to news by email"),
}
# What was withdrawn: for a choice, for a list, and for the timeline.
CHOICES: Final[Mapping[str, str]] = {
    "consent_contact": "Any contact",
    "consent_texts": "Text messages",
    "consent_email_news": "News by email",
}
_WITHDRAWN: Final[Mapping[str, str]] = {
    "consent_contact": "May not be contacted",
    "consent_texts": "May not get text messages",
    "consent_email_news": "May not get news by email",
}
TO: Final[Mapping[str, str]] = {
    "consent_contact": "to be contacted",
    "consent_texts": "to text messages",
    "consent_email_news": "to news by email",
}
for table in (_WORDS, CHOICES, _WITHDRAWN, TO):
    if missing := {field.name for field in CONSENTS} ^ set(table):
        raise TypeError(f"add the words for {sorted(missing)} to functions/desk/words/consents.py")

HOWS: Final[Mapping[str, str]] = {
    How.PHONE: "By phone",
    How.EMAIL: "By email",
    How.STOP: "By a text that says STOP",
    How.IN_PERSON: "In person",
}
if missing_ways := set(How) ^ set(HOWS):
    raise TypeError(f"add the words for {sorted(missing_ways)} to functions/desk/words/consents.py")


class Agreed(NamedTuple):
    """One consent. `text` is what the person read, if it is still the clinic's text.

    `withdrawn` says how and when the person withdrew it, or is empty. `kind` is set if the reader may undo that.
    """

    words: str
    given: bool
    version: str = ""
    text: str = ""
    withdrawn: str = ""
    kind: str = ""


def agreed(
    stored: StoredLead, clinic: Clinic, clock: Times, withdrawals: Mapping[str, Entry], undoes: frozenset[str]
) -> tuple[Agreed, ...]:
    """Return each consent that the forms ask for, given or not, and withdrawn or not.

    `withdrawals` are the newest timeline entries about the withdrawals, by consent. `undoes` are the consents whose
    withdrawal the reader may undo.
    """
    given = {each.kind: each for each in stored.lead.consents}

    def one(kind: str) -> Agreed:
        found = _agreed(kind, given.get(kind), clinic)
        if not _is_withdrawn(stored, kind):
            return found
        return found._replace(
            words=_WITHDRAWN[kind],
            withdrawn=_when(stored, kind, clock, withdrawals.get(kind)),
            kind=kind if kind in undoes else "",
        )

    return tuple(one(field.name) for field in CONSENTS)


def can_be_withdrawn(stored: StoredLead) -> tuple[tuple[str, str], ...]:
    """Return the consents that can be withdrawn now, each with its words for a choice."""
    possible = may_withdraw(stored.lead)
    return tuple((kind, words) for kind, words in CHOICES.items() if kind in possible)


def withdrawal(details: Mapping[str, str]) -> str:
    """Return how somebody withdrew a consent, for the middle of a sentence."""
    how = HOWS.get(details.get("how", ""), "")
    return f"{how[0].lower()}{how[1:]}" if how else ""


def _is_withdrawn(stored: StoredLead, kind: str) -> bool:
    """Whether a page says that a consent was withdrawn. Nobody withdraws texts or news that they never agreed to."""
    given = any(each.kind == kind for each in stored.lead.consents)
    return kind in stored.lead.withdrawn and (given or kind == CONTACT or kind in stored.progress.withdrawn)


def _when(stored: StoredLead, kind: str, clock: Times, entry: Entry | None) -> str:
    progress = stored.progress
    if entry:
        return f"Withdrawn {withdrawal(entry.details)} {clock.on(entry.at)}".replace("  ", " ")
    if kind not in progress.withdrawn and progress.no_contact_since:
        return f"Does not want to be contacted since {clock.on(progress.no_contact_since).removeprefix('on ')}"
    return "Withdrawn"


def _agreed(kind: str, consent: Consent | None, clinic: Clinic) -> Agreed:
    yes, no = _WORDS[kind]
    if consent is None:
        return Agreed(no, given=False)
    current: ConsentText = getattr(clinic, kind)
    agreed_to = current.agreed_to(consent.version, consent.text_hash)
    return Agreed(yes, given=True, version=consent.version, text=agreed_to or "")
