"""docs/failures.md: one row for each drill, one drill for each row, and its links and names exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "failures.md"
EDIT = "edit docs/failures.md"
COLUMNS = ["what happens", "the visitor sees", "staff see", "lost", "recovers by", "drill"]


def rows() -> list[list[str]]:
    """Return the cells of each line of the table."""
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def drills() -> set[tuple[str, str]]:
    """Return each drill's name and the file that it is in, as the document names it."""
    return {
        (node.name, f"../{path.relative_to(ROOT)}")
        for path in (ROOT / "tests" / "drills").glob("test_*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_each_row_names_its_drill_and_each_drill_has_a_row() -> None:
    head, _, *body = rows()
    assert head == COLUMNS, f"{EDIT}: the columns of its table are {COLUMNS}"
    named = [re.fullmatch(r"\[`(\w+)`\]\(([\w./]+)\)", row[-1]) for row in body]
    assert all(named), f"{EDIT}: the last cell of each row is [`test_name`](../tests/drills/file.py)"
    pairs = [(match[1], match[2]) for match in named if match]
    assert len(set(pairs)) == len(pairs), f"{EDIT}: two rows name the same drill"
    assert set(pairs) == drills(), (
        f"{EDIT}: add rows for {sorted(drills() - set(pairs))}, correct or remove {sorted(set(pairs) - drills())}"
    )


def test_each_row_says_everything() -> None:
    incomplete = [row[0] for row in rows() if len(row) != len(COLUMNS) or not all(row)]
    assert not incomplete, f"{EDIT}: fill in all {len(COLUMNS)} cells of {incomplete}"


def test_the_code_that_the_document_names_exists() -> None:
    decides = DOCUMENT.read_text("utf-8").partition("## Where that is decided")[2]
    links = re.findall(r"\]\(\.\./([\w./]+)\)\s*\(([^)]+)\)", decides)
    assert len(links) == decides.count("](../"), f"{EDIT}: after each link, name what decides, as in (`name`)"
    for path, named in links:
        source = (ROOT / path).read_text("utf-8")
        for name in re.findall(r"`([^`]+)`", named):
            assert re.search(rf"\b{re.escape(name)}\b", source), f"{EDIT}: {path} has no {name}"


def test_each_alarm_that_is_named_is_there() -> None:
    monitoring = (ROOT / "infra" / "monitoring.yaml").read_text("utf-8")
    named = set(re.findall(r"`(\w+Alarm)`", DOCUMENT.read_text("utf-8")))
    assert named, f"{EDIT}: it names no alarm"
    unknown = sorted(name for name in named if not re.search(rf"^  {name}:$", monitoring, re.MULTILINE))
    assert not unknown, f"{EDIT}: infra/monitoring.yaml has no {', '.join(unknown)}"


def test_operations_leads_here() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert "(failures.md)" in operations, "link to failures.md in docs/operations.md"
