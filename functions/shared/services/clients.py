"""AWS clients made by boto3, one of each per process. `submit` has its own: see intake_client.py."""

import json
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import boto3.session

from shared.services import configs

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient

# Where an answer of `dynamodb_in_bulk` has its page: the JSON as DynamoDB sent it.
RAW: Final = "raw"


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()


@cache
def dynamodb() -> "DynamoDBClient":
    """Return a client for the table."""
    return _session().client("dynamodb", config=configs.TABLE)


@cache
def dynamodb_in_bulk() -> "DynamoDBClient":
    """Return a client for queries with very many items. An answer has nothing but `RAW`.

    botocore converts each attribute of each item by the service's model, which takes seconds for 100,000 items. It
    still signs, sends, checks and repeats each request.
    """
    client: DynamoDBClient = _session().client("dynamodb", config=configs.TABLE)
    client.meta.events.register("before-parse.dynamodb.Query", _keep_as_json)
    return client


def _keep_as_json(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Keep the body of an answer as JSON, and leave nothing for botocore to convert. It reads errors as always."""
    if response_dict["status_code"] == HTTPStatus.OK:
        customized_response_dict[RAW] = json.loads(response_dict["body"])
        response_dict["body"] = b"{}"


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
