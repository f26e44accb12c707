"""The operator's command that withdraws all links."""

from datetime import UTC, datetime
from typing import Any, cast

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tools.operate.links import Clients, withdraw
from tools.operate.stack import OperateError

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:made-up-a1B2c3"
STACK = "clinic-leads"
NOW = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)


def client(service: str) -> Any:  # noqa: ANN401 - the client of any service
    # Without stubs for every service, mypy knows no overload for a name that is a variable.
    made: Any = boto3.client(
        cast("Any", service),
        region_name="us-east-1",
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",
    )
    return made


def function(stacks: Stubber, lambdas: Stubber, **functions: dict[str, str]) -> None:
    """Let the stack have functions with these variables."""
    summary = {
        "LastUpdatedTimestamp": NOW,
        "LogicalResourceId": "Made-up",
        "ResourceStatus": "UPDATE_COMPLETE",
    }
    found = [
        {**summary, "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": f"clinic-leads-{name}"}
        for name in functions
    ]
    other = {**summary, "ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "made-up"}
    stacks.add_response("list_stack_resources", {"StackResourceSummaries": [*found, other]}, {"StackName": STACK})
    for name, variables in functions.items():
        answer = {"Environment": {"Variables": variables}} if variables else {}
        lambdas.add_response("get_function_configuration", answer, {"FunctionName": f"clinic-leads-{name}"})


def test_the_secret_changes_and_each_function_that_knows_it_restarts() -> None:
    clients, said = Clients(client("cloudformation"), client("lambda"), client("secretsmanager")), list[str]()
    secret = {"STACK_SECRET_ARN": ARN}
    with Stubber(clients.stacks) as stacks, Stubber(clients.functions) as functions, Stubber(clients.vault) as vault:
        function(stacks, functions, notify=secret, claim=secret | {"LINKS_WITHDRAWN_AT": "2026-11-29"}, submit={})
        vault.add_response("put_secret_value", {}, {"SecretId": ARN, "SecretString": ANY})
        variables = secret | {"LINKS_WITHDRAWN_AT": "2026-11-30T14:05:00+00:00"}
        for name in ("notify", "claim"):
            asked = {"FunctionName": f"clinic-leads-{name}", "Environment": {"Variables": variables}}
            functions.add_response("update_function_configuration", {}, asked)
        for name in ("notify", "claim"):
            updated = {"Configuration": {"LastUpdateStatus": "Successful"}}
            functions.add_response("get_function", updated, {"FunctionName": f"clinic-leads-{name}"})
        told = withdraw(clients, STACK, said.append, NOW)
        functions.assert_no_pending_responses()
        vault.assert_no_pending_responses()
    assert "No link in an earlier email works anymore" in told
    assert said == ["Restarting clinic-leads-notify ...", "Restarting clinic-leads-claim ..."]


def test_without_functions_nothing_changes() -> None:
    clients = Clients(client("cloudformation"), client("lambda"), client("secretsmanager"))
    with Stubber(clients.stacks) as stacks, Stubber(clients.functions) as functions, Stubber(clients.vault):
        function(stacks, functions, submit={})
        with pytest.raises(OperateError, match="Nothing was changed"):
            withdraw(clients, STACK, print, NOW)
