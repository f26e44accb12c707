"""Finds the items outside a lead's partition that are about its person: links between requests, and counts."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from shared.leads.progress import StoredLead
from shared.store.confirmations import confirmed_by
from shared.store.people import digests
from shared.store.stored_items import StoredItems, as_json
from shared.store.urgent_senders import item_names

if TYPE_CHECKING:
    from shared.store.keys import Item

# Attributes with a set of ids, or of ids after a time and "#" (in items of versions before 0.8.0). Other people's are
# left out.
_SETS: Final = ("requests", "lead_ids", "bounced")
# Partitions for all people together, and what of their items is about one person.
_OF_ALL: Final = {"CONFIRMATIONS": (), "ERASURES": ("state", "ordered_at", "due_at")}


def of(table: StoredItems, stored: Sequence[StoredLead], key: bytes) -> Iterator[dict[str, Any]]:
    """Yield the items that name one of the leads, in order, without what they say about others.

    Raises botocore's errors.
    """
    ids = frozenset(each.lead.id for each in stored)
    for partition in sorted({name for each in stored for name in _partitions(each, key)}):
        for item in table.of(partition):
            if own := _own(item, ids):
                yield own


def _partitions(stored: StoredLead, key: bytes) -> Iterator[str]:
    lead = stored.lead
    for digest in stored.progress.person_keys | digests(lead, key):
        yield f"PERSON#{digest}"
    if lead.email:
        yield confirmed_by(lead.email, key)
    yield from item_names(lead, key)
    yield f"REPEATS#{lead.fingerprint}"
    yield from _OF_ALL


def _own(item: "Item", ids: frozenset[str]) -> dict[str, Any] | None:
    """Return an item without the ids of others, or None if it names none of the leads."""
    values = as_json(item)
    for name in _SETS:
        if name in values:
            values[name] = [each for each in values[name] if each.rpartition("#")[2] in ids]
            if not values[name]:
                return None
            if (own := _OF_ALL.get(values["pk"])) is not None:
                return {each: values[each] for each in ("pk", "sk", name, *own) if each in values}
            return values
    return values if values.get("lead_id") in ids else None
