"""docs/architecture.md: each function in the walk exists, and the walk stays short."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WALK = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## The walk")[2].partition("\n## ")[0]
STORE = "functions/shared/store/"
MOST_HOPS = 15
NAMED = re.compile(r"`([\w/]+\.py)` \(`([\w.]+)`\)")
EDIT = "edit the table of the walk in docs/architecture.md, and its diagram"


def steps() -> list[tuple[str, str]]:
    """Return the file and function of each step, in order."""
    rows = [line.split(" | ") for line in WALK.splitlines() if re.match(r"\| \d+ \|", line)]
    hops = [NAMED.fullmatch(row[1]) for row in rows]
    assert all(hops), f"a hop is `path` (`function`): {EDIT}"
    return [(hop[1], hop[2]) for hop in hops if hop]


def functions_in(path: str) -> set[str]:
    """Return the functions and methods that a file defines, methods as `Class.method`."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


@pytest.mark.parametrize(("path", "function"), sorted(set(NAMED.findall(WALK))))
def test_each_function_of_the_walk_is_there(path: str, function: str) -> None:
    assert (ROOT / path).is_file(), f"{path} has moved: {EDIT}"
    assert function in functions_in(path), f"{path} has no {function}: {EDIT}"


def test_the_walk_is_short_and_the_page_counts_it() -> None:
    hops, count = set(steps()), len(steps())
    assert len(hops) <= MOST_HOPS, f"{len(hops)} hops, {MOST_HOPS} at most: shorten the path in the code, then {EDIT}"
    assert f"There are {len(hops)} hops" in WALK, f"there are {len(hops)} hops: {EDIT}"
    assert f"has {count} steps" in " ".join(WALK.split()), f"there are {count} steps: {EDIT}"


def test_the_walk_visits_nothing_twice_but_the_store() -> None:
    twice = [
        f"{path} ({name})" for (path, name), n in Counter(NAMED.findall(WALK)).items() if n > 1 and STORE not in path
    ]
    assert twice == [], f"named twice: {twice}. Straighten the path in the code, or {EDIT}"


def test_the_diagram_has_each_hop() -> None:
    diagram = WALK.partition("```mermaid")[2]
    labels = set(re.findall(r"\b\w+\[([\w. ]+)\]", diagram))
    wanted = {f"{Path(path).parts[1]} {name}" if name == "handler" else name for path, name in steps()}
    assert labels == wanted, f"the diagram and the table differ in {sorted(labels ^ wanted)}: {EDIT}"


def test_the_layout_has_each_folder_of_a_lambda_and_of_shared() -> None:
    layout = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Layout")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^ +(\w+)/(?: |$)", layout, re.MULTILINE))
    functions = ROOT / "functions"
    folders = {path.parent.name for path in functions.glob("*/__init__.py")} | {
        path.parent.name for path in functions.glob("shared/*/__init__.py")
    }
    assert listed >= folders, f"docs/architecture.md: list {sorted(folders - listed)} under Layout"
