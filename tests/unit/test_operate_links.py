"""The operator's command that withdraws all links."""

from datetime import UTC, datetime
from typing import Any, cast

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tools.operate.links import withdraw
from tools.operate.stack import OperateError

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:made-up-a1B2c3"
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


def function(name: str, **variables: str) -> dict[str, object]:
    return {"FunctionName": name, "Environment": {"Variables": variables}}


def test_the_secret_changes_and_each_function_that_knows_it_restarts() -> None:
    lambdas, vault, said = client("lambda"), client("secretsmanager"), list[str]()
    of_secret = {"STACK_SECRET_ARN": ARN}
    found = [
        function("clinic-leads-notify", **of_secret),
        function("clinic-leads-claim", LINKS_WITHDRAWN_AT="2026-11-29T10:00:00+00:00", **of_secret),
        function("clinic-leads-submit"),
        function("another-notify", STACK_SECRET_ARN="arn:of-another-stack"),
    ]
    with Stubber(lambdas) as functions, Stubber(vault) as secret:
        functions.add_response("list_functions", {"Functions": found}, {})
        secret.add_response("put_secret_value", {}, {"SecretId": ARN, "SecretString": ANY})
        variables = of_secret | {"LINKS_WITHDRAWN_AT": "2026-11-30T14:05:00+00:00"}
        for name in ("notify", "claim"):
            asked = {"FunctionName": f"clinic-leads-{name}", "Environment": {"Variables": variables}}
            functions.add_response("update_function_configuration", {}, asked)
        for name in ("notify", "claim"):
            updated = {"Configuration": {"LastUpdateStatus": "Successful"}}
            functions.add_response("get_function", updated, {"FunctionName": f"clinic-leads-{name}"})
        told = withdraw(lambdas, vault, "clinic-leads", said.append, NOW)
        functions.assert_no_pending_responses()
        secret.assert_no_pending_responses()
    assert "No link in an earlier email works anymore" in told
    assert said == ["Restarting clinic-leads-notify ...", "Restarting clinic-leads-claim ..."]


def test_without_functions_nothing_changes() -> None:
    lambdas, vault = client("lambda"), client("secretsmanager")
    with Stubber(lambdas) as functions, Stubber(vault):
        functions.add_response("list_functions", {"Functions": [function("clinic-leads-submit")]}, {})
        with pytest.raises(OperateError, match="Nothing was changed"):
            withdraw(lambdas, vault, "clinic-leads", print, NOW)
