"""Erased leads: what is left of a lead in the table after somebody had it erased."""

from typing import Final

from shared.store import keys
from tests.unit.dynamodb import MemoryDynamoDB
from tests.unit.fakes import MemoryLeads
from tests.unit.people import NOW

# The attributes that say nothing about the person.
_LEFT: Final = ("pk", "sk", "schema", "reference", "received_at", "outcome", "closed_at", "fingerprint", "version")


def erase(leads: MemoryLeads, lead_id: str) -> None:
    """Replace a stored lead with its tombstone."""
    stored = leads.leads[lead_id]
    left = {name: stored[name] for name in _LEFT if name in stored}
    leads.leads[lead_id] = left | {"erased_at": {"S": keys.timestamp(NOW)}}


def erased_table(*, made_from: MemoryLeads | None = None) -> MemoryLeads:
    """Return a table in which every lead is erased."""
    leads = made_from or MemoryLeads(MemoryDynamoDB())
    for lead_id in list(leads.leads):
        erase(leads, lead_id)
    return leads
