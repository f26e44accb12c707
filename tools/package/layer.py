"""Layers: third-party packages exactly as uv.lock pins them, without the parts that no function loads."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools.package import trim
from tools.package.docstrings import empty_docstrings

# uv's names for Lambda's two processors; Amazon Linux 2023 has glibc 2.34, so wheels for 2.28 run.
ARCHITECTURES = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What goes into a layer.

    `without` names packages that none of its functions imports or that another of its functions' layers has; packages
    that only they need are left out too. `operations` are the AWS calls of its functions, by botocore's name for the
    service. Data on other calls is left out, because botocore reads all of it whenever it makes a client. `powertools`
    are folders below aws_lambda_powertools.
    """

    without: tuple[str, ...]
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    powertools: frozenset[str] = frozenset()


# Powertools imports its tracer with its logger.
_LOGS_AND_METRICS: Final = frozenset({"logging", "metrics", "tracing", "utilities/jmespath_utils"})

LAYERS: Final = {
    # A visitor waits for it: Lambda fetches and unpacks a layer before it starts the function.
    "submit": Layer(
        without=("boto3", "disposable-email-domains", "itsdangerous", "joserfc"),
        operations={"dynamodb": frozenset({"PutItem"})},
        powertools=_LOGS_AND_METRICS,
    ),
    "others": Layer(
        without=("joserfc", "multipart"),
        operations={
            "cognito-idp": frozenset({"AdminGetUser", "AdminListGroupsForUser", "DescribeUserPoolClient"})
            | {"ListUserPoolClients", "ListUsersInGroup"},
            "dynamodb": frozenset({"DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"}),
            "secretsmanager": frozenset({"GetSecretValue"}),
            "sesv2": frozenset({"DeleteSuppressedDestination", "GetAccount", "SendEmail"}),
            "sns": frozenset({"Publish"}),
        },
        powertools=_LOGS_AND_METRICS
        | {"event_handler", "middleware_factory", "utilities/batch", "utilities/data_classes"}
        | {"utilities/parameters", "utilities/parser", "utilities/typing"},
    ),
    # Only the desk has it, on top of "others".
    "desk": Layer(
        without=(
            *("aws-lambda-powertools", "boto3", "botocore", "disposable-email-domains", "itsdangerous", "jinja2"),
            *("multipart", "phonenumberslite", "pydantic", "tzdata"),
            "pycparser",  # reads C declarations for cffi; cryptography's are compiled
        ),
    ),
}


def install_layer(root: Path, name: str, artifacts: Path, architecture: str) -> None:
    """Install the layer `name` of `LAYERS` into `artifacts`, for one of `ARCHITECTURES`, without unused parts.

    Packages go into `artifacts`/python, where Lambda's Python looks for them. Raises SystemExit, with a message.
    """
    layer, packages = LAYERS[name], artifacts / "python"
    uv = str(root / "tools" / "bin" / "uv")
    requirements = artifacts / "requirements.txt"
    packages.mkdir(parents=True, exist_ok=True)
    _run(
        [
            *(uv, "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--output-file", str(requirements)),
            *(argument for package in layer.without for argument in ("--prune", package)),
        ],
        root,
    )
    _run(
        [
            *(uv, "pip", "install", "--quiet", "--target", str(packages), "--requirements", str(requirements)),
            *("--python-platform", ARCHITECTURES[architecture], "--python-version", "3.13"),
            # The list is complete. uv would look for the packages in `without`.
            *(
                "--only-binary",
                ":all:",
                "--require-hashes",
                "--no-deps",
                "--no-compile-bytecode",
                "--link-mode",
                "copy",
            ),
        ],
        root,
    )
    requirements.unlink()
    trim.packages(packages, operations=layer.operations, powertools=layer.powertools)
    empty_docstrings(packages)
    if name == "submit":
        trim.write_amazon_roots(packages / "botocore" / "cacert.pem", artifacts / "amazon-roots.pem")


def _run(command: list[str], root: Path) -> None:
    try:
        subprocess.run(command, cwd=root, check=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"{' '.join(command[1:4])} failed; its error is above. The layer needs PyPI: check the network and retry."
        ) from error
