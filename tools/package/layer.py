"""The layer: third-party packages pinned by uv.lock, without the parts that our functions never load."""

import ast
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# uv's names for Lambda's two processor types. Amazon Linux 2023 has glibc 2.34, which runs wheels for 2.28.
ARCHITECTURES = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}

# The operations we call. For each client, botocore loads everything it knows about the service and keeps it in memory.
OPERATIONS = {
    "dynamodb": {"DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"},
    "secretsmanager": {"GetSecretValue"},
    "sesv2": {"SendEmail"},
    "sns": {"Publish"},
}

# The entries to keep in these folders. The build deletes all others.
_KEPT = {
    # botocore describes four hundred services in 25 MB of JSON and searches this folder for each new client.
    "botocore/data": {
        *OPERATIONS,
        *("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"),
    },
    # The parts of Powertools that the functions use, and the modules that these import.
    "aws_lambda_powertools/utilities": {
        *("__init__.py", "batch", "data_classes", "parameters"),
        *("jmespath_utils", "parser", "typing"),
    },
    # The boto3 session, the two packages that the session and its clients import, and the DynamoDB types.
    "boto3": {
        *("__init__.py", "compat.py", "exceptions.py", "session.py", "utils.py"),
        *("docs", "dynamodb", "resources"),
    },
}

_ENDPOINT_PREFIXES = {"dynamodb", "email", "secretsmanager", "sns"}  # email is SES

# Root certificates of AWS endpoints (https://www.amazontrust.com/repository/). Loading all the others takes 200 M
# instructions of a cold start, and botocore connects to AWS only: docs/decisions/0017-amazons-roots.md.
_ROOTS = {
    *("Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"),
    "Starfield Services Root Certificate Authority - G2",
}

# Parts of packages that our code never imports. An import test of the built artifacts fails if that changes.
_UNUSED = (
    "*.dist-info/licenses",  # the license texts are in the wheels that uv.lock names
    "*.dist-info/sboms",
    "*.dist-info/RECORD",  # only needed to uninstall
    "**/*.pyi",
    "**/py.typed",
    ".lock",
    "bin",
    # The boto3 session imports the rest of s3transfer, although we never transfer a file.
    *("s3transfer/crt.py", "s3transfer/processpool.py", "s3transfer/subscribers.py"),
    "botocore/data/dynamodb/*/examples-1.json",
    "dateutil/zoneinfo",  # a second time zone database; we use tzdata
    "pydantic/mypy.py",
    "pydantic/v1",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",
)


def install_layer(root: Path, target: Path, architecture: str) -> None:
    """Install the packages of uv.lock into `target` for one of `ARCHITECTURES`, without unused parts."""
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
            f"uv {' '.join(command[1:3])} failed; see its message above. The layer needs packages from PyPI: check your"
            " network connection and try again."
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
    """Keep only our services' endpoints in every partition. Parsing the others takes a tenth of a cold start."""
    document = json.loads(file.read_text(encoding="utf-8"))
    for partition in document["partitions"]:
        partition["services"] = {
            name: endpoints for name, endpoints in partition["services"].items() if name in _ENDPOINT_PREFIXES
        }
    file.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def _cut_service(file: Path, operations: set[str]) -> None:
    """Keep `operations` and the shapes they need, without documentation."""
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
        # A shape may also have a member called "documentation", which is not a text.
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
    """Keep only `_ROOTS` in the trust store. A missing root stops the build."""
    roots = dict(re.findall(r'(?s)# Label: "([^"]+)".*?(-----BEGIN.*?-----END CERTIFICATE-----\n)', file.read_text()))
    if missing := _ROOTS - roots.keys():
        raise SystemExit(
            f"botocore's cacert.pem no longer has {', '.join(sorted(missing))}."
            " Update _ROOTS in tools/package/layer.py: see https://www.amazontrust.com/repository/."
        )
    file.write_text("".join(roots[label] for label in sorted(_ROOTS)))


def empty_typed_dictionaries(file: Path) -> None:
    """Empty each TypedDict in a module, and keep its name.

    pydantic-core has about eighty of them, for type checkers only. A running program never uses their annotations, but
    Python compiles all of them when it loads the module: 77 M instructions of a cold start.
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
