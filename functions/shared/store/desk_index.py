"""The index of the desk: its lists, with what a line of a list shows. Also the index of references.

Recent writes may be missing, because an index is eventually consistent. All methods raise botocore's errors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from shared.leads.agenda import SHARDS
from shared.leads.canary import CANARY_NAME
from shared.leads.desk_list import DeskList
from shared.leads.identity import REFERENCE_PREFIX
from shared.leads.lead import Priority
from shared.leads.response import Outcome, ResponseState
from shared.store import keys
from shared.store.canary_registry import CanaryRegistry
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DESK_INDEX: Final = "desk"
REFERENCE_INDEX: Final = "reference"
# Rows in one query of a long read: about 100 KB.
_MANY: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A lead on a list of the desk. `at` is its place there, which is also a cursor: see `DeskIndex.page`.

    Times are aware, UTC. `name`, `phone` and `email` are what a visitor typed.
    """

    lead_id: str
    reference: str
    received_at: datetime
    at: str
    name: str
    phone: str | None
    email: str | None
    preferred_contact: str | None
    priority: Priority
    response: ResponseState
    claimed_by: str | None  # the id of its owner
    owner_address: str | None  # the owner's own email address, if they are not a recipient
    outcome: Outcome | None
    follow_up_at: datetime | None
    told_at: datetime | None  # when SES first accepted an email to staff
    not_wanted: bool  # whether the person asked for no contact
    expires_at: datetime | None = None  # DynamoDB deletes it within days after that


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a list. `next` is where the next page begins, or None if this is the last."""

    rows: tuple[Row, ...]
    next: str | None = None


class DeskIndex:
    """The lists of the desk in the DynamoDB table. Expired leads and the canary's are on none.

    Tests replace the clock, `now`.
    """

    def __init__(
        self, client: "DynamoDBClient", table_name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now
        self._canary = CanaryRegistry(client, table_name)

    def page(
        self, lists: Sequence[DeskList], *, after: str | None = None, size: int = 25, newest_first: bool = False
    ) -> Page:
        """Return at most `size` rows of several lists as one list, oldest first unless `newest_first`.

        `after` is the `next` of the page before. One query reads a partition, so the work does not grow with the lists.
        """
        parts = [self._rows(part, after, size + 1, newest_first=newest_first) for part in _partitions(lists)]
        found = list(islice(_in_order(parts, newest_first=newest_first), size + 1))
        rows = tuple(filter(self._is_shown, found[:size]))
        return Page(rows=rows, next=found[size - 1].at if len(found) > size else None)

    def count(self, lists: Sequence[DeskList], most: int = 101) -> int:
        """Return how many leads are on several lists, at most `most`. The canary's count until its email was sent."""
        found = 0
        for part in _partitions(lists):
            if found >= most:
                break
            found += self._counted(part, most - found)
        return min(found, most)

    def newest(self, most: int = 5000) -> Iterator[Row]:
        """Yield the leads of all lists, the newest (or last closed) first, at most `most`. Reads more when needed."""
        parts = [self._many(part) for part in _partitions(tuple(DeskList))]
        return filter(self._is_shown, islice(_in_order(parts, newest_first=True), most))

    def by_reference(self, reference: str) -> tuple[str, ...]:
        """Return the ids of the leads with a reference. By chance, there may be several.

        If there is none, it may be a request from before the clinic chose its own letters.
        """
        older = f"{REFERENCE_PREFIX}-{reference.partition('-')[2]}"
        return self._with_reference(reference) or (self._with_reference(older) if older != reference else ())

    def _with_reference(self, reference: str) -> tuple[str, ...]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=REFERENCE_INDEX,
            KeyConditionExpression="#reference = :reference",
            ExpressionAttributeNames={"#reference": "reference"},
            ExpressionAttributeValues=keys.attributes({":reference": reference}),
        )
        return tuple(keys.lead_id_of(item) for page in pages for item in page["Items"])

    def _counted(self, part: str, most: int) -> int:
        """Return how many leads are on a partition. It reads on only if expired ones were among those that it read."""
        found, more = 0, dict[str, Any]()
        while found < most:
            answer = self._client.query(
                TableName=self._table,
                IndexName=DESK_INDEX,
                KeyConditionExpression="desk_list = :list",
                FilterExpression="attribute_not_exists(expires_at) OR expires_at > :now",
                ExpressionAttributeValues=keys.attributes({":list": part, ":now": keys.epoch_seconds(self._now())}),
                Select="COUNT",
                Limit=most - found,
                **more,
            )
            found += answer["Count"]
            if "LastEvaluatedKey" not in answer:
                break
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return found

    def _is_shown(self, row: Row) -> bool:
        """Whether staff see a row. A visitor can have the canary's name, so only its registration is proof."""
        if row.expires_at and row.expires_at <= self._now():
            return False
        return row.name != CANARY_NAME or not self._canary.is_registered(row.lead_id)

    def _rows(self, part: str, after: str | None, most: int, *, newest_first: bool) -> list[Row]:
        beyond = f" AND desk_at {'<' if newest_first else '>'} :after" if after else ""
        answer = self._client.query(
            TableName=self._table,
            IndexName=DESK_INDEX,
            KeyConditionExpression=f"desk_list = :list{beyond}",
            ExpressionAttributeValues=keys.attributes({":list": part, ":after": after}),
            ScanIndexForward=not newest_first,
            Limit=most,
        )
        return [row_of(item) for item in answer["Items"]]

    def _many(self, part: str) -> Iterator[Row]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=DESK_INDEX,
            KeyConditionExpression="desk_list = :list",
            ExpressionAttributeValues=keys.attributes({":list": part}),
            ScanIndexForward=False,
            PaginationConfig={"PageSize": _MANY},
        )
        return (row_of(item) for page in pages for item in page["Items"])


def row_of(item: "keys.Item") -> Row:
    """Return the row of a lead in an item of the index. Raises KeyError if an attribute of every lead is missing."""

    def read(name: str) -> Any:  # noqa: ANN401 - any stored value
        return plain(item[name]) if name in item else None

    def moment(name: str) -> datetime | None:
        return keys.moment(read(name)) if name in item else None

    return Row(
        lead_id=keys.lead_id_of(item),
        reference=plain(item["reference"]),
        received_at=keys.moment(plain(item["received_at"])),
        at=plain(item["desk_at"]),
        name=plain(item["name"]),
        phone=read("phone"),
        email=read("email"),
        preferred_contact=read("preferred_contact"),
        priority=Priority(plain(item["priority"])),
        response=ResponseState(plain(item["response"])),
        claimed_by=read("claimed_by"),
        owner_address=read("owner_address"),
        outcome=Outcome(read("outcome")) if "outcome" in item else None,
        follow_up_at=moment("follow_up_at"),
        told_at=moment("told_at"),
        not_wanted="not_wanted_at" in item,
        expires_at=datetime.fromtimestamp(int(read("expires_at")), UTC) if "expires_at" in item else None,
    )


def _partitions(lists: Sequence[DeskList]) -> list[str]:
    return [f"{each}#{shard}" for each in lists for shard in SHARDS]


def _in_order(parts: Sequence[Iterator[Row] | list[Row]], *, newest_first: bool) -> Iterator[Row]:
    return merge(*parts, key=lambda row: row.at, reverse=newest_first)
