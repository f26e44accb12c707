"""tools.deploy.run: a stack that nothing can be deployed to, and a change that loses data."""

import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.unit.deploying import COMPLETE, Person
from tools.deploy import afterwards, changes, run, sam
from tools.deploy.account import Account, Advice, Identity
from tools.deploy.answers import Answers, Saved
from tools.deploy.changes import Change
from tools.deploy.errors import DeployError, StoppedError
from tools.deploy.run import Options, Target, _answers, _carry_out, _finish, agree, make_ready
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


class Update:
    """An update of a stack: what is asked for, and what came of it."""

    stack, region, make, account, aws, session = "clinic-leads", "us-east-1", "make", None, None, None
    executed = discarded = False

    def client(self, *_arguments: object, **_options: object) -> None:
        return None

    def outputs(self) -> dict[str, str]:
        return {"ApiUrl": "https://api.example.com/v1", "DeskUrl": "https://api.example.com/v1/desk"}

    def execute(self, *_arguments: object) -> None:
        self.executed = True

    def discard(self, *_arguments: object) -> None:
        self.discarded = True


def carried_out(monkeypatch: pytest.MonkeyPatch, verdict: int, nested: list[Change] | None, *lines: str) -> Update:
    monkeypatch.setattr(changes, "read", lambda *_arguments: [HARMLESS])
    monkeypatch.setattr(changes, "read_nested", lambda *_arguments: nested)
    monkeypatch.setattr(afterwards, "operate", lambda *_arguments: verdict)
    update: Any = Update()
    update.session = update
    options = ASKS if lines else YES
    with suppress(DeployError):
        _carry_out("change-set", update, update, options, Person(lines).terminal, first=False)
    assert update.executed is not update.discarded
    return update  # type: ignore[no-any-return] # it is one


@pytest.mark.parametrize("nested", [None, [HARMLESS]])
def test_a_pipeline_stops_at_what_would_fail_or_lose_something(
    monkeypatch: pytest.MonkeyPatch, nested: list[Change] | None
) -> None:
    assert carried_out(monkeypatch, 4, nested).discarded
    assert carried_out(monkeypatch, 4, nested, "y").executed


@pytest.mark.parametrize("verdict", [1, 2])
def test_a_pipeline_stops_if_nobody_has_seen_the_nested_stacks(monkeypatch: pytest.MonkeyPatch, verdict: int) -> None:
    assert carried_out(monkeypatch, verdict, None).discarded
    assert carried_out(monkeypatch, verdict, [HARMLESS]).executed


@pytest.mark.parametrize("verdict", [0, 3])
def test_a_pipeline_goes_on_if_upgrade_check_stops_nothing(monkeypatch: pytest.MonkeyPatch, verdict: int) -> None:
    assert carried_out(monkeypatch, verdict, None).executed


@pytest.mark.parametrize(
    ("health", "options", "first", "code"),
    [
        *((health, YES, False, 0) for health in (0, 1)),
        *((health, YES, False, 1) for health in (2, 3, -9)),
        *((health, YES, True, 0) for health in (2, 3)),
        *((health, ASKS, False, 0) for health in (2, 3)),
    ],
)
def test_what_the_doctor_finds_fails_the_update_of_a_pipeline(  # noqa: PLR0913 - a table
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, health: int, options: Options, code: int, *, first: bool
) -> None:
    monkeypatch.setattr(afterwards, "canary", lambda *_arguments: None)
    monkeypatch.setattr(afterwards, "operate", lambda *_arguments: health)
    monkeypatch.setattr(afterwards, "alarms_confirmed", lambda *_arguments: True)
    monkeypatch.setattr(afterwards, "steps", lambda *_arguments, **_options: ())
    monkeypatch.setattr(run, "_may_send", lambda *_arguments: True)
    update: Any = Update()
    person = Person([])
    options = replace(options, work=tmp_path)
    assert _finish(update, update, COMPLETE, options, person.terminal, first=first) == code
    assert ("ends with an error" in person.text) == bool(code)


