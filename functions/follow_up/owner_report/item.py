"""The mark of the owner's email: the last month whose report was handled, in one item of the table.

Without a mark, nobody looked for an owner yet, and no month is reported: the requests may not be in the index yet.
"""

from contextlib import suppress
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
            not_before=keys.moment_in(item, "not_before"),
        )

    def begin(self, month: Month) -> None:
        """Mark a month as handled if no month is. The first report is that of the month after it."""
        item = _KEY | keys.attributes({"schema": keys.SCHEMA, "handled": str(month)})
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.put_item(**keys.put_if_new(self._table, item))

    def reserve(self, mark: Mark, now: datetime, until: datetime) -> bool:
        """Let nobody try until a moment. Return False if another process was faster: `mark` is what was read."""
        return self._update(
            "handled = :handled AND (attribute_not_exists(not_before) OR not_before <= :now)",
            "SET not_before = :until",
            {":handled": mark.month, ":now": keys.timestamp(now), ":until": keys.timestamp(until)},
        )

    def take(self, month: Month) -> bool:
        """Mark a month as handled, before its email is sent. Return False if another process was faster.

        If the answer is lost and the SDK repeats the write, nobody sends the email: it goes out at most once.
        """
        return self._update("handled < :month", "SET handled = :month REMOVE not_before", {":month": str(month)})

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

    def _update(self, condition: str, expression: str, values: dict[str, object]) -> bool:
        """Update the item. Return False if the condition does not hold; then nothing is written."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                ConditionExpression=condition,
                UpdateExpression=expression,
                ExpressionAttributeValues=keys.attributes(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
