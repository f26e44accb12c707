"""`make upgrade-check`: what an update does is told in words, and what would lose data stops it."""

import copy
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.architecture.index_record import RECORD
from tools.local.parameters import parameters
from tools.operate import __main__ as command_line
from tools.operate.upgrade_check.command import ROOT, check, upgrade_check
from tools.operate.upgrade_check.compare import DATA, Side, compare
from tools.operate.upgrade_check.conditions import existing, parameters_of
from tools.operate.upgrade_check.finding import Finding, Weight
from tools.operate.upgrade_check.releases import INDEXES, STEPS, Deployed, after, deployed_release, released
from tools.operate.upgrade_check.report import report, worst
from tools.operate.upgrade_check.schemas import create_only
from tools.operate.upgrade_check.template import MAIN, NESTED, Tree, checkout, load, plain

CHECKOUT = checkout(ROOT)
GIVEN = parameters("https://www.example.com")
EVERYTHING = GIVEN | {
    "CreateSenderIdentity": "yes",
    "DomainName": "leads.example.com",
    "Firewall": "yes",
    "MonthlyBudget": "100",
    "Webhook": "yes",
}

type Change = Callable[[dict[str, Tree]], object]


def deployed(change: Change | None = None, given: Mapping[str, str] = EVERYTHING) -> Side:
    """Return a stack with the templates of this checkout, changed."""
    templates = copy.deepcopy(CHECKOUT)
    used = {name: parameters_of(each, given if name == MAIN else {}) for name, each in templates.items()}
    used["Email"]["CreateSenderIdentity"] = given["CreateSenderIdentity"]
    if change:
        change(templates)
    # A stack has the parameters of its own template, and its nested stacks if their conditions hold.
    used[MAIN] = parameters_of(templates[MAIN], used[MAIN])
    there = {MAIN, *existing(templates[MAIN], used[MAIN])}
    return Side(templates={name: each for name, each in templates.items() if name in there}, parameters=used)


def findings(
    change: Change | None = None, *, update: Change | None = None, given: Mapping[str, str] = EVERYTHING
) -> list[Finding]:
    """Return what an update does: from the checkout with `change` to the checkout with `update`."""
    side, target = deployed(change, given), copy.deepcopy(CHECKOUT)
    if update:
        update(target)
    return list(compare(side, target, create_only))


def texts(found: list[Finding], heading: str) -> list[str]:
    return [each.text for each in found if each.heading == heading]


def table(templates: Mapping[str, Tree]) -> Tree:
    properties: Tree = templates["Data"]["Resources"]["Table"]["Properties"]
    return properties


def without_indexes(*names: str) -> Change:
    def change(templates: dict[str, Tree]) -> None:
        kept = [each for each in table(templates)["GlobalSecondaryIndexes"] if each["IndexName"] not in names]
        table(templates)["GlobalSecondaryIndexes"] = kept

    return change


@pytest.mark.parametrize("given", [EVERYTHING, GIVEN | {"Webhook": "no"}], ids=["everything", "little"])
def test_an_update_to_the_same_templates_has_nothing_to_tell(given: Mapping[str, str]) -> None:
    assert findings(given=given) == []


def test_the_way_a_template_is_written_makes_no_difference() -> None:
    text = (ROOT / "template.yaml").read_text("utf-8")
    packaged = load(yaml.safe_dump(load(text)))  # as SAM uploads it: long forms, no anchors, sorted
    for resource in packaged["Resources"].values():
        for name in {"CodeUri", "ContentUri", "TemplateURL"} & resource.get("Properties", {}).keys():
            resource["Properties"][name] = "s3://bucket/made-up"
    side = Side(templates={**CHECKOUT, MAIN: packaged}, parameters=deployed().parameters)
    assert list(compare(side, CHECKOUT, create_only)) == []
    assert plain({"Fn::GetAtt": "Data.Outputs.KeyArn"}) == plain({"Fn::GetAtt": ["Data", "Outputs.KeyArn"]})


def test_one_new_index_is_told() -> None:
    (text,) = texts(found := findings(without_indexes("report")), "Indexes")
    assert "the index report is created" in text
    assert worst(found) is Weight.KNOW


def test_several_new_indexes_stop_the_update_and_name_the_releases_to_deploy() -> None:
    found = findings(without_indexes("reference", "desk", "report"))
    (text,) = [each.text for each in found if each.weight is Weight.STOP]
    assert text.endswith("Deploy these releases one after the other: 0.6.1, then 0.7.0, then 0.10.0.")
    assert "TABLE" in text


def test_a_deleted_and_a_created_index_are_two_changes() -> None:
    assert worst(findings(without_indexes("report"), update=without_indexes("desk"))) is Weight.STOP


