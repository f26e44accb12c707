"""The tombstones of erased leads, in the table of the audit. A restore of the leads does not roll that table back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.leads.erasure import KEPT, Erasure
from shared.store.keys import SCHEMA, attributes, epoch_seconds, timestamp
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item

TOMBSTONES: Final = "TOMBSTONES"
# What is left of an erased lead in the table of the leads. Nothing a visitor typed, nothing that leads to the person.
LEFT: Final = frozenset(
    {"pk", "sk", "schema", "reference", "received_at", "outcome", "closed_at", "fingerprint"}
    | {"erased_at", "version", "expires_at"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """An erased lead, and the order that erased it first."""

    lead_id: str
    erasure_id: str


class Tombstones:
    """The tombstones in the audit's DynamoDB table. They are only added. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", audit_table: str) -> None:
        self._client = client
        self._table = audit_table

    def put(self, lead_id: str, item: "Item", erasure: Erasure, now: datetime) -> None:
        """Note that a lead, which was in `item`, is erased. The first tombstone of a lead stays."""
        kept = {name: str(plain(item[name])) for name in ("reference", "received_at", "fingerprint") if name in item}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=attributes(
                    {
                        "pk": TOMBSTONES,
                        "sk": lead_id,
                        "schema": SCHEMA,
                        **kept,
                        "erased_at": timestamp(now),
                        "erasure": erasure.id,
                        "expires_at": epoch_seconds(now + KEPT),
                    }
                ),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def all(self) -> Iterator[Tombstone]:
        """Yield all tombstones. Reads more when needed."""
        for item in self.items():
            yield Tombstone(lead_id=str(item["sk"]["S"]), erasure_id=str(item["erasure"]["S"]))

    def items(self) -> "Iterator[Item]":
        """Yield the items of all tombstones. Reads more when needed."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": TOMBSTONES}},
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])
