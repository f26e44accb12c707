"""tools.deploy.assertions: the template's rules are checked as CloudFormation checks them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.deploying import COMPLETE
from tools.deploy.assertions import REGION, broken

RULES: dict[str, Any] = {
    "Region": {
        "Assertions": [
            {
                "Assert": {"Fn::Contains": [["us-east-1", "us-west-2"], {"Ref": REGION}]},
                "AssertDescription": "Not there.",
            }
        ]
    },
    "Budget": {
        "RuleCondition": {"Fn::Not": [{"Fn::Equals": [{"Ref": "MonthlyBudget"}, "0"]}]},
        "Assertions": [
            {"Assert": {"Fn::Equals": [{"Ref": REGION}, "us-east-1"]}, "AssertDescription": "No budget\n there."}
        ],
    },
    "Domain": {
        "RuleCondition": {"Fn::Equals": [{"Ref": "DomainName"}, ""]},
        "Assertions": [
            {
                "Assert": {
                    "Fn::And": [
                        {"Fn::Equals": [{"Ref": "CertificateArn"}, ""]},
                        {"Fn::Or": [{"Fn::Equals": [{"Ref": "HostedZoneId"}, ""]}, False]},
                    ]
                }
            }
        ],
    },
    "Unknown": {"Assertions": [{"Assert": {"Fn::EachMemberIn": [[1], [2]]}}]},
}
GOOD = {REGION: "us-west-2", "MonthlyBudget": "0", "DomainName": "", "CertificateArn": "", "HostedZoneId": ""}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({REGION: "mx-central-1"}, ["Not there."]),
        ({"MonthlyBudget": "50"}, ["No budget there."]),
        ({"MonthlyBudget": "50", REGION: "us-east-1"}, []),
        ({"HostedZoneId": "Z1"}, ["An answer does not fit the others."]),
        ({"HostedZoneId": "Z1", "DomainName": "leads.example.com"}, []),
    ],
)
def test_a_broken_rule_is_told_in_the_template_s_words(changes: dict[str, str], told: list[str]) -> None:
    assert broken({**GOOD, **changes}, RULES) == told


def test_a_rule_about_answers_that_are_not_there_yet_waits() -> None:
    assert broken({REGION: "us-west-2"}, RULES) == []


ANY_TEST = st.recursive(
    st.booleans() | st.text() | st.builds(lambda name: {"Ref": name}, st.text()),
    lambda inner: st.builds(
        lambda name, several: {f"Fn::{name}": several},
        st.sampled_from(["And", "Or", "Not", "Equals", "Contains", "Other"]),
        st.lists(inner, max_size=3),
    ),
)


@given(ANY_TEST, st.dictionaries(st.text(), st.text()))
def test_any_rule_is_checked_or_left_to_cloudformation(test: object, values: dict[str, str]) -> None:
    assert broken(values, {"Any": {"Assertions": [{"Assert": test}]}}) in ([], ["An answer does not fit the others."])


def test_the_defaults_of_the_template_break_no_rule() -> None:
    assert broken({**COMPLETE, REGION: "us-east-1"}) == []