def test_an_index_that_changes_stops_the_update() -> None:
    def narrow(templates: dict[str, Tree]) -> None:
        table(templates)["GlobalSecondaryIndexes"][-1]["Projection"] = {"ProjectionType": "KEYS_ONLY"}

    (text,) = texts(found := findings(update=narrow), "Indexes")
    assert "the index report changes, which AWS refuses" in text
    assert worst(found) is Weight.STOP


def test_parameters_that_are_new_or_gone_are_told_with_what_to_do() -> None:
    def change(templates: dict[str, Tree]) -> None:
        declared = templates[MAIN]["Parameters"]
        del declared["OwnerEmail"], declared["ClinicPhone"], declared["AlertDetail"]
        declared["Color"] = {"Type": "String", "Default": "red"}

    told = texts(findings(change), "Parameters")
    assert [text.partition(" is ")[0] for text in told] == ["AlertDetail", "ClinicPhone", "OwnerEmail", "Color"]
    assert told[0].startswith("AlertDetail is new. Default: contact. How much of a request the alert shows.")
    assert told[1].startswith("ClinicPhone is new and needs a value.")
    assert "Default: empty." in told[2]
    assert "Remove it from `parameter_overrides`" in told[3]


@pytest.mark.parametrize(("name", "value"), [("AlertDetail", "everything"), ("OpsEmail", "Ops <ops@example.com>")])
def test_a_value_that_is_not_allowed_anymore_stops_the_update(name: str, value: str) -> None:
    found = findings(given=EVERYTHING | {name: value})
    assert [(each.weight, each.heading) for each in found] == [(Weight.STOP, "Parameters")]
    assert name in found[0].text


def test_functions_that_come_and_go_are_told() -> None:
    def older(templates: dict[str, Tree]) -> None:
        del templates[MAIN]["Resources"]["EraseFunction"]

    assert texts(findings(older), "Functions") == ["EraseFunction is created."]
    assert texts(findings(update=older), "Functions") == ["EraseFunction is deleted."]


def test_a_function_of_a_condition_that_does_not_hold_is_not_told() -> None:
    def older(templates: dict[str, Tree]) -> None:
        for name in ("Webhook",):
            del templates[MAIN]["Parameters"][name]
        for name, each in list(templates[MAIN]["Resources"].items()):
            if each.get("Condition") == "HasWebhook":
                del templates[MAIN]["Resources"][name]

    assert texts(findings(older, given=GIVEN), "Functions") == []
    assert texts(findings(older, given=GIVEN), "New") == []


DATA_RESOURCES = [
    (stack, name)
    for stack, template in CHECKOUT.items()
    for name, resource in template["Resources"].items()
    if resource["Type"] in DATA
]


@pytest.mark.parametrize(("stack", "name"), DATA_RESOURCES)
def test_data_that_would_be_lost_is_in_capital_letters(stack: str, name: str) -> None:
    def drop(templates: dict[str, Tree]) -> None:
        del templates[stack]["Resources"][name]

    (found,) = findings(update=drop)
    assert found.weight is Weight.STOP
    assert name.upper() in found.text
    kept = CHECKOUT[stack]["Resources"][name]["DeletionPolicy"] == "Retain"
    assert ("LEAVES THE STACK" if kept else "IS DELETED") in found.text


@pytest.mark.parametrize(
    ("stack", "name", "changes"),
    [
        ("Data", "Table", {"TableName": "leads"}),
        ("Data", "Table", {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}),
        ("Data", "IdKey", {"Name": "id-key"}),
        ("SignIn", "UserPool", {"UsernameAttributes": ["phone_number"]}),
        ("SignIn", "UserPool", {"UsernameConfiguration": {"CaseSensitive": True}}),
    ],
)
def test_data_that_would_be_replaced_stops_the_update(stack: str, name: str, changes: Tree) -> None:
    def change(templates: dict[str, Tree]) -> None:
        templates[stack]["Resources"][name]["Properties"] |= changes

    found = findings(update=change)
    (text,) = [each.text for each in found if each.weight is Weight.STOP]
    assert "IS REPLACED BY AN EMPTY ONE" in text
    assert name.upper() in text
    assert next(iter(changes)) in text


def test_a_resource_that_is_made_again_without_loss_is_told() -> None:
    def change(templates: dict[str, Tree]) -> None:
        templates[MAIN]["Resources"]["SubmitFunction"]["Properties"]["FunctionName"] = "submit"

    found = findings(update=change)
    assert texts(found, "Replaced") == ["SubmitFunction is replaced: FunctionName cannot change in place."]
    assert worst(found) is Weight.CARE


