"""infra/domain.yaml on the local AWS, which creates its resources but serves nothing at the domain."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.architecture.templates import ROOT
from tests.deployed import Deployed
from tools.local.deployment import session

DOMAIN = "leads.clinic.example.com"
NAME = "clinic-leads-domain"


@pytest.fixture
def zone(deployed: Deployed) -> str:
    """A hosted zone's id, as Route 53 shows it to people."""
    created = aws(deployed, "route53").create_hosted_zone(Name="clinic.example.com", CallerReference=NAME)
    return str(created["HostedZone"]["Id"]).removeprefix("/hostedzone/")


@pytest.fixture
def target(deployed: Deployed, zone: str) -> Iterator[str]:
    """Where the domain's record has to point."""
    cloudformation = aws(deployed, "cloudformation")
    parameters = {
        "DomainName": DOMAIN,
        "CertificateArn": "",
        "HostedZoneId": zone,
        "ApiId": deployed.stack.api.split("/")[-2],
        "ApiStage": "v1",
    }
    cloudformation.create_stack(
        StackName=NAME,
        TemplateBody=(ROOT / "infra" / "domain.yaml").read_text("utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1})
    outputs = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]["Outputs"]
    values = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    assert values["Url"] == f"https://{DOMAIN}/v1", "links in emails begin with it"
    yield values["Target"]
    cloudformation.delete_stack(StackName=NAME)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1})


def aws(deployed: Deployed, service: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return session().client(service, endpoint_url=deployed.aws)


def test_the_domain_leads_to_the_api_with_the_same_path(deployed: Deployed, target: str) -> None:
    apigateway = aws(deployed, "apigateway")
    domain = apigateway.get_domain_name(domainName=DOMAIN)
    assert domain["regionalDomainName"] == target
    (mapping,) = apigateway.get_base_path_mappings(domainName=DOMAIN)["items"]
    assert (mapping["basePath"], mapping["restApiId"], mapping["stage"]) == (
        "v1",
        deployed.stack.api.split("/")[-2],
        "v1",
    )


def test_the_record_points_to_the_domain(deployed: Deployed, zone: str, target: str) -> None:
    records = aws(deployed, "route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    (record,) = [record for record in records if record["Type"] == "A"]
    assert record["Name"].rstrip(".") == DOMAIN
    assert record["AliasTarget"]["DNSName"].rstrip(".") == target


def test_the_certificate_is_for_the_domain(deployed: Deployed, target: str) -> None:
    assert target
    listed = aws(deployed, "acm").list_certificates()["CertificateSummaryList"]
    assert [certificate["DomainName"] for certificate in listed] == [DOMAIN]
