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


class UrgentSenders:
    """The items in the DynamoDB table: one for the content of an urgent request, and one for each way to its person."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def is_first(self, lead: Lead, key: bytes, now: datetime) -> bool:
        """Return whether no other urgent request from this person, or with this content, had an email just now.

        "Just now" is `SHARE_FOR`. The first one is recorded in the same write, so of several at once only one is first.
        It stays first for its own later emails. Raises botocore's errors.
        """
        return all(self._take(blinded(key, way), lead.id, now) for way in (f"content:{lead.fingerprint}", *ways(lead)))

    def _take(self, blind: str, lead_id: str, now: datetime) -> bool:
        item = {"pk": f"URGENT#{blind}", "sk": "URGENT", "lead_id": lead_id, "taken_at": keys.timestamp(now)}
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
