"""The layer: third-party packages exactly as uv.lock pins them, without the parts that no function of ours loads."""

import ast
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# uv's names for Lambda's two processors; Amazon Linux 2023 has glibc 2.34, so wheels for 2.28 run.
ARCHITECTURES = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}

# What we ask each service for. botocore reads and keeps all that it knows of a service at each client it makes.
OPERATIONS = {
    "dynamodb": {"DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"},
    "secretsmanager": {"GetSecretValue"},
    "sesv2": {"SendEmail"},
    "sns": {"Publish"},
}

# Folders of which only these entries are kept.
_KEPT = {
    # botocore describes four hundred services in 25 MB of JSON and looks through the folder at each client it makes.
    "botocore/data": {
        *OPERATIONS,
        *("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"),
    },
    # Parts of Powertools that the functions use, and what these import.
    "aws_lambda_powertools/utilities": {
        *("__init__.py", "batch", "data_classes", "parameters"),
        *("jmespath_utils", "parser", "typing"),
    },
    # Of boto3: its session, with the two subjects that the session and its clients import, and DynamoDB's types.
    "boto3": {
        *("__init__.py", "compat.py", "exceptions.py", "session.py", "utils.py"),
        *("docs", "dynamodb", "resources"),
    },
}

_ENDPOINT_PREFIXES = {"dynamodb", "email", "secretsmanager", "sns"}  # email is SES

# The roots that AWS's own endpoints lead to (https://www.amazontrust.com/repository/). To load all the others
# takes 200 M instructions of a cold start, and botocore asks nobody else: docs/decisions/0017-amazons-roots.md.
_ROOTS = {
    *("Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"),
    "Starfield Services Root Certificate Authority - G2",
}

# Parts of packages that nothing here imports. An import test of the built artefacts notices when that changes.
_UNUSED = (
    "*.dist-info/licenses",  # the licence texts stay in the wheels that uv.lock names
    "*.dist-info/sboms",
    "*.dist-info/RECORD",  # for uninstalling
    "**/*.pyi",
    "**/py.typed",
    ".lock",
    "bin",
    # boto3 imports the rest of S3's transfers with its session, although nobody here transfers a file.
    *("s3transfer/crt.py", "s3transfer/processpool.py", "s3transfer/subscribers.py"),
    "botocore/data/dynamodb/*/examples-1.json",
    "dateutil/zoneinfo",  # time zones once more; ours are tzdata's
    "pydantic/mypy.py",
    "pydantic/v1",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",
)


def install_layer(root: Path, target: Path, architecture: str) -> None:
    """Install what `uv.lock` pins into `target`, for one of `ARCHITECTURES`, and leave out what is not used."""
    uv = str(root / "tools" / "bin" / "uv")
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
    for service, operations in OPERATIONS.items():
        for file in (target / "botocore" / "data" / service).glob("*/service-2.json.gz"):
            _cut_service(file, operations)
    cut_roots(target / "botocore" / "cacert.pem")
    empty_typed_dictionaries(target / "pydantic_core" / "core_schema.py")
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


def _cut_service(file: Path, operations: set[str]) -> None:
    """Keep `operations`, what their shapes need, and no documentation."""
    document = _without_documentation(json.loads(gzip.decompress(file.read_bytes())))
    document["operations"] = {name: each for name, each in document["operations"].items() if name in operations}
    kept: set[str] = set()
    found = set(_shapes_in(document["operations"]))
    while found:
        kept |= found
        found = {shape for name in found for shape in _shapes_in(document["shapes"][name])} - kept
    document["shapes"] = {name: shape for name, shape in document["shapes"].items() if name in kept}
    file.write_bytes(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0))


def _without_documentation(node: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        # A shape's member may be called "documentation" as well; that one is no text.
        return {
            name: _without_documentation(value)
            for name, value in node.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_without_documentation(each) for each in node] if isinstance(node, list) else node


def _shapes_in(node: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _shapes_in(value)
    elif isinstance(node, list):
        for each in node:
            yield from _shapes_in(each)


def cut_roots(file: Path) -> None:
    """Keep the trust store's `_ROOTS`. One that is missing stops the build."""
    roots = dict(re.findall(r'(?s)# Label: "([^"]+)".*?(-----BEGIN.*?-----END CERTIFICATE-----\n)', file.read_text()))
    if missing := _ROOTS - roots.keys():
        raise SystemExit(f"botocore's cacert.pem has no {', '.join(sorted(missing))} any more.")
    file.write_text("".join(roots[label] for label in sorted(_ROOTS)))


def empty_typed_dictionaries(file: Path) -> None:
    """Leave of each TypedDict in a module its name.

    pydantic-core describes its plain dictionaries to type checkers in about eighty of them. Nobody asks them anything
    when a program runs, and Python compiles each annotation of each when the module is loaded: 77 M instructions of
    a cold start.
    """
    module = ast.parse(file.read_text(encoding="utf-8"))
    for node in module.body:
        if isinstance(node, ast.ClassDef) and "TypedDict" in map(ast.unparse, node.bases):
            node.body = [ast.Pass()]
    file.write_text(ast.unparse(module), encoding="utf-8")


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)
