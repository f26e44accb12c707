"""cfn-lint does not expand SAM, so it checks the templates twice: as written, and as CloudFormation gets them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.templates import MAIN, ROOT, read_templates

PATHS = [*read_templates().files, ".github/aws-role.yaml"]
# cfn-lint has each region's own types and properties. test_regions.py looks for the types in all regions that we offer.
REGIONS = ("us-east-1", "eu-central-1")


def cfn_lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--regions", *REGIONS, "--template", *paths],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_templates_are_clean_as_written_and_as_cloudformation_gets_them(expanded: Path) -> None:
    # Starting cfn-lint takes longer than linting, so one process lints them all.
    linted = cfn_lint(*(ROOT / path for path in PATHS), expanded)
    assert linted.returncode == 0, (
        f"fix what cfn-lint found ({expanded} is the expansion of {MAIN}):\n{linted.stdout}{linted.stderr}"
    )


def test_cfn_lint_finds_a_mistake_in_any_of_several_templates(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.yaml", tmp_path / "wrong.yaml"
    right.write_text("Resources: { Queue: { Type: AWS::SQS::Queue } }", encoding="utf-8")
    wrong.write_text("Resources: { Queue: { Type: AWS::SQS::Queue, Properties: { Color: red } } }", encoding="utf-8")
    linted = cfn_lint(right, wrong, right)
    assert linted.returncode != 0
    assert f"{wrong}:1" in linted.stdout
    assert "E3002" in linted.stdout


@pytest.mark.parametrize("path", PATHS)
def test_each_exception_has_its_reason(path: str) -> None:
    lines = ["", *(ROOT / path).read_text(encoding="utf-8").splitlines()]
    unexplained = [
        f"{path}:{number}: say why in a comment on this line or above it"
        for number, line in enumerate(lines)
        if re.search(r"ignore_checks|cfn-lint|checkov:skip|cfn_nag", line.split("# ")[0])
        and "# " not in line
        and not lines[number - 1].lstrip().startswith("#")
    ]
    assert not unexplained, "\n".join(unexplained)
