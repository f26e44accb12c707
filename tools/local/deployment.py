"""Deploys the real template to the local AWS with the real SAM CLI."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from tools import sam_cli
from tools.local.desk import Desk, open_desk
from tools.local.emulator import REGION, ROOT

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# The emulator accepts any credentials in this format. These are not real ones.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

ARCHITECTURE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


class DeploymentError(Exception):
    """`sam build` or `sam deploy` failed. The text has the end of the command's output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A deployed stack: its name, the URL of its API, the name of its table, and its desk."""

    name: str
    api: str
    table: str
    desk: Desk


def build(folder: Path, log: Path, source: Path = ROOT) -> None:
    """Build a checkout for this machine's processor into `folder`. Raises DeploymentError."""
    _sam(
        ["build", "--build-dir", str(folder)],
        log,
        {"LAMBDA_ARCHITECTURE": ARCHITECTURE, **_isolated("http://127.0.0.1:9")},
        source,
    )


def deploy(  # noqa: PLR0913 - where, what, and how
    aws: str, folder: Path, log: Path, *, name: str, parameters: Mapping[str, str], roll_back: bool = True
) -> Stack:
    """Deploy the build in `folder` to the AWS at the URL `aws`. Raises DeploymentError.

    Without `roll_back`, a deployment that fails stops where it is.
    """
    upload(aws, folder, log, name=name, parameters=parameters, roll_back=roll_back)
    return made_usable(session(), aws, name)


def upload(  # noqa: PLR0913 - the same as above
    aws: str, folder: Path, log: Path, *, name: str, parameters: Mapping[str, str], roll_back: bool = True
) -> None:
    """Deploy the build in `folder`, and leave the stack as the template says. Raises DeploymentError."""
    overrides = {"Architecture": ARCHITECTURE, **parameters}
    _sam(
        [
            *("deploy", "--template-file", str(folder / "template.yaml"), "--stack-name", name),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--resolve-s3"),
            *(() if roll_back else ("--disable-rollback",)),
            *("--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"),
            # The quotes keep SAM from cutting a value at its first space.
            *("--parameter-overrides", *(f'{key}="{value}"' for key, value in overrides.items())),
        ],
        log,
        _isolated(aws),
    )


def made_usable(here: boto3.Session, aws: str, name: str) -> Stack:
    """Change in a stack what the emulator cannot do as the template says, and return the stack."""
    outputs = outputs_of(here, aws, name)
    api = reachable(here, aws, name, outputs["ApiId"])
    desk = Desk(
        url=f"{api}/desk",
        user_pool=outputs["UserPoolId"],
        client=outputs["DeskClientId"],
        audit=outputs["AuditTable"],
    )
    open_desk(here, aws, name, desk)
    return Stack(name=name, api=api, table=outputs["TableName"], desk=desk)


def outputs_of(here: boto3.Session, aws: str, name: str) -> dict[str, str]:
    """Return the outputs of a stack."""
    cloudformation: CloudFormationClient = here.client("cloudformation", endpoint_url=aws)
    found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def reachable(here: boto3.Session, aws: str, name: str, api_id: str) -> str:
    """Make the API of a stack work in the emulator, and its functions send email. Return the API's address."""
    _let_functions_send(here, aws, name)
    _let_any_method_through(here, aws, api_id, name)
    # A path, because subdomains of "localhost" do not resolve on every machine.
    api = f"{aws}/_aws/execute-api/{api_id}/v1"
    _say_where_the_api_is(here, aws, name, api)
    return api


def session() -> boto3.Session:
    """Return a session with the credentials of the local AWS. It ignores credentials in the environment."""
    return boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def _let_functions_send(here: boto3.Session, aws: str, name: str) -> None:
    """Allow ses:SendEmail on "*" for the roles that may send email. Only in the emulator.

    SES checks the sender's identity and the configuration set, and our template allows these. MiniStack 1.5 checks "*"
    and does not know ses:FromAddress, so it denies requests that SES allows. See docs/decisions/0004-local-aws.md.
    """
    iam = here.client("iam", endpoint_url=aws)
    for role in iam.get_paginator("list_roles").paginate().search("Roles[].RoleName"):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            if role.startswith(name) and "ses:SendEmail" in json.dumps(document):
                statement = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
                iam.put_role_policy(
                    RoleName=role,
                    PolicyName="emulator-knows-no-identity",
                    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
                )
                break


def _say_where_the_api_is(here: boto3.Session, aws: str, name: str, api: str) -> None:
    """Set the functions' PUBLIC_URL to the API's address in the emulator. The template's default is an AWS address.

    The parameter PublicUrl cannot do this: the address contains the API's id, which only exists after the deployment.
    """
    lambdas = here.client("lambda", endpoint_url=aws)
    for page in lambdas.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            variables = function.get("Environment", {}).get("Variables", {})
            if function["FunctionName"].startswith(f"{name}-") and variables.get("PUBLIC_URL", api) != api:
                lambdas.update_function_configuration(
                    FunctionName=function["FunctionName"], Environment={"Variables": variables | {"PUBLIC_URL": api}}
                )


# Paths with the method ANY in the template, and their functions.
_ANY_METHOD = {
    "/": "submit",
    "/consultations": "submit",
    "/{proxy+}": "submit",
    "/claim/{token}": "claim",
    "/desk": "desk",
    "/desk/{proxy+}": "desk",
}


def _let_any_method_through(here: boto3.Session, aws: str, api_id: str, name: str) -> None:
    """Add the template's ANY methods to the API. Only in the emulator.

    MiniStack 1.5 ignores `x-amazon-apigateway-any-method` in an API's definition, so it creates the paths without any
    method. See docs/decisions/0004-local-aws.md.
    """
    apigateway = here.client("apigateway", endpoint_url=aws)
    for resource in apigateway.get_resources(restApiId=api_id)["items"]:
        if function := _ANY_METHOD.get(resource["path"]):
            arn = f"arn:aws:lambda:{here.region_name}:000000000000:function:{name}-{function}"
            apigateway.put_method(
                restApiId=api_id, resourceId=resource["id"], httpMethod="ANY", authorizationType="NONE"
            )
            apigateway.put_integration(
                restApiId=api_id,
                resourceId=resource["id"],
                httpMethod="ANY",
                type="AWS_PROXY",
                integrationHttpMethod="POST",
                uri=f"arn:aws:apigateway:{here.region_name}:lambda:path/2015-03-31/functions/{arn}/invocations",
            )


def _isolated(aws: str) -> dict[str, str]:
    """Return an environment in which the SAM CLI only reaches the AWS at the URL `aws`, without real credentials."""
    return {
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": aws,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _sam(arguments: list[str], log: Path, variables: Mapping[str, str], source: Path = ROOT) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    try:
        sam_cli.run(arguments, log, {**environment, **variables}, source)
    except sam_cli.SamError as error:
        raise DeploymentError(f"{error}\nFull output: {log}") from None
