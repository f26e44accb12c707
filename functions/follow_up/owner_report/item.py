"""The mark of the owner's email: the last month whose report was handled, in one item of the table.

Without a mark, nobody looked for an owner yet, and no month is reported: the requests may not be in the index yet.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.leads.month import Month
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

OWNER: Final = "OWNER"
_KEY: "dict[str, AttributeValueTypeDef]" = {"pk": {"S": OWNER}, "sk": {"S": OWNER}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The last month whose report was handled, or "", and the time before which the next one is not tried."""

    month: str = ""
    not_before: datetime | None = None


class OwnerReportItem:
    """The item in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def read(self) -> Mark:
        """Return the mark."""
        item = self._client.get_item(TableName=self._table, Key=_KEY, ConsistentRead=True).get("Item", {})
        return Mark(
            month=str(item["handled"]["S"]) if "handled" in item else "",
            not_before=keys.moment(str(item["not_before"]["S"])) if "not_before" in item else None,
        )

    def begin(self, month: Month) -> None:
        """Mark a month as handled if no month is. The first report is that of the month after it."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                ConditionExpression="attribute_not_exists(handled)",
                UpdateExpression="SET handled = :month, #schema = :schema",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues=keys.attributes({":month": str(month), ":schema": keys.SCHEMA}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def reserve(self, mark: Mark, now: datetime, until: datetime) -> bool:
        """Let nobody try until a moment. Return False if another process was faster: `mark` is what was read."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                ConditionExpression="handled = :handled AND (attribute_not_exists(not_before) OR not_before <= :now)",
                UpdateExpression="SET not_before = :until",
                ExpressionAttributeValues=keys.attributes(
                    {":handled": mark.month, ":now": keys.timestamp(now), ":until": keys.timestamp(until)}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def take(self, month: Month) -> bool:
        """Mark a month as handled, before its email is sent. Return False if another process was faster.

        If the answer is lost and the SDK repeats the write, nobody sends the email: it goes out at most once.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                ConditionExpression="handled < :month",
                UpdateExpression="SET handled = :month, #schema = :schema REMOVE not_before",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues=keys.attributes({":month": str(month), ":schema": keys.SCHEMA}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def give_back(self, month: Month, not_before: datetime) -> None:
        """Undo `take`, because SES certainly did not send the email. It is tried again at `not_before`."""
        self._client.update_item(
            TableName=self._table,
            Key=_KEY,
            ConditionExpression="handled = :month",
            UpdateExpression="SET handled = :earlier, not_before = :at",
            ExpressionAttributeValues=keys.attributes(
                {":month": str(month), ":earlier": str(month.before()), ":at": keys.timestamp(not_before)}
            ),
        )
