"""Records of confirmations, so none is sent twice and each address gets at most one a day."""

import hmac
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from shared.leads.confirmation import mailbox
from shared.leads.decisions import ConfirmedBeforeError, confirm, note
from shared.leads.event import Event
from shared.leads.lead import Lead
from shared.store import keys
from shared.store.leads import Leads

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A record is needed only for one UTC day.
_KEPT: Final = timedelta(days=2)


class Permit(Enum):
    """Whether a confirmation may be sent."""

    GIVEN = auto()
    CONFIRMED_BEFORE = auto()  # the confirmation of this lead was sent or started, or must not be sent anymore
    ENOUGH_FOR_TODAY = auto()  # this address already got one today


class ConfirmationBook:
    """The records of confirmations in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table_name: str, leads: Leads) -> None:
        self._client = client
        self._table = table_name
        self._leads = leads

    def permit(self, lead: Lead, address: str, key: bytes, now: datetime) -> Permit:
        """Return whether the confirmation of a lead may be sent. The permit is given once, even if the sender crashes.

        This makes two conditional writes: one for the lead, then one for the address. Each recognizes its own
        earlier try, because the SDK repeats a write whose response was lost. The table stores the HMAC of the address,
        not the address.
        """
        day = f"{now.astimezone(UTC):%Y-%m-%d}"
        try:
            if self._leads.change(lead.id, confirm(now)) is None:
                return Permit.CONFIRMED_BEFORE
        except ConfirmedBeforeError:
            return Permit.CONFIRMED_BEFORE
        entry = {"pk": confirmed_by(address, key), "sk": day, "lead_id": lead.id, "schema": keys.SCHEMA}
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
        """Add an entry to the lead's timeline."""
        self._leads.change(lead.id, note(Event(kind=kind, at=at, details=details)))


def confirmed_by(address: str, key: bytes) -> str:
    """Return the partition of the records of an address."""
    seen = hmac.digest(key, f"confirmation:{mailbox(address)}".encode(), "sha256").hex()
    return f"CONFIRMED#{seen}"
