"""GitHub's workflows: two linters find nothing, and what they run exists.

actionlint (https://github.com/rhysd/actionlint) checks syntax and expressions. zizmor (https://docs.zizmor.sh) looks
for weaknesses: actions that are not pinned by hash, more permissions than needed, text of strangers in a shell.
"""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.templates import ROOT
from tests.node_tools import needs_node, run_node

_FOLDER = ROOT / ".github"
WORKFLOWS = sorted((_FOLDER / "workflows").glob("*.yml"))

# It prints what a stranger wrote, with an action that may change, and may write everything.
_WEAK = """
on: pull_request_target
permissions: write-all
jobs:
  weak:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: echo ${{ github.event.pull_request.title }} ${{ unknown.thing }}
"""


def weaknesses(*paths: Path) -> list[str]:
    """Return what zizmor finds, as "audit: path"."""
    command = ["zizmor", "--offline", "--no-progress", "--persona", "pedantic", "--format", "json"]
    done = subprocess.run(
        [*command, "--config", _FOLDER / "zizmor.yml", *paths], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return [f"{each['ident']}: {each['locations'][0]['symbolic']['key']}" for each in json.loads(done.stdout)]


def mistakes(*paths: Path) -> list[str]:
    """Return what actionlint finds, as "path:line: message"."""
    found: list[str] = run_node("lint_workflows.mjs", {path.name: path.read_text("utf-8") for path in paths})
    return found


def test_no_workflow_has_a_weakness() -> None:
    assert weaknesses(*WORKFLOWS) == []


@needs_node
def test_no_workflow_has_a_mistake() -> None:
    assert mistakes(*WORKFLOWS) == []


def test_a_weakness_is_noticed(tmp_path: Path) -> None:
    weak = tmp_path / ".github" / "workflows" / "weak.yml"
    weak.parent.mkdir(parents=True)
    weak.write_text(_WEAK, "utf-8")
    found = {each.partition(":")[0] for each in weaknesses(weak)}
    assert {"template-injection", "excessive-permissions", "dangerous-triggers", "unpinned-uses"} <= found


@needs_node
def test_a_mistake_is_noticed(tmp_path: Path) -> None:
    weak = tmp_path / "weak.yml"
    weak.write_text(_WEAK, "utf-8")
    assert any("untrusted" in each for each in mistakes(weak))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_command_of_make_in_a_workflow_is_one(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = re.findall(r"^ *(?:run: )?make ([a-z-]+)", path.read_text("utf-8"), re.MULTILINE)
    assert [each for each in commands if f"\n{each}:" not in makefile] == []


def test_no_workflow_has_a_stored_key() -> None:
    """AWS trusts GitHub's token instead. The one secret has the addresses of staff, which GitHub must not print."""
    text = "\n".join(path.read_text("utf-8") for path in WORKFLOWS)
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"SAMCONFIG"}
    assert not re.search(r"aws_?(access|secret)", text, re.IGNORECASE)
