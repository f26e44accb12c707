"""Puts a new lead with the SDK, which retries and finds credentials. Says whether the lead may have been stored."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from shared.leads.lead import Lead
from shared.store.intake import Put, StorageError, Stored, new_lead_item, stored_as
from shared.store.keys import put_if_new

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_dynamodb import DynamoDBClient

_SERVER_ERROR: Final = 500


class _Tries:
    """Whether one of the SDK's tries of a put may have stored the item although its answer was lost.

    The SDK raises only the last try's error. Even if that try was refused, an earlier one may have stored the item.
    """

    one_may_have_written = False

    def note(
        self, response: tuple["AWSResponse", object] | None, caught_exception: Exception | None, **_: object
    ) -> None:
        """Record the result of one try.

        botocore calls this at its needs-retry event. Returning None leaves the decision to botocore.
        """
        if response is None:
            lost = not isinstance(caught_exception, EndpointConnectionError | ConnectTimeoutError)
        else:
            # After a 5xx the item may be stored (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
            # Programming.Errors.html).
            lost = response[0].status_code >= _SERVER_ERROR
        self.one_may_have_written |= lost


class SdkIntake:
    """Puts leads into one DynamoDB table with the SDK."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table = table_name
        self._tries = _Tries()
        client.meta.events.register("needs-retry.dynamodb.PutItem", self._tries.note)

    def put(self, lead: Lead) -> Put:
        """Store a lead unless its id is in use: one conditional write. Raises StorageError."""
        self._tries.one_may_have_written = False
        try:
            self._client.put_item(**put_if_new(self._table, new_lead_item(lead)))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # The SDK may have repeated a put whose answer was lost. The item is then our own.
            return stored_as(error.response.get("Item", {}), lead)  # type: ignore[arg-type] # the stubs have no Item
        except (ClientError, BotoCoreError):
            raise StorageError(nothing_stored=not self._tries.one_may_have_written) from None
        return Put(Stored.NEW, lead.reference)
