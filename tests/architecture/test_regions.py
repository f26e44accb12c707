"""Every region that template.yaml offers has all that the system needs; every other one is refused in words."""

import json
import re
from pathlib import Path

import botocore.session
import pytest
from cfnlint.helpers import REGIONS as KNOWN
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from shared.services.endpoint import dynamodb_url
from tests.architecture.templates import ROOT, Tree, read_templates

RULES: Tree = read_templates().main["Rules"]
OFFERED: list[str] = RULES["Region"]["Assertions"][0]["Assert"]["Fn::Contains"][0]
WITH_BUDGET: list[str] = RULES["BudgetRegion"]["Assertions"][0]["Assert"]["Fn::Contains"][0]
BUDGET = "AWS::Budgets::Budget"
PAGE = (ROOT / "docs" / "operations" / "regions.md").read_text("utf-8")
TABLE = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, flags=re.MULTILINE)
TABLE_WITH_BUDGET = re.findall(r"^\| `([a-z0-9-]+)` \| .* \| yes \|$", PAGE, flags=re.MULTILINE)
# What the functions, the desk and the operators' commands call.
SERVICES = (
    *("apigateway", "cloudformation", "cloudwatch", "cognito-idp", "dynamodb", "events", "kms", "lambda", "logs"),
    *("scheduler", "secretsmanager", "sesv2", "sns", "sqs", "wafv2"),
)
# cfn-lint and botocore know them too little, or nobody has tried them: the isolated regions and the sovereign cloud.
UNKNOWN = re.compile(r"(us-iso|eu-iso|eusc-)")
# Cognito's sign-in page has another address there (auth-fips), which infra/sign-in.yaml does not make.
OTHER_SIGN_IN = {"us-gov-east-1", "us-gov-west-1"}


@pytest.fixture(scope="module")
def types(expanded: Path) -> frozenset[str]:
    """Every type of resource that a stack with all options has."""
    trees = [json.loads(expanded.read_text("utf-8")), *read_templates().nested.values()]
    return frozenset(resource["Type"] for tree in trees for resource in tree["Resources"].values()) - {BUDGET}


def lacking(region: str, types: frozenset[str]) -> frozenset[str]:
    return types - set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))


@pytest.mark.parametrize("region", OFFERED)
def test_an_offered_region_has_every_type_of_resource(region: str, types: frozenset[str]) -> None:
    assert not lacking(region, types), (
        f"remove {region} from Rules in template.yaml and from docs/operations/regions.md"
    )


def test_a_region_that_has_everything_is_offered(types: frozenset[str]) -> None:
    able = {region for region in KNOWN if not UNKNOWN.match(region) and not lacking(region, types)}
    assert able - OTHER_SIGN_IN == set(OFFERED), "correct Rules in template.yaml and docs/operations/regions.md"


def test_a_budget_is_offered_where_cloudformation_can_set_one() -> None:
    able = [region for region in OFFERED if not lacking(region, frozenset({BUDGET}))]
    assert able == WITH_BUDGET, "correct BudgetRegion in template.yaml and the table in docs/operations/regions.md"
    assert sorted(TABLE_WITH_BUDGET) == WITH_BUDGET


@pytest.mark.parametrize("service", SERVICES)
def test_the_sdk_knows_an_address_of_the_service_in_each_offered_region(service: str) -> None:
    known = set(botocore.session.get_session().get_available_regions(service))
    assert set(OFFERED) <= known


@pytest.mark.parametrize("region", OFFERED)
def test_the_first_try_to_store_has_an_address_in_each_offered_region(region: str) -> None:
    # tests/unit/test_endpoint.py compares it with the SDK's. In a domain of AWS's own, Amazon's roots are enough:
    # docs/decisions/0017-amazons-roots.md.
    assert dynamodb_url({"AWS_REGION": region}) == f"https://dynamodb.{region}.amazonaws.com"


def test_the_page_lists_the_offered_regions() -> None:
    assert sorted(TABLE) == sorted(OFFERED), "correct the table in docs/operations/regions.md"
    assert sorted(set(OFFERED)) == OFFERED


def test_the_page_gives_a_reason_for_each_other_region_that_is_known() -> None:
    missing = [region for region in KNOWN if region not in PAGE and not UNKNOWN.match(region)]
    assert not missing


def test_the_refusal_says_what_to_do() -> None:
    words = RULES["Region"]["Assertions"][0]["AssertDescription"]
    assert "docs/operations/regions.md" in words
    assert set(re.findall(r"[a-z]{2}-[a-z]+-\d", words)) <= set(OFFERED)


def test_sam_passes_the_rule_on(expanded: Path) -> None:
    assert json.loads(expanded.read_text("utf-8"))["Rules"] == RULES
