"""Withdraws all links of a stack: their secret gets a new value, and the functions that knew it restart."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import boto3

from tools.operate.stack import OperateError, output

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_VARIABLE: Final = "STACK_SECRET_ARN"
_BYTES: Final = 48
# Lambda starts new processes after a change of a function's environment. Nothing reads this variable.
_MARK: Final = "LINKS_WITHDRAWN_AT"
_DONE: Final = "No link in an earlier email works anymore. Later emails have links that work."


def withdraw_links(session: boto3.Session, stack: str, say: Callable[[str], None]) -> str:
    """Withdraw the links of all emails. Repeating this withdraws those that were sent since.

    `say` prints progress. Raises OperateError and botocore's errors.
    """
    output(session, stack, "TableName")  # says what is wrong if there is no such stack
    clients = Clients(session.client("cloudformation"), session.client("lambda"), session.client("secretsmanager"))
    return withdraw(clients, stack, say, datetime.now(UTC))


class Clients(NamedTuple):
    """The parts of AWS that know the stack, its functions and its secret."""

    stacks: "CloudFormationClient"
    functions: "LambdaClient"
    vault: "SecretsManagerClient"


def withdraw(clients: Clients, stack: str, say: Callable[[str], None], now: datetime) -> str:
    """Do the same, with clients of AWS."""
    found = list(_signing(clients, stack))
    arns = {variables[_VARIABLE] for variables in dict(found).values()}
    if len(arns) != 1:
        raise OperateError(f"Found no function of {stack} that signs links. Nothing was changed. Deploy it first.")
    clients.vault.put_secret_value(SecretId=arns.pop(), SecretString=secrets.token_urlsafe(_BYTES))
    for name, variables in found:
        say(f"Restarting {name} ...")
        marked = variables | {_MARK: now.isoformat(timespec="seconds")}
        clients.functions.update_function_configuration(FunctionName=name, Environment={"Variables": marked})
    for name, _ in found:
        clients.functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    return _DONE


def _signing(clients: Clients, stack: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the stack's functions that know the secret, with their variables.

    They come from the stack, because the names of another stack's functions may begin in the same way.
    """
    for page in clients.stacks.get_paginator("list_stack_resources").paginate(StackName=stack):
        for each in page["StackResourceSummaries"]:
            if each["ResourceType"] == "AWS::Lambda::Function" and "PhysicalResourceId" in each:
                name = each["PhysicalResourceId"]
                configuration = clients.functions.get_function_configuration(FunctionName=name)
                variables = configuration.get("Environment", {}).get("Variables", {})
                if _VARIABLE in variables:
                    yield name, variables
