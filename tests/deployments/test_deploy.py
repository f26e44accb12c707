"""`make deploy` on a local AWS of its own: a first deployment that fails, the same again, and an update."""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.deployed import Deployed, submission
from tests.unit.deploying import ANSWERS
from tools.deploy.template import document, parameters
from tools.local.deployment import ARCHITECTURE, CREDENTIALS, Stack, session
from tools.local.desk import Desk
from tools.local.emulator import REGION, ROOT, Emulator
from tools.local.ports import free_port

STACK = "clinic-leads-deploy"
TYPED = {**ANSWERS, "FallbackRecipients": "owner@example.net"}


@dataclass(frozen=True)
class Machine:
    """A machine with an operator: the local AWS, a build, and a file with answers."""

    aws: str
    built: Path
    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "samconfig.toml"

    def deploy(self, *typed: str, code: int = 0, stack: str = STACK, **variables: str) -> str:
        """Run the command, type lines, and return what it prints."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tools.deploy", "--stack", stack, "--config", self.config),
                *("--built", self.built, "--work", self.folder / "work"),
            ],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
            | {"AWS_ENDPOINT_URL": self.aws, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'functions'}"}
            | variables,
            input="".join(f"{line}\n" for line in typed),
            capture_output=True,
            text=True,
            check=False,
        )
        printed = done.stdout + done.stderr
        assert "Traceback" not in printed, printed
        assert done.returncode == code, printed
        return printed


@pytest.fixture(scope="module")
def machine(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("deploy")
    with Emulator(free_port(), log=folder / "aws.log", enforce_iam=True) as emulator:
        _leave_behind(emulator.url)
        yield Machine(aws=emulator.url, built=built, folder=folder)


def _leave_behind(aws: str) -> None:
    """Create what a deleted stack leaves. The local AWS deletes these with the stack, and AWS keeps them."""
    session().client("sesv2", endpoint_url=aws).create_email_identity(EmailIdentity=ANSWERS["SenderAddress"])
    session().client("cognito-idp", endpoint_url=aws).create_user_pool(PoolName=f"{STACK}-staff")
    session().client("dynamodb", endpoint_url=aws).create_table(
        TableName=f"{STACK}-Data-1-Table-1",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def answers(**changes: str) -> list[str]:
    """Return a line for each question; an empty one accepts what is suggested."""
    typed = TYPED | changes
    return [typed.get(parameter.name, "") for parameter in parameters()]


class _Form(HTMLParser):
    """The address that a form posts to."""

    action: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.action = dict(attrs)["action"]


@pytest.fixture(scope="module")
def first(machine: Machine) -> str:
    """What a first deployment prints that cannot be finished, because the local AWS has no firewall."""
    return machine.deploy("", *answers(Firewall="yes"), "y", code=1)


@pytest.fixture(scope="module")
def second(machine: Machine, first: str) -> str:
    """What a pipeline prints that repeats the failed deployment, without questions."""
    assert first
    return machine.deploy(YES="1")


def test_a_failed_deployment_says_what_failed_and_what_to_do(machine: Machine, first: str) -> None:
    assert "The deployment failed. WebFirewall" in first
    assert "answer no to Firewall" in first
    assert "run the same command again" in first
    assert 'ClinicPhone = "(202) 555-0143"' in machine.config.read_text()


def test_the_account_is_named_before_the_first_question(first: str) -> None:
    told = first.partition("Region [")[0]
    assert "Deploying to the local AWS at http://127.0.0.1:" in told
    assert "arn:aws:iam::000000000000:" in told


def test_what_a_deleted_stack_left_is_named_and_used(machine: Machine, first: str) -> None:
    told = " ".join(first.split())
    assert f"table {STACK}-Data-1-Table-1 with 0 items (requests of visitors)" in told
    assert "with the staff accounts" in told
    assert "Suggested: no. SES already knows leads@example.com in this region" in told
    assert 'CreateSenderIdentity = "no"' in machine.config.read_text()


def test_a_failed_first_deployment_can_be_repeated(machine: Machine, second: str) -> None:
    assert f"The stack {STACK} is in the status ROLLBACK_COMPLETE" in second
    assert "Firewall is no: The local AWS needs it." in second
    assert "The request arrived, and SES accepted its alert." in second
    assert "What only a person can do now" in second
    assert "[y/N]" not in second
    assert "https://YOUR-API-URL" not in second
    assert (machine.folder / "work" / STACK / "form.html").read_text() in second


def test_the_printed_form_posts_to_the_deployed_api(machine: Machine, second: str) -> None:
    form = _Form()
    form.feed(second)
    assert form.action
    assert form.action.startswith(machine.aws)
    api = form.action.removesuffix("/consultations")
    with urllib.request.urlopen(f"{api}/form.js", timeout=40) as script:  # noqa: S310 - our own loopback
        assert script.status == 200
    desk = Desk(url=f"{api}/desk", user_pool="", client="", audit="")
    (table,) = [
        each["OutputValue"]
        for each in session()
        .client("cloudformation", endpoint_url=machine.aws)
        .describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        if each["OutputKey"] == "TableName"
    ]
    deployed = Deployed(
        stack=Stack(name=STACK, api=api, table=table, desk=desk),
        aws=machine.aws,
        emulator_log=machine.folder / "aws.log",
    )
    answer = deployed.post_json(submission())
    assert answer.status == 201
    assert deployed.lead(answer.document["reference"])["name"] == {"S": "Robin Example"}


def test_a_second_deployment_changes_what_was_asked_for(machine: Machine, second: str) -> None:
    assert second
    before = machine.config.read_text()
    printed = machine.deploy("", "LogRetentionDays FallbackRecipients", "-", "14", "y")
    assert "Your answers of last time" in printed
    assert re.search(r"changed.* SubmitLog \(Logs LogGroup\): RetentionInDays", printed)
    assert "REPLACE" not in printed
    assert "The request arrived, and SES accepted its alert." in printed
    after = before.replace('LogRetentionDays = "90"', 'LogRetentionDays = "14"')
    assert machine.config.read_text() == after.replace("owner@example.net", "")


def test_a_pipeline_fails_if_the_sender_is_not_verified(machine: Machine, second: str) -> None:
    assert second
    ses = session().client("sesv2", endpoint_url=machine.aws)
    ses.delete_email_identity(EmailIdentity=ANSWERS["SenderAddress"])
    try:
        printed = machine.deploy(YES="1", code=1)
    finally:
        ses.create_email_identity(EmailIdentity=ANSWERS["SenderAddress"])
    assert "No test request: the sender is not verified yet." in printed
    assert "! The doctor found something red" in printed


def test_a_pipeline_without_answers_names_them(machine: Machine, tmp_path: Path) -> None:
    empty = Machine(aws=machine.aws, built=machine.built, folder=tmp_path)
    printed = empty.deploy(code=1, stack="clinic-leads-other", YES="1")
    assert f"YES=1 uses the answers in {tmp_path / 'samconfig.toml'}, and these are missing or wrong:" in printed
    assert "ClinicPhone: There is no answer yet." in printed


def test_guided_mode_of_sam_works_without_a_file_of_answers(machine: Machine, tmp_path: Path) -> None:
    for name in ("samconfig.yaml", "template.yaml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / ".aws-sam").mkdir()
    (tmp_path / ".aws-sam" / "build").symlink_to(machine.built)
    needed = {"Firewall": "no", "SignInBranding": "no", "Architecture": ARCHITECTURE}
    typed = ["clinic-leads-guided", REGION, *((TYPED | needed).get(name, "") for name in document()["Parameters"])]
    # Confirm changes, create roles, keep rollback, six times "no authentication", save, file, environment, deploy.
    typed += ["y", "y", "n", *["y"] * 6, "y", "", "", "y"]
    done = subprocess.run(
        [ROOT / "tools" / "bin" / "sam", "deploy", "--guided"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        | {**CREDENTIALS, "AWS_ENDPOINT_URL": machine.aws, "AWS_DEFAULT_REGION": REGION},
        input="".join(f"{line}\n" for line in typed),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Successfully created/updated stack - clinic-leads-guided" in done.stdout, done.stdout + done.stderr
    assert "CAPABILITY_AUTO_EXPAND" in (tmp_path / "samconfig.toml").read_text()
