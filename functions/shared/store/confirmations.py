"""Which visitors got a confirmation: what keeps it from going out twice, or to one address all day long."""

import hmac
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from shared.leads.decisions import ConfirmedBeforeError, confirm, note
from shared.leads.event import Event
from shared.leads.lead import Lead
from shared.store import keys
from shared.store.leads import Leads

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The count is for one UTC day. Nobody asks for it longer than that.
_KEPT: Final = timedelta(days=2)


class Permit(Enum):
    """Whether a confirmation may be sent."""

    GIVEN = auto()
    CONFIRMED_BEFORE = auto()  # this lead was, or its confirmation was begun
    ENOUGH_FOR_TODAY = auto()  # this address got one today


class ConfirmationBook:
    """The permits for confirmations, in one DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str, leads: Leads) -> None:
        self._client = client
        self._table = table_name
        self._leads = leads

    def permit(self, lead: Lead, address: str, key: bytes, now: datetime) -> Permit:
        """Give the one permit for a lead, or say why not. A sender that gets it and dies leaves it used: at most once.

        Two conditional writes, the lead's first. Each takes its own earlier try for granted, because the SDK repeats a
        write whose answer was lost. The address stands in the table as its HMAC.
        """
        day = f"{now.astimezone(UTC):%Y-%m-%d}"
        seen = hmac.digest(key, f"confirmation:{_mailbox(address)}".encode(), "sha256").hex()
        try:
            if self._leads.change(lead.id, confirm(now)) is None:
                return Permit.CONFIRMED_BEFORE
        except ConfirmedBeforeError:
            return Permit.CONFIRMED_BEFORE
        entry = {"pk": f"CONFIRMED#{seen}", "sk": day, "lead_id": lead.id, "schema": keys.SCHEMA}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=keys.attributes(entry | {"expires_at": keys.epoch_seconds(now + _KEPT)}),
                ConditionExpression="attribute_not_exists(pk) OR lead_id = :lead_id",
                ExpressionAttributeValues=keys.attributes({":lead_id": lead.id}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return Permit.ENOUGH_FOR_TODAY
        return Permit.GIVEN

    def note(self, lead: Lead, at: datetime, kind: str, **details: str) -> None:
        """Write an entry on the lead's timeline."""
        self._leads.change(lead.id, note(Event(kind=kind, at=at, details=details)))


def _mailbox(address: str) -> str:
    """Return the mailbox behind an address, as most providers see it: in any case, with any "+tag", it is one."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
