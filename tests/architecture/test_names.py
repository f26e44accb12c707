"""Two stacks can share an account: no name that we or SAM choose is the same in both."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.templates import read_templates

# Names that must be unique in an account and region. CloudFormation makes up the names that we do not set.
_NAMES = {
    "AWS::ApiGateway::RestApi": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SES::ConfigurationSet": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SecretsManager::Secret": "Name",
}
# A layer's name may be shared: each publication is a new version, and a function names its version.
_SHAREABLE = {"AWS::Lambda::LayerVersion"}
NESTED = [path for path in read_templates().files if path.startswith("infra/")]


def same_in_every_stack(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    names = {
        place: resource.get("Properties", {}).get(_NAMES[resource["Type"]])
        for place, resource in resources.items()
        if resource["Type"] in _NAMES and resource["Type"] not in _SHAREABLE
    }
    # In a nested stack, Namespace is unique too: the main template passes AWS::StackName as its value.
    own = ("AWS::StackName", '{"Ref": "Namespace"}')
    return [
        f"{place}: put ${{AWS::StackName}} into its name"
        for place, name in names.items()
        if name is not None and not any(mark in json.dumps(name) for mark in own)
    ]


def test_the_main_stacks_names_are_its_own(expanded: Path) -> None:
    assert same_in_every_stack(json.loads(expanded.read_text(encoding="utf-8"))["Resources"]) == []


@pytest.mark.parametrize("path", NESTED)
def test_a_nested_stacks_names_are_its_own(path: str) -> None:
    assert same_in_every_stack(read_templates().files[path]["Resources"]) == []


def test_a_name_that_every_stack_would_have_is_noticed() -> None:
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": {"Name": "FollowUpFunctionEveryMinute"}}
    assert same_in_every_stack({"Schedule": schedule}) == ["Schedule: put ${AWS::StackName} into its name"]
