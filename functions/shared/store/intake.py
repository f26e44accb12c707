"""Intake: the one write between a visitor and the answer. Nothing else about a lead is known here."""

from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from shared.leads.agenda import shard
from shared.leads.lead import Lead
from shared.store.keys import SCHEMA, attributes, key, timestamp
from shared.store.lead_item import lead_attributes

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.store.keys import Item

# How long the stream has to start an alert before the sweep may. Longer than a cold start, shorter than a sweep.
STREAM_GRACE: Final = timedelta(seconds=60)
_SERVER_ERROR: Final = 500


class StorageError(Exception):
    """The table did not take a lead.

    `nothing_stored` is False where the answer was lost, so that the lead may or may not be there. Sending the same
    request again is safe either way.
    """

    def __init__(self, *, nothing_stored: bool) -> None:
        super().__init__()
        self.nothing_stored = nothing_stored


class Stored(Enum):
    """What the table said to a lead that was put."""

    NEW = auto()
    REPEAT = auto()  # the same request was there already
    CONFLICT = auto()  # another request is there under the same id; nothing was changed


class _Tries:
    """What the SDK's tries of one put tell: whether one may have written although its answer was lost.

    The error that comes out is the last try's only. A refusal or a failed connection there says nothing about an
    earlier try that DynamoDB may have carried out.
    """

    one_may_have_written = False

    def note(
        self, response: tuple["AWSResponse", object] | None, caught_exception: Exception | None, **_: object
    ) -> None:
        """Take note of one try: botocore's needs-retry event. Returns nothing, so the SDK decides on its own."""
        if response is None:
            lost = not isinstance(caught_exception, EndpointConnectionError | ConnectTimeoutError)
        else:
            # A 5xx of DynamoDB's own leaves open whether the write happened (https://docs.aws.amazon.com/
            # amazondynamodb/latest/developerguide/Programming.Errors.html).
            lost = response[0].status_code >= _SERVER_ERROR
        self.one_may_have_written |= lost


class Intake:
    """Puts leads into one DynamoDB table."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name
        self._tries = _Tries()
        client.meta.events.register("needs-retry.dynamodb.PutItem", self._tries.note)

    def put(self, lead: Lead) -> Stored:
        """Store a lead that is not there yet: one conditional write. Raises StorageError."""
        self._tries.one_may_have_written = False
        try:
            self._client.put_item(
                TableName=self._table,
                Item=new_lead_item(lead),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # Also reached when the SDK repeated a put whose answer was lost: the item is then our own.
            item: Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs know no Item here
            stored = item.get("fingerprint", {}).get("S")
            return Stored.REPEAT if stored == lead.fingerprint else Stored.CONFLICT
        except (ClientError, BotoCoreError):
            raise StorageError(nothing_stored=not self._tries.one_may_have_written) from None
        return Stored.NEW


def new_lead_item(lead: Lead) -> dict[str, "AttributeValueTypeDef"]:
    """Return the item of a lead nobody has been told of yet, due for the sweep once the stream has had its chance.

    Its state is written out here, because intake ships no state machine. A test holds it to `Progress`.
    """
    due_at, own_shard = timestamp(lead.received_at + STREAM_GRACE), shard(lead.id)
    return key(lead.id) | attributes(
        {
            "schema": SCHEMA,
            **lead_attributes(lead),
            "alert_state": "pending",
            "alert_notice": "alert",
            "response": "open",
            "agenda_shard": own_shard,
            "agenda_at": due_at,
            "overdue_since": due_at,
            "worklist": f"open#{own_shard}",
        }
    )
