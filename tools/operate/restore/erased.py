"""The erased leads, by the tombstones in the audit's table. A restore of the leads does not roll that table back."""

from typing import TYPE_CHECKING

from erase.tombstones import LEFT, Tombstones
from shared.store.keys import key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item


def tombstones(client: "DynamoDBClient", audit_table: str) -> "dict[str, Item]":
    """Return what the table of the leads has of each erased lead, by its id. Raises botocore's errors."""
    found: dict[str, Item] = {}
    for item in Tombstones(client, audit_table).items():
        lead_id = str(item["sk"]["S"])
        found[lead_id] = {name: value for name, value in item.items() if name in LEFT} | key(lead_id)
    return found
