"""The items that belong to a lead: its timeline, whose request it is, and what the webhook told about it.

They end when the lead ends.
"""

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.leads.progress import AlertState, StoredLead
from shared.store.keys import SCHEMA, attributes, epoch_seconds, key, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    type ItemKey = dict[str, AttributeValueTypeDef]

WEBHOOK: Final = "EVENTS#WEBHOOK"

# The sort keys of the timeline and of the webhook's item begin with this, so one query finds both.
_BESIDE: Final = "EVENT"


def webhook_item_key(lead_id: str) -> "ItemKey":
    """Return the key of the item that has what the webhook told about a lead."""
    return {"pk": key(lead_id)["pk"], "sk": {"S": WEBHOOK}}


def person_item_key(digest: str, received_at: datetime, lead_id: str) -> "ItemKey":
    """Return the key of the item that says that a request is from the person with this digest."""
    return {"pk": {"S": f"PERSON#{digest}"}, "sk": {"S": f"{timestamp(received_at)}#{lead_id}"}}


def is_spam(stored: StoredLead) -> bool:
    """Whether a lead is in quarantine or was closed there. Nobody was alerted about it."""
    return stored.progress.state is AlertState.QUARANTINED


class Belongings:
    """The belongings of leads in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def entries(self, lead_id: str) -> "Iterator[ItemKey]":
        """Yield the keys of what is beside the lead."""
        return ({"pk": item["pk"], "sk": item["sk"]} for item, _ in self._entries(lead_id))

    def end(self, stored: StoredLead, at: datetime) -> None:
        """Let all of them end at a time. Safe to repeat: an entry that ends then already is not written.

        The items of the person are made here, once the lead has the person's digests. They say whether it is spam,
        which is found but does not count as an earlier request.
        """
        ends = epoch_seconds(at)
        for item, known in self._entries(stored.lead.id):
            if known != ends:
                with suppress(self._client.exceptions.ConditionalCheckFailedException):  # deleted meanwhile
                    self._client.update_item(
                        TableName=self._table,
                        Key={"pk": item["pk"], "sk": item["sk"]},
                        ConditionExpression="attribute_exists(pk)",
                        UpdateExpression="SET expires_at = :ends",
                        ExpressionAttributeValues=attributes({":ends": ends}),
                    )
        for digest in sorted(stored.progress.person_keys):
            said = {":lead_id": stored.lead.id, ":schema": SCHEMA, ":ends": ends, ":spam": is_spam(stored) or None}
            sets = "SET lead_id = :lead_id, #schema = :schema, expires_at = :ends"
            self._client.update_item(
                TableName=self._table,
                Key=person_item_key(digest, stored.lead.received_at, stored.lead.id),
                UpdateExpression=sets + (", spam = :spam" if said[":spam"] else " REMOVE spam"),
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues=attributes({**said}),
            )

    def _entries(self, lead_id: str) -> "Iterator[tuple[dict[str, AttributeValueTypeDef], int | None]]":
        """Yield the keys of what is beside the lead, and when each ends in seconds since 1970."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :event)",
            ProjectionExpression="pk, sk, expires_at",
            ExpressionAttributeValues={":pk": key(lead_id)["pk"], ":event": {"S": _BESIDE}},
            ConsistentRead=True,
        )
        for item in (item for page in pages for item in page["Items"]):
            yield dict(item), int(item["expires_at"]["N"]) if "expires_at" in item else None
