"""The items of leads, as the table has them: an item that no other code can read must still be erased."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from erase.tombstones import LEFT
from shared.leads.erasure import KEPT
from shared.store.keys import attributes, epoch_seconds, key, timestamp
from shared.store.progress_item import ATTRIBUTES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item

_HELD: Final = ATTRIBUTES["held_at"]
_LEASE: Final = ATTRIBUTES["lease"]
_DUE: Final = ATTRIBUTES["due_at"]


def is_leased(item: "Item", now: datetime) -> bool:
    """Whether a sender is at work on a lead."""
    return _LEASE in item and _DUE in item and str(item[_DUE]["S"]) > timestamp(now)


def is_held(item: "Item") -> bool:
    """Whether a lead is under legal hold."""
    return _HELD in item


def is_scrubbed(item: "Item") -> bool:
    """Whether a lead is a tombstone, and nothing else is left of it."""
    return item.keys() <= LEFT and "erased_at" in item


class LeadItems:
    """The items in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def read(self, lead_id: str) -> "Item | None":
        """Return a lead's item, expired or not, or None if there is none."""
        return self._client.get_item(TableName=self._table, Key=key(lead_id), ConsistentRead=True).get("Item")

    def scrub(self, item: "Item", now: datetime) -> bool:
        """Remove everything from a lead's item but what a tombstone has. Return False if it changed since it was read.

        The version grows, so the write of a sender that read the lead before fails. The lists and the agenda forget the
        lead, because their attributes are gone.
        """
        gone = {f"#gone{number}": name for number, name in enumerate(sorted(item.keys() - LEFT))}
        version = int(str(item["version"]["N"])) if "version" in item else 0
        unchanged = "version = :read" if version else "attribute_not_exists(version)"
        values = {
            ":at": str(item["erased_at"]["S"]) if "erased_at" in item else timestamp(now),
            ":next": version + 1,
            ":end": epoch_seconds(now + KEPT),
        } | ({":read": version} if version else {})
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                ConditionExpression=f"attribute_exists(pk) AND {unchanged}",
                UpdateExpression="SET erased_at = :at, version = :next, expires_at = :end"
                + (f" REMOVE {', '.join(gone)}" if gone else ""),
                **({"ExpressionAttributeNames": gone} if gone else {}),  # type: ignore[arg-type] # AWS refuses empty ones
                ExpressionAttributeValues=attributes({**values}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
