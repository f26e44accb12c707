"""Which visitors got a confirmation: what keeps it from going out twice, or to one address all day long."""

import hmac
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from shared.leads.lead import Lead
from shared.store import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The count is for one UTC day; longer than that nobody asks for it.
_KEPT: Final = timedelta(days=2)


class Permit(Enum):
    """Whether a confirmation may be sent."""

    GIVEN = auto()
    CONFIRMED_BEFORE = auto()  # this lead was, or its confirmation was begun
    ENOUGH_FOR_TODAY = auto()  # this address got one today


class ConfirmationBook:
    """The permits and what became of them, in one DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name

    def permit(self, lead: Lead, address: str, key: bytes, now: datetime) -> Permit:
        """Give the one permit for a lead, or say why not. Whoever gets it and dies leaves it used: at most once.

        Two conditional writes, the lead's first. Each takes its own earlier try for granted, because the SDK repeats a
        write whose answer was lost. No transaction: it would make others' writes to the lead fail meanwhile, and theirs
        it. The address stands in the table as its HMAC.
        """
        day = f"{now.astimezone(UTC):%Y-%m-%d}"
        seen = hmac.digest(key, f"confirmation:{_mailbox(address)}".encode(), "sha256").hex()
        refused = self._client.exceptions.ConditionalCheckFailedException
        try:
            self._client.update_item(
                TableName=self._table,
                Key=items.key(lead.id),
                ConditionExpression=(
                    "attribute_exists(pk) AND (attribute_not_exists(confirmation_at) OR confirmation_at = :now)"
                ),
                UpdateExpression="SET confirmation_at = :now",
                ExpressionAttributeValues=items.attributes({":now": items.timestamp(now)}),
            )
        except refused:
            return Permit.CONFIRMED_BEFORE
        entry = {"pk": f"CONFIRMED#{seen}", "sk": day, "lead_id": lead.id}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=items.attributes(entry | {"expires_at": items.epoch_seconds(now + _KEPT)}),
                ConditionExpression="attribute_not_exists(pk) OR lead_id = :lead_id",
                ExpressionAttributeValues=items.attributes({":lead_id": lead.id}),
            )
        except refused:
            return Permit.ENOUGH_FOR_TODAY
        return Permit.GIVEN

    def note(self, lead: Lead, at: datetime, kind: str, **details: str) -> None:
        """Write an entry on the lead's timeline."""
        self._client.put_item(TableName=self._table, Item=items.event_item(lead.id, at, kind, **details))


def _mailbox(address: str) -> str:
    """Return the recipient behind an address, as most providers see it: in any case, with any "+tag", it is one."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
