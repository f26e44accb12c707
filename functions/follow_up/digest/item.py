"""The digest's entry on the agenda: one item that becomes due again each working day."""

from datetime import datetime
from typing import TYPE_CHECKING

from shared.leads.agenda import SHARDS
from shared.leads.alert import LEASE
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_KEY: "dict[str, AttributeValueTypeDef]" = {"pk": {"S": keys.DIGEST}, "sk": {"S": keys.DIGEST}}


class DigestItem:
    """The digest's item in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def ensure(self, next_at: datetime) -> None:
        """Put the digest on the agenda, first due at `next_at`, unless it is there already."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_KEY
                | keys.attributes(
                    {
                        "agenda_shard": SHARDS[0],
                        "agenda_at": keys.timestamp(next_at),
                        "overdue_since": keys.timestamp(next_at),
                        "tries": 0,
                        "schema": keys.SCHEMA,
                    }
                ),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def lease(self, now: datetime, token: str) -> int | None:
        """Lease the digest and return the number of this try, starting at 1, or None if it is not due.

        This works like the lease of a lead: the digest is due again when the lease ends, and `token` identifies it.
        """
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                # When the SDK repeats an update whose response was lost, the token is already ours.
                ConditionExpression="agenda_at <= :now OR lease_token = :token",
                UpdateExpression="SET agenda_at = :ends, lease_token = :token ADD tries :one",
                ExpressionAttributeValues=keys.attributes(
                    {
                        ":now": keys.timestamp(now),
                        ":ends": keys.timestamp(now + LEASE),
                        ":token": token,
                        ":one": 1,
                    }
                ),
                ReturnValues="UPDATED_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return int(response["Attributes"]["tries"]["N"])

    def later(self, token: str, at: datetime) -> None:
        """Schedule a retry of the same digest."""
        self._set(token, {"agenda_at": keys.timestamp(at)})

    def done(self, token: str, next_at: datetime) -> None:
        """Schedule the next digest. This one was sent, or we gave up on it."""
        self._set(token, {"agenda_at": keys.timestamp(next_at), "overdue_since": keys.timestamp(next_at), "tries": 0})

    def _set(self, token: str, values: dict[str, object]) -> None:
        """Write `values` and end the lease, unless another process has the lease by now."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                ConditionExpression="lease_token = :token",
                UpdateExpression=f"SET {', '.join(f'{name} = :{name}' for name in values)} REMOVE lease_token",
                ExpressionAttributeValues=keys.attributes(
                    {":token": token} | {f":{name}": value for name, value in values.items()}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
