"""`make doctor` on a deployed stack: what it finds, and whether the lines that it says to type mend it."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from shared.store.keys import timestamp
from tests.deployed import Deployed, eventually, submission
from tests.documented import call, commands_of
from tools.local import docs
from tools.local.deployment import CREDENTIALS, deploy, session
from tools.local.emulator import REGION, ROOT, Emulator
from tools.local.parameters import parameters
from tools.local.ports import free_port

# What the local AWS cannot tell or do: the title of the check, and words of the line. docs/operations/doctor.md names
# all of them.
LACKS = (
    ("Sender", "The DKIM records of clinic.example.com are missing or wrong (status: PENDING)"),
    ("OpsEmail", "SNS does not say whether an unsubscribe link can end that"),
    ("Alarms", "The local AWS judges an alarm only when a test feeds it"),
    ("Runs and errors", "The local AWS keeps no figures about functions that AWS itself starts"),
    ("Sign-in page", "Unknown Cognito IDP action: DescribeManagedLoginBrandingByClient"),
)
ENVIRONMENT = CREDENTIALS | {"AWS_DEFAULT_REGION": REGION, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'functions'}"}


@dataclass
class Site:
    """The clinic's website, with one page."""

    port: int
    text: str = field(default="")


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve a website on its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(site.text.encode())

        def log_message(self, *_args: object) -> None:
            return None

    with http.server.ThreadingHTTPServer(("127.0.0.1", site.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The website that the stack allows."""
    with serving(Site(free_port())) as site:
        yield site


@pytest.fixture(scope="module")
def examined(built: Path, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A stack of its own, so that nothing is left of other tests."""
    logs = tmp_path_factory.mktemp("doctor")
    with Emulator(free_port(), log=logs / "aws.log", enforce_iam=True) as emulator:
        own = parameters(f"http://127.0.0.1:{site.port}")
        stack = deploy(emulator.url, built, logs / "sam-deploy.log", name="clinic-leads-doctor", parameters=own)
        site.text = docs.form().replace("https://YOUR-API-URL", stack.api)
        yield Deployed(stack=stack, aws=emulator.url, emulator_log=logs / "aws.log")


def examine(stack: Deployed) -> dict[str, Any]:
    """Return what the doctor says about a stack."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.operate", "doctor", "--stack", stack.stack.name, "--json"],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | {"AWS_ENDPOINT_URL": stack.aws},
        capture_output=True,
        text=True,
        check=False,
    )
    document: dict[str, Any] = json.loads(done.stdout or "{}")
    assert document.get("exit_code") == done.returncode, done.stderr
    assert "Looking at" in done.stderr
    return document


def client(stack: Deployed, service: str) -> Any:  # noqa: ANN401 - any of them
    anything: Any = session()
    return anything.client(service, endpoint_url=stack.aws)


def type_in(stack: Deployed, line: str) -> None:
    """Do what somebody does who types a line that begins with `aws`."""
    (command,) = commands_of("the doctor", f"```sh\n{line}\n```\n")
    made = call(command)
    getattr(client(stack, made.service), xform_name(made.operation.name))(**made.arguments)


def wrong(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines that are not green, but for what the local AWS lacks."""
    return [
        line
        for line in document["lines"]
        if line["color"] != "green"
        and not any(line["check"] == check and words in line["found"] for check, words in LACKS)
    ]


def mend(stack: Deployed) -> list[dict[str, Any]]:
    """Type what the doctor says, and return what it then still finds."""
    for line in wrong(examine(stack)):
        for command in line["commands"]:
            if command.startswith("aws ") and " get-" not in command and "filter-log-events" not in command:
                try:
                    type_in(stack, command)
                except ClientError as error:
                    raise AssertionError(f"{line}: {error}") from error
    return wrong(examine(stack))


@pytest.fixture(scope="module")
def mended(examined: Deployed) -> Deployed:
    """The stack without the faults that the local AWS and the made-up clinic have from the start."""
    secret = next(
        each for each in client(examined, "secretsmanager").list_secrets()["SecretList"] if "-Address-" in each["Name"]
    )
    client(examined, "secretsmanager").put_secret_value(SecretId=secret["ARN"], SecretString="http://127.0.0.1:9/a")
    left = mend(examined)
    assert left == [], left
    return examined


def test_a_local_stack_is_green_but_for_what_the_local_aws_lacks(mended: Deployed) -> None:
    document = examine(mended)
    assert wrong(document) == []
    found = [line for line in document["lines"] if line["color"] != "green"]
    assert len(found) == len(LACKS), "remove from LACKS and docs/operations/doctor.md what the local AWS can do now"
    assert (document["exit_code"], document["worst"]) == (1, "yellow")
    assert document["calls"] < 110
    assert document["seconds"] < 60


def test_make_prints_the_page_and_what_it_looks_at_while_it_runs(mended: Deployed) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "doctor", f"STACK={mended.stack.name}"],
        cwd=ROOT,
        env=os.environ
        | ENVIRONMENT
        | {"AWS_ENDPOINT_URL": mended.aws, "PAGE": f"http://127.0.0.1:{mended_port(mended)}/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(f"{mended.stack.name}, account 000000000000, {REGION}")
    assert "  green    Website: The form at http://127.0.0.1" in done.stdout
    assert "11 of 11: " in done.stderr


def mended_port(stack: Deployed) -> int:
    """Return the port of the website that the stack allows."""
    described = client(stack, "cloudformation").describe_stacks(StackName=stack.stack.name)["Stacks"][0]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]}
    return int(given["AllowedOrigins"].rpartition(":")[2])


