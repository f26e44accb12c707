"""AWS clients made by boto3, one of each per process. `submit` has its own: see intake_client.py."""

from functools import cache
from typing import TYPE_CHECKING

import boto3.session

from shared.services import configs

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()


@cache
def dynamodb() -> "DynamoDBClient":
    """Return a client for the table."""
    return _session().client("dynamodb", config=configs.TABLE)


@cache
def ses() -> "SESV2Client":
    """Return a client for sending email: one request per call."""
    return _session().client("sesv2", config=configs.EMAIL)


@cache
def secrets_manager() -> "SecretsManagerClient":
    """Return a client for reading secrets."""
    return _session().client("secretsmanager", config=configs.SECRETS)


@cache
def cognito() -> "CognitoIdentityProviderClient":
    """Return a client for the accounts of staff."""
    return _session().client("cognito-idp", config=configs.ACCOUNTS)


@cache
def sns() -> "SNSClient":
    """Return a client for messages to operators."""
    return _session().client("sns", config=configs.TOPIC)
