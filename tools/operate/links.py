"""Withdraws all links of a stack: their secret gets a new value, and the functions that knew it restart."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import boto3

from tools.operate.stack import OperateError, output

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef
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
    return withdraw(session.client("lambda"), session.client("secretsmanager"), stack, say, datetime.now(UTC))


def withdraw(
    functions: "LambdaClient", vault: "SecretsManagerClient", stack: str, say: Callable[[str], None], now: datetime
) -> str:
    """Do the same, with clients of AWS."""
    found = list(_signing(functions, stack))
    arns = {each["Environment"]["Variables"][_VARIABLE] for each in found}
    if len(arns) != 1:
        raise OperateError(f"Found no function of {stack} that signs links. Nothing was changed. Deploy it first.")
    vault.put_secret_value(SecretId=arns.pop(), SecretString=secrets.token_urlsafe(_BYTES))
    for each in found:
        say(f"Restarting {each['FunctionName']} ...")
        variables = each["Environment"]["Variables"] | {_MARK: now.isoformat(timespec="seconds")}
        functions.update_function_configuration(FunctionName=each["FunctionName"], Environment={"Variables": variables})
    for each in found:
        functions.get_waiter("function_updated_v2").wait(FunctionName=each["FunctionName"])
    return _DONE


def _signing(functions: "LambdaClient", stack: str) -> Iterator["FunctionConfigurationTypeDef"]:
    for page in functions.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            variables = each.get("Environment", {}).get("Variables", {})
            if each["FunctionName"].startswith(f"{stack}-") and _VARIABLE in variables:
                yield each
