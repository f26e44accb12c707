"""Counts how often staff were alerted about the same content on one UTC day.

Requests with the trap filled in have a count of their own. Otherwise a bot that knows a person's answers could use up
the person's count.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared.leads.lead import Lead
from shared.leads.spam import REPEATED_OFTEN
from shared.store.keys import SCHEMA, attributes, epoch_seconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# Once this long has passed since the last repeat, a count is no longer needed.
_KEPT = timedelta(days=2)
# One more than the largest count that matters. A limit keeps the item small in a flood of copies.
MOST_REPEATS = REPEATED_OFTEN + 1


class Repeats:
    """The counts in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def count(self, lead: Lead, now: datetime) -> int:
        """Return how many other leads like this one were recorded today, at most `MOST_REPEATS`."""
        response = self._client.get_item(
            TableName=self._table, Key=_key(lead, now), ProjectionExpression="lead_ids", ConsistentRead=True
        )
        return len({*response.get("Item", {}).get("lead_ids", {}).get("SS", ())} - {lead.id})

    def record(self, lead: Lead, now: datetime) -> None:
        """Count `lead` as one with this content. Safe to repeat, because the item has a set of ids.

        Call this only once staff were alerted about it, and right after a write that failed if the lead was deleted.
        Otherwise the item comes back.
        """
        # A full count is enough.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=_key(lead, now),
                ConditionExpression=(
                    "attribute_not_exists(lead_ids) OR size(lead_ids) < :most OR contains(lead_ids, :id)"
                ),
                UpdateExpression="ADD lead_ids :ids SET expires_at = :end, #schema = :schema",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues=attributes(
                    {
                        ":most": MOST_REPEATS,
                        ":id": lead.id,
                        ":ids": {lead.id},
                        ":end": epoch_seconds(now + _KEPT),
                        ":schema": SCHEMA,
                    }
                ),
            )


def _key(lead: Lead, day: datetime) -> dict[str, "AttributeValueTypeDef"]:
    # Not the key of a lead, so the stream starts no alert.
    date = f"{day.astimezone(UTC):%Y-%m-%d}"
    return {"pk": {"S": f"REPEATS#{lead.fingerprint}"}, "sk": {"S": f"{date}#trap" if lead.trap_filled else date}}
