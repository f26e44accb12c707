"""All that the checks ask: AWS's services, each for reading only, and the web."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from tools.operate.doctor.fetch import Fetch

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient

# Some calls of SES answer once a second only, so a refused one is repeated a few times.
_CONFIG: Final = Config(
    connect_timeout=4, read_timeout=8, retries={"total_max_attempts": 4, "mode": "standard"}, max_pool_connections=4
)


@dataclass(frozen=True, kw_only=True)
class Clients:
    """AWS's clients by what they are about, and the function that reads a page of the web."""

    identity: Any  # STS, Scheduler, KMS and WAF: the project has no types for these
    stacks: "CloudFormationClient"
    email: "SESV2Client"
    topics: "SNSClient"
    metrics: "CloudWatchClient"
    functions: "LambdaClient"
    schedules: Any
    rules: "EventBridgeClient"
    tables: "DynamoDBClient"
    keys: Any
    secrets: "SecretsManagerClient"
    people: "CognitoIdentityProviderClient"
    api: "APIGatewayClient"
    firewall: Any
    fetch: Fetch


def clients(session: boto3.Session, fetch: Fetch, count: Callable[[], object]) -> Clients:
    """Return the clients of a session. `count` is called before each call to AWS, from several threads."""

    def counted(**_: object) -> None:  # an answer would take the place of AWS's
        count()

    session.events.register("before-send", counted)
    return Clients(
        identity=session.client("sts", config=_CONFIG),
        stacks=session.client("cloudformation", config=_CONFIG),
        email=session.client("sesv2", config=_CONFIG),
        topics=session.client("sns", config=_CONFIG),
        metrics=session.client("cloudwatch", config=_CONFIG),
        functions=session.client("lambda", config=_CONFIG),
        schedules=session.client("scheduler", config=_CONFIG),
        rules=session.client("events", config=_CONFIG),
        tables=session.client("dynamodb", config=_CONFIG),
        keys=session.client("kms", config=_CONFIG),
        secrets=session.client("secretsmanager", config=_CONFIG),
        people=session.client("cognito-idp", config=_CONFIG),
        api=session.client("apigateway", config=_CONFIG),
        firewall=session.client("wafv2", config=_CONFIG),
        fetch=fetch,
    )