def test_a_command_of_an_operator_gives_its_exit_code() -> None:
    assert afterwards.operate("no-such-command", "clinic-leads", "us-east-1") == 2


DOMAIN, ARN = {"DomainName": "leads.example.com"}, "arn:aws:acm:us-east-1:123456789012:certificate/1"


@pytest.mark.parametrize(
    ("given", "before", "refused"),
    [
        ({}, {}, False),
        (DOMAIN, {}, True),
        (DOMAIN, DOMAIN, False),
        (DOMAIN, {"DomainName": "other.example.com"}, True),
        (DOMAIN, DOMAIN | {"CertificateArn": ARN}, True),
        (DOMAIN, DOMAIN | {"HostedZoneId": "Z1"}, True),
        (DOMAIN | {"CertificateArn": ARN}, {}, False),
        (DOMAIN | {"HostedZoneId": "Z1"}, {}, False),
        ({"DomainName": ""}, DOMAIN, False),
    ],
)
def test_a_pipeline_does_not_wait_for_a_person_s_dns_record(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], before: dict[str, str], *, refused: bool
) -> None:
    monkeypatch.setattr(Advice, "suggest", lambda *_arguments: None)
    monkeypatch.setattr(Update, "parameters", lambda _self: COMPLETE | before, raising=False)
    there: Any = Update()
    saved = Saved(stack="clinic-leads", values=COMPLETE | given)
    kept: Any = NotSaved()
    if refused:
        with pytest.raises(DeployError, match="DomainName: The deployment would wait"):
            _answers(YES, kept, saved, there, there, Person([]).terminal)
    else:
        assert _answers(YES, kept, saved, there, there, Person([]).terminal) == COMPLETE | given


class NotSaved:
    """A file of answers that nothing is written to."""

    path = Path("samconfig.toml")
    saved = False

    def save(self, *_arguments: object, **_options: object) -> None:
        self.saved = True


def answered(monkeypatch: pytest.MonkeyPatch, options: Options, person: Person, **more: str) -> NotSaved:
    """Answer with a complete file that has these values, too. An earlier release's parameter is deployed."""
    monkeypatch.setattr(Advice, "suggest", lambda *_arguments: None)
    monkeypatch.setattr(Update, "parameters", lambda _self: COMPLETE | {"OfBefore": "x"}, raising=False)
    there: Any = Update()
    kept: Any = NotSaved()
    with suppress(DeployError):
        _answers(options, kept, Saved(stack="clinic-leads", values=COMPLETE | more), there, there, person.terminal)
    return kept  # type: ignore[no-any-return] # it is one


