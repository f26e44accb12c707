"""Reads stored items as they are, for an export of everything that is stored about a person."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.store.keys import epoch_seconds
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item


class StoredItems:
    """The items of the DynamoDB table, by partition. Tests replace the clock, `now`."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def of(self, partition: str) -> "Iterator[Item]":
        """Yield the items of a partition, in order. Raises botocore's errors.

        DynamoDB deletes expired items within days. Until then, nobody may see them.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
        )
        now = epoch_seconds(self._now())
        for page in pages:
            for item in page["Items"]:
                if "expires_at" not in item or plain(item["expires_at"]) > now:
                    yield item


def as_json(item: "Item") -> dict[str, Any]:
    """Return an item with values that JSON knows. Sets become sorted lists."""
    return {name: _json_value(plain(value)) for name, value in sorted(item.items())}


def _json_value(value: Any) -> Any:  # noqa: ANN401 - any stored value
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case set() | frozenset():
            return sorted(map(_json_value, value), key=str)
        case list():
            return [_json_value(each) for each in value]
        case dict():
            return {name: _json_value(each) for name, each in value.items()}
    return value
