"""Gathers everything that is stored about some requests into one document of plain values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, Any, Final

from shared.leads.audit_chain import Entry
from shared.leads.clinic import Clinic
from shared.leads.lead import Lead
from shared.leads.progress import StoredLead
from shared.records import belongings, said
from shared.records.words import COPIES, MADE_FOR, THIRD_PARTIES
from shared.store.audit import Audit
from shared.store.keys import LEAD_SORT_KEY, timestamp
from shared.store.leads import ERASED_AT
from shared.store.progress_item import stored_lead
from shared.store.stored_items import StoredItems, as_json

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item

# The version of the document's format.
FORMAT: Final = 1
# The clocks of two processes differ a little.
_EARLIER: Final = timedelta(minutes=5)
# Details of an audit entry that name other requests or entries.
_ABOUT_OTHERS: Final = frozenset({"lead", "before"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the data is. `people_key` is the key of the digests that link a person's requests."""

    client: "DynamoDBClient"
    table_name: str
    audit: Audit
    people_key: bytes
    clinic: Clinic


@dataclass(frozen=True, slots=True)
class _Request:
    stored: StoredLead
    item: "Item"
    others: "tuple[Item, ...]"  # the timeline, and what else is in the lead's partition


def gather(sources: Sources, lead_ids: Sequence[str], now: datetime, seconds: float = inf) -> dict[str, Any]:
    """Return the document of an export: see docs/decisions/0039-what-an-export-holds.md.

    Raises botocore's errors, and TooLongError if reading the audit takes longer than `seconds`.
    """
    table = StoredItems(sources.client, sources.table_name, lambda: now)
    found = sorted(
        (request for lead_id in dict.fromkeys(lead_ids) if (request := _request(table, lead_id))),
        key=lambda request: request.stored.lead.received_at,
        reverse=True,
    )
    leads = [request.stored.lead for request in found]
    return {
        "format": FORMAT,
        "made_at": timestamp(now),
        "clinic": sources.clinic.name,
        "time_zone": sources.clinic.time_zone,
        "made_for": MADE_FOR,
        "requests": [_document(request, sources.clinic) for request in found],
        "linked_items": list(belongings.of(table, [request.stored for request in found], sources.people_key)),
        "seen_by": [_seen(entry, leads) for entry in _entries(sources.audit, leads, seconds)],
        "shared_with": list(THIRD_PARTIES),
        "copies_may_be_in": list(COPIES),
    }


def _request(table: StoredItems, lead_id: str) -> _Request | None:
    items = list(table.of(f"LEAD#{lead_id}"))
    own = next((item for item in items if item["sk"]["S"] == LEAD_SORT_KEY), None)
    # Of an erased lead, only its tombstone is left, which says nothing about the person.
    if own is None or ERASED_AT in own:
        return None
    return _Request(stored_lead(own), own, tuple(item for item in items if item is not own))


def _document(request: _Request, clinic: Clinic) -> dict[str, Any]:
    lead, stored = request.stored.lead, as_json(request.item)
    others = [as_json(item) for item in request.others]
    timeline = [{"at": each["sk"].split("#")[1], **each} for each in others if each["sk"].startswith("EVENT#")]
    return {
        "reference": lead.reference,
        "id": lead.id,
        "received_at": timestamp(lead.received_at),
        "state": said.state(request.stored),
        "kept_until": said.kept_until(request.stored, stored.get("expires_at")),
        "answers": said.answers(lead, clinic),
        "also_sent": [sent._asdict() for sent in lead.also_sent],
        "consents": said.consents(lead, clinic, timeline),
        "timeline": timeline,
        "mailboxes": said.mailboxes(timeline),
        "stored": stored,
        "marks": [each for each in others if not each["sk"].startswith("EVENT#")],
    }


def _entries(audit: Audit, leads: Sequence[Lead], seconds: float) -> Iterator[Entry]:
    """Yield the audit's entries about some leads, newest first. Each entry is read once for all of them."""
    if leads:
        since = min(lead.received_at for lead in leads) - _EARLIER
        yield from audit.about(frozenset(lead.id for lead in leads), since, seconds)


def _seen(entry: Entry, leads: Sequence[Lead]) -> dict[str, Any]:
    """Return an entry with the person's own requests. One about a list of the desk names other people's too."""
    return {
        "at": timestamp(entry.at.astimezone(UTC)),
        "colleague": entry.email,
        "actor": entry.actor,
        "action": entry.action,
        "requests": [lead.reference for lead in leads if lead.id in entry.lead_ids],
        "details": {name: value for name, value in entry.details.items() if name not in _ABOUT_OTHERS},
        "number": entry.number,
    }
