"""The import rules: a Lambda's folder -> messages, records, web -> store, services, runtime -> leads.

They work on source text, so tests can feed them mistakes.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import calls, is_name

# The folders of functions/shared/, and the others that each may import. A Lambda's folder may import them all.
_MACHINERY = {"store", "services", "runtime"}
SHARED: dict[str, set[str]] = {
    "leads": {"text"},
    "text": set(),
    **{room: {*_MACHINERY, "leads", "text"} for room in _MACHINERY},
    "messages": {*_MACHINERY, "leads", "text"},
    "records": {*_MACHINERY, "leads", "text"},
    "web": {*_MACHINERY, "leads", "text"},
}
_SDK = {
    *("boto3", "botocore", "mypy_boto3_dynamodb", "mypy_boto3_secretsmanager", "mypy_boto3_sesv2", "mypy_boto3_sns"),
}
_LIBRARIES_FOR_AWS = {*_SDK, "aws_lambda_powertools", "urllib3"}
# Parts of Powertools that slow down a cold start. Only functions that no visitor waits for may import them.
_HEAVY = ("aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities")
_NOT_FOR_THE_DOMAIN = {"os", "sys", "socket", "subprocess", "urllib"}
# It lists its own folders, the languages, and loads one when somebody needs it. The packager ships all of them.
_LOADS_LANGUAGES = Path("shared/text/__init__.py")


@dataclass(frozen=True)
class _Import:
    name: str  # dotted: `from shared.store import items` is shared.store.items
    line: int
    for_types_only: bool

    @property
    def top(self) -> str:
        return self.name.split(".", maxsplit=1)[0]


def room(module: Path) -> str:
    """Return the folder of a module: a Lambda's folder, or one of those in shared/."""
    return module.parts[1] if module.parts[0] == "shared" and len(module.parts) > 2 else module.parts[0]


def wrong_imports(module: Path, source: str, lambda_folders: set[str]) -> list[str]:
    """Return the problems of one module. Its path is relative to functions/."""
    tree = ast.parse(source)
    own = room(module)
    allowed = {own, *SHARED.get(own, SHARED)}
    found = []
    for each in _imports(tree):
        where = f"functions/{module}:{each.line}"
        if each.name.startswith("."):
            found.append(f"{where}: import by the full name, so this rule can check it")
            continue
        target = room(Path(*each.name.split("."), "x")) if each.top == "shared" else each.top
        if (target in lambda_folders or each.top == "shared") and target not in allowed:
            found.append(f"{where}: {own} must not import {target}; it may import {sorted(allowed)}")
        if each.top in lambda_folders and "handler" in each.name.split(".")[1:]:
            found.append(f"{where}: do not import a handler: that reads settings and makes clients")
        if module != _LOADS_LANGUAGES or each.top not in {"os", "sys"}:
            found += [f"{where}: {reason}" for reason in _wrong_library(each, own)]
        if each.top == "importlib":
            found.append(f"{where}: the packager follows import statements; it cannot see what importlib loads")
    return found + _wrong_reads(module, tree)


def _wrong_library(each: _Import, own: str) -> Iterator[str]:
    if each.for_types_only and own not in {"leads", "text"}:
        return
    if own in {"leads", "text"} and each.top in _LIBRARIES_FOR_AWS | _NOT_FOR_THE_DOMAIN:
        yield f"{own}/ is the domain: do not import {each.top} there"
    elif own == "messages" and each.top in _LIBRARIES_FOR_AWS:
        yield f"messages/ calls AWS through services/ and store/: do not import {each.top} there"
    elif own == "submit" and each.name.startswith(("shared.services.clients", *_HEAVY)):
        yield f"submit must start without {each.name}: see docs/decisions/0019-which-library-does-what.md"
    elif own not in {"submit", "services"} and each.name.startswith("shared.services.intake_client"):
        yield "only submit may import intake_client; others use shared/services/clients.py"
    elif each.top in _SDK and own not in _MACHINERY:
        yield f"only store/, services/ and runtime/ import {each.top}; others may do so for types (TYPE_CHECKING)"


def _wrong_reads(module: Path, tree: ast.Module) -> list[str]:
    found = []
    if not _is_handler(module) and module != Path("shared/runtime/settings.py"):
        found += [
            f"functions/{module}:{call.lineno}: only handler.py calls read_settings; pass the settings on"
            for call in calls(tree)
            if is_name(call.func, "read_settings")
        ]
    if module.parts[:2] != ("shared", "runtime"):
        found += [
            f"functions/{module}:{node.lineno}: the environment is read in shared/runtime only"
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
