"""docs/operations/doctor.md names every check, every color and exit code, and what the local AWS lacks."""

import ast
import re
from pathlib import Path

from tools.operate.doctor.finding import Color
from tools.operate.doctor.report import CODES, COULD_NOT_LOOK
from tools.operate.doctor.subjects import SUBJECTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations/doctor.md").read_text("utf-8")
EDIT = "edit docs/operations/doctor.md"


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the rows of the table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_table_has_every_check_in_the_order_of_the_page() -> None:
    checks = [[subject.title, check.title] for subject in SUBJECTS for check in subject.checks]
    assert [row[:2] for row in rows("What it checks")] == checks, EDIT


def test_the_colors_have_their_exit_codes() -> None:
    told = {row[0]: int(row[2]) for row in rows("Colors and exit codes")}
    assert told == {str(color): CODES[color] for color in Color}, EDIT
    assert f"It is {COULD_NOT_LOOK} if the doctor could not look at all" in PAGE, EDIT


def test_what_the_local_aws_lacks_is_what_the_test_of_the_local_stack_allows() -> None:
    source = (ROOT / "tests/integration/test_doctor.py").read_text("utf-8")
    allowed = next(
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LACKS"
    )
    assert [tuple(row[:2]) for row in rows("With the local AWS")] == list(allowed), EDIT


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors, EDIT
