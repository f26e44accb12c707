"""The timeline of a lead: one item for each event."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from shared.leads.event import OPERATOR, SYSTEM, Event
from shared.store.keys import SCHEMA, attributes, epoch_seconds, key, moment, timestamp
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

_EVENT: Final = "EVENT"
# The sort keys of all entries begin with this.
ENTRIES: Final = f"{_EVENT}#"
# Sorts right after every entry.
_END: Final = "EVENT$"
_CURSOR: Final = re.compile(r"EVENT#[0-9T:.-]{23}Z#[!-~]{1,100}")
# A page of a timeline ends when it has this many entries, or details of this many characters.
MOST_ENTRIES: Final = 100
MOST_CHARACTERS: Final = 100_000
# Entries in one query: with the longest notes, half a megabyte.
_AT_ONCE: Final = 25
# What an item has besides the details of its event.
_NO_DETAILS: Final = frozenset({"pk", "sk", "schema", "kind", "actor", "expires_at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event in the timeline of a lead; see `Event`. Details may name staff and have what they wrote."""

    at: datetime  # aware, UTC; to the millisecond
    kind: str
    actor: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Some entries of a timeline, newest first. `next` is where the earlier ones begin, or None if there are none."""

    entries: tuple[Entry, ...]
    next: str | None


class Timeline:
    """The timelines in the DynamoDB table. Tests replace the clock, `now`."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def page(self, lead_id: str, before: str | None = None) -> EntryPage:
        """Return the newest entries of a lead, without expired ones. Raises botocore's errors.

        `before` is the `next` of the page with newer entries. Anything else means the first page. The read is
        consistent, so that people see what they just wrote. DynamoDB deletes expired items days later.
        """
        entries: list[Entry] = []
        room, last = MOST_CHARACTERS, None
        for item in self._newest(lead_id, before if before and _CURSOR.fullmatch(before) else _END):
            entry = _entry(item)
            room -= sum(map(len, entry.details.values()))
            if len(entries) == MOST_ENTRIES or (entries and room < 0):
                return EntryPage(entries=tuple(entries), next=last)
            entries.append(entry)
            last = str(item["sk"]["S"])
        return EntryPage(entries=tuple(entries), next=None)

    def entries(self, lead_id: str) -> Iterator[Entry]:
        """Yield all entries of a lead, newest first, without expired ones. Reads more when needed."""
        return map(_entry, self._newest(lead_id, _END))

    def _newest(self, lead_id: str, before: str) -> "Iterator[Item]":
        """Yield the items of a lead's entries, newest first. Reads more when needed."""
        now = epoch_seconds(self._now())
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk < :before",
            ExpressionAttributeValues={":pk": key(lead_id)["pk"], ":before": {"S": before}},
            ScanIndexForward=False,
            ConsistentRead=True,
            PaginationConfig={"PageSize": _AT_ONCE},
        )
        items = (item for page in pages for item in page["Items"])
        return (item for item in items if str(item["sk"]["S"]).startswith(ENTRIES) and not _ended(item, now))


def event_item(lead_id: str, event: Event, expires_at: datetime) -> dict[str, "AttributeValueTypeDef"]:
    """Return the item of a timeline entry. Its key has the event's time and kind, and its recipient or actor and press.

    So writing an entry twice has no effect, and simultaneous reports about two recipients are two entries, as are two
    notes.
    `expires_at` is when it ends. Once its lead has another end, the store of the leads changes it here too.
    """
    acted = None if event.actor in {SYSTEM, OPERATOR} else event.actor
    parts = (_EVENT, timestamp(event.at), event.kind, event.details.get("recipient", acted), event.details.get("press"))
    return key(lead_id) | attributes(
        {
            "sk": "#".join(part for part in parts if part),
            "schema": SCHEMA,
            "kind": event.kind,
            "actor": event.actor,
            **event.details,
            "expires_at": epoch_seconds(expires_at),
        }
    )


def _entry(item: "Item") -> Entry:
    return Entry(
        at=_at(item),
        kind=str(item["kind"]["S"]),
        actor=str(item["actor"]["S"]),
        details={name: str(plain(value)) for name, value in item.items() if name not in _NO_DETAILS},
    )


def _at(item: "Item") -> datetime:
    return moment(str(item["sk"]["S"]).split("#")[1])


def _ended(item: "Item", now: int) -> bool:
    """Whether an item has expired. `now` is in seconds since 1970."""
    return "expires_at" in item and int(plain(item["expires_at"])) <= now
