"""The longest name that a stack can have, from the names that template.yaml makes of it."""

import re

import pytest

from tests.architecture.templates import ROOT, walk
from tests.architecture.test_templates_keep_the_rules import TEMPLATES
from tools.deploy.template import longest_stack_name

# The most characters that AWS accepts in a name, by the property that sets it.
LIMITS = {
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    "FunctionName": 64,
    # EventBridge Scheduler: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
    "Name": 64,
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    "LogGroupName": 512,
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html
    "UserPoolName": 128,
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    "AliasName": 256,
}
LONGEST = longest_stack_name()
# CloudFormation adds up to 30 characters to the name of a nested stack, such as -WebhookSecrets-1A2B3C4D5E6F7.
NESTED = 30


def names() -> list[tuple[str, str]]:
    """Return each property that begins with the name of a stack, with its text."""
    return [
        (key, value["Fn::Sub"])
        for tree in TEMPLATES.files.values()
        for part in walk(tree["Resources"])
        if isinstance(part, dict)
        for key, value in part.items()
        if isinstance(value, dict) and isinstance(value.get("Fn::Sub"), str) and "StackName}" in value["Fn::Sub"]
        if key.endswith("Name")
    ]


def test_the_limit_of_each_name_is_known() -> None:
    assert {key for key, _ in names()} <= set(LIMITS), "add the limit of this name to LIMITS"
    assert len(names()) > 10


@pytest.mark.parametrize(("key", "text"), names(), ids=lambda value: value)
def test_a_name_fits_with_the_longest_name_of_a_stack(key: str, text: str) -> None:
    longest = "x" * (LONGEST + NESTED if key == "AliasName" else LONGEST)
    assert len(re.sub(r"\$\{(AWS::)?StackName\}", longest, text)) <= LIMITS[key]


def test_the_longest_name_is_the_longest_that_fits() -> None:
    longest = max(len(re.sub(r"\$\{.*?\}", "", text)) for key, text in names() if LIMITS[key] == 64)
    assert 64 - longest == LONGEST, "correct longest_stack_name, and the number in docs/deploy.md"


def test_operators_are_told_the_longest_name() -> None:
    assert f"at most {LONGEST} characters" in (ROOT / "docs" / "deploy.md").read_text("utf-8")
