"""The stack's own table, as a restore reads and writes it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from shared.store.keys import attributes, key, timestamp
from shared.store.leads import ERASED_AT
from shared.store.timeline import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item


_REFUSED: Final = "ValidationException"


class RefusedItemError(ValueError):
    """DynamoDB refuses an item, such as one with a number in the key of an index."""


class Target:
    """The DynamoDB table. All methods raise botocore's errors. Those that write also raise RefusedItemError."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, item: "Item") -> "Item | None":
        """Return what the table has under the key of an item."""
        where = {"pk": item["pk"], "sk": item["sk"]}
        return self._client.get_item(TableName=self._table, Key=where, ConsistentRead=True).get("Item")

    def lead(self, lead_id: str) -> "Item | None":
        """Return the item of a lead."""
        return self.read(key(lead_id))

    def put(self, item: "Item") -> bool:
        """Write an item where nothing is. Return whether it was written."""
        return self._put(item, "attribute_not_exists(pk)")

    def timeline(self, lead_id: str, since: datetime) -> "Iterator[Item]":
        """Yield the entries of a lead's timeline since a time, oldest first. Some may have expired."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk >= :since",
            ExpressionAttributeValues=attributes({":since": f"{ENTRIES}{timestamp(since)}"})
            | {":pk": key(lead_id)["pk"]},
            ConsistentRead=True,
        )
        items = (item for page in pages for item in page["Items"])
        return (item for item in items if str(item["sk"]["S"]).startswith(ENTRIES))

    def replace(self, item: "Item", there: "Item") -> bool:
        """Write an item in place of `there`. Return whether it was: not if somebody changed, erased or deleted it."""
        names = {"#erased": ERASED_AT}
        if ERASED_AT in there:  # an erased lead that has more than it may
            unchanged = "attribute_exists(#erased)"
        else:
            unchanged = "attribute_exists(pk) AND attribute_not_exists(#erased)"
        values = {}
        if "version" in there:
            values = {":read": there["version"]}
            unchanged += " AND version = :read"
        else:
            unchanged += " AND attribute_not_exists(version)"
        return self._put(
            item,
            unchanged,
            ExpressionAttributeNames=names,
            **({"ExpressionAttributeValues": values} if values else {}),  # AWS refuses empty ones
        )

    def _put(self, item: "Item", condition: str, **more: Any) -> bool:  # noqa: ANN401 - the parts of a condition
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression=condition, **more)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except ClientError as error:
            if error.response["Error"]["Code"] != _REFUSED:
                raise
            raise RefusedItemError from None
        return True
