"""What a person agreed to, in words, with the version of the text that they read."""

from typing import Final, NamedTuple

from shared.leads.clinic import Clinic, ConsentText
from shared.leads.fields import CONSENTS
from shared.leads.lead import Consent, Lead

_WORDS: Final = {
    "consent_contact": ("May be contacted", "Did not agree to be contacted"),
    "consent_texts": ("May get text messages", "Did not agree to text messages"),
    "consent_email_news": ("May get news by email", "Did not agree to news by email"),
}
if missing := {field.name for field in CONSENTS} ^ set(_WORDS):
    raise TypeError(f"add the words for {sorted(missing)} to functions/desk/words/consents.py")


class Agreed(NamedTuple):
    """One consent. `text` is what the person read, if it is still the clinic's text."""

    words: str
    given: bool
    version: str = ""
    text: str = ""


def agreed(lead: Lead, clinic: Clinic) -> tuple[Agreed, ...]:
    """Return each consent that the forms ask for, given or not."""
    given = {each.kind: each for each in lead.consents}
    return tuple(_agreed(field.name, given.get(field.name), clinic) for field in CONSENTS)


def _agreed(kind: str, consent: Consent | None, clinic: Clinic) -> Agreed:
    yes, no = _WORDS[kind]
    if consent is None:
        return Agreed(no, given=False)
    current: ConsentText = getattr(clinic, kind)
    is_current = (current.version, current.hash) == (consent.version, consent.text_hash)
    return Agreed(yes, given=True, version=consent.version, text=current.text if is_current else "")
