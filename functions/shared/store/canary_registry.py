"""The canary's registrations: they mark its leads, so senders can tell them from real ones."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.leads.canary import CANARY_NAME
from shared.leads.progress import AlertState
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

REGISTRATION_SORT_KEY = "CANARY"
# A registration must outlive all attempts to send the lead's email. MOST_TRIES tries take about three days, and without
# the registration the email would go to staff. So registrations are never removed: they only expire.
REGISTERED_FOR = timedelta(days=7)


class CanaryRegistry:
    """The canary's registrations in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def register(self, lead_id: str, now: datetime) -> None:
        """Register `lead_id` as the canary's, before the lead exists."""
        expires_at = keys.epoch_seconds(now + REGISTERED_FOR)
        self._client.put_item(
            TableName=self._table,
            Item=_registration(lead_id) | keys.attributes({"schema": keys.SCHEMA, "expires_at": expires_at}),
        )

    def is_registered(self, lead_id: str) -> bool:
        """Whether a lead is the canary's. On an error this raises, so a sender never alerts staff by mistake."""
        response = self._client.get_item(
            TableName=self._table, Key=_registration(lead_id), ProjectionExpression="pk", ConsistentRead=True
        )
        return "Item" in response

    def state_of(self, lead_id: str) -> tuple[AlertState, bool] | None:
        """Return a lead's alert state and whether its sender knew it was the canary's, or None if there is no lead."""
        response = self._client.get_item(
            TableName=self._table,
            Key=keys.key(lead_id),
            ProjectionExpression="alert_state, synthetic",
            ConsistentRead=True,
        )
        if (item := response.get("Item")) is None:
            return None
        return AlertState(str(item["alert_state"]["S"])), "synthetic" in item

    def remove(self, lead_id: str) -> None:
        """Remove the canary's lead and its timeline. The registration stays, for senders that still have the lead."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ProjectionExpression="pk, sk",
            ExpressionAttributeValues={":pk": keys.key(lead_id)["pk"]},
            ConsistentRead=True,
        )
        found = [item for page in pages for item in page["Items"] if item != _registration(lead_id)]
        lead = keys.key(lead_id)
        # Delete the lead first: while it exists, a sender may add to its timeline.
        self._client.delete_item(
            TableName=self._table,
            Key=lead,
            # A safeguard: this never deletes a person's lead, whatever went wrong before.
            ConditionExpression="attribute_not_exists(pk) OR #name = :canary",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":canary": {"S": CANARY_NAME}},
        )
        for key in found:
            if key != lead:
                self._client.delete_item(TableName=self._table, Key=key)


def _registration(lead_id: str) -> dict[str, "AttributeValueTypeDef"]:
    return {**keys.key(lead_id), "sk": {"S": REGISTRATION_SORT_KEY}}
