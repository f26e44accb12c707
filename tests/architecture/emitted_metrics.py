"""The metrics that a function emits, read from the source of every module that its handler reaches.

`metrics` belong to the function's own service. `alert_metrics` belong to the service "alerts", whatever function emits
them.
"""

import ast
from functools import cache
from pathlib import Path

from tests.architecture.source import calls, is_name, parse, reached
from tests.architecture.templates import FUNCTIONS

ALERTS = "alerts"


def services() -> frozenset[str]:
    """Return the services that emit metrics: the functions, and "alerts"."""
    return frozenset({ALERTS} | {handler.parent.name for handler in FUNCTIONS.glob("*/handler.py")})


@cache
def emitted_by(service: str) -> frozenset[str]:
    """Return the names of a service's metrics."""
    emitter = "alert_metrics" if service == ALERTS else "metrics"
    functions = services() - {ALERTS} if service == ALERTS else {service}
    return frozenset(
        name
        for module in sorted({module for function in functions for module in reached(function)})
        for call, names in metric_names(parse(module))
        if isinstance(call.func, ast.Attribute) and is_name(call.func.value, emitter)
        for name in names or ()
    )


def metric_names(tree: ast.Module) -> list[tuple[ast.Call, set[str] | None]]:
    """Return each `metrics.add_metric(...)` with the names it can emit, or None if the source does not show them."""
    enums = _string_enums(tree)
    found: list[tuple[ast.Call, set[str] | None]] = []
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef):
            annotations = {
                argument.arg: enums.get(ast.unparse(argument.annotation))
                for argument in (*scope.args.args, *scope.args.kwonlyargs)
                if argument.annotation
            }
            found += [
                (call, _names(call.args[0], annotations) if call.args else None)
                for call in calls(scope)
                if is_name(call.func, "add_metric")
            ]
    return found


def _names(argument: ast.expr, annotations: dict[str, set[str] | None]) -> set[str] | None:
    match argument:
        case ast.Constant(value=str(name)):
            return {name}
        case ast.IfExp(body=body, orelse=orelse):
            first, second = _names(body, annotations), _names(orelse, annotations)
            return None if first is None or second is None else first | second
        case ast.Name(id=variable):
            return annotations.get(variable)
    return None


def _string_enums(tree: ast.Module) -> dict[str, set[str]]:
    """Return the names in each StrEnum of a module and of our modules that it imports."""
    imported = {
        name: names
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and node.module
        and (FUNCTIONS / f"{node.module.replace('.', '/')}.py").is_file()
        for name, names in _own_enums(parse(Path(f"{node.module.replace('.', '/')}.py"))).items()
        if name in {alias.name for alias in node.names}
    }
    return imported | _own_enums(tree)


@cache
def _own_enums(tree: ast.Module) -> dict[str, set[str]]:
    return {
        node.name: {
            entry.value.value
            for entry in node.body
            if isinstance(entry, ast.Assign)
            and isinstance(entry.value, ast.Constant)
            and isinstance(entry.value.value, str)
        }
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(is_name(base, "StrEnum") for base in node.bases)
    }
