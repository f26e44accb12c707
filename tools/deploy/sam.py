"""Runs the pinned SAM CLI: `sam build`, and `sam deploy` as far as the change set."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import boto3

from tools import sam_cli
from tools.deploy.errors import DeployError
from tools.deploy.template import ROOT

WORK: Final = ROOT / ".local" / "deploy"
BUILT: Final = ROOT / ".aws-sam" / "build"
_CHANGE_SET: Final = re.compile(r"arn:[^\s'\"]+:changeSet/[^\s'\"]+")
_MANAGED: Final = "aws-sam-cli-managed-default"


def build(architecture: str, log: Path) -> None:
    """Build for the processor type of the functions. Raises DeployError."""
    _sam(["build"], log, {"LAMBDA_ARCHITECTURE": architecture})


def change_set(built: Path, config: Path, environment: str, log: Path, *, profile: str | None) -> str | None:
    """Upload the build and let the SAM CLI create a change set. Return its ARN, or None if nothing changes.

    The profile goes before the one in the file.

    Raises DeployError.
    """
    printed = _sam(
        [
            *("deploy", "--template-file", str(built / "template.yaml")),
            *("--config-file", str(config.resolve()), "--config-env", environment),
            *(("--profile", profile) if profile else ()),
            *("--no-execute-changeset", "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
        ],
        log,
        {},
    )
    found = _CHANGE_SET.findall(printed)
    return found[-1] if found else None


def upload(session: boto3.Session, stack: str, template: str) -> str:
    """Store a template in the bucket that the SAM CLI made, and return its address. Raises botocore's errors."""
    managed = session.client("cloudformation").describe_stacks(StackName=_MANAGED)["Stacks"][0]
    (bucket,) = [each["OutputValue"] for each in managed["Outputs"] if each["OutputKey"] == "SourceBucket"]
    client, key = session.client("s3"), f"{stack}/preview.template"
    client.put_object(Bucket=bucket, Key=key, Body=template.encode())
    return f"{client.meta.endpoint_url}/{bucket}/{key}"


def _sam(arguments: list[str], log: Path, variables: Mapping[str, str]) -> str:
    try:
        return sam_cli.run(arguments, log, {**os.environ, **variables}, ROOT)
    except sam_cli.SamError as error:
        raise DeployError(f"{error}\nAll of it: {log}") from None
