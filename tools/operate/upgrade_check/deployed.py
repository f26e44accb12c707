"""Reads what is deployed: the templates of a stack and of its nested stacks, with their parameters."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3

from tools.operate.upgrade_check.compare import Side
from tools.operate.upgrade_check.template import MAIN, NESTED, Tree, load

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def read(session: boto3.Session, stack: str) -> Side:
    """Return what is deployed. Raises botocore's errors.

    The templates are those that somebody deployed ("Original"), before SAM expanded them. What SAM adds holds no data:
    permissions, mappings of streams, deployments of the API.
    """
    client = session.client("cloudformation")
    templates, parameters = dict[str, Tree](), dict[str, Mapping[str, str]]()
    for name, stack_id in ((MAIN, stack), *_nested(client, stack)):
        body: Any = client.get_template(StackName=stack_id, TemplateStage="Original")["TemplateBody"]
        templates[name] = load(body)
        described = client.describe_stacks(StackName=stack_id)["Stacks"][0].get("Parameters", [])
        parameters[name] = {each["ParameterKey"]: each.get("ParameterValue", "") for each in described}
    return Side(templates=templates, parameters=parameters)


def status(session: boto3.Session, stack: str) -> str:
    """Return the status of a stack, such as UPDATE_COMPLETE. Raises botocore's errors."""
    return session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]


def _nested(client: "CloudFormationClient", stack: str) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for each in page["StackResourceSummaries"]:
            # A stack that was deleted stays on the list.
            if each["ResourceType"] == NESTED and each["ResourceStatus"] != "DELETE_COMPLETE":
                yield each["LogicalResourceId"], each["PhysicalResourceId"]
