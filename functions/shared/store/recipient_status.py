"""The status of recipients: one item for each recipient with bounces or complaints, under the recipient's id."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.store import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

STATUS_SORT_KEY = "RECIPIENT"
# Longer than a digest looks back, but short enough to forget a problem that is solved.
_KEPT = timedelta(days=30)


class Trouble(StrEnum):
    """A problem with a recipient that SES reported."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"  # SES sends nothing to the address, because of an earlier complaint

    @property
    def quiet_days(self) -> int:
        """How many days after a message to operators the next one may be sent.

        SES reports suppression for each email until an operator acts, and nobody complained again.
        """
        return 30 if self is Trouble.SUPPRESSED else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientStatus:
    """The latest trouble with one recipient, with times from SES; None if there was none in the last 30 days."""

    recipient: str
    bounced_at: datetime | None
    complained_at: datetime | None
    suppressed_at: datetime | None = None  # when SES last sent nothing, because of an earlier complaint


class RecipientStatuses:
    """The statuses in the DynamoDB table. All methods raise botocore's errors."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def note(self, recipient: str, trouble: Trouble, at: datetime) -> bool:
        """Record trouble. Return True if operators have not been told about it in its `quiet_days`, in UTC, or later.

        This stays true until `told` is called. If telling them fails, the next report triggers it again. Safe to
        repeat.
        """
        item: keys.Item
        try:
            item = self._client.update_item(
                TableName=self._table,
                Key=_key(recipient),
                ConditionExpression="attribute_not_exists(#at) OR #at < :at",  # reports may be late or out of order
                UpdateExpression="SET #at = :at, expires_at = :end, #schema = :schema",
                ExpressionAttributeNames={"#at": f"{trouble}_at", "#schema": "schema"},
                ExpressionAttributeValues=keys.attributes(
                    {":at": keys.timestamp(at), ":end": keys.epoch_seconds(at + _KEPT), ":schema": keys.SCHEMA}
                ),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )["Attributes"]
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs do not declare Item
        told_on = item.get(_told(trouble), {"S": ""})["S"]
        return str(told_on) <= _day(at - timedelta(days=trouble.quiet_days))

    def told(self, recipient: str, trouble: Trouble, at: datetime) -> None:
        """Record that operators were told of `trouble` on the day of `at`."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(recipient),
            # The item may have expired since `note`, so set an expiry here too.
            UpdateExpression="SET #told = :day, expires_at = if_not_exists(expires_at, :end), #schema = :schema",
            ExpressionAttributeNames={"#told": _told(trouble), "#schema": "schema"},
            ExpressionAttributeValues=keys.attributes(
                {":day": _day(at), ":end": keys.epoch_seconds(at + _KEPT), ":schema": keys.SCHEMA}
            ),
        )

    def all(self, recipients: Iterable[str]) -> tuple[RecipientStatus, ...]:
        """Return the statuses of the `recipients` with trouble in the last 30 days, in order."""
        found = []
        for recipient in recipients:
            item: keys.Item = self._client.get_item(TableName=self._table, Key=_key(recipient)).get("Item", {})
            status = RecipientStatus(
                recipient=recipient,
                bounced_at=_moment(item, Trouble.BOUNCED),
                complained_at=_moment(item, Trouble.COMPLAINED),
                suppressed_at=_moment(item, Trouble.SUPPRESSED),
            )
            if status.bounced_at or status.complained_at or status.suppressed_at:
                found.append(status)
        return tuple(found)


def _key(recipient: str) -> dict[str, "AttributeValueTypeDef"]:
    return {"pk": {"S": f"RECIPIENT#{recipient}"}, "sk": {"S": STATUS_SORT_KEY}}


def _told(trouble: Trouble) -> str:
    return f"{trouble}_told_on"


def _moment(item: "keys.Item", trouble: Trouble) -> datetime | None:
    return keys.moment_in(item, f"{trouble}_at")


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"
