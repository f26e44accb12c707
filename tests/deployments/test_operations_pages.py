"""Every command of docs/operations is typed into a shell, with the real AWS CLI and SAM CLI, against the local AWS."""

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.deployed import Deployed, submission
from tests.documented import ROOT, blocks_of
from tools.local.deployment import CREDENTIALS, deploy, outputs_of, session
from tools.local.emulator import REGION
from tools.local.parameters import parameters

PAGES: Final = sorted((ROOT / "docs" / "operations").glob("*.md"))
# Pages whose commands another test runs, because they need more than a stack with a request.
ELSEWHERE: Final = {
    "restore.md": "tests/drills/test_restore.py",
}
# Commands that deploy or delete a whole stack, or change the project's own folder. tests/upgrades deploys the previous
# release and goes back, and tests/deployments/test_deploy.py runs `make deploy`.
DEPLOYING: Final = ("git worktree ", "cp ", "cd ../", "make deploy ", "sam build ", "sam delete")
# Calls that the local AWS does not know.
UNKNOWN: Final = (
    "aws sesv2 delete-suppressed-destination ",
    "aws sesv2 put-email-identity-feedback-attributes ",
    "aws sns confirm-subscription ",  # it confirms every subscription itself
)
# Commands that end with another exit code than 0 here, and what they print then.
EXPECTED: Final = {
    "audit.md": (2, "The audit is not whole"),  # the page's number and digest are made up
    "doctor.md": (0, '"worst"'),  # a stack of the tests has faults, so the commands end with 2; see below
    "rotate-keys.md": (2, "the receiver did not take the test"),  # nobody listens at the address
}
# Version 1 of the AWS CLI, which is on PyPI, ignores AWS_ENDPOINT_URL for SQS.
CLI: Final = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'
TEAR_DOWN: Final = "tear-down.md"
# SES knows it, and nothing sends from it.
IDENTITY: Final = "pages@clinic.example.com"
# What somebody types when a command asks.
TYPED: Final = {"rotate-keys.md": "http://127.0.0.1:9/hooks/made-up"}


def script(page: Path) -> str:
    """Return the commands of a page as one script, because later ones use variables of earlier ones."""
    lines = "".join(block for _, block in blocks_of(page.read_text("utf-8"))).splitlines()
    return "\n".join(line for line in lines if not line.startswith((*UNKNOWN, *DEPLOYING)))


@pytest.fixture
def filled_in(deployed: Deployed) -> dict[str, str]:
    """What a reader replaces in the commands, as patterns, and what with."""
    fields = submission()
    reference = str(deployed.post_json(fields).document["reference"])
    deployed.the_alert(reference)
    key = str(deployed.lead(reference)["pk"]["S"])
    deployed.ses.create_email_identity(EmailIdentity=IDENTITY)
    topics = [each["TopicArn"] for each in deployed.sns.list_topics()["Topics"]]
    (topic,) = [each for each in topics if f":{deployed.stack.name}-AlarmsTopic" in each]
    subscription = deployed.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
    return {
        r"\bhttp://127\.0\.0\.1:4566\b": deployed.aws,
        r"\bclinic-leads(-local)?\b": deployed.stack.name,
        r"\bLEAD#\.\.\.": key,
        r"\b7Q2M4XHD0+\b": key.removeprefix("LEAD#"),
        r"\bKC-7Q2M-4XHD\b": reference,
        r"\brobin@example\.com\b": str(fields["email"]),
        r"\bleads@example\.com\b": IDENTITY,
        r"(?<=--email-identity )example\.com\b": IDENTITY,
        r"(?<=--table-name )TABLE\b": deployed.stack.table,
        r"\bSUBSCRIPTION\b": subscription,
        r"\bMONTH=\d{4}-\d{2}\b": f"MONTH={datetime.now(UTC):%Y-%m}",
        # The local AWS knows no identity providers.
        r":environment:staging\b": ":environment:staging CreateProvider=no",
        r":environment:production\b": ":environment:production CreateProvider=no",
        r"\bmake erase-person\b": "make erase-person YES=1",
        # The local AWS keeps the identities of SES's two APIs apart.
        r"\baws ses verify-email-identity --email-address\b": "aws sesv2 create-email-identity --email-identity",
        # The shell goes on after it, whatever it finds.
        r"(?m)^(?=([A-Z_]+=\S+ )*make doctor )": "! env ",
    }


