"""Our parsed Python source, for the checks of imports, logs, metrics and handlers. Nothing is imported."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.templates import FUNCTIONS
from tools.package.function import reached_modules


@cache
def parse(module: Path) -> ast.Module:
    """Return the syntax tree of a source file below functions/."""
    return ast.parse((FUNCTIONS / module).read_text(encoding="utf-8"))


@cache
def reached(function: str) -> frozenset[Path]:
    """Return the source files that ship with a function, relative to functions/. Parsed once, because it takes long."""
    return frozenset(reached_modules(FUNCTIONS, function))


def modules() -> list[Path]:
    """Return every source file, relative to functions/."""
    return sorted(path.relative_to(FUNCTIONS) for path in FUNCTIONS.rglob("*.py"))


def lambda_folders() -> set[str]:
    """Return the folders of functions/ that have a handler."""
    return {path.parent.name for path in FUNCTIONS.glob("*/handler.py")}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield every call."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def is_name(node: ast.expr, *names: str) -> bool:
    """Whether an expression is one of `names`, plain or as an attribute (`f`, `module.f`)."""
    return (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr in names)
