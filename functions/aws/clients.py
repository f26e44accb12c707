"""AWS clients, each with the timeouts and retries its job allows; one of each in a process: making one takes time."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient

# A write is conditional, so the SDK may repeat it. Three tries of 1 + 2 seconds stay below the functions' timeouts.
_TABLE = Config(
    connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3, "mode": "standard"}, tcp_keepalive=True
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
def dynamodb() -> "DynamoDBClient":
    """Return a client for the table."""
    return boto3.client("dynamodb", config=_TABLE)


@cache
def ses() -> "SESV2Client":
    """Return a client for sending mail: one request per call."""
    return boto3.client("sesv2", config=_MAIL)


@cache
def secrets_manager() -> "SecretsManagerClient":
    """Return a client for reading secrets."""
    return boto3.client("secretsmanager", config=_SECRETS)


@cache
def sns() -> "SNSClient":
    """Return a client for telling who looks after the system."""
    return boto3.client("sns", config=_TOPIC)
