"""What stays after a stack was deleted does not block another one, and the page about it names all of it."""

from collections.abc import Iterator

import pytest

from tools.operate.upgrade_check.command import ROOT
from tools.operate.upgrade_check.schemas import create_only
from tools.operate.upgrade_check.template import Tree, checkout

PAGE = (ROOT / "docs" / "operations" / "tear-down.md").read_text("utf-8")
# What a resource that stays is called on the page.
ON_THE_PAGE = {
    "Data/Table": "the table with the requests",
    "Data/Key": "the key that encrypts them",
    "Data/PeopleSecret": "`PeopleSecret`",
    "Data/IdKey": "`IdKey`",
    "Audit/Table": "the table with the audit",
    "SignIn/UserPool": "the staff accounts",
    "Email/SenderIdentity": "the sender in SES",
    "the main stack/ApiGatewayAccount": "API Gateway's log role",
    "the main stack/ApiGatewayCloudWatchRole": "API Gateway's log role",
}
# These have a name, because they are what they are named: answer "no" to CreateSenderIdentity the next time.
NAMED = {"Email/SenderIdentity"}


def kept() -> Iterator[tuple[str, Tree]]:
    """Yield each resource that stays, with its stack."""
    for stack, template in checkout(ROOT).items():
        for name, resource in template["Resources"].items():
            if resource.get("DeletionPolicy") in {"Retain", "RetainExceptOnCreate"}:
                yield f"{stack}/{name}", resource


def test_what_stays_is_on_the_page() -> None:
    assert {name for name, _ in kept()} == ON_THE_PAGE.keys(), "edit docs/operations/tear-down.md and ON_THE_PAGE"
    table = [line for line in PAGE.splitlines() if line.startswith("|") and "kept" in line]
    missing = [name for name, words in ON_THE_PAGE.items() if not any(words in line for line in table)]
    assert not missing, f"edit docs/operations/tear-down.md: its table lacks {missing}"


@pytest.mark.parametrize(("name", "resource"), [*kept()], ids=lambda each: each if isinstance(each, str) else "")
def test_a_resource_that_stays_has_no_name_that_a_new_stack_would_need(name: str, resource: Tree) -> None:
    # A table has a fixed key too, which is no name.
    given = (create_only(resource["Type"]) - {"KeySchema"}) & resource.get("Properties", {}).keys()
    assert bool(given) == (name in NAMED), (
        f"{name} stays when its stack is deleted, and a new stack would fail because of {sorted(given)}: let"
        " CloudFormation name it"
    )


def test_the_two_secrets_that_stay_are_found_by_the_command_of_the_page() -> None:
    secrets = [name.partition("/")[2] for name, each in kept() if each["Type"] == "AWS::SecretsManager::Secret"]
    assert f'"Values": {sorted(secrets)}'.replace("'", '"') in PAGE
