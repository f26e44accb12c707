"""Who may import whom: a Lambda's folder -> alerts or pages -> aws -> leads. Works on source text; tests feed it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import calls, is_name

# Which of them each may import beside itself. A Lambda's folder may import all of them.
_BELOW: dict[str, set[str]] = {"alerts": {"aws", "leads"}, "pages": {"aws", "leads"}, "aws": {"leads"}, "leads": set()}
_AWS_LIBRARIES = {
    *("boto3", "botocore", "aws_lambda_powertools", "urllib3"),
    *("mypy_boto3_dynamodb", "mypy_boto3_secretsmanager", "mypy_boto3_sesv2", "mypy_boto3_sns"),
}
_NOT_FOR_THE_DOMAIN = {"os", "sys", "socket", "subprocess", "urllib"}


@dataclass(frozen=True)
class _Import:
    name: str  # dotted: `from aws import items` is aws.items
    line: int
    for_types_only: bool

    @property
    def top(self) -> str:
        return self.name.split(".", maxsplit=1)[0]


def wrong_imports(module: Path, source: str, lambda_folders: set[str]) -> list[str]:
    """Return what is wrong in one module (its path is relative to functions/)."""
    tree = ast.parse(source)
    folder = module.parts[0]
    ours = lambda_folders | set(_BELOW)
    allowed = {folder, *_BELOW.get(folder, _BELOW)}
    found = []
    for each in _imports(tree):
        where = f"functions/{module}:{each.line}"
        if each.name.startswith("."):
            found.append(f"{where}: import by the full name, so that the direction can be seen")
        elif each.top in ours - allowed:
            found.append(f"{where}: {folder} must not import {each.top}; {sorted(allowed)} are below it")
        if each.top in lambda_folders and "handler" in each.name.split(".")[1:]:
            found.append(f"{where}: nothing imports a handler: importing one reads settings and makes clients")
        if each.top in _AWS_LIBRARIES and folder != "aws" and not (each.for_types_only and _is_handler(module)):
            found.append(f"{where}: only aws/ imports {each.top}; a handler may for types (TYPE_CHECKING)")
        if folder == "leads" and each.top in _NOT_FOR_THE_DOMAIN:
            found.append(f"{where}: leads/ is the domain: no {each.top} in it")
        if each.top == "importlib":
            found.append(f"{where}: the packager follows import statements; it cannot see what importlib loads")
    return found + _wrong_reads(module, tree)


def _wrong_reads(module: Path, tree: ast.Module) -> list[str]:
    found = []
    if not _is_handler(module) and module != Path("aws/runtime/settings.py"):
        found += [
            f"functions/{module}:{call.lineno}: only handler.py calls read_settings; pass the settings on"
            for call in calls(tree)
            if is_name(call.func, "read_settings")
        ]
    if module.parts[:2] != ("aws", "runtime"):
        found += [
            f"functions/{module}:{node.lineno}: the environment is read in aws/runtime only"
            for node in ast.walk(tree)
            if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
            or (isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & {"environ", "getenv"})
        ]
    return found


def _is_handler(module: Path) -> bool:
    return module.name == "handler.py"


def _imports(tree: ast.Module) -> Iterator[_Import]:
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and is_name(node.test, "TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        for_types_only = id(node) in typing_only
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _Import(alias.name, node.lineno, for_types_only)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            for alias in node.names:
                yield _Import(f"{origin}.{alias.name}", node.lineno, for_types_only)
