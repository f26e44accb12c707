"""The summary's lease: one item for urgent requests, one for the others. It also says when the next one may be sent."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# Longer than a summary takes. If its sender crashes, the next one is sent after this.
LEASE: Final = timedelta(seconds=90)


class SummaryItem:
    """The items in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def lease(self, now: datetime, token: str, *, urgent: bool) -> bool:
        """Return whether a summary may be sent `now`. Until `end` or the end of the lease, no other process sends one.

        `token` identifies the lease.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key_of_item(urgent=urgent),
                # When the SDK repeats an update whose response was lost, the token is already ours.
                ConditionExpression="attribute_not_exists(pk) OR next_at <= :now OR lease_token = :token",
                UpdateExpression="SET next_at = :ends, lease_token = :token, #schema = :schema",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues=keys.attributes(
                    {
                        ":now": keys.timestamp(now),
                        ":ends": keys.timestamp(now + LEASE),
                        ":token": token,
                        ":schema": keys.SCHEMA,
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def end(self, token: str, next_at: datetime, *, urgent: bool) -> None:
        """End the lease. The next summary may be sent at `next_at`. Does nothing if another process has the lease."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key_of_item(urgent=urgent),
                ConditionExpression="lease_token = :token",
                UpdateExpression="SET next_at = :at REMOVE lease_token",
                ExpressionAttributeValues=keys.attributes({":token": token, ":at": keys.timestamp(next_at)}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def key_of_item(*, urgent: bool) -> dict[str, "AttributeValueTypeDef"]:
    """Return the key of the item of urgent requests, or of the others."""
    return {"pk": {"S": "SUMMARY"}, "sk": {"S": "URGENT" if urgent else "NORMAL"}}
