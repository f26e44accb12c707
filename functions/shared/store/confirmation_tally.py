"""Counts the confirmations of each UTC day, and those that bounced: one item a day."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.confirmation import Tally
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# A count is needed on its day and the next. The rest is for an operator who looks into a pause.
_KEPT: Final = timedelta(days=7)


class ConfirmationTally:
    """The counts in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def read(self, now: datetime) -> Tally:
        """Return the counts of today and yesterday."""
        today, yesterday = (self._item(now - timedelta(days=days)) for days in (0, 1))
        return Tally(
            sent_today=_sent(today),
            sent_yesterday=_sent(yesterday),
            bounced=len(_bounced(today) | _bounced(yesterday)),
        )

    def count(self, most_a_day: int, now: datetime) -> bool:
        """Count one confirmation that is about to be sent. Return False if today's number is used up.

        Count before sending: after a crash, one too few is sent and never one too many. If the SDK repeats this because
        a response was lost, it counts twice, which is as harmless.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(now),
                ConditionExpression="attribute_not_exists(sent) OR sent < :most",
                UpdateExpression="ADD sent :one SET expires_at = :end, #schema = :schema",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues=keys.attributes({":most": most_a_day, ":one": 1, **_kept(now)}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def bounced(self, lead_id: str, at: datetime) -> None:
        """Count that the confirmation of a lead bounced. `at` is SES's time. Safe to repeat: the item has a set of ids.

        The set stays small, because each id in it took one of a day's confirmations.
        """
        self._client.update_item(
            TableName=self._table,
            Key=_key(at),
            UpdateExpression="ADD bounced :ids SET expires_at = :end, #schema = :schema",
            ExpressionAttributeNames={"#schema": "schema"},
            ExpressionAttributeValues=keys.attributes({":ids": {lead_id}, **_kept(at)}),
        )

    def _item(self, day: datetime) -> "keys.Item":
        return self._client.get_item(TableName=self._table, Key=_key(day), ConsistentRead=True).get("Item", {})


def _key(day: datetime) -> dict[str, "AttributeValueTypeDef"]:
    return {"pk": {"S": "CONFIRMATIONS"}, "sk": {"S": f"{day.astimezone(UTC):%Y-%m-%d}"}}


def _kept(day: datetime) -> dict[str, object]:
    return {":end": keys.epoch_seconds(day + _KEPT), ":schema": keys.SCHEMA}


def _sent(item: "keys.Item") -> int:
    return int(item["sent"]["N"]) if "sent" in item else 0


def _bounced(item: "keys.Item") -> set[str]:
    return set(item["bounced"]["SS"]) if "bounced" in item else set()
