"""Remembers who sent urgent requests lately, so that ten copies of one do not ring ten times."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.leads.budget import SHARE_FOR
from shared.leads.lead import Lead
from shared.store import keys
from shared.store.people import blinded, ways

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Written before an email, so one may outlive a lead that is deleted meanwhile. It has only keyed hashes and an id.
KEPT: Final = timedelta(hours=1)
_SORT_KEY: Final = "URGENT"


class UrgentSenders:
    """The items in the DynamoDB table: one for the content of an urgent request, and one for each way to its person."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def is_first(self, lead: Lead, key: bytes, now: datetime) -> bool:
        """Return whether no other urgent request from this person, or with this content, had an alert just now.

        "Just now" is `SHARE_FOR`. The first one is recorded in the same write, so of several at once only one is first.
        One that is not leaves no record. Raises botocore's errors.
        """
        taken: list[str] = []
        for name in item_names(lead, key):
            if not self._take(name, lead.id, now):
                for each in taken:
                    self._take(each, lead.id, now - SHARE_FOR)
                return False
            taken.append(name)
        return True

    def is_another_first(self, lead: Lead, key: bytes, now: datetime) -> bool:
        """Return whether another urgent request like this one had an alert just now. Raises botocore's errors."""
        return any(self._is_taken(name, lead.id, now) for name in item_names(lead, key))

    def _is_taken(self, name: str, lead_id: str, now: datetime) -> bool:
        key = {"pk": {"S": name}, "sk": {"S": _SORT_KEY}}
        item: keys.Item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
        others = bool(item) and item["lead_id"]["S"] != lead_id
        return others and keys.moment(str(item["taken_at"]["S"])) > now - SHARE_FOR

    def _take(self, name: str, lead_id: str, now: datetime) -> bool:
        item = {"pk": name, "sk": _SORT_KEY, "lead_id": lead_id, "taken_at": keys.timestamp(now)}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=keys.attributes(item | {"expires_at": keys.epoch_seconds(now + KEPT), "schema": keys.SCHEMA}),
                ConditionExpression="attribute_not_exists(pk) OR lead_id = :own OR taken_at <= :before",
                ExpressionAttributeValues=keys.attributes(
                    {":own": lead_id, ":before": keys.timestamp(now - SHARE_FOR)}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def item_names(lead: Lead, key: bytes) -> list[str]:
    """Return the names of the items of a lead: for its content, and for each way to its person."""
    return [f"URGENT#{blinded(key, way)}" for way in (f"content:{lead.fingerprint}", *ways(lead))]
