"""Repeats: how often the same content came in on one UTC day."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared.leads.lead import Lead
from shared.leads.spam import REPEATED_OFTEN
from shared.store.keys import SCHEMA, attributes, epoch_seconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# Nobody asks for a count this long after the last repeat.
_KEPT = timedelta(days=2)
# One more than makes a difference. A sender of a million copies must not make an item grow.
MOST_REPEATS = REPEATED_OFTEN + 1


class Repeats:
    """The counts in one DynamoDB table. Errors of the table are raised as they are."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def count(self, lead: Lead, now: datetime) -> int:
        """Take note of `lead` and return how many others came with its content today; `MOST_REPEATS` may be more.

        One write, and safe to repeat: the item holds a set of ids.
        """
        try:
            answer = self._client.update_item(
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
        return len(answer["Attributes"]["lead_ids"]["SS"]) - 1


def _key(lead: Lead, day: datetime) -> dict[str, "AttributeValueTypeDef"]:
    # No lead's key, so the stream starts no alert for it.
    return {"pk": {"S": f"REPEATS#{lead.fingerprint}"}, "sk": {"S": f"{day.astimezone(UTC):%Y-%m-%d}"}}
