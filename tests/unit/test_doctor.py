"""`make doctor`: each check, with a stack that has nothing to mend, and with each fault that it knows."""

import ast
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
from botocore.stub import Stubber

from tests.unit.doctor import faults_of_email, faults_of_running, faults_of_web
from tests.unit.doctor import healthy as h
from tests.unit.doctor.asked import CHECKS, asked, client, told
from tests.unit.doctor.fault import Fault
from tools.operate import doctor
from tools.operate.doctor import finding
from tools.operate.doctor.finding import Color, Finding
from tools.operate.doctor.functions import LONGEST_REST
from tools.operate.doctor.known import Resource

FAULTS = (*faults_of_email.FAULTS, *faults_of_running.FAULTS, *faults_of_web.FAULTS)
FOLDER = Path(doctor.__file__).parent


def of(fault: Fault) -> str:
    return f"{fault.check}: {fault.about}"


def text(found: Finding) -> str:
    return "\n".join([found.found, found.do, *found.commands])


@pytest.mark.parametrize("title", CHECKS)
def test_a_stack_with_nothing_to_mend_is_green(title: str) -> None:
    found = told(title, h.HEALTHY[title])
    assert found
    assert {each.color for each in found} == {Color.GREEN}, found


def test_each_title_is_of_one_check() -> None:
    assert list(CHECKS) == list(h.HEALTHY), "tests/unit/doctor/healthy.py: add what AWS answers to the new check"


@pytest.mark.parametrize("fault", FAULTS, ids=of)
def test_a_fault_is_told_with_what_to_do(fault: Fault) -> None:
    found = [each for each in told(fault.check, fault.world) if each.color is fault.color]
    assert [each for each in found if all(word in text(each) for word in fault.words)], found


def calls_of_colors() -> set[tuple[str, int, int]]:
    """Return the file and the lines of each place that makes a yellow or red line."""
    return {
        (path.name, node.lineno, node.end_lineno or node.lineno)
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and {each.id for each in ast.walk(node.func) if isinstance(each, ast.Name)} & {"red", "yellow"}
    }


def test_each_yellow_and_red_line_is_made_to_appear_by_a_fault() -> None:
    made: set[tuple[str, int]] = set()
    codes = {finding.red.__code__, finding.yellow.__code__}

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code in codes and frame.f_back:
            made.add((Path(frame.f_back.f_code.co_filename).name, frame.f_back.f_lineno))

    sys.setprofile(note)
    try:
        for fault in FAULTS:
            told(fault.check, fault.world)
    finally:
        sys.setprofile(None)
    missing = [
        f"tools/operate/doctor/{name}:{first}"
        for name, first, last in sorted(calls_of_colors())
        if not any(name == file and first <= line <= last for file, line in made)
    ]
    assert not missing, "add a fault to tests/unit/doctor for each of these lines:\n" + "\n".join(missing)


@pytest.mark.parametrize("title", CHECKS)
def test_a_check_that_is_denied_says_so_and_goes_on(title: str) -> None:
    world = h.HEALTHY[title]
    if not world.aws:
        return
    ((service, answers),) = world.aws.items()
    denied = h.seen(world.stack, world.pages, **{service: [(answers[0][0], "AccessDeniedException")]})
    (found,) = told(title, denied)
    assert found.color is Color.UNKNOWN
    assert "do not allow" in found.found


def test_what_a_check_found_before_an_error_is_kept() -> None:
    world = h.seen(metrics=[h.rate(0.2), ("get_metric_statistics", "InternalFailure")])
    assert [each.color for each in told("Bounces and complaints", world)] == [Color.RED, Color.UNKNOWN]


@pytest.mark.parametrize("title", ["Reports", "OpsEmail", "Key", "Secrets", "Webhook", "Sign-in page", "Requests"])
def test_a_stack_of_an_older_version_is_told_to_update(title: str) -> None:
    known = h.stack(resources={}, outputs={"TableName": "leads"})
    found = told(title, h.seen(known, tables=[h.table(), h.backups(), h.ends()] if title == "Requests" else []))
    assert found[-1].color is Color.UNKNOWN
    assert "docs/deploy.md, Update" in found[-1].do


