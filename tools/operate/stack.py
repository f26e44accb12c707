"""The deployed stack that a command works on, found by its name."""

from collections.abc import Mapping

import boto3
from botocore.exceptions import ClientError


class OperateError(Exception):
    """The command cannot do its work. The text says why, and what to do next."""


def outputs(session: boto3.Session, stack: str) -> Mapping[str, str]:
    """Return the outputs of a stack by their names. Raises OperateError, and botocore's errors."""
    try:
        found = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        # CloudFormation has no error of its own for this.
        if error.response["Error"]["Code"] == "ValidationError":
            raise OperateError(
                f"There is no stack called {stack} in {session.region_name}. Name yours with STACK=..., and its region"
                " with AWS_DEFAULT_REGION=..."
            ) from None
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in found[0].get("Outputs", [])}


def output(session: boto3.Session, stack: str, name: str) -> str:
    """Return one output of a stack. Raises OperateError, and botocore's errors."""
    values = outputs(session, stack)
    if name not in values:
        raise OperateError(
            f"The stack {stack} has no output {name}. Deploy this version first: docs/deploy.md, Update."
        )
    return values[name]
