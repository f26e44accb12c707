"""The recipe "Add a question to the form" in CONTRIBUTING.md: edit three files, and it is everywhere, in a copy."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.architecture.templates import ROOT

TABLE: Final = Path("functions/shared/leads/fields.py")
WORDS: Final = Path("functions/shared/text/en/fields.py")
TRANSLATED: Final = Path("functions/shared/text/es/fields.py")
_GUIDE: Final = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPE: Final = _GUIDE.partition("### Add a question to the form\n")[2].partition("\n### ")[0]
# The parts of the repository that these checks need.
COPIED: Final = ("functions", "tools", "tests", "docs", "infra")
FILES: Final = ("pyproject.toml", "template.yaml", "CONTRIBUTING.md", "README.md", "samconfig.yaml", "Makefile")


class Added(NamedTuple):
    """A new field: its declaration, its group, its words, what a visitor sends and what staff read."""

    declaration: str
    group: str
    words: str
    sent: str
    stored: dict[str, Any]
    read: str
    at_the_desk: str


def code_blocks(text: str) -> list[str]:
    """Return the code blocks of a list's entries, without their indentation."""
    found = re.findall(r"^   ```\n(.*?)^   ```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for block in found]


def blocks_between(text: str) -> list[str]:
    """Return the code blocks that are not in a list."""
    return re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


EXAMPLES: Final = {
    "text": (code_blocks(RECIPE), "| `insurance` | Insurance<br>If you have one |"),
    "yes or no": (blocks_between(RECIPE), "| `been_here` | Have you been to our clinic before? |  | yes or no |"),
}


def declaration(rest: str) -> str:
    return textwrap.indent(f'Field(\n    name="extra",\n{textwrap.indent(rest, "    ")}\n),\n', "        ")


GROUP: Final = '    Group("who", ("asking_for", "patient_is_adult", "extra")),\n'
KINDS: Final = {
    "text": Added(
        declaration(
            'kind=Kind.TEXT,\nmax_length=50,\ncontrol="text",\nstored=Stored.ANSWER,\n'
            'shown=Shown(Section.NEEDS, "Extra for staff"),'
        ),
        GROUP,
        '    "extra": FieldWords("Extra for visitors", "A hint"),\n',
        "  made\tup ",
        {"S": "made up"},
        "Extra for staff:\n> made up",
        "Extra for staffmade up",  # a label and its value
    ),
    "yes or no": Added(
        declaration(
            'kind=Kind.YES_NO,\ncontrol="radio",\nstored=Stored.ANSWER,\nshown=Shown(Section.WHO, "Extra for staff"),'
        ),
        GROUP,
        '    "extra": FieldWords("Extra for visitors", "A hint"),\n',
        "no",
        {"BOOL": False},
        "Extra for staff:  No",
        "Extra for staffNo",
    ),
    "choice": Added(
        declaration(
            'kind=Kind.CHOICE,\nchoices=("first", "second"),\ncontrol="select",\nstored=Stored.ANSWER,\n'
            'shown=Shown(Section.TALKING_POINTS, "Extra for staff"),'
        ),
        GROUP,
        '    "extra": FieldWords(\n        "Extra for visitors",\n        "A hint",\n'
        '        choices={"first": "The 1st", "second": "The 2nd"},\n        nothing="Choose one",\n    ),\n',
        "second",
        {"S": "second"},
        "- Extra for staff: The 2nd",
        "Extra for staff: The 2nd",
    ),
}

PROGRAM: Final = """
import json
import sys
sys.path[:0] = ["functions", "."]
from dataclasses import asdict
from shared.leads.notice import Notice
from shared.store.intake import new_lead_item
from shared.store.lead_item import lead_of
from submit.form import groups
from submit.new_lead import new_lead
from submit.openapi import document
from submit.request import parse_request
from tests.unit.desk_pages import Office
from tests.unit.emails import render_email
from tests.unit.people import CLINIC, ENGLISH, IDS, MINIMAL, NOW
from tools.local import docs
lead = new_lead(parse_request(MINIMAL | {"extra": sys.argv[1]}, CLINIC, ENGLISH), NOW, CLINIC, IDS)
item = new_lead_item(lead)
desk = Office()
email = render_email(Notice.ALERT, lead_of(item), "full")
shown = groups(CLINIC, "consultation", "", ENGLISH)
schema = document(CLINIC)["components"]["schemas"]["ConsultationRequest"]
json.dump({
    "page": [asdict(each) for group in shown for each in group.controls if each.name == "extra"],
    "form": docs.form(),
    "api": schema["properties"].get("extra"),
    "stored": item.get("extra"),
    "text": email.text,
    "html": email.html,
    "docs": docs.fields(),
    "desk": desk.open(desk.add(lead_of(item))).text,
}, sys.stdout)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the project."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "images"))
    for file in FILES:
        shutil.copyfile(ROOT / file, tmp_path / file)
    return tmp_path


def add(tree: Path, declaration: str, group: str, words: str) -> None:
    """Edit the three files as the recipe says. The words stay in English."""
    table = (tree / TABLE).read_text("utf-8")
    heading = '    ),\n    "How to reach them": (\n'
    name = group[: group.index(", (")]  # `    Group("who"`
    (old,) = [line for line in table.splitlines(keepends=True) if line.startswith(name)]
    assert table.count(heading) == 1
    (tree / TABLE).write_text(table.replace(heading, declaration + heading).replace(old, group), "utf-8")
    start = "FIELDS: Final[dict[str, FieldWords]] = {\n"
    for path in (WORDS, TRANSLATED):
        said = (tree / path).read_text("utf-8")
        assert said.count(start) == 1
        (tree / path).write_text(said.replace(start, start + words), "utf-8")


def run(tree: Path, *command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_is_declared_is_everywhere(tree: Path, kind: str) -> None:
    added = KINDS[kind]
    add(tree, added.declaration, added.group, added.words)
    found = json.loads(run(tree, "-c", PROGRAM, added.sent))
    (control,) = found["page"]
    assert (control["label"], control["hint"], control["required"]) == ("Extra for visitors", "A hint", False)
    assert [sent for sent, _ in control["options"]] == {
        "text": [],
        "yes or no": ["yes", "no"],
        "choice": ["first", "second"],
    }[kind]
    assert 'data-field="extra"' in found["form"]
    assert (found["api"]["title"], found["api"]["description"]) == ("Extra for visitors", "A hint")
    assert found["stored"] == added.stored
    assert f"\n{added.read}\n" in found["text"]
    assert "Extra for staff" in found["html"]
    assert added.at_the_desk in found["desk"]
    assert "| `extra` | Extra for visitors<br>A hint |  | " in found["docs"]


def changed(tree: Path) -> list[str]:
    """Return the files of the copy that differ from the project's."""
    files = [path.relative_to(tree) for folder in COPIED for path in (tree / folder).rglob("*") if path.is_file()]
    return sorted(
        str(path)
        for path in files
        if path.suffix != ".pyc"
        and not ((ROOT / path).is_file() and (ROOT / path).read_bytes() == (tree / path).read_bytes())
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_recipe_for_a_new_field_touches_three_files_and_every_check_passes(tree: Path, example: str) -> None:
    (declared, group, words), row = EXAMPLES[example]
    add(tree, declared, group, words)
    assert changed(tree) == [str(TABLE), str(WORDS), str(TRANSLATED)]
    run(tree, "-m", "tools.local", "docs")
    assert changed(tree) == [
        "docs/fields.md",
        "docs/form.es.html",
        "docs/form.html",
        "docs/openapi.json",
        str(TABLE),
        str(WORDS),
        str(TRANSLATED),
    ]
    assert row in (tree / "docs/fields.md").read_text("utf-8")
    run(tree, "-m", "ruff", "check", str(TABLE), str(WORDS))
    run(tree, "-m", "ruff", "format", "--check", str(TABLE), str(WORDS))
    tests = ("fields", "docs", "items", "openapi")
    run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/unit/test_{name}.py" for name in tests))


def test_a_recipe_that_forgets_the_words_is_told_which_file(tree: Path) -> None:
    declared, group, _ = code_blocks(RECIPE)
    add(tree, declared, group, "")
    program = 'import sys; sys.path[:0] = ["functions"]; import submit.request'
    done = subprocess.run([sys.executable, "-c", program], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"insurance has no words: add them to {WORDS}" in done.stderr
