"""What an export says about one request, in plain names: its state, answers, consents and emails."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from shared.leads.clinic import Clinic, ConsentText
from shared.leads.consent import RESTORED, WITHDRAWN
from shared.leads.fields import ANSWERS, CONSENTS, Field, Kind
from shared.leads.lead import Answer, Lead
from shared.leads.progress import StoredLead
from shared.store.keys import timestamp
from shared.text.en.fields import FIELDS

UNTIL_CLOSED: Final = "until the request is closed, and then as long as the clinic's settings say"
WHILE_HELD: Final = "until the legal hold ends"
# What happened to a consent, by the kind of the timeline entry.
_HISTORY: Final = {WITHDRAWN: "withdrawn", RESTORED: "restored: the withdrawal was a mistake"}


def state(stored: StoredLead) -> dict[str, str]:
    """Return the state of a request: the response of staff, the alert to them, and what came of it."""
    progress = stored.progress
    known = {
        "response": progress.response,
        "closed_as": progress.closed_as,
        "outcome": progress.outcome,
        "emails_to_staff": progress.state,
    }
    return {name: str(value) for name, value in known.items() if value}


def kept_until(stored: StoredLead, expires_at: int | None) -> str:
    """Return until when a request is kept: a time, or what has to happen first. `expires_at` is in seconds."""
    if stored.progress.held:
        return WHILE_HELD
    return timestamp(datetime.fromtimestamp(expires_at, UTC)) if expires_at else UNTIL_CLOSED


def answers(lead: Lead, clinic: Clinic) -> list[dict[str, Any]]:
    """Return the answers with the questions, in the order of the form. `words` is what the visitor read or typed."""
    return [
        {
            "field": field.name,
            "question": FIELDS[field.name].label,
            "answer": list(answer) if isinstance(answer, tuple) else answer,
            "words": _in_words(field, answer, clinic),
        }
        for field in ANSWERS
        if (answer := lead.answers.get(field.name)) is not None
    ]


def consents(lead: Lead, clinic: Clinic, timeline: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each consent that a form asks for: whether it was given, to which text, and what happened to it later."""
    return [_consent(field, lead, clinic, timeline) for field in CONSENTS]


def mailboxes(timeline: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the recipients whose mailboxes got emails about a request."""
    named = (each.partition(" ") for entry in timeline for each in str(entry.get("recipients", "")).split(", ") if each)
    return sorted({recipient for recipient, _, outcome in named if outcome == "accepted"})


def _consent(field: Field, lead: Lead, clinic: Clinic, timeline: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    given = next((each for each in lead.consents if each.kind == field.name), None)
    current: ConsentText = getattr(clinic, field.name)
    history = [
        {"at": entry["at"], "what": _HISTORY[entry["kind"]], "how": entry.get("how", ""), "by": entry.get("by", "")}
        for entry in timeline
        if entry["kind"] in _HISTORY and entry.get("consent") == field.name
    ]
    found: dict[str, Any] = {"consent": field.name, "name": FIELDS[field.name].label, "given": given is not None}
    if given:
        is_current = (current.version, current.hash) == (given.version, given.text_hash)
        found |= {
            "given_at": timestamp(lead.received_at),
            "version": given.version,
            "text_hash": given.text_hash,
            "text": current.text if is_current else "The text of this version is not in the clinic's settings anymore.",
        }
    return found | {"withdrawn": field.name in lead.withdrawn, "history": history}


def _in_words(field: Field, answer: Answer, clinic: Clinic) -> str:
    match answer:
        case bool():
            return "Yes" if answer else "No"
        case tuple():
            return ", ".join(_in_words(field, each, clinic) for each in answer)
    words = clinic.place_names if field.kind is Kind.PLACE else FIELDS[field.name].choices
    return words.get(answer, answer)