def test_a_stack_without_a_deployment_has_no_version_and_nobody_at_work() -> None:
    world = h.seen(replace(h.STACK, status="REVIEW_IN_PROGRESS", outputs={}))
    assert told("Version", world) == []
    (found,) = told("Stack", world)
    assert "deploying right now" not in text(found)


def test_no_line_about_the_sender_deletes_it() -> None:
    """SES forgets an identity's settings with it. A new one has bounces forwarded again."""
    about_sender = [fault for fault in FAULTS if fault.check == "Sender"]
    said = [text(each) for fault in about_sender for each in told(fault.check, fault.world)]
    assert not [each for each in said if "delete-email-identity" in each]


def test_a_verified_domain_covers_recipients_at_its_subdomains() -> None:
    listed = {"EmailIdentities": [{"IdentityName": "example.com", "VerificationStatus": "SUCCESS"}]}
    people = {"AlertRecipients": "Nurse@mail.Example.com", "FallbackRecipients": "", "OwnerEmail": ""}
    world = h.seen(
        h.stack(parameters=people), email=[h.account(ProductionAccessEnabled=False), ("list_email_identities", listed)]
    )
    assert Color.RED not in {each.color for each in told("SES account", world)}


def test_subscriptions_of_others_that_nobody_confirmed_are_left_out() -> None:
    listed = h.subscriptions(
        h.SUBSCRIBED, others={"PendingConfirmation": "former@example.com", "Deleted": "other@example.com"}
    )
    (found,) = told("OpsEmail", h.seen(topics=[listed, h.authenticated("true")]))
    assert found.color is Color.GREEN


def test_an_address_in_other_letters_is_that_of_the_operator() -> None:
    listed = h.subscriptions(h.SUBSCRIBED, address=h.OPS.upper())
    (found,) = told("OpsEmail", h.seen(topics=[listed, h.authenticated("true")]))
    assert found.color is Color.GREEN


@pytest.mark.parametrize("physical_id", ["a-rule", "default|a-rule", f"{h.AWS}:events:{h.OF}:rule/a-rule"])
def test_a_rule_is_found_by_whatever_cloudformation_calls_it(physical_id: str) -> None:
    known = h.stack(resources={"": {"Failures": Resource("Failures", physical_id, "AWS::Events::Rule")}})
    with Stubber(client("events")) as stubber:
        stubber.add_response("describe_rule", {"State": "DISABLED"}, {"Name": "a-rule"})
        (found,) = CHECKS["Rules"].look(asked(h.seen(known))[0], known)
    assert found.commands == ("aws events enable-rule --name a-rule",)


def test_functions_with_a_schedule_are_those_that_must_not_rest() -> None:
    assert set(LONGEST_REST) <= set(h.SERVICES)


def test_no_value_of_a_secret_is_asked_for() -> None:
    source = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    assert "get_secret_value" not in source


def test_no_setting_of_a_function_is_printed_and_no_link_to_its_code_is_asked_for() -> None:
    for world in (h.HEALTHY["Functions"], *(fault.world for fault in FAULTS if fault.check == "Functions")):
        assert any("Environment" in answer for _, answer in world.aws["functions"])
        assert h.SETTING not in "\n".join(text(each) for each in told("Functions", world))
    source = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    assert "get_function(" not in source


@pytest.mark.parametrize(
    "world",
    [
        h.seen(h.stack(parameters={"Webhook": "no"})),
        h.seen(secrets=[h.secret(versions=2)]),
    ],
)
def test_a_webhook_that_is_off_or_set_is_fine(world: object) -> None:
    assert [each.color for each in told("Webhook", world)] == [Color.GREEN]  # type: ignore[arg-type]


def test_every_call_to_aws_only_reads() -> None:
    """Botocore's Stubber refuses any call that is not recorded, so these are all."""
    worlds = [*h.HEALTHY.values(), *(fault.world for fault in FAULTS)]
    called = {operation for world in worlds for answers in world.aws.values() for operation, _ in answers}
    assert {each.partition("_")[0] for each in called} == {"describe", "get", "list", "query"}
