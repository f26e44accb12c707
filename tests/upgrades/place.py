"""An AWS account in which one deployment follows another."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.deployed import Deployed
from tests.upgrades.in_flight import set_schedules
from tests.upgrades.interrupted import interrupted
from tools.local.deployment import DeploymentError, deploy, made_usable, session
from tools.local.parameters import SENDER, parameters

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

STACK = "clinic-leads-test"
PARAMETERS = parameters("https://www.example.com") | {"ThrottleRate": "10000", "ThrottleBurst": "5000"}


@dataclass
class Place:
    """An account, and the folder for what its deployments leave."""

    aws: str
    folder: Path
    _deployments: list[str] = field(default_factory=list)

    def deploy(self, build: Path, *, name: str = STACK, parameters: Mapping[str, str] | None = None) -> Deployed:
        """Deploy a build, and turn its schedules off, so that nothing runs unasked. Raises DeploymentError."""
        stack = deploy(self.aws, build, self._log(), name=name, parameters=PARAMETERS | dict(parameters or {}))
        return self._usable(Deployed(stack=stack, aws=self.aws, emulator_log=self.folder / "aws.log"))

    def deploy_half(self, build: Path, after: Collection[str]) -> Deployed:
        """Deploy a build until the resources in `after` are new, and stop there."""
        half = interrupted(build, self.folder / f"half-{len(self._deployments)}", after)
        with pytest.raises(DeploymentError, match="UPDATE_FAILED"):
            deploy(self.aws, half, self._log(), name=STACK, parameters=PARAMETERS, roll_back=False)
        stack = made_usable(session(), self.aws, STACK)
        return self._usable(Deployed(stack=stack, aws=self.aws, emulator_log=self.folder / "aws.log"))

    def status(self, name: str = STACK) -> str:
        """Return the status of a stack."""
        return self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    def delete(self, name: str = STACK) -> None:
        """Delete a stack, as `sam delete` does.

        AWS keeps what the nested stacks say that it keeps. The emulator deletes all of it, so this gives SES the sender
        back, which the next deployment could meet. tests/unit/test_tear_down.py looks at the names of the rest.
        """
        self.cloudformation.delete_stack(StackName=name)
        self.cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        ses = session().client("sesv2", endpoint_url=self.aws)
        with suppress(ses.exceptions.AlreadyExistsException):
            ses.create_email_identity(EmailIdentity=SENDER)

    def state(self, deployed: Deployed) -> dict[str, Any]:
        """Return the id of each resource of a stack, and the code of each function.

        Without the deployment of the API: SAM makes another each time, because it does not see changed parameters.
        """
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=deployed.stack.name)
        functions = deployed.lambdas.get_paginator("list_functions").paginate()
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceType"] != "AWS::ApiGateway::Deployment"
        } | {each["FunctionName"]: each["CodeSha256"] for page in functions for each in page["Functions"]}

    @property
    def cloudformation(self) -> "CloudFormationClient":
        return session().client("cloudformation", endpoint_url=self.aws)

    def _usable(self, deployed: Deployed) -> Deployed:
        set_schedules(deployed, on=False)
        return deployed

    def _log(self) -> Path:
        self._deployments.append("")
        return self.folder / f"sam-deploy-{len(self._deployments)}.log"
