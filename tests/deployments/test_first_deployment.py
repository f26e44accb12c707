"""What CloudFormation does with a first deployment: refuses a wrong region, and leaves no sender behind if it fails."""

import json
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.architecture.templates import ROOT, Tree, load
from tests.deployed import Deployed
from tools.local.deployment import session
from tools.local.parameters import SENDER

MAIN = load((ROOT / "template.yaml").read_text("utf-8"))
EMAIL = load((ROOT / "infra" / "email.yaml").read_text("utf-8"))
ANOTHER = "another@clinic.example.com"


def rules_alone() -> str:
    """Return a template with the rules of the main one, their parameters, and next to nothing else."""
    asked = {
        name: MAIN["Parameters"][name] for name in ("DomainName", "CertificateArn", "HostedZoneId", "MonthlyBudget")
    }
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    return json.dumps({"Parameters": asked, "Rules": MAIN["Rules"], "Resources": topic})


@pytest.mark.parametrize("region", ["mx-central-1", "us-gov-west-1", "cn-north-1"])
def test_a_region_without_all_services_is_refused_in_words(deployed: Deployed, region: str) -> None:
    cloudformation = session().client("cloudformation", endpoint_url=deployed.aws, region_name=region)
    with pytest.raises(ClientError, match="cannot be deployed in this region"):
        cloudformation.create_stack(StackName="clinic-leads-elsewhere", TemplateBody=rules_alone())


@pytest.mark.parametrize(
    ("region", "parameter", "value", "words"),
    [
        ("us-east-1", "HostedZoneId", "Z0123456789ABCDEFGHIJ", "need a DomainName"),
        (
            "us-east-1",
            "CertificateArn",
            "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000",
            "need a DomainName",
        ),
        ("eu-north-1", "MonthlyBudget", "50", "cannot set a budget in this region"),
    ],
)
def test_an_answer_that_cannot_work_is_refused_in_words(
    deployed: Deployed, region: str, parameter: str, value: str, words: str
) -> None:
    cloudformation = session().client("cloudformation", endpoint_url=deployed.aws, region_name=region)
    with pytest.raises(ClientError, match=words):
        cloudformation.create_stack(
            StackName="clinic-leads-answers",
            TemplateBody=rules_alone(),
            Parameters=[{"ParameterKey": parameter, "ParameterValue": value}],
        )


def test_a_region_with_all_services_is_accepted(deployed: Deployed) -> None:
    cloudformation = session().client("cloudformation", endpoint_url=deployed.aws, region_name="eu-central-1")
    cloudformation.create_stack(StackName="clinic-leads-elsewhere", TemplateBody=rules_alone())
    cloudformation.get_waiter("stack_create_complete").wait(StackName="clinic-leads-elsewhere")
    cloudformation.delete_stack(StackName="clinic-leads-elsewhere")


def test_the_sender_forwards_no_bounces(deployed: Deployed) -> None:
    identity = session().client("sesv2", endpoint_url=deployed.aws).get_email_identity(EmailIdentity=SENDER)
    assert identity["FeedbackForwardingStatus"] is False


def test_a_failed_first_deployment_leaves_no_sender_and_can_be_repeated(deployed: Deployed) -> None:
    fails: Tree = {
        "Type": "AWS::CloudFormation::Stack",
        "DependsOn": "SenderIdentity",
        "Properties": {"TemplateURL": f"{deployed.aws}/no-bucket/no-template.yaml"},
    }
    failing = EMAIL | {"Resources": EMAIL["Resources"] | {"Fails": fails}}
    assert create(deployed, failing) != "CREATE_COMPLETE"
    assert not known(deployed, ANOTHER)
    assert create(deployed, EMAIL) == "CREATE_COMPLETE"
    assert known(deployed, ANOTHER)

    # Deleted later, the stack leaves its sender.
    cloudformation = session().client("cloudformation", endpoint_url=deployed.aws)
    cloudformation.delete_stack(StackName="clinic-leads-sender")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="clinic-leads-sender")
    assert known(deployed, ANOTHER)


def create(deployed: Deployed, template: Tree) -> str:
    """Create a stack, in place of a failed one, and return its last status."""
    cloudformation = session().client("cloudformation", endpoint_url=deployed.aws)
    with suppress(ClientError):
        cloudformation.delete_stack(StackName="clinic-leads-sender")
        cloudformation.get_waiter("stack_delete_complete").wait(StackName="clinic-leads-sender")
    answers = {"SenderAddress": ANOTHER, "CreateSenderIdentity": "yes"}
    cloudformation.create_stack(
        StackName="clinic-leads-sender",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in answers.items()],
    )
    with suppress(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="clinic-leads-sender", WaiterConfig={"Delay": 1}
        )
    return cloudformation.describe_stacks(StackName="clinic-leads-sender")["Stacks"][0]["StackStatus"]


def known(deployed: Deployed, sender: str) -> bool:
    try:
        session().client("sesv2", endpoint_url=deployed.aws).get_email_identity(EmailIdentity=sender)
    except ClientError:
        return False
    return True
