"""The layer: third-party packages exactly as uv.lock pins them, without the parts that no function of ours loads."""

import json
import shutil
import subprocess
from pathlib import Path

# uv's names for Lambda's two processors; Amazon Linux 2023 has glibc 2.34, so wheels for 2.28 run.
ARCHITECTURES = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}

# Folders of which only these entries are kept.
_KEPT = {
    # botocore describes four hundred services in 25 MB of JSON and looks through the folder at each client it makes.
    "botocore/data": {
        *("dynamodb", "secretsmanager", "sesv2", "sns"),
        *("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"),
    },
    # Logger and Metrics are what we use; they reach for these two.
    "aws_lambda_powertools/utilities": {"__init__.py", "jmespath_utils", "typing"},
}

_ENDPOINT_PREFIXES = {"dynamodb", "email", "secretsmanager", "sns"}  # email is SES

# Parts of packages that nothing here imports. An import test of the built artefacts notices when that changes.
_UNUSED = (
    "*.dist-info/licenses",  # the licence texts stay in the wheels that uv.lock names
    "*.dist-info/sboms",
    "**/*.pyi",
    "**/py.typed",
    ".lock",
    "bin",
    "boto3/data",  # resources (boto3.resource): we use clients
    "boto3/examples",
    "pydantic/mypy.py",
    "pydantic/v1",
    "aws_lambda_powertools/event_handler",
)


def install_layer(root: Path, target: Path, architecture: str) -> None:
    """Install what `uv.lock` pins into `target`, for one of `ARCHITECTURES`, and leave out what is not used."""
    uv = str(root / "bin" / "uv")
    requirements = target.parent / "requirements.txt"
    target.mkdir(parents=True, exist_ok=True)
    _run(
        [uv, "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--output-file", str(requirements)], root
    )
    _run(
        [
            *(uv, "pip", "install", "--quiet", "--target", str(target), "--requirements", str(requirements)),
            *("--python-platform", ARCHITECTURES[architecture], "--python-version", "3.13"),
            *("--only-binary", ":all:", "--require-hashes", "--no-compile-bytecode", "--link-mode", "copy"),
        ],
        root,
    )
    requirements.unlink()
    _trim(target)


def _run(command: list[str], root: Path) -> None:
    try:
        subprocess.run(command, cwd=root, check=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"{' '.join(command[1:4])} failed; its message is above. The layer needs PyPI: check the network and retry."
        ) from error


def _trim(target: Path) -> None:
    for folder, kept in _KEPT.items():
        for entry in (target / folder).iterdir():
            if entry.name not in kept:
                _remove(entry)
    _cut_endpoints(target / "botocore" / "data" / "endpoints.json")
    for pattern in _UNUSED:
        for entry in sorted(target.glob(pattern)):
            _remove(entry)


def _cut_endpoints(file: Path) -> None:
    """Keep our services' endpoints in every partition: parsing all the others is a tenth of a cold start."""
    document = json.loads(file.read_text(encoding="utf-8"))
    for partition in document["partitions"]:
        partition["services"] = {
            name: endpoints for name, endpoints in partition["services"].items() if name in _ENDPOINT_PREFIXES
        }
    file.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)