@pytest.mark.parametrize(
    ("stack", "name", "path", "value"),
    [
        ("Data", "Table", ("DeletionPolicy",), "Delete"),
        ("Audit", "Table", ("UpdateReplacePolicy",), "Delete"),
        ("Data", "Table", ("Properties", "DeletionProtectionEnabled"), False),
        ("SignIn", "UserPool", ("Properties", "DeletionProtection"), "INACTIVE"),
        ("Data", "Table", ("Properties", "PointInTimeRecoverySpecification"), {"PointInTimeRecoveryEnabled": False}),
        (
            "Audit",
            "Table",
            ("Properties", "TimeToLiveSpecification"),
            {"AttributeName": "expires_at", "Enabled": False},
        ),
    ],
)
def test_data_that_loses_its_protection_stops_the_update(
    stack: str, name: str, path: tuple[str, ...], value: object
) -> None:
    def change(templates: dict[str, Tree]) -> None:
        place = templates[stack]["Resources"][name]
        for each in path[:-1]:
            place = place[each]
        place[path[-1]] = value

    found = findings(update=change)
    (text,) = texts(found, "Protection")
    assert "LOSES" in text
    assert worst(found) is Weight.STOP


def test_a_nested_stack_that_goes_is_told_with_what_it_keeps() -> None:
    def drop(templates: dict[str, Tree]) -> None:
        del templates[MAIN]["Resources"]["Audit"], templates["Audit"]

    told = texts(findings(update=drop), "Deleted")
    assert told[0].startswith("Audit is deleted, with what it created")
    assert told[1] == "TABLE TABLE OF AUDIT LEAVES THE STACK. It is kept, but nothing uses it anymore."


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_change_of_a_property_is_told(data: st.DataObject) -> None:
    stack = data.draw(st.sampled_from(sorted(deployed().templates)))
    resources = deployed().resources(stack)
    named = sorted(name for name, each in resources.items() if each["Type"] != NESTED and each.get("Properties"))
    name = data.draw(st.sampled_from(named))
    old = sorted(resources[name]["Properties"].keys() - {"CodeUri", "ContentUri"})
    changed = data.draw(st.sampled_from(old))

    def change(templates: dict[str, Tree]) -> None:
        templates[stack]["Resources"][name]["Properties"][changed] = {"made": "up"}

    if changed == "GlobalSecondaryIndexes":
        return  # it has tests of its own, and is no list then
    found = findings(update=change)
    assert any(name in each.text and changed in each.text for each in found if each.heading == "Changed"), found


# ---- releases


@pytest.mark.parametrize(
    ("lacks", "without", "expected"),
    [
        ((), (), Deployed("0.10.0", "0.10.0")),
        (("report",), (), Deployed("0.8.0", "0.9.0")),
        (("report",), ("EraseFunction",), Deployed("0.7.0", "0.7.0")),
        (("report", "desk"), ("EraseFunction",), Deployed("0.6.1", "0.6.1")),
        (("report", "desk", "reference"), ("EraseFunction",), Deployed("0.2.0", "0.6.0")),
    ],
)
def test_an_older_release_is_told_by_what_it_has(
    lacks: tuple[str, ...], without: tuple[str, ...], expected: Deployed
) -> None:
    def older(templates: dict[str, Tree]) -> None:
        without_indexes(*lacks)(templates)
        for name in without:
            del templates[MAIN]["Resources"][name]

    assert deployed_release({}, deployed(older).templates, released(ROOT)) == expected


def test_a_release_that_says_its_version_is_believed() -> None:
    assert deployed_release({"Version": "1.2.3"}, deployed().templates, released(ROOT)) == Deployed("1.2.3", "1.2.3")


def test_the_releases_of_an_update_are_those_after_the_deployed_one() -> None:
    assert after(released(ROOT), Deployed("0.7.0", "0.7.0"), "0.9.0") == ["0.8.0", "0.9.0"]
    assert after(released(ROOT), Deployed("0.8.0", "0.9.0"), "0.10.0") == ["0.9.0", "0.10.0"]


def test_each_index_has_the_release_that_created_it() -> None:
    recorded = {name: release for release, added in RECORD.items() for name in added}
    assert recorded == INDEXES, "edit INDEXES in tools/operate/upgrade_check/releases.py"


def test_each_backfill_of_the_changelog_is_a_step() -> None:
    entries = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)
    asked = {entry[1 : entry.index("]")] for entry in entries if "run `make backfill`" in entry.partition("\n### ")[0]}
    steps = {step.release for step in STEPS if "make backfill" in step.after}
    assert asked == steps, "edit STEPS in tools/operate/upgrade_check/releases.py, or the first lines in CHANGELOG.md"


