"""Which leads are the canary's: registrations beside the leads, and what the canary may see and remove of its own."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.leads.alert import AlertState
from shared.leads.canary import CANARY_NAME
from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

REGISTRATION_SORT_KEY = "CANARY"
# Must outlive any sender's interest in the lead: MOST_TRIES of one mail are about three days, and a canary's lead whose
# registration were gone would be mailed to staff. So nobody removes a registration: it expires.
REGISTERED_FOR = timedelta(days=7)


class CanaryRegistry:
    """The canary's registrations in the table of the leads. Errors of the table are raised as they are."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def register(self, lead_id: str, now: datetime) -> None:
        """Say that the lead `lead_id`, which does not exist yet, will be the canary's."""
        expires_at = keys.epoch_seconds(now + REGISTERED_FOR)
        self._client.put_item(
            TableName=self._table,
            Item=_registration(lead_id) | keys.attributes({"schema": keys.SCHEMA, "expires_at": expires_at}),
        )

    def is_registered(self, lead_id: str) -> bool:
        """Whether a lead is the canary's. Who cannot find out must not take it for a visitor's: the error is raised."""
        answer = self._client.get_item(
            TableName=self._table, Key=_registration(lead_id), ProjectionExpression="pk", ConsistentRead=True
        )
        return "Item" in answer

    def state_of(self, lead_id: str) -> tuple[AlertState, bool] | None:
        """Return where a lead's alert stands and whether its sender knew it for the canary's; None without a lead."""
        answer = self._client.get_item(
            TableName=self._table,
            Key=keys.key(lead_id),
            ProjectionExpression="alert_state, synthetic",
            ConsistentRead=True,
        )
        if (item := answer.get("Item")) is None:
            return None
        return AlertState(str(item["alert_state"]["S"])), "synthetic" in item

    def remove(self, lead_id: str) -> None:
        """Remove the canary's lead and its timeline. The registration stays: a sender may have the lead in hand."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ProjectionExpression="pk, sk",
            ExpressionAttributeValues={":pk": keys.key(lead_id)["pk"]},
            ConsistentRead=True,
        )
        found = [item for page in pages for item in page["Items"] if item != _registration(lead_id)]
        lead = keys.key(lead_id)
        # The lead first: while it is there, a sender may add to its timeline.
        self._client.delete_item(
            TableName=self._table,
            Key=lead,
            # Whatever goes wrong before this, no person's lead is ever removed here.
            ConditionExpression="attribute_not_exists(pk) OR #name = :canary",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":canary": {"S": CANARY_NAME}},
        )
        for key in found:
            if key != lead:
                self._client.delete_item(TableName=self._table, Key=key)


def _registration(lead_id: str) -> dict[str, "AttributeValueTypeDef"]:
    return {**keys.key(lead_id), "sk": {"S": REGISTRATION_SORT_KEY}}
