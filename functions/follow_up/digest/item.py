"""The digest's place on the agenda: one item that is never done, only due again."""

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
    """When the digest is due, in one DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def ensure(self, next_at: datetime) -> None:
        """Put the digest on the agenda, first due at `next_at`, unless it is there."""
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
        """Take the digest where it is due and return which try this is, from 1; None where it is not due.

        Like a lead's lease: its end is the next agenda time, and `token` proves it afterwards.
        """
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                # The token is ours already where the SDK repeats an update whose answer was lost.
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
        return int(answer["Attributes"]["tries"]["N"])

    def later(self, token: str, at: datetime) -> None:
        """Let the same digest be tried again `at` that time."""
        self._set(token, {"agenda_at": keys.timestamp(at)})

    def done(self, token: str, next_at: datetime) -> None:
        """Let the next digest be due `next_at`; this one was sent, or given up."""
        self._set(token, {"agenda_at": keys.timestamp(next_at), "overdue_since": keys.timestamp(next_at), "tries": 0})

    def _set(self, token: str, values: dict[str, object]) -> None:
        """Write `values` and end the lease, unless it has passed to somebody else, who then decides."""
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
