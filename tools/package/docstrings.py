"""Empties the docstrings of functions in packages: nobody reads them in a layer, and each cold start loads them."""

import ast
from pathlib import Path


def empty_docstrings(folder: Path) -> None:
    """Empty the docstrings of all functions in the modules below `folder`."""
    for file in folder.rglob("*.py"):
        file.write_bytes(without_docstrings(file.read_bytes()))


def without_docstrings(module: bytes) -> bytes:
    """Return a module (UTF-8) with an empty text for each docstring of a function. Line numbers stay as they are.

    Classes keep their docstrings, because a dataclass without one makes one when it is loaded.
    """
    lines = module.splitlines(keepends=True)
    for node in ast.walk(ast.parse(module)):
        match node:
            case (
                ast.FunctionDef(body=[ast.Expr(ast.Constant(str()) as text), *_])
                | ast.AsyncFunctionDef(body=[ast.Expr(ast.Constant(str()) as text), *_])
            ):
                first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
                rest = lines[last][text.end_col_offset :]
                lines[first : last + 1] = [lines[first][: text.col_offset] + b'""' + rest, *[b"\n"] * (last - first)]
    return b"".join(lines)
