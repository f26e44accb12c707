"""cfn-lint does not expand SAM, so it checks the templates twice: as written, and as CloudFormation gets them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.templates import MAIN, ROOT, read_templates

PATHS = list(read_templates().files)


def cfn_lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--template", *paths],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("path", PATHS)
def test_the_template_is_clean_as_written(path: str) -> None:
    linted = cfn_lint(ROOT / path)
    assert linted.returncode == 0, f"fix what cfn-lint found:\n{linted.stdout}{linted.stderr}"


def test_the_template_is_clean_as_cloudformation_gets_it(expanded: Path) -> None:
    linted = cfn_lint(expanded)
    assert linted.returncode == 0, f"fix {MAIN}; cfn-lint found this in its expansion:\n{linted.stdout}{linted.stderr}"


def test_cfn_lint_finds_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "template.yaml"
    wrong.write_text("Resources: { Queue: { Type: AWS::SQS::Queue, Properties: { Color: red } } }", encoding="utf-8")
    assert "E3002" in cfn_lint(wrong).stdout


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
