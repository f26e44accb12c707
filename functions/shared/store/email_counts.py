"""Counts the emails that each recipient gets in an hour, so that a flood of requests has a budget."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_KEPT: Final = timedelta(days=2)


class EmailCounts:
    """The counts in the DynamoDB table: one item for each hour, for urgent requests and for others."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def take(self, recipients: Sequence[str], *, urgent: bool, most: int, now: datetime) -> bool:
        """Count one email to each of the recipients, unless one of them has had `most` in this hour (UTC).

        Return whether it was counted. This is one conditional write of one write unit. A write that the SDK repeats may
        count twice, which only makes the budget smaller. Raises botocore's errors.
        """
        if not recipients:
            return True
        names = _names(recipients)
        has_room = (f"(attribute_not_exists({name}) OR {name} < :most)" for name in names)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key_of_hour(now, urgent=urgent),
                ConditionExpression=" AND ".join(has_room),
                UpdateExpression=f"ADD {_each(names)} SET expires_at = :end, #schema = :schema",
                ExpressionAttributeNames=names | {"#schema": "schema"},
                ExpressionAttributeValues=keys.attributes(
                    {":most": most, ":number": 1, ":end": keys.epoch_seconds(now + _KEPT), ":schema": keys.SCHEMA}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def give_back(self, recipients: Sequence[str], *, urgent: bool, now: datetime) -> None:
        """Count one email less to each of the recipients, because SES did not accept it. Raises botocore's errors."""
        names = _names(recipients)
        # A new hour may have begun since, and has no item yet.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=key_of_hour(now, urgent=urgent),
                ConditionExpression="attribute_exists(pk)",
                UpdateExpression=f"ADD {_each(names)}",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=keys.attributes({":number": -1}),
            )


def key_of_hour(now: datetime, *, urgent: bool) -> dict[str, "AttributeValueTypeDef"]:
    """Return the key of the item with the counts of an hour."""
    hour = f"EMAILS#{now.astimezone(UTC):%Y-%m-%dT%H}"
    return {"pk": {"S": hour}, "sk": {"S": "URGENT" if urgent else "NORMAL"}}


def _names(recipients: Sequence[str]) -> dict[str, str]:
    return {f"#r{number}": recipient for number, recipient in enumerate(recipients)}


def _each(names: Iterable[str]) -> str:
    return ", ".join(f"{name} :number" for name in names)
