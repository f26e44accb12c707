"""tools.deploy: what a change set does and why a deployment failed, in words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.deploying import StubbedSession
from tools.deploy.changes import PRECIOUS, Change, in_words, read, read_nested
from tools.deploy.errors import DeployError
from tools.deploy.sam import upload
from tools.deploy.stacks import Failure, Stack, explained

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/clinic-leads/1"
NESTED_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/clinic-leads-Data-1/2"
CHANGE_SET = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/one/1"
NESTED_SET = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/one-Data/2"
BEGIN = datetime(2026, 11, 30, 12, tzinfo=UTC)


def resource(name: str, kind: str, action: str = "Modify", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - AWS's shape
    return {
        "Type": "Resource",
        "ResourceChange": {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more},
    }


def test_a_first_deployment_counts_its_parts() -> None:
    changes = [Change(name=str(number), kind="AWS::IAM::Role", action="Add") for number in range(3)]
    (line,) = in_words([*changes, Change(name="T", kind="AWS::SNS::Topic", action="Add")], first=True)
    assert line == "It creates 4 parts: 3 x IAM Role, 1 x SNS Topic"


def test_an_update_names_each_change_and_its_properties() -> None:
    changes = [
        Change(name="SubmitFunction", kind="AWS::Lambda::Function", action="Modify", properties=("Code", "Layers")),
        Change(name="New", kind="AWS::SQS::Queue", action="Add"),
        Change(name="Old", kind="AWS::IAM::Role", action="Remove"),
        Change(name="Layer", kind="AWS::Lambda::LayerVersion", action="Modify", replaces="True"),
        Change(
            name="Data",
            kind="AWS::CloudFormation::Stack",
            action="Modify",
            replaces="Conditional",
            properties=("Parameters",),
        ),
    ]
    assert list(in_words(changes, first=False)) == [
        "added    New (SQS Queue)",
        "changed  Data (CloudFormation Stack): Parameters",
        "replaced Layer (Lambda LayerVersion)",
        "changed  SubmitFunction (Lambda Function): Code, Layers",
        "removed  Old (IAM Role)",
    ]


@pytest.mark.parametrize("kind", PRECIOUS)
@pytest.mark.parametrize(
    ("action", "replaces", "begins"),
    [
        ("Modify", "True", "REPLACES THE"),
        ("Modify", "Conditional", "MAY REPLACE THE"),
        ("Remove", "False", "REMOVES THE"),
    ],
)
def test_a_loss_of_data_comes_first_in_capital_letters(kind: str, action: str, replaces: str, begins: str) -> None:
    lost = Change(name="Data/Table", kind=kind, action=action, replaces=replaces)
    lines = list(in_words([Change(name="A", kind="AWS::SQS::Queue", action="Add"), lost], first=False))
    assert lost.loses
    assert lines[0].startswith(begins)


def test_a_new_or_changed_table_loses_nothing() -> None:
    for action in ("Add", "Modify"):
        assert not Change(name="Table", kind="AWS::DynamoDB::Table", action=action).loses


def test_the_changes_of_nested_stacks_are_read_too() -> None:
    session = StubbedSession()
    session.answers(
        "cloudformation",
        "describe_change_set",
        {"Changes": [resource("Data", "AWS::CloudFormation::Stack", ChangeSetId=NESTED_SET)]},
    )
    target = {"Target": {"Attribute": "Properties", "Name": "KeySchema", "RequiresRecreation": "Always"}}
    session.answers(
        "cloudformation",
        "describe_change_set",
        {"Changes": [resource("Table", "AWS::DynamoDB::Table", Replacement="True", Details=[target])]},
    )
    found = read(session.client("cloudformation"), CHANGE_SET)
    assert [(each.name, each.loses, each.properties) for each in found] == [
        ("Data", False, ()),
        ("Data/Table", True, ("KeySchema",)),
    ]


def uploaded(template: str) -> str:
    assert template == "Resources: {}"
    return "https://s3.amazonaws.com/made-up/clinic-leads/preview.template"


def with_preview(session: StubbedSession) -> None:
    session.answers(
        "cloudformation",
        "describe_change_set",
        {
            "StackId": STACK_ID,
            "Parameters": [{"ParameterKey": "ClinicPhone", "ParameterValue": "(202) 555-0143"}],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Tags": [{"Key": "app", "Value": "clinic-leads"}],
        },
    )
    session.answers("cloudformation", "get_template", {"TemplateBody": "Resources: {}"})


def test_a_preview_of_nested_stacks_is_deleted_after_it_was_read() -> None:
    session = StubbedSession()
    with_preview(session)
    session.answers("cloudformation", "create_change_set", {"Id": NESTED_SET})
    session.answers("cloudformation", "describe_change_set", {"Status": "CREATE_COMPLETE"})
    session.answers("cloudformation", "describe_change_set", {"Changes": [resource("A", "AWS::SQS::Queue", "Add")]})
    session.answers("cloudformation", "delete_change_set", {})
    found = read_nested(session.client("cloudformation"), CHANGE_SET, uploaded)
    assert found == [Change(name="A", kind="AWS::SQS::Queue", action="Add")]
    session.stubs["cloudformation"].assert_no_pending_responses()


def test_a_preview_that_aws_refuses_stops_nothing() -> None:
    session = StubbedSession()
    with_preview(session)
    session.refuses("cloudformation", "create_change_set", "ValidationError", "too long")
    assert read_nested(session.client("cloudformation"), CHANGE_SET, uploaded) is None
    session.stubs["cloudformation"].assert_no_pending_responses()


def test_a_preview_that_fails_is_deleted() -> None:
    session = StubbedSession()
    with_preview(session)
    session.answers("cloudformation", "create_change_set", {"Id": NESTED_SET})
    session.answers("cloudformation", "describe_change_set", {"Status": "FAILED", "StatusReason": "nested"})
    session.answers("cloudformation", "delete_change_set", {})
    assert read_nested(session.client("cloudformation"), CHANGE_SET, uploaded) is None
    session.stubs["cloudformation"].assert_no_pending_responses()


def test_a_template_is_stored_in_the_bucket_of_the_sam_cli() -> None:
    session = StubbedSession()
    managed = described("CREATE_COMPLETE")
    managed["Stacks"][0]["Outputs"] = [{"OutputKey": "SourceBucket", "OutputValue": "made-up"}]
    session.answers("cloudformation", "describe_stacks", managed)
    session.answers("s3", "put_object", {})
    anything: Any = session
    url = upload(anything, "clinic-leads", "Resources: {}")
    assert url == "https://s3.amazonaws.com/made-up/clinic-leads/preview.template"


def event(name: str, status: str, second: int, **more: str) -> dict[str, Any]:
    return {
        "StackId": more.get("stack", STACK_ID),
        "EventId": f"{name}-{second}",
        "StackName": "clinic-leads",
        "LogicalResourceId": name,
        "PhysicalResourceId": more.get("id", name),
        "ResourceType": more.get("kind", "AWS::SQS::Queue"),
        "Timestamp": BEGIN + timedelta(seconds=second),
        "ResourceStatus": status,
        "ResourceStatusReason": more.get("reason", ""),
    }


def described(status: str) -> dict[str, Any]:
    return {
        "Stacks": [
            {"StackId": STACK_ID, "StackName": "clinic-leads", "CreationTime": BEGIN, "StackStatus": status},
        ]
    }


def stack_with(session: StubbedSession) -> tuple[Stack, list[str], Callable[[str], None]]:
    clock = iter(range(0, 1000, 6))
    said: list[str] = []
    stack = Stack(
        session.client("cloudformation"), "clinic-leads", seconds=lambda: next(clock), sleep=lambda _seconds: None
    )
    return stack, said, said.append


NESTED = "AWS::CloudFormation::Stack"
FAILED = [
    event("clinic-leads", "ROLLBACK_COMPLETE", 9, kind=NESTED, id=STACK_ID),
    event("Data", "CREATE_FAILED", 5, kind=NESTED, id=NESTED_ID, reason="Embedded stack was not created"),
    event("Queue", "CREATE_FAILED", 6, reason="Resource creation cancel" + "led"),
    event("clinic-leads", "CREATE_IN_PROGRESS", 1, kind=NESTED, id=STACK_ID),
    event("before", "CREATE_FAILED", 0, reason="of an earlier try"),
]
FAILED_NESTED = [
    event("Table", "CREATE_FAILED", 4, stack=NESTED_ID, kind="AWS::DynamoDB::Table", reason="Table already exists"),
    event("Key", "CREATE_COMPLETE", 3, stack=NESTED_ID),
]


def test_a_failed_deployment_names_the_first_resource_and_its_reason() -> None:
    session = StubbedSession()
    stack, said, say = stack_with(session)
    session.answers("cloudformation", "describe_change_set", {"StackId": STACK_ID})
    session.answers("cloudformation", "describe_stack_events", {"StackEvents": [FAILED[-1]]})
    session.answers("cloudformation", "execute_change_set", {})
    session.answers("cloudformation", "describe_stack_events", {"StackEvents": FAILED})
    session.answers("cloudformation", "describe_stack_events", {"StackEvents": FAILED_NESTED})
    session.answers("cloudformation", "describe_stacks", described("ROLLBACK_COMPLETE"))
    session.answers("cloudformation", "describe_stack_events", {"StackEvents": FAILED})
    session.answers("cloudformation", "describe_stack_events", {"StackEvents": FAILED_NESTED})
    with pytest.raises(DeployError) as caught:
        stack.execute(CHANGE_SET, say)
    assert str(caught.value).startswith("Table (AWS::DynamoDB::Table) failed: Table already exists. ")
    assert "ROLLBACK_COMPLETE" in str(caught.value)
    assert said


def test_a_deployment_is_followed_until_it_ends() -> None:
    session = StubbedSession()
    stack, said, say = stack_with(session)
    begun = event("clinic-leads", "UPDATE_IN_PROGRESS", 1, kind=NESTED, id=STACK_ID)
    working = event("Api", "UPDATE_IN_PROGRESS", 2)
    done = [event("Api", "UPDATE_COMPLETE", 3), working, begun]
    session.answers("cloudformation", "describe_change_set", {"StackId": STACK_ID})
    session.answers("cloudformation", "describe_stack_events", {"StackEvents": [FAILED[-1]]})
    session.answers("cloudformation", "execute_change_set", {})
    # At first, CloudFormation still describes the end of the deployment before.
    for events, status in (
        ([], "UPDATE_COMPLETE"),
        ([working, begun], "UPDATE_IN_PROGRESS"),
        (done, "UPDATE_COMPLETE"),
    ):
        session.answers("cloudformation", "describe_stack_events", {"StackEvents": events})
        session.answers("cloudformation", "describe_stacks", described(status))
    stack.execute(CHANGE_SET, say)
    assert said[-1].endswith("  1 parts done.")
    session.stubs["cloudformation"].assert_no_pending_responses()


def test_the_dns_record_that_a_certificate_waits_for_is_told_once() -> None:
    session = StubbedSession()
    stack, said, say = stack_with(session)
    record = "Content of DNS Record is: {Name: _1.leads.example.com.,Type: CNAME,Value: _2.acm-validations.aws.}"
    certificate = "AWS::CertificateManager::Certificate"
    begun = event("clinic-leads", "CREATE_IN_PROGRESS", 1, kind=NESTED, id=STACK_ID)
    domain = event("Domain", "CREATE_IN_PROGRESS", 2, kind=NESTED, id=NESTED_ID)
    waiting = [
        event("Certificate", "CREATE_IN_PROGRESS", 4, stack=NESTED_ID, kind=certificate, reason=record),
        event("Certificate", "CREATE_IN_PROGRESS", 3, stack=NESTED_ID, kind=certificate),
    ]
    done = [event("Certificate", "CREATE_COMPLETE", 5, stack=NESTED_ID, kind=certificate), *waiting]
    session.answers("cloudformation", "describe_change_set", {"StackId": STACK_ID})
    session.answers("cloudformation", "describe_stack_events", {"StackEvents": []})
    session.answers("cloudformation", "execute_change_set", {})
    for nested, status in (
        (waiting, "CREATE_IN_PROGRESS"),
        (waiting, "CREATE_IN_PROGRESS"),
        (done, "CREATE_COMPLETE"),
    ):
        session.answers("cloudformation", "describe_stack_events", {"StackEvents": [domain, begun]})
        session.answers("cloudformation", "describe_stack_events", {"StackEvents": nested})
        session.answers("cloudformation", "describe_stacks", described(status))
    stack.execute(CHANGE_SET, say)
    (told,) = [line for line in said if "DNS record" in line]
    assert told.endswith(record)
    session.stubs["cloudformation"].assert_no_pending_responses()


def test_no_stack_is_no_status() -> None:
    session = StubbedSession()
    stack, _, _ = stack_with(session)
    session.refuses("cloudformation", "describe_stacks", "ValidationError", "Stack does not exist")
    assert stack.status() is None


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (
            Failure(name="S", kind="AWS::SES::EmailIdentity", reason="leads@example.com already exists"),
            "CreateSenderId",
        ),
        (Failure(name="L", kind="AWS::Logs::LogGroup", reason="/aws/lambda/x already exists"), "log group is left"),
        (Failure(name="F", kind="AWS::Lambda::Function", reason="Function already exists"), "another stack name"),
        (Failure(name="R", kind="AWS::IAM::Role", reason="User is not authorized to perform iam"), "do not allow"),
        (Failure(name="W", kind="AWS::WAFv2::WebACL", reason="whatever"), "answer no to Firewall"),
        (
            Failure(name="D", kind="AWS::ApiGateway::Stage", reason="CloudWatch Logs role ARN must be set"),
            "create to Api",
        ),
        (Failure(name="K", kind="AWS::KMS::Key", reason="something else"), "K (AWS::KMS::Key) failed: something else."),
        (None, "gives no reason"),
    ],
)
def test_a_known_reason_comes_with_its_cure(failure: Failure | None, told: str) -> None:
    assert told in explained(failure)
