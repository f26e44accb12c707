"""The digest's entry on the agenda: one item that becomes due again each working day."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.leads.agenda import SHARDS
from shared.leads.alert import LEASE
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_KEY: "dict[str, AttributeValueTypeDef]" = {"pk": {"S": keys.DIGEST}, "sk": {"S": keys.DIGEST}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A try to send a digest. `number` starts at 1. `has_it` has the recipients of earlier tries, by id."""

    number: int
    has_it: frozenset[str]


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

    def lease(self, now: datetime, token: str, day: str) -> Try | None:
        """Lease the digest of `day` (a date) and return this try, or None if no digest is due.

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
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        item = response["Attributes"]
        # If no sweep ran for days, the recipients are those of an older digest.
        same_day = item.get("sent_on") == {"S": day}
        return Try(number=int(item["tries"]["N"]), has_it=frozenset(item["sent_to"]["SS"] if same_day else ()))

    def sent(self, token: str, day: str, recipients: AbstractSet[str]) -> bool:
        """Record all `recipients` who have the digest of `day`. Return False if another process has the lease."""
        return self._update(token, "SET sent_on = :day, sent_to = :all", {":day": day, ":all": set(recipients)})

    def later(self, token: str, at: datetime) -> None:
        """Schedule a retry of the same digest, and end the lease."""
        self._update(token, "SET agenda_at = :at REMOVE lease_token", {":at": keys.timestamp(at)})

    def done(self, token: str, next_at: datetime) -> None:
        """Schedule the next digest, and end the lease. This one was sent, or we gave up on it."""
        self._update(
            token,
            "SET agenda_at = :at, overdue_since = :at, tries = :none REMOVE lease_token, sent_on, sent_to",
            {":at": keys.timestamp(next_at), ":none": 0},
        )

    def _update(self, token: str, expression: str, values: dict[str, object]) -> bool:
        """Update the item. Return False if another process has the lease by now; then nothing is written."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                ConditionExpression="lease_token = :token",
                UpdateExpression=expression,
                ExpressionAttributeValues=keys.attributes({":token": token} | values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