@pytest.fixture
def files_of_this_test() -> Iterator[None]:
    """Remove the files that commands write, because `make` runs in the project's own folder."""
    before = set(ROOT.iterdir())
    yield
    for new in set(ROOT.iterdir()) - before:
        new.unlink()


@pytest.fixture
def webhook_as_before(deployed: Deployed) -> Iterator[None]:
    """Put the webhook's address back, for the tests that follow."""
    found = deployed.lambdas.get_function_configuration(FunctionName=f"{deployed.stack.name}-webhook")
    arn = found["Environment"]["Variables"]["WEBHOOK_ADDRESS_ARN"]
    before = deployed.secrets.get_secret_value(SecretId=arn)["SecretString"]
    yield
    deployed.secrets.put_secret_value(SecretId=arn, SecretString=before)
    deployed.restart("webhook")


@pytest.fixture
def going(deployed: Deployed, built: Path, tmp_path: Path) -> Iterator[str]:
    """The name of a second stack, which a test takes apart."""
    name = "clinic-leads-going"
    # The other stack needs the sender, and the local AWS deletes it with the stack that created it.
    made = parameters("https://www.example.com") | {"ApiGatewayLogsRole": "existing", "CreateSenderIdentity": "no"}
    deploy(deployed.aws, built, tmp_path / "sam-deploy.log", name=name, parameters=made)
    yield name
    session().client("cloudformation", endpoint_url=deployed.aws).delete_stack(StackName=name)


def typed(deployed: Deployed, commands: str, answer: str = "") -> tuple[int, str]:
    """Type commands into a shell. Return the exit code and what they printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    programs = (ROOT / "tools" / "bin", ROOT / ".venv" / "bin", environment["PATH"])
    done = subprocess.run(
        ["sh", "-euc", f"{CLI}\n{commands}"],
        cwd=ROOT,
        env=environment
        | CREDENTIALS
        | {"AWS_ENDPOINT_URL": deployed.aws, "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": ""}
        | {"PATH": os.pathsep.join(map(str, programs))},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def filled(commands: str, values: dict[str, str]) -> str:
    for pattern, value in values.items():
        commands = re.sub(pattern, value, commands)
    return commands


@pytest.mark.usefixtures("files_of_this_test", "webhook_as_before")
@pytest.mark.parametrize(
    "page", [page for page in PAGES if script(page) and page.name != TEAR_DOWN], ids=lambda page: page.name
)
def test_the_commands_of_a_page_work(page: Path, deployed: Deployed, filled_in: dict[str, str]) -> None:
    commands = script(page)
    if place := ELSEWHERE.get(page.name):
        names = re.findall(r"^make ([a-z-]+)", commands, re.MULTILINE)
        assert names
        assert all(f'"{name}"' in (ROOT / place).read_text("utf-8") for name in names), f"{place} does not run {names}"
        return
    wanted, text = EXPECTED.get(page.name, (0, ""))
    code, printed = typed(deployed, filled(commands, filled_in), TYPED.get(page.name, ""))
    assert (code, text in printed) == (wanted, True), printed


def test_a_stack_is_torn_down_as_the_page_says(deployed: Deployed, going: str, filled_in: dict[str, str]) -> None:
    outputs = outputs_of(session(), deployed.aws, going)
    secrets = [each["ARN"] for each in deployed.secrets.list_secrets()["SecretList"] if going in each["ARN"]]
    commands = script(ROOT / "docs" / "operations" / TEAR_DOWN)
    values = filled_in | {
        r"\bclinic-leads(-local)?\b": going,
        r"(?<=--secret-id )ARN\b": secrets[0],
        # The local AWS does not say which key encrypts a table.
        r"(?m)^KEY=.*$": "KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)",
    }
    code, printed = typed(deployed, filled(commands, values))
    assert code == 0, printed
    tables = deployed.dynamodb.list_tables()["TableNames"]
    assert not {outputs["TableName"], outputs["AuditTable"]} & set(tables)
    assert deployed.stack.table in tables, "the other stack still has its table"
