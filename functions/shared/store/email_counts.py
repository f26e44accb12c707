"""Counts the emails that each recipient gets in an hour, so that a flood of requests has a budget."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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
        names = {f"#r{number}": recipient for number, recipient in enumerate(recipients)}
        has_room = (f"(attribute_not_exists({name}) OR {name} < :most)" for name in names)
        adds = ", ".join(f"{name} :one" for name in names)
        try:
            self._client.update_item(
                TableName=self._table,
                Key={
                    "pk": {"S": f"EMAILS#{now.astimezone(UTC):%Y-%m-%dT%H}"},
                    "sk": {"S": "URGENT" if urgent else "NORMAL"},
                },
                ConditionExpression=" AND ".join(has_room),
                UpdateExpression=f"ADD {adds} SET expires_at = :end, #schema = :schema",
                ExpressionAttributeNames=names | {"#schema": "schema"},
                ExpressionAttributeValues=keys.attributes(
                    {":most": most, ":one": 1, ":end": keys.epoch_seconds(now + _KEPT), ":schema": keys.SCHEMA}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