def test_faults_are_found_and_the_lines_to_type_mend_them(mended: Deployed) -> None:
    name, table = mended.stack.name, mended.stack.table
    schedules = client(mended, "scheduler")
    kept = {"ScheduleExpression", "FlexibleTimeWindow", "Target"}
    found = schedules.get_schedule(Name=f"{name}-follow-up")
    schedules.update_schedule(
        Name=f"{name}-follow-up", State="DISABLED", **{part: found[part] for part in found if part in kept}
    )
    mappings = mended.lambdas.list_event_source_mappings(FunctionName=f"{name}-notify")["EventSourceMappings"]
    mended.lambdas.update_event_source_mapping(UUID=mappings[0]["UUID"], Enabled=False)
    rule = mended.events.list_rules(NamePrefix=f"{name}-DeliveryFunctionFailures")["Rules"][0]["Name"]
    mended.events.disable_rule(Name=rule)
    mended.dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"}
    )
    mended.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    key = client(mended, "kms").describe_key(KeyId=f"alias/{_data_stack(mended)}")["KeyMetadata"]["KeyId"]
    client(mended, "kms").disable_key_rotation(KeyId=key)
    mended.lambdas.put_function_concurrency(FunctionName=f"{name}-claim", ReservedConcurrentExecutions=0)
    client(mended, "cognito-idp").set_user_pool_mfa_config(
        UserPoolId=mended.stack.desk.user_pool, MfaConfiguration="OPTIONAL"
    )

    said = {line["check"]: line["found"] for line in wrong(examine(mended))}
    assert said.keys() == {
        "Schedules",
        "Stream",
        "Rules",
        "Requests",
        "Key",
        "Functions",
        "Accounts are safe",
    }, said
    assert f"{name}-follow-up" in said["Schedules"]
    assert mend(mended) == []
    after = schedules.get_schedule(Name=f"{name}-follow-up")
    assert {part: after[part] for part in (*kept, "State")} == {part: found[part] for part in kept} | {
        "State": "ENABLED"
    }


def _data_stack(stack: Deployed) -> str:
    pages = client(stack, "cloudformation").describe_stack_resource(
        StackName=stack.stack.name, LogicalResourceId="Data"
    )
    nested: str = pages["StackResourceDetail"]["PhysicalResourceId"].split("/")[1]
    return nested


def test_an_alarm_that_rings_is_told_with_what_its_description_says(mended: Deployed) -> None:
    name = next(each["AlarmName"] for each in mended.alarms() if "OverdueAlertsAlarm" in each["AlarmName"])
    mended.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="made up")
    (line,) = wrong(examine(mended))
    mended.cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="made up")
    assert (line["color"], line["check"]) == ("red", "Alarms")
    assert line["found"].startswith("OverdueAlertsAlarm has been ringing since ")
    assert "docs/operations/find-a-request.md" in line["do"]


def test_an_alert_that_is_late_is_told_and_a_sweep_ends_that(mended: Deployed) -> None:
    with mended.denied("dynamodb:Query", "follow-up"):
        reference = mended.post_json(submission()).document["reference"]
        mended.the_alert(reference)
        item = mended.lead(reference)
        mended.dynamodb.update_item(
            TableName=mended.stack.table,
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET agenda_at = :past, overdue_since = :past",
            ExpressionAttributeValues={":past": {"S": timestamp(datetime.now(UTC) - timedelta(minutes=25))}},
        )
        (line,) = wrong(examine(mended))
    assert (line["color"], line["check"]) == ("red", "Overdue")
    assert line["found"].startswith(f"An email about the request {item['pk']['S']} is 25 minutes overdue")
    type_in(mended, line["commands"][-1])
    assert eventually(lambda: wrong(examine(mended)), within=60, wanted=lambda lines: not lines) == []


def test_the_sandbox_and_a_form_of_another_api_are_told(mended: Deployed, site: Site) -> None:
    right = site.text
    site.text = docs.form().replace("https://YOUR-API-URL", "https://other.example.com/v1")
    mended.set_sandbox(on=True)
    lines = wrong(examine(mended))
    site.text = right
    assert [(line["check"], line["color"]) for line in lines] == [
        ("SES account", "yellow"),
        ("SES account", "red"),
        ("Website", "red"),
    ]
    for command in lines[1]["commands"][:-1]:  # without make redrive, because nothing was missed
        type_in(mended, command)
    assert [line["color"] for line in wrong(examine(mended))] == ["yellow"]
    mended.set_sandbox(on=False)
    assert wrong(examine(mended)) == []


def test_a_stack_that_does_not_exist_ends_with_three(mended: Deployed) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.operate", "doctor", "--stack", "no-such-stack"],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | {"AWS_ENDPOINT_URL": mended.aws},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "There is no stack called no-such-stack" in done.stderr
