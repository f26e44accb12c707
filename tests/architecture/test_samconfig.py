"""samconfig.yaml has what every stack needs, and the answers in samconfig.toml reach the SAM CLI as they were given."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.templates import ROOT, Tree, read_templates
from tools.deploy.answers import Answers, overrides

SHARED: Tree = yaml.safe_load((ROOT / "samconfig.yaml").read_text(encoding="utf-8"))
# What makes trouble in a shell, in TOML, and in the SAM CLI, which cuts some values at a space.
TROUBLE = [" ", '"', "'", "\\", ",", "=", "#", "$", "[", "{", "\t", "\u00e9", "a", "b1"]


def read_by_sam(file: Path, environment: str = "default") -> dict[str, Any]:
    script = Path(__file__).with_name("sam_parameters.py")
    done = subprocess.run(
        [ROOT / "tools/bin/sam-python", script, file, environment], check=True, capture_output=True, text=True, cwd=ROOT
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_the_shared_settings_name_no_clinic() -> None:
    assert set(SHARED) == {"version", "default"}
    assert "parameter_overrides" not in SHARED["default"]["deploy"]["parameters"]


def test_the_shared_settings_allow_what_the_templates_create() -> None:
    # Without these, AWS refuses a stack with roles, or a template of SAM with nested stacks.
    capabilities = SHARED["default"]["deploy"]["parameters"]["capabilities"].split()
    assert "CAPABILITY_AUTO_EXPAND" in capabilities
    assert list(read_templates().of_type("AWS::IAM::Role"))
    assert "CAPABILITY_NAMED_IAM" in capabilities


@pytest.mark.parametrize(("file", "is_ignored"), [("samconfig.toml", True), ("samconfig.yaml", False)])
def test_only_the_answers_are_left_out_of_git(file: str, *, is_ignored: bool) -> None:
    done = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", file], cwd=ROOT, check=False)
    assert (done.returncode == 0) == is_ignored


def test_each_answer_reaches_the_sam_cli_as_it_is(tmp_path: Path) -> None:
    chosen = random.Random(20)  # noqa: S311 - no secret
    values = {
        f"P{number}": "".join(chosen.choices(TROUBLE, k=chosen.randrange(8))).replace("\t", "") for number in range(400)
    }
    answers = Answers(tmp_path / "samconfig.toml")
    answers.save("default", stack="clinic-leads", region="eu-central-1", values=values)
    read = read_by_sam(answers.path)
    assert read["parameter_overrides"] == values
    assert dict(answers.of("clinic-leads").values) == values
    assert (read["stack_name"], read["region"]) == ("clinic-leads", "eu-central-1")
    assert read["capabilities"] == SHARED["default"]["deploy"]["parameters"]["capabilities"]


def test_the_older_forms_of_a_file_are_read_as_the_sam_cli_reads_them(tmp_path: Path) -> None:
    written = [
        r'ClinicPhone="(202) 555-0143" OwnerEmail="" OpsEmail=ops@example.com Quote="say \"no\"" Space=a\ b',
        ["ClinicPhone='(202) 555-0143'", "AlertRecipients=a@example.com,b@example.com", ['Empty=""']],
        {"ClinicPhone": "(202) 555-0143", "AlertRecipients": ["a@example.com", " b@example.com"], "Rate": 10},
    ]
    for number, each in enumerate(written):
        file = tmp_path / str(number) / "samconfig.toml"
        file.parent.mkdir()
        table = each if not isinstance(each, dict) else dict(each)
        settings = {"default": {"deploy": {"parameters": {"parameter_overrides": table}}}, "version": 0.1}
        file.with_suffix(".json").write_text(json.dumps(settings))
        file.with_suffix(".yaml").write_text(yaml.safe_dump(settings))
        assert read_by_sam(file.with_suffix(".yaml"))["parameter_overrides"] == dict(overrides(each)), each


OLD = """\
# The clinic's own remarks
version = 0.1

[default.deploy.parameters]
stack_name = "clinic-leads"
s3_prefix = "clinic-leads"
region = "us-east-1"
confirm_changeset = false # we do not want to be asked
parameter_overrides = "ClinicPhone=\\"(202) 555-0143\\" OwnerEmail=\\"\\""
image_repositories = []
[default.global.parameters]
region = "us-east-1"

[staging.deploy.parameters]
stack_name = "clinic-leads-staging"
profile = "staging"
"""


def test_a_file_of_guided_mode_keeps_its_settings_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "samconfig.toml"
    file.write_text(OLD)
    answers = Answers(file)
    saved = answers.of(None)
    assert (saved.stack, saved.region) == ("clinic-leads", "us-east-1")
    assert saved.values == {"ClinicPhone": "(202) 555-0143", "OwnerEmail": ""}
    answers.save(saved.environment, stack="clinic-leads", region="us-west-2", values={"ClinicPhone": "(202) 555-0199"})
    read = read_by_sam(file)
    assert read["parameter_overrides"] == {"ClinicPhone": "(202) 555-0199"}
    assert (read["confirm_changeset"], read["s3_prefix"], read["image_repositories"]) == (False, "clinic-leads", [])
    assert (read["stack_name"], read["region"]) == ("clinic-leads", "us-west-2")
    assert "# The clinic's own remarks" in file.read_text()
    assert "# we do not want to be asked" in file.read_text()
    staging = answers.of("clinic-leads-staging")
    assert (staging.environment, staging.profile) == ("staging", "staging")


def test_a_second_stack_gets_an_environment_of_its_own(tmp_path: Path) -> None:
    answers = Answers(tmp_path / "samconfig.toml")
    for stack in ("clinic-leads", "staging", "version", "default"):
        saved = answers.of(stack)
        assert saved.values == {}
        answers.save(saved.environment, stack=stack, region="us-east-1", values={"AllowedOrigins": f"https://{stack}"})
    for stack in ("clinic-leads", "staging", "version", "default"):
        saved = answers.of(stack)
        assert (saved.stack, saved.values) == (stack, {"AllowedOrigins": f"https://{stack}"})
        assert read_by_sam(answers.path, saved.environment)["stack_name"] == stack
    assert answers.of(None).stack == "clinic-leads"
    assert answers.of("staging").environment == "staging"
