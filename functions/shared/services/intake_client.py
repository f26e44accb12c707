"""The table's client for `submit`, made without boto3, because a visitor waits for the cold start.

Loading boto3 and botocore's handlers for docs and other services takes 136 M instructions of a cold start. See
docs/decisions/0016-what-a-start-loads.md and docs/decisions/0019-which-library-does-what.md.
"""

from typing import TYPE_CHECKING, Any

from botocore.session import Session

from shared.services import configs

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def intake_client() -> "DynamoDBClient":
    """Return a client for the table: one put per request."""
    session: Any = Session(include_builtin_handlers=False)  # Any, because botocore makes client classes at run time
    client: DynamoDBClient = session.create_client("dynamodb", config=configs.TABLE)
    return client
