"""tools.deploy.run: a stack that nothing can be deployed to, and a change that loses data."""

import os
import subprocess
from typing import Any

import pytest

from tests.unit.deploying import Person
from tools.deploy.changes import Change
from tools.deploy.errors import DeployError, StoppedError
from tools.deploy.run import Options, agree, make_ready
from tools.deploy.template import ROOT

YES, ASKS = Options(yes=True), Options()
LOSS = Change(name="Data/Table", kind="AWS::DynamoDB::Table", action="Modify", replaces="True")
HARMLESS = Change(name="Queue", kind="AWS::SQS::Queue", action="Add")


class FakeStack:
    """A stack with a status."""

    def __init__(self, status: str | None) -> None:
        self._status = status
        self.deleted = False

    def status(self) -> str | None:
        return self._status

    def outputs(self) -> dict[str, str]:
        return {}

    def delete(self, _say: object) -> None:
        self.deleted = True


class FakeTarget:
    """Where to deploy. Nothing is left there."""

    stack = "clinic-leads"

    @property
    def account(self) -> "FakeTarget":
        return self

    def left_behind(self, _stack: str, _outputs: object) -> list[str]:
        return ["table clinic-leads-Data-1"]


def ready(status: str | None, options: Options, *lines: str) -> tuple[bool, str]:
    stack, person = FakeStack(status), Person(lines)
    anything: Any = stack
    make_ready(anything, FakeTarget(), options, person.terminal)  # type: ignore[arg-type] # it has what is asked for
    return stack.deleted, person.text


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_a_stack_that_was_never_used_is_deleted_without_questions(status: str) -> None:
    deleted, text = ready(status, YES)
    assert deleted
    assert f"The stack clinic-leads is in the status {status}. Its first deployment failed" in text


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "DELETE_FAILED"])
def test_a_person_agrees_before_a_stack_is_deleted(status: str) -> None:
    assert ready(status, ASKS, "y")[0]
    with pytest.raises(StoppedError, match="Nothing was changed"):
        ready(status, ASKS, "")


def test_a_deletion_that_failed_is_left_to_a_person() -> None:
    with pytest.raises(DeployError, match="without YES=1"):
        ready("DELETE_FAILED", YES)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("UPDATE_ROLLBACK_FAILED", "Continue update rollback"),
        ("UPDATE_IN_PROGRESS", "another deployment is running"),
        ("CREATE_IN_PROGRESS", "another deployment is running"),
        ("DELETE_IN_PROGRESS", "another deployment is running"),
    ],
)
@pytest.mark.parametrize("options", [YES, ASKS])
def test_a_busy_or_broken_stack_is_left_alone(status: str, told: str, options: Options) -> None:
    with pytest.raises(DeployError, match=told):
        ready(status, options)


@pytest.mark.parametrize("status", [None, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE"])
def test_another_stack_can_be_deployed_to_at_once(status: str | None) -> None:
    deleted, text = ready(status, ASKS)
    assert not deleted
    assert "Kept from an earlier stack of this name" in text
    assert "table clinic-leads-Data-1" in text


@pytest.mark.parametrize("typed", ["", "y", "yes", "REPLACE", "replace it"])
def test_a_loss_of_data_needs_a_word(typed: str) -> None:
    with pytest.raises(StoppedError):
        agree([HARMLESS, LOSS], ASKS, Person([typed]).terminal)


def test_a_loss_of_data_is_possible_with_the_word() -> None:
    agree([LOSS], ASKS, Person(["replace"]).terminal)


def test_a_pipeline_never_agrees_to_a_loss_of_data() -> None:
    with pytest.raises(DeployError, match="YES=1 does not agree"):
        agree([LOSS], YES, Person([]).terminal)


def test_a_harmless_change_needs_a_yes_from_a_person_only() -> None:
    agree([HARMLESS], YES, Person([]).terminal)
    agree([HARMLESS], ASKS, Person(["what", "Y"]).terminal)
    for typed in ("", "n"):
        with pytest.raises(StoppedError, match="Nothing was deployed"):
            agree([HARMLESS], ASKS, Person([typed]).terminal)


def test_a_command_is_printed_in_one_piece() -> None:
    person = Person([])
    command = "make staff-add EMAIL=nurse@example.com ROLE=staff STACK=clinic-leads " + "x" * 100
    person.terminal.note(f"{'Words ' * 30}\n{command}", hang="1. ")
    assert person.read[-1] == f"     {command}"
    assert person.read[0].startswith("  1. Words")


@pytest.mark.parametrize(
    ("arguments", "variables", "stack"),
    [([], {}, None), (["STACK=clinic-two"], {}, "clinic-two"), ([], {"STACK": "clinic-three"}, "clinic-three")],
)
def test_make_names_a_stack_only_if_somebody_did(
    arguments: list[str], variables: dict[str, str], stack: str | None
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "STACK"} | variables
    printed = subprocess.run(
        ["make", "--dry-run", "deploy", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "python -m tools.deploy" in printed
    assert (f"--stack '{stack}'" in printed) if stack else ("--stack" not in printed)
