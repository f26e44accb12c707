"""A check of the doctor with recorded answers: botocore's Stubber compares each with AWS's model of the service."""

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.stub import Stubber

from tests.documented import ROOT, call, commands_of
from tools.operate.doctor.check import look
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.fetch import FetchError, Page
from tools.operate.doctor.finding import Color, Finding
from tools.operate.doctor.known import Known
from tools.operate.doctor.subjects import SUBJECTS

SERVICES = {
    "identity": "sts",
    "stacks": "cloudformation",
    "email": "sesv2",
    "topics": "sns",
    "metrics": "cloudwatch",
    "functions": "lambda",
    "schedules": "scheduler",
    "rules": "events",
    "tables": "dynamodb",
    "keys": "kms",
    "secrets": "secretsmanager",
    "people": "cognito-idp",
    "api": "apigateway",
    "firewall": "wafv2",
}
CHECKS = {check.title: check for subject in SUBJECTS for check in subject.checks}

# An operation, and what AWS answers: a response, or the code of an error.
type Answer = tuple[str, Mapping[str, Any] | str]
# What a server answers, by method and address: a page, or why there is none.
type Pages = Mapping[str, Page | str]


@dataclass(frozen=True, kw_only=True)
class World:
    """All that one check sees."""

    stack: Known
    pages: Pages = field(default_factory=dict)
    aws: Mapping[str, Sequence[Answer]] = field(default_factory=dict)


@cache
def client(service: str) -> Any:  # noqa: ANN401 - any of them
    """Return a client that can reach nothing."""
    session: Any = boto3.Session("made-up", "made-up", region_name="us-east-1")
    return session.client(service)


def asked(world: World) -> tuple[Clients, list[Stubber]]:
    """Return clients that give the recorded answers, in order."""
    stubbers = []
    for name, answers in world.aws.items():
        stubber = Stubber(client(SERVICES[name]))
        for operation, answer in answers:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer, "made up")
            else:
                stubber.add_response(operation, dict(answer))
        stubbers.append(stubber)

    def fetch(url: str, method: str, _headers: Mapping[str, str]) -> Page:
        found = world.pages[f"{method} {url}"]
        if isinstance(found, str):
            raise FetchError(found)
        return found

    return Clients(fetch=fetch, **{name: client(service) for name, service in SERVICES.items()}), stubbers


def told(title: str, world: World) -> list[Finding]:
    """Return what a check finds. Asserts that it asks for nothing else, and that its texts help."""
    ask, stubbers = asked(world)
    with ExitStack() as active:
        for stubber in stubbers:
            active.enter_context(stubber)
        found = look(CHECKS[title], ask, world.stack)
    assert not [each for each in found if "StubResponseError" in each.found], found
    for stubber in stubbers:
        stubber.assert_no_pending_responses()
    for each in found:
        assert_helps(each)
    return found


def assert_helps(finding: Finding) -> None:
    """Assert that yellow and red say what to do, and that each command exists."""
    assert finding.color not in {Color.YELLOW, Color.RED} or len(finding.do) > 10, finding
    assert not finding.do.endswith(":") or finding.commands, finding
    for command in finding.commands:
        assert "\n" not in command
        _assert_exists(command)


@cache
def _assert_exists(line: str) -> None:
    (command,) = commands_of("the doctor", f"```sh\n{line}\n```\n")
    match command.program:
        case "aws":
            call(command)
        case "make":
            subprocess.run(["make", "-n", *command.words[1:]], cwd=ROOT, capture_output=True, check=True)
        case other:
            assert other == "git"
