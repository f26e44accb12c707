"""AWS clients, each with the timeouts and retries its job allows; one of each in a process: making one takes time."""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient

# A write is conditional, so the SDK may repeat it. Three tries of 1 + 2 seconds stay below the functions' timeouts.
_TABLE = Config(
    parameter_validation=False,  # DynamoDB checks what it gets, and botocore's errors would quote a visitor
    user_agent="clinic-leads",  # botocore's own is put together from 18 parts at each request
    connect_timeout=1,
    read_timeout=2,
    retries={"total_max_attempts": 3, "mode": "standard"},
    tcp_keepalive=True,
)
# SES has no idempotency token and botocore repeats a send whose answer it did not get, so a mail is tried once; the
# agenda knows how to try again.
_MAIL = Config(
    connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 1, "mode": "standard"}, tcp_keepalive=True
)
# Reading a secret changes nothing, so it may be repeated; but an alert waits for it.
_SECRETS = Config(
    connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"}, tcp_keepalive=True
)
# A topic may say the same thing twice: better than not at all.
_TOPIC = Config(
    connect_timeout=1, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"}, tcp_keepalive=True
)


@cache
def _session() -> Any:  # noqa: ANN401 - its clients are made at run time; the functions below say what they are
    # Not boto3's, which loads S3's transfers and more, and without the handlers that are for docs and other services:
    # together 136 M instructions of a cold start. See docs/decisions/0016-what-a-start-loads.md.
    return Session(include_builtin_handlers=False)


@cache
def dynamodb() -> "DynamoDBClient":
    """Return a client for the table."""
    client: DynamoDBClient = _session().create_client("dynamodb", config=_TABLE)
    return client


@cache
def ses() -> "SESV2Client":
    """Return a client for sending mail: one request per call."""
    client: SESV2Client = _session().create_client("sesv2", config=_MAIL)
    return client


@cache
def secrets_manager() -> "SecretsManagerClient":
    """Return a client for reading secrets."""
    client: SecretsManagerClient = _session().create_client("secretsmanager", config=_SECRETS)
    return client


@cache
def sns() -> "SNSClient":
    """Return a client for telling who looks after the system."""
    client: SNSClient = _session().create_client("sns", config=_TOPIC)
    return client
