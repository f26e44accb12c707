"""How a lead's progress is stored: one attribute for each field of `Progress`, in the lead's item."""

from dataclasses import MISSING, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from shared.leads.agenda import partition_of, shard
from shared.leads.desk_list import desk_list
from shared.leads.notice import Notice
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ClaimAction, Outcome, ResponseState
from shared.leads.spam import known_reasons
from shared.leads.worklist import worklist
from shared.store import report_item
from shared.store.keys import SCHEMA, desk_at, moment, timestamp
from shared.store.lead_item import lead_of
from shared.store.typed import plain

if TYPE_CHECKING:
    from shared.store.keys import Item

# Field -> attribute.
ATTRIBUTES: Final = {
    "state": "alert_state",
    "notice": "alert_notice",
    "attempts": "alert_attempts",
    "tries": "alert_tries",
    "refusals": "alert_refusals",
    "accepted": "emails_accepted",
    "told": "recipients_told",
    "delivered": "emails_delivered",
    "refused": "emails_refused",
    "bounced": "emails_bounced",
    "doubted": "emails_doubted",
    "rejected": "emails_rejected",
    "plain_after": "plain_after_attempts",
    "redriven": "redriven_attempts",
    "forgiven": "emails_forgiven",
    "told_at": "told_at",
    "response": "response",
    "claimed_by": "claimed_by",
    "owner_address": "owner_address",
    "claimed_at": "claimed_at",
    "handed_over_at": "handed_over_at",
    "owner_told": "owner_told",
    "action": "last_action",
    "acted_at": "acted_at",
    "acted_by": "acted_by",
    "acted_by_address": "acted_by_address",
    "former_owners": "former_owners",
    "others_hear": "others_hear",
    "tried": "tried",
    "tried_at": "tried_at",
    "call_again_at": "call_again_at",
    "follow_up_at": "follow_up_at",
    "outcome": "outcome",
    "outcome_reason": "outcome_reason",
    "closed_at": "closed_at",
    "not_wanted_at": "not_wanted_at",
    "withdrawn": "withdrawn_consents",
    "withdrawn_at": "withdrawn_at",
    "withdrawn_by": "withdrawn_by",
    "held_at": "held_at",
    "held_by": "held_by",
    "hold_reason": "hold_reason",
    "kept_until": "kept_until",
    "person_keys": "person_keys",
    "rounds": "reminder_rounds",
    "round_after": "round_after_attempts",
    "again_at": "again_at",
    "links_used": "links_used",
    "noted": "last_note",
    "noted_at": "last_note_at",
    "synthetic": "synthetic",
    "due_at": "agenda_at",
    "overdue_since": "overdue_since",
    "in_summary": "in_summary",
    "lease": "lease_token",
    "reasons": "spam_reasons",
    "score": "spam_score",
    "quarantined_at": "quarantined_at",
    "confirmed_at": "confirmation_at",
    "version": "version",
}
_NOT_STORED: Final = {"event"}
# Other programs read these, so they are stored even at their default.
_ALWAYS: Final = {"state", "notice", "response"}
_KINDS: Final = {
    "state": AlertState,
    "notice": Notice,
    "response": ResponseState,
    "action": ClaimAction,
    "outcome": Outcome,
}
_MOMENTS: Final = {
    *("told_at", "claimed_at", "acted_at", "tried_at", "call_again_at", "again_at", "due_at", "overdue_since"),
    *("quarantined_at", "confirmed_at", "follow_up_at", "closed_at", "not_wanted_at", "noted_at", "handed_over_at"),
    *("withdrawn_at", "held_at", "kept_until"),
}
_NUMBERS: Final = {
    "attempts",
    "tries",
    "refusals",
    "redriven",
    "plain_after",
    "tried",
    "rounds",
    "round_after",
    "score",
    "version",
}
_DEFAULTS: Final = {field.name: field.default for field in fields(Progress) if field.default is not MISSING}

if unmapped := {field.name for field in fields(Progress)} ^ {*ATTRIBUTES, *_NOT_STORED}:
    raise TypeError(
        f"Progress and ATTRIBUTES differ in {sorted(unmapped)}: edit functions/shared/store/progress_item.py"
    )


class NewerItemError(Exception):
    """A later release stored this lead in a form that this one does not know, so this one must not change it."""


def stored_lead(item: "Item") -> StoredLead:
    """Return the lead in an item, with its progress. Raises NewerItemError: docs/decisions/0047 says when."""
    if "schema" in item and int(plain(item["schema"])) > SCHEMA:
        raise NewerItemError
    return StoredLead(lead=lead_of(item), progress=progress_of(item))


def progress_of(item: "Item") -> Progress:
    """Return the progress in an item."""
    return Progress(**{name: _read(name, plain(item[stored])) for name, stored in ATTRIBUTES.items() if stored in item})


def progress_attributes(stored: StoredLead) -> dict[str, object]:
    """Return the attributes for the progress of `stored`, with None for those to remove.

    Defaults are not stored, to keep items small. `agenda_shard`, `worklist`, `desk_list` and `report_month` put the
    item into the sparse indexes. A Turnstile token can be verified only once, so it is removed after the screening.
    """
    progress, lead, listed, at_desk = stored.progress, stored.lead, worklist(stored), desk_list(stored)
    return {
        **{attribute: _written(name, getattr(progress, name)) for name, attribute in ATTRIBUTES.items()},
        "agenda_shard": partition_of(lead, in_summary=progress.in_summary) if progress.due_at else None,
        "worklist": listed and f"{listed}#{shard(lead.id)}",
        "priority": str(lead.priority),
        "desk_list": at_desk and f"{at_desk}#{shard(lead.id)}",
        "desk_at": at_desk and place_at_desk(stored),
        **report_item.attributes_of(stored),
        **({} if progress.reasons is None else {"turnstile_token": None}),
    }


def place_at_desk(stored: StoredLead) -> str:
    """Return the place of a lead in a list of the desk: when it came in, or when it was closed."""
    lead, progress = stored.lead, stored.progress
    closed_at = (progress.closed_at or progress.acted_at) if progress.response is ResponseState.CLOSED else None
    return desk_at(closed_at or lead.received_at, lead.id)


def _written(name: str, value: object) -> object:
    if value == _DEFAULTS[name] and name not in _ALWAYS:
        return None
    match value:
        case datetime():
            return timestamp(value)
        case frozenset():
            return set(value)
        case tuple():
            return [str(each) for each in value]
    return value


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of a progress
    if name in _KINDS:
        return _KINDS[name](value)
    if name in _MOMENTS:
        return moment(value)
    if name in _NUMBERS:
        return int(value)
    if name == "reasons":
        return known_reasons([str(each) for each in value])
    return frozenset(value) if isinstance(value, set) else value
