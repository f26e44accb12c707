"""Keeps how much of the day's emails is used up. SES answers that question once a second for the whole account."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.budget import DayUse
from shared.store import keys
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# The sweep writes it every minute. What is older than this says nothing about now.
FRESH_FOR: Final = timedelta(minutes=10)
_KEPT: Final = timedelta(days=2)
_KEY: "Final[dict[str, AttributeValueTypeDef]]" = {"pk": {"S": "EMAILS"}, "sk": {"S": "DAY"}}


class DayUses:
    """The item in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def write(self, use: DayUse, now: datetime) -> None:
        """Keep what SES says `now`."""
        self._client.put_item(
            TableName=self._table,
            Item=_KEY
            | keys.attributes(
                {
                    "most": int(use.most),
                    "sent": int(use.sent),
                    "at": keys.timestamp(now),
                    "expires_at": keys.epoch_seconds(now + _KEPT),
                    "schema": keys.SCHEMA,
                }
            ),
        )

    def read(self, now: datetime) -> DayUse | None:
        """Return what SES last said, or None if that was more than `FRESH_FOR` ago."""
        item = self._client.get_item(TableName=self._table, Key=_KEY).get("Item")
        if item is None or keys.moment(plain(item["at"])) < now - FRESH_FOR:
            return None
        return DayUse(most=int(plain(item["most"])), sent=int(plain(item["sent"])))
