"""Unit tests do not measure time: on a busy machine, they would fail although nothing is wrong."""

import ast
from collections.abc import Iterator

from tests.architecture.templates import ROOT

CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "time_ns"}


def readings(tree: ast.AST) -> Iterator[int]:
    """Yield the line of each call of a clock."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="time"), attr=name)) if name in CLOCKS | {"time"}:
                yield node.lineno
            case ast.Call(func=ast.Name(id=name)) if name in CLOCKS:
                yield node.lineno


def test_no_unit_test_reads_a_clock() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("unit", "architecture")
        for path in sorted((ROOT / "tests" / folder).glob("*.py"))
        for line in readings(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, (
        f"These lines read a clock: {', '.join(found)}."
        " Count operations instead, pass a clock in, or move the test to tests/load or tools/bench."
    )


def test_a_stopwatch_is_noticed() -> None:
    assert list(readings(ast.parse("began = time.perf_counter()\nbegan = monotonic()\nnow = clock.time"))) == [1, 2]