@pytest.mark.parametrize("name", ["AlertDetial", "alertdetail"])
def test_a_saved_name_that_no_parameter_has_stops_a_pipeline(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(Update, "parameters", lambda _self: {}, raising=False)
    there: Any = Update()
    kept: Any = NotSaved()
    saved = Saved(stack="clinic-leads", values=COMPLETE | {name: "reference", "Other": "x"})
    with pytest.raises(DeployError) as stopped:
        _answers(YES, kept, saved, there, there, Person([]).terminal)
    assert str(stopped.value).splitlines() == [
        f"{each} in samconfig.toml: no parameter has this name. Correct it, or remove the line."
        for each in (name, "Other")
    ]
    assert not kept.saved


def test_a_person_is_told_about_a_saved_name_that_no_parameter_has(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person([""])
    assert answered(monkeypatch, ASKS, person, AlertDetial="reference").saved
    assert "AlertDetial in samconfig.toml: no parameter has this name. Correct it, or remove the line." in person.text
    assert "OfBefore" not in person.text


def test_a_parameter_of_an_earlier_release_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(monkeypatch, YES, Person([])).saved


FILE = """
[default.global.parameters]
stack_name = "clinic-leads"
region = "us-east-1"
profile = "saved"

[other.global.parameters]
stack_name = "clinic-other"
region = "us-west-2"
profile = "others"

[third.global.parameters]
stack_name = "clinic-third"
region = "us-east-1"
"""
PROFILES = "".join(
    f"[profile {name}]\nregion = us-west-2\naws_access_key_id = {name}\naws_secret_access_key = made-up\n"
    for name in ("saved", "others", "named")
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[Target, str]]:
    """A machine with profiles and a file of answers, and AWS, which says whose credentials it got."""
    (tmp_path / "config").write_text(PROFILES)
    (tmp_path / "samconfig.toml").write_text(FILE)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", {**os.environ, "AWS_CONFIG_FILE": str(tmp_path / "config")})
    monkeypatch.setattr(Account, "identity", lambda account: Identity(account="1", arn=whose(account._session)))  # noqa: SLF001

    def target(*lines: str, stack: str | None = None, **variables: str) -> tuple[Target, str]:
        os.environ |= variables
        answers, person = Answers(tmp_path / "samconfig.toml"), Person(lines)
        options = Options(stack=stack, yes=not lines)
        found, _ = run._target(options, answers, answers.of(stack), None, person.terminal)  # noqa: SLF001
        assert whose(found.session) == whose(boto3.Session()), "other commands go to another account"
        return found, person.text

    return target


def whose(session: boto3.Session) -> str:
    credentials = session.get_credentials()
    return str(credentials.access_key) if credentials else "nobody"


KEYS = {"AWS_ACCESS_KEY_ID": "keys", "AWS_SECRET_ACCESS_KEY": "made-up"}


@pytest.mark.parametrize(
    ("stack", "variables", "owner", "make"),
    [
        (None, {}, "saved", "AWS_PROFILE=saved AWS_DEFAULT_REGION=us-east-1 make"),
        (None, {"AWS_PROFILE": "saved"}, "saved", "AWS_DEFAULT_REGION=us-east-1 make"),
        (None, {"AWS_PROFILE": "named"}, "named", "AWS_DEFAULT_REGION=us-east-1 make"),
        (None, KEYS, "saved", "AWS_PROFILE=saved AWS_DEFAULT_REGION=us-east-1 make"),
        ("clinic-other", {}, "others", "AWS_PROFILE=others make"),
        ("clinic-third", {"AWS_PROFILE": "named"}, "named", "AWS_DEFAULT_REGION=us-east-1 make"),
        ("clinic-third", KEYS, "keys", "AWS_DEFAULT_REGION=us-east-1 make"),
        ("clinic-third", KEYS | {"AWS_PROFILE": "named"}, "keys", "AWS_DEFAULT_REGION=us-east-1 make"),
    ],
)
def test_everything_goes_to_the_account_of_one_profile(
    told: Callable[..., tuple[Target, str]], stack: str | None, variables: dict[str, str], owner: str, make: str
) -> None:
    target, text = told(stack=stack, **variables)
    assert whose(target.session) == owner
    assert text == f"Deploying to AWS account 1, as {owner}."
    assert target.make == make


def test_another_profile_of_another_stack_is_told(told: Callable[..., tuple[Target, str]]) -> None:
    target, text = told("clinic-other", "")
    assert (target.profile, target.region) == ("others", "us-west-2")
    assert text.index("as saved.") < text.index("as others.")


@pytest.mark.parametrize("profile", [None, "named"])
def test_the_sam_cli_gets_the_same_profile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profile: str | None
) -> None:
    given: list[str] = []

    def of_the_sam_cli(arguments: list[str], *_others: object) -> str:
        given.extend(arguments)
        return ""

    monkeypatch.setattr(sam, "_sam", of_the_sam_cli)
    assert sam.change_set(tmp_path, tmp_path / "samconfig.toml", "default", tmp_path / "log", profile=profile) is None
    assert ("--profile" in given) == bool(profile)
    assert not profile or given[given.index("--profile") + 1] == profile


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
