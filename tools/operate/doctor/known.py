"""What CloudFormation knows about the stack, read once for all checks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from tools.operate.stack import OperateError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_STACK: Final = "AWS::CloudFormation::Stack"
# The stack itself, among the names of its nested stacks.
ITSELF: Final = ""


class NotInTheStackError(Exception):
    """The stack lacks something that this version has. The text says what."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its name in the template, its own id, and its type."""

    name: str
    id: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """A stack. `resources` are by the name of the nested stack and then by their own name in its template."""

    name: str
    arn: str
    status: str
    created: datetime
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    resources: Mapping[str, Mapping[str, Resource]]
    now: datetime
    page: str = ""  # the page that has the form, if somebody named it
    endpoint: str = ""  # of the local AWS, or nothing

    @property
    def partition(self) -> str:
        """AWS's own part of ARNs: "aws", or another one in some countries."""
        return self.arn.split(":")[1]

    @property
    def region(self) -> str:
        """The region of the stack."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The number of the AWS account."""
        return self.arn.split(":")[4]

    @property
    def api_url(self) -> str:
        """The API's address at AWS. Raises NotInTheStackError."""
        if self.endpoint:
            return f"{self.endpoint.rstrip('/')}/_aws/execute-api/{self.output('ApiId')}/v1"
        return self.output("ApiUrl")

    @property
    def public_url(self) -> str:
        """The address that links begin with: the clinic's own domain, or the API's. Raises NotInTheStackError."""
        return self.api_url if self.endpoint else self.output("DeskUrl").removesuffix("/desk")

    @property
    def domain_url(self) -> str:
        """The API's address at DomainName, or nothing without one. The local AWS serves nothing there."""
        name = self.parameter("DomainName")
        return f"https://{name}/v1" if name and not self.endpoint else ""

    @property
    def own_urls(self) -> tuple[str, ...]:
        """All addresses of the API, first the one that links begin with. Raises NotInTheStackError."""
        return tuple(dict.fromkeys(each for each in (self.public_url, self.domain_url, self.api_url) if each))

    def make(self, target: str) -> str:
        """Return one of the project's own commands, for this stack."""
        return f"make {target} STACK={self.name}"

    def output(self, name: str) -> str:
        """Return an output. Raises NotInTheStackError."""
        if name not in self.outputs:
            raise NotInTheStackError(f"the output {name}")
        return self.outputs[name]

    def parameter(self, name: str) -> str:
        """Return a parameter, or nothing if the stack's version does not have it."""
        return self.parameters.get(name, "")

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter that is a list."""
        return tuple(part.strip() for part in self.parameter(name).split(",") if part.strip())

    def resource(self, name: str, within: str = ITSELF) -> Resource:
        """Return a resource of the stack, or of a nested one. Raises NotInTheStackError."""
        try:
            return self.resources[within][name]
        except KeyError:
            raise NotInTheStackError(f"{within}/{name}" if within else name) from None

    def of_kind(self, kind: str) -> list[Resource]:
        """Return all resources of a type, in the stack and the nested ones, by their names."""
        found = (each for part in self.resources.values() for each in part.values() if each.kind == kind)
        return sorted(found, key=lambda each: each.name)


def look_up(client: "CloudFormationClient", name: str, *, now: datetime, page: str, endpoint: str) -> Known:
    """Return what CloudFormation knows about a stack. Raises OperateError, and botocore's errors."""
    try:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # CloudFormation has no error of its own for this
            raise
        raise OperateError(
            f"There is no stack called {name} in {client.meta.region_name}. Name yours with STACK=..., and its region"
            " with AWS_DEFAULT_REGION=..."
        ) from None
    own = {each.name: each for each in _resources(client, name)}
    nested = {
        each.name: {inner.name: inner for inner in _resources(client, each.id)}
        for each in own.values()
        if each.kind == _STACK
    }
    return Known(
        name=name,
        arn=stack["StackId"],
        status=stack["StackStatus"],
        created=stack["CreationTime"],
        outputs={each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])},
        resources={ITSELF: own, **nested},
        now=now,
        page=page,
        endpoint=endpoint,
    )


def _resources(client: "CloudFormationClient", stack: str) -> Iterator[Resource]:
    """Yield what a stack has. A resource that was not created has no id."""
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for each in page["StackResourceSummaries"]:
            if each["ResourceStatus"] != "DELETE_COMPLETE" and "PhysicalResourceId" in each:
                yield Resource(each["LogicalResourceId"], each["PhysicalResourceId"], each["ResourceType"])
