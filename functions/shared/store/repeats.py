"""Counts how often the same content came in on one UTC day."""

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
        """Record `lead`, and return how many other leads have the same content today, at most `MOST_REPEATS`.

        This is one write, and safe to repeat, because the item has a set of ids.
        """
        try:
            response = self._client.update_item(
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
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return MOST_REPEATS
        return len(response["Attributes"]["lead_ids"]["SS"]) - 1


def _key(lead: Lead, day: datetime) -> dict[str, "AttributeValueTypeDef"]:
    # Not the key of a lead, so the stream starts no alert.
    return {"pk": {"S": f"REPEATS#{lead.fingerprint}"}, "sk": {"S": f"{day.astimezone(UTC):%Y-%m-%d}"}}
