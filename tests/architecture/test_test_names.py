"""Names of tests are short enough to read in a report."""

import ast

from tests.architecture.templates import ROOT

LONGEST = 80


def test_no_test_has_a_name_longer_than_80_characters() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {len(node.name)}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        if node.name.lower().startswith("test") and len(node.name) > LONGEST
    ]
    assert not too_long, f"Shorten these names to {LONGEST} characters:\n" + "\n".join(too_long)
