"""checkov's opinion of the templates, as CloudFormation gets them. Each finding that is left has its reason here."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.templates import ROOT, read_templates
from tests.opinions.pinned import program

# By checkov's number of the check: the resources, by the end of their ids, and why we do not follow.
LEFT = {
    "CKV_AWS_26": (
        {"AlarmsTopic"},
        "CloudWatch cannot publish to a topic that uses the AWS managed key (template.yaml)",
    ),
    "CKV_AWS_27": (
        {"FailedRecordsQueue"},
        "it is encrypted, with SQS's own key; a message names a shard of the stream and has no record",
    ),
    "CKV_AWS_28": ({"Sessions"}, "if the sessions are lost, staff sign in again (infra/sign-in.yaml)"),
    "CKV_AWS_33": (
        {"Key"},
        "DynamoDB uses the key for principals of this account, by kms:CallerAccount (infra/data.yaml)",
    ),
    "CKV_AWS_73": ({"Apiv1Stage"}, "traces would have the visitor's address and cost more (decision 5)"),
    "CKV_AWS_115": ({"Function"}, "a new account's ten functions at once leave nothing to reserve (template.yaml)"),
    "CKV_AWS_116": (
        {"Function"},
        "what fails is on the agenda in the table; a queue of SES's reports would hold addresses (decisions 2 and 11)",
    ),
    "CKV_AWS_117": (
        {"Function"},
        "they call only AWS's own addresses, over TLS; a VPC adds a NAT gateway at 33 dollars a month",
    ),
    "CKV_AWS_120": ({"Apiv1Stage"}, "a cache would keep pages with requests, and answers to forms"),
    "CKV_AWS_149": (
        {"Address", "IdKey", "PeopleSecret", "SigningKey", "StackSecret"},
        "encrypted with the AWS managed key; our own would cost as much as the secret (infra/data.yaml)",
    ),
    "CKV_AWS_158": (
        {"Log"},
        "logs have ids and outcomes and nothing that a visitor typed; CloudWatch encrypts them anyway",
    ),
    "CKV_AWS_173": (
        {"Function"},
        "Lambda encrypts them anyway. One is secret, the id key, which only two functions have (decision 26)",
    ),
    "CKV_AWS_192": ({"Firewall"}, "no Java runs here (decision 27)"),
}


@pytest.fixture(scope="module")
def found(expanded: Path, tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """Each finding: the number of the check, and the resource."""
    folder = tmp_path_factory.mktemp("templates")
    shutil.copy(expanded, folder / "template.json")
    for path in read_templates().nested:
        shutil.copy(ROOT / path, folder)
    checked = subprocess.run(
        [
            *(program("checkov"), "--directory", folder, "--framework", "cloudformation", "--output", "json"),
            *("--quiet", "--compact", "--skip-download"),
        ],
        # Without a key of its maker's platform, it sends nothing.
        env={"PATH": os.defpath, "HOME": str(folder)},
        check=False,
        capture_output=True,
        text=True,
    )
    report = json.loads(checked.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 100
    return {
        (finding["check_id"], finding["resource"].rpartition(".")[2]) for finding in report["results"]["failed_checks"]
    }


def test_each_finding_has_its_reason(found: set[tuple[str, str]]) -> None:
    new = {
        (check, resource)
        for check, resource in found
        if not any(resource.endswith(end) for end in LEFT.get(check, ((), ""))[0])
    }
    assert not new, "mend these, or write the reason into LEFT"


def test_each_reason_has_its_finding(found: set[tuple[str, str]]) -> None:
    gone = [
        (check, end)
        for check, (ends, _) in LEFT.items()
        for end in ends
        if not any(name == check and resource.endswith(end) for name, resource in found)
    ]
    assert not gone, "remove these from LEFT"


def test_the_page_lists_each_finding() -> None:
    page = (ROOT / "docs" / "verification.md").read_text("utf-8")
    assert {
        line.split("|")[2].split(":")[0].strip() for line in page.splitlines() if line.startswith("| checkov")
    } == set(LEFT)
