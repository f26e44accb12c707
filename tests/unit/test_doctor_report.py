"""The doctor's page, its JSON and its exit code, and how the checks run."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doctor import healthy as h
from tests.unit.doctor.asked import asked, client
from tools.operate.__main__ import main
from tools.operate.doctor.check import Check, Line, Subject, examine
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.finding import Color, Finding, green, red, unknown, yellow
from tools.operate.doctor.known import Known, look_up
from tools.operate.doctor.report import Report, as_json, as_text, exports
from tools.operate.doctor.subjects import SUBJECTS
from tools.operate.stack import OperateError

BAD = red("Nothing is sent.", "Turn it on:", "aws sesv2 put-account-sending-attributes --sending-enabled")
ODD = yellow("It is late.", "Wait a minute.")
FINE = green("It works.")
UNSEEN = unknown("Could not look.")


def report(*findings: Finding) -> Report:
    lines = [Line("Email", f"Check {number}", each) for number, each in enumerate(findings)]
    return Report(stack=h.STACK, lines=lines, calls=80, seconds=3.2, exports={"AWS_DEFAULT_REGION": "us-east-1"})


@pytest.mark.parametrize(
    ("findings", "code"),
    [([FINE], 0), ([FINE, UNSEEN], 1), ([ODD, UNSEEN], 1), ([ODD, BAD, FINE], 2), ([], 0)],
)
def test_the_exit_code_is_that_of_the_worst_line(findings: list[Finding], code: int) -> None:
    assert report(*findings).code == code
    assert json.loads(as_json(report(*findings)))["exit_code"] == code


def test_the_page_has_each_line_what_to_do_and_the_commands_as_they_are() -> None:
    page = as_text(report(BAD, ODD, FINE, UNSEEN), painted=False)
    assert page.splitlines() == [
        "clinic-leads, account 111122223333, us-east-1, 2026-11-30 15:00 UTC",
        "",
        "Type this first in each new terminal, so that the lines below reach this stack:",
        "  export AWS_DEFAULT_REGION=us-east-1",
        "",
        "Email",
        "  red      Check 0: Nothing is sent.",
        "           Turn it on:",
        "             aws sesv2 put-account-sending-attributes --sending-enabled",
        "  yellow   Check 1: It is late.",
        "           Wait a minute.",
        "  green    Check 2: It works.",
        "  unknown  Check 3: Could not look.",
        "",
        "1 red, 1 yellow, 1 unknown, 1 green. The doctor made 80 calls to AWS in 3 seconds and changed nothing.",
        "red: Email (Check 0)",
        "yellow: Email (Check 1)",
    ]


def test_a_page_without_a_line_to_type_names_no_variable() -> None:
    assert "export" not in as_text(report(ODD, FINE, UNSEEN), painted=False)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"PATH": "/bin"}, {}),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}, {"AWS_REGION": "us-east-1"}),
        ({"AWS_PROFILE": "clinic", "AWS_ENDPOINT_URL": ""}, {"AWS_PROFILE": "clinic"}),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}),
        ({"AWS_SECRET_ACCESS_KEY": "made-up"}, {}),
    ],
)
def test_lines_to_type_reach_the_stack_that_was_examined(environment: dict[str, str], wanted: dict[str, str]) -> None:
    assert exports("us-east-1", environment) == {"AWS_DEFAULT_REGION": "us-east-1"} | wanted


def test_a_profile_with_spaces_is_one_word_to_the_shell() -> None:
    page = as_text(replace(report(BAD), exports={"AWS_PROFILE": "the clinic"}), painted=False)
    assert "  export AWS_PROFILE='the clinic'" in page.splitlines()


def test_colors_are_for_a_terminal_and_change_no_word() -> None:
    painted = as_text(report(BAD, ODD, FINE, UNSEEN), painted=True)
    assert "\x1b[31;1mred" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == as_text(report(BAD, ODD, FINE, UNSEEN), painted=False)


@given(word=st.text(st.characters(blacklist_categories=["Z", "C"]), min_size=1, max_size=300))
def test_a_long_command_or_name_stays_in_one_piece(word: str) -> None:
    page = as_text(report(red(f"About {word} and more", f"Do {word}", f"make {word}")), painted=False)
    assert page.count(word) >= 3
    assert f"  make {word}" in page.splitlines()[-4]


def test_the_document_says_the_same() -> None:
    document = json.loads(as_json(report(BAD, FINE)))
    assert (document["stack"], document["worst"], document["calls"]) == ("clinic-leads", "red", 80)
    assert document["lines"][0] == {
        "subject": "Email",
        "check": "Check 0",
        "color": "red",
        "found": "Nothing is sent.",
        "do": "Turn it on:",
        "commands": ["aws sesv2 put-account-sending-attributes --sending-enabled"],
    }


# --- how the checks run -----------------------------------------------------------------------------------------------


def looks(*findings: Finding) -> Callable[[Clients, Known], Iterator[Finding]]:
    return lambda _ask, _stack: iter(findings)


def breaks(_ask: Clients, _stack: Known) -> Iterator[Finding]:
    yield ODD
    raise KeyError("State")


def run(*subjects: Subject, seconds: float = 1.0) -> tuple[list[Line], list[str]]:
    said: list[str] = []
    ask, _ = asked(h.seen())
    return examine(ask, h.STACK, subjects, said.append, lambda: seconds), said


def test_a_check_that_breaks_stops_no_other_and_lines_keep_their_order() -> None:
    lines, said = run(
        Subject("One", (Check("a", breaks), Check("b", looks(FINE)))), Subject("Two", (Check("c", looks(BAD, FINE)),))
    )
    assert [(line.subject, line.check, line.finding.color) for line in lines] == [
        ("One", "a", Color.YELLOW),
        ("One", "a", Color.UNKNOWN),
        ("One", "b", Color.GREEN),
        ("Two", "c", Color.RED),
        ("Two", "c", Color.GREEN),
    ]
    assert "KeyError" in lines[1].finding.found
    assert [each[:6] for each in said] == ["1 of 2", "2 of 2"]


def test_checks_without_time_are_unknown() -> None:
    lines, _ = run(Subject("One", (Check("a", breaks),)), seconds=0)
    assert [line.finding.color for line in lines] == [Color.UNKNOWN]
    assert "no time" in lines[0].finding.found


def test_each_subject_has_a_name_of_its_own() -> None:
    titles = [subject.title for subject in SUBJECTS]
    assert len(set(titles)) == len(titles)


# --- what is known ----------------------------------------------------------------------------------------------------


def summaries(*resources: tuple[str, str | None, str]) -> dict[str, Any]:
    return {
        "StackResourceSummaries": [
            {
                "LogicalResourceId": name,
                "ResourceType": kind,
                "ResourceStatus": "CREATE_COMPLETE" if id_ else "CREATE_FAILED",
                "LastUpdatedTimestamp": h.NOW,
                **({"PhysicalResourceId": id_} if id_ else {}),
            }
            for name, id_, kind in resources
        ]
    }


def test_the_stack_is_known_with_its_nested_stacks() -> None:
    about = {
        "StackName": h.NAME,
        "StackId": h.STACK.arn,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": h.NOW,
        "Outputs": [{"OutputKey": "ApiId", "OutputValue": "a1b2c3"}],
        "Parameters": [{"ParameterKey": "AlertRecipients", "ParameterValue": "a@example.com, b@example.com"}],
    }
    with Stubber(client("cloudformation")) as stubber:
        stubber.add_response("describe_stacks", {"Stacks": [about]}, {"StackName": h.NAME})
        topic, failed = ("Topic", "arn", "AWS::SNS::Topic"), ("Other", None, "AWS::SNS::Topic")
        own = summaries(topic, ("Data", "nested-id", "AWS::CloudFormation::Stack"), failed)
        stubber.add_response("list_stack_resources", own, {"StackName": h.NAME})
        stubber.add_response(
            "list_stack_resources", summaries(("Table", "leads", "AWS::DynamoDB::Table")), {"StackName": "nested-id"}
        )
        known = look_up(client("cloudformation"), h.NAME, now=h.NOW, page="", endpoint="")
    assert (known.partition, known.region, known.account) == ("aws", "us-east-1", h.ACCOUNT)
    assert known.listed("AlertRecipients") == ("a@example.com", "b@example.com")
    assert (known.resource("Table", "Data").id, known.resource("Topic").id) == ("leads", "arn")
    assert [each.name for each in known.of_kind("AWS::SNS::Topic")] == ["Topic"]


def test_a_stack_that_does_not_exist_is_told_with_what_to_name() -> None:
    with Stubber(client("cloudformation")) as stubber:
        stubber.add_client_error("describe_stacks", "ValidationError", "does not exist")
        with pytest.raises(OperateError, match=r"no stack called x in us-east-1.*STACK=.*AWS_DEFAULT_REGION="):
            look_up(client("cloudformation"), "x", now=h.NOW, page="", endpoint="")


def test_the_local_api_is_at_the_local_aws() -> None:
    known = h.stack(endpoint="http://127.0.0.1:4566/")
    assert known.api_url == known.public_url == "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/v1"


@pytest.mark.parametrize(
    ("missing", "said"), [("AWS_DEFAULT_REGION", "AWS_DEFAULT_REGION="), ("AWS_ACCESS_KEY_ID", "no AWS credentials")]
)
def test_a_doctor_who_cannot_look_says_why_and_ends_with_three(
    missing: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.delenv(missing)
    if missing == "AWS_ACCESS_KEY_ID":
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert main(["doctor", "--stack", "x"]) == 3
    assert said in capsys.readouterr().err
    assert main(["doctor", "--stack", "x", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == 3
    assert said in document["error"]