def test_the_page_about_updates_has_the_same_steps() -> None:
    page = (ROOT / "docs" / "operations" / "upgrade.md").read_text("utf-8")
    rows = [f"| {step.release} | {step.before or 'nothing'} | {step.after or 'nothing'} |" for step in STEPS]
    missing = [row for row in rows if row not in page]
    assert not missing, "edit docs/operations/upgrade.md: its table has one row for each step:\n" + "\n".join(missing)


def test_the_steps_of_an_update_are_told_around_it() -> None:
    title, found = check(
        deployed(without_indexes("report")), "UPDATE_COMPLETE", {"Version": "0.7.0"}, ROOT, create_only
    )
    assert title.startswith("0.7.0 is deployed")
    assert "0.8.0, 0.9.0, 0.10.0" in title
    assert texts(found, "Before") == [f"0.8.0: {STEPS[1].before}"]
    assert texts(found, "After")[0] == "0.8.0: Run `make backfill`."
    shown = report("clinic-leads", title, found, colors=True)
    assert shown.index("Before") < shown.index("Indexes") < shown.index("After")
    assert "\033[33m" in shown


@pytest.mark.parametrize("weight", [Weight.KNOW, Weight.CARE])
def test_the_command_that_deploys_names_the_stack_that_was_checked(weight: Weight) -> None:
    shown = report("clinic-leads-staging", "Title", [Finding(weight, "Stack", "Something.")], colors=False)
    assert shown.endswith(" with: make deploy STACK=clinic-leads-staging")


@pytest.mark.parametrize("state", ["UPDATE_ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_cannot_be_updated_stops_the_update(state: str) -> None:
    _, found = check(deployed(), state, {}, ROOT, create_only)
    (text,) = texts(found, "Stack")
    assert state in text
    assert worst(found) is Weight.STOP


def test_an_update_that_stopped_half_way_may_go_on() -> None:
    _, found = check(deployed(), "UPDATE_FAILED", {}, ROOT, create_only)
    assert "UPDATE_FAILED" in texts(found, "Stack")[0]
    assert worst(found) is Weight.CARE


def test_a_newer_release_than_the_checkout_is_told() -> None:
    title, found = check(deployed(), "UPDATE_COMPLETE", {"Version": "99.0.0"}, ROOT, create_only)
    assert title.startswith("99.0.0 is deployed")
    assert "newer release than this checkout" in texts(found, "Stack")[0]


def test_the_command_reads_the_stack_and_its_nested_stacks() -> None:
    session = boto3.Session("test", "test", region_name="us-east-1")
    client: Any = session.client("cloudformation")
    session.client = lambda *_args, **_kwargs: client  # type: ignore[method-assign]
    side = deployed()
    described = {
        name: {
            "Stacks": [
                {
                    "StackName": name.replace(" ", "-"),
                    "CreationTime": "2026-11-30T00:00:00Z",
                    "StackStatus": "UPDATE_COMPLETE",
                    "Parameters": [
                        {"ParameterKey": key, "ParameterValue": value} for key, value in side.parameters[name].items()
                    ],
                }
            ]
        }
        for name in side.templates
    }
    nested = [name for name in side.templates if name != MAIN]
    with Stubber(client) as stub:
        stub.add_response("describe_stacks", described[MAIN], {"StackName": "made-up"})
        stub.add_response("list_stack_resources", {"StackResourceSummaries": [_summary(each) for each in nested]})
        for each in (MAIN, *nested):
            stack = "made-up" if each == MAIN else f"arn:{each}"
            body = {"TemplateBody": yaml.safe_dump(side.templates[each])}
            stub.add_response("get_template", body, {"StackName": stack, "TemplateStage": "Original"})
            stub.add_response("describe_stacks", described[each], {"StackName": stack})
        stub.add_response("describe_stacks", described[MAIN], {"StackName": "made-up"})
        text, code = upgrade_check(session, "made-up", colors=False)
        stub.assert_no_pending_responses()
    assert text.startswith("made-up in us-east-1: 0.10.0 is deployed, and this checkout is")
    assert code == worst([]), text
    assert "STOP" not in text


def _summary(name: str) -> dict[str, object]:
    return {
        "LogicalResourceId": name,
        "PhysicalResourceId": f"arn:{name}",
        "ResourceType": NESTED,
        "LastUpdatedTimestamp": "2026-11-30T00:00:00Z",
        "ResourceStatus": "UPDATE_COMPLETE",
    }


def test_a_checkout_without_nested_templates_is_read(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n", "utf-8")
    assert checkout(tmp_path) == {MAIN: {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}}


@pytest.mark.parametrize("code", list(Weight))
def test_the_command_line_ends_with_the_code_of_the_worst_finding(
    code: Weight, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(command_line, "upgrade_check", lambda *_args, **_kwargs: ("the report", int(code)))
    assert command_line.main(["upgrade-check", "--stack", "made-up"]) == code
    assert capsys.readouterr().out == "the report\n"
