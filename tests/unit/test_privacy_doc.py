"""docs/privacy.md: each place where data is has one row, each row is complete, and a test holds it."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import pytest

from shared.leads.clinic import Retention
from shared.leads.notice import Notice
from tests.architecture.templates import FUNCTIONS, ROOT, read_templates

EDIT: Final = "edit docs/privacy.md"
TEXT: Final = (ROOT / "docs/privacy.md").read_text("utf-8")
COLUMNS: Final = [
    "place",
    "what it holds about a visitor",
    "until when",
    "who can see it",
    "how it is erased",
    "test",
]
# Places without a name in the code.
ELSEWHERE: Final = {
    "metrics and alarms",
    "SES's reports, on their way to the function `delivery`",
    "SES's suppression list",
    "links in emails",
    "pages behind the links",
    "pages of the desk",
    "exports that somebody made",
    "the copy of the table during a restore",
    "files of requests (CSV) that somebody downloaded",
    "the visitor's own browser, with `form.js`",
    "Cloudflare, if you set up Turnstile",
    "the firewall, unless `Firewall` is `no`",
    "the receiver of the webhook, if you turn it on: `Webhook`",
}
# Names of parameters in the first column, which are no places.
PARAMETERS: Final = {"VisitorConfirmation"}
# What an item's key begins with, in the comments of the templates.
_ITEM: Final = re.compile(r"^ *# +(?:pk ([A-Z]+#?)\S* .*)?sk ([A-Z]+#?|<)", re.MULTILINE)


def table(heading: str) -> list[list[str]]:
    """Return the cells of each row of the table below a heading, with the names of its columns first."""
    section = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = (line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| ---"))
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def places() -> Iterator[str]:
    """Yield every place in the code that holds data."""
    data, templates = (ROOT / "infra/data.yaml").read_text("utf-8"), read_templates()
    listed = _ITEM.findall(data.partition("# Table.")[2].partition("\n  Table:")[0])
    assert len(listed) > 10
    for partition, sort_key in listed:
        yield partition or sort_key  # what else is in a lead's partition has no key of its own
    for path, template in templates.files.items():
        for name, resource in template["Resources"].items():
            match resource["Type"]:
                case "AWS::DynamoDB::Table":
                    yield f"{path}: {name}"
                    for index in resource["Properties"].get("GlobalSecondaryIndexes", ()):
                        yield index["IndexName"]
                case "AWS::Logs::LogGroup" | "AWS::SQS::Queue" | "AWS::Cognito::UserPool":
                    yield name
    yield from Notice
    for subject in FUNCTIONS.rglob("subject.txt"):
        yield subject.parent.name


def named(place: str) -> list[str]:
    """Return the names in the first cell of a row."""
    return [] if place in ELSEWHERE else [name for name in re.findall(r"`([^`]+)`", place) if name not in PARAMETERS]


ROWS: Final = table("Places")[1:]


def test_the_table_has_its_columns_and_every_cell_is_filled_in() -> None:
    assert table("Places")[0] == COLUMNS, f"{EDIT}: the columns of its table are {COLUMNS}"
    incomplete = [row[0] for row in ROWS if len(row) != len(COLUMNS) or not all(row)]
    assert not incomplete, f"{EDIT}: fill in all {len(COLUMNS)} cells of {incomplete}"


def test_each_place_has_one_row() -> None:
    """If this fails, the page does not say how long something is kept, or how it is erased."""
    told = Counter(name for row in ROWS for name in named(row[0]))
    known = set(places())
    assert set(told) == known, f"{EDIT}: add rows for {sorted(known - set(told))}, remove {sorted(set(told) - known)}"
    twice = sorted(name for name, count in told.items() if count > 1)
    assert not twice, f"{EDIT}: keep one row of {twice}"


def test_a_row_without_a_name_in_the_code_is_a_known_place() -> None:
    others = [row[0] for row in ROWS if not named(row[0])]
    assert sorted(others) == sorted(ELSEWHERE), f"{EDIT}, or ELSEWHERE in {Path(__file__).name}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_is_held_by_a_test_that_exists(row: list[str]) -> None:
    link = re.fullmatch(r"\[`(\w+)`\]\(\.\./(tests/[\w/.]+\.py)\)", row[-1])
    assert link, f"{EDIT}: the last cell of {row[0]} is [`test_name`](../tests/unit/file.py)"
    path = ROOT / link[2]
    assert path.is_file(), f"{EDIT}: there is no {link[2]}"
    functions = {node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}
    assert link[1] in functions, f"{EDIT}: {link[2]} has no {link[1]}"
    assert link[1].startswith("test_") or path.parent.name == "rules", f"{EDIT}: {link[1]} is no test"


def test_the_days_are_the_defaults_of_the_settings() -> None:
    rows = table("How long requests are kept")
    assert rows[0] == ["what came of the request", "setting", "days"]
    told = {setting.strip("`"): int(days) for _, setting, days in rows[1:]}
    settings = tomllib.loads((FUNCTIONS / "clinic.toml").read_text("utf-8"))
    assert told == asdict(Retention()) == settings["retention"]


def test_every_email_is_at_a_place_of_the_page() -> None:
    emails = {subject.parent.name for subject in FUNCTIONS.rglob("subject.txt")}
    assert set(Notice) <= emails
    assert {"digest", "summary", "confirmation"} <= emails
