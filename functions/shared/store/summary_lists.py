"""Keeps which leads a summary listed, because SES's report about it says nothing about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.notice import Notice
from shared.store import keys
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# SES tries to deliver an email for less than a day, and its reports may be late.
_KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Listed:
    """A lead in a summary: the email that it stands for, and the number of the attempt."""

    lead_id: str
    notice: Notice
    attempt: int


class SummaryLists:
    """The lists in the DynamoDB table: one item for each email. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def write(self, summary: str, recipient: str, leads: Sequence[Listed], now: datetime) -> None:
        """Keep the leads that a summary lists for a recipient. `summary` identifies the email."""
        self._client.put_item(
            TableName=self._table,
            Item=_key(summary, recipient)
            | keys.attributes(
                {
                    "leads": [f"{each.lead_id}/{each.notice}/{each.attempt}" for each in leads],
                    "expires_at": keys.epoch_seconds(now + _KEPT),
                    "schema": keys.SCHEMA,
                }
            ),
        )

    def read(self, summary: str, recipient: str) -> tuple[Listed, ...]:
        """Return the leads that a summary listed for a recipient; none if that is not known."""
        item: keys.Item = self._client.get_item(
            TableName=self._table, Key=_key(summary, recipient), ConsistentRead=True
        ).get("Item", {})
        return tuple(_listed(each) for each in plain(item["leads"])) if item else ()


def _key(summary: str, recipient: str) -> dict[str, "AttributeValueTypeDef"]:
    return {"pk": {"S": f"SUMMARY#{summary}"}, "sk": {"S": recipient}}


def _listed(text: str) -> Listed:
    lead_id, notice, attempt = text.split("/")
    return Listed(lead_id, Notice(notice), int(attempt))
