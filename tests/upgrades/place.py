"""An AWS account in which one deployment follows another."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deployed import Deployed
from tests.upgrades.in_flight import set_schedules
from tests.upgrades.interrupted import interrupted
from tools.local.deployment import DeploymentError, deploy, made_usable, session
from tools.local.parameters import parameters

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

STACK = "clinic-leads-test"


@dataclass
class Place:
    """An account, and the folder for what its deployments leave."""

    aws: str
    folder: Path
    _deployments: list[str] = field(default_factory=list)

    def deploy(self, build: Path, name: str = STACK) -> Deployed:
        """Deploy a build, and turn its schedules off, so that nothing runs unasked. Raises DeploymentError."""
        stack = deploy(self.aws, build, self._log(), name=name, parameters=self._parameters())
        return self._usable(Deployed(stack=stack, aws=self.aws, emulator_log=self.folder / "aws.log"))

    def deploy_half(self, build: Path, after: Collection[str]) -> Deployed:
        """Deploy a build until the resources in `after` are new, and stop there."""
        half = interrupted(build, self.folder / f"half-{len(self._deployments)}", after)
        with pytest.raises(DeploymentError, match="UPDATE_FAILED"):
            deploy(self.aws, half, self._log(), name=STACK, parameters=self._parameters(), roll_back=False)
        stack = made_usable(self.aws, STACK)
        return self._usable(Deployed(stack=stack, aws=self.aws, emulator_log=self.folder / "aws.log"))

    def status(self, name: str = STACK) -> str:
        """Return the status of a stack."""
        return self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    @property
    def cloudformation(self) -> "CloudFormationClient":
        return session().client("cloudformation", endpoint_url=self.aws)

    def _usable(self, deployed: Deployed) -> Deployed:
        set_schedules(deployed, on=False)
        return deployed

    def _parameters(self) -> dict[str, str]:
        return parameters("https://www.example.com") | {"ThrottleRate": "10000", "ThrottleBurst": "5000"}

    def _log(self) -> Path:
        self._deployments.append("")
        return self.folder / f"sam-deploy-{len(self._deployments)}.log"
