"""Deploying twice, again after a failure or after the stack was deleted, and next to another stack."""

import json
from pathlib import Path

import pytest

from tests.deployed import Deployed, submission
from tests.operating import operate
from tests.upgrades.interrupted import interrupted
from tests.upgrades.place import STACK, Place
from tests.upgrades.test_update import FRONT
from tools.local.deployment import DeploymentError

# What SES keeps is known to it the next time: docs/operations/tear-down.md.
KNOWN_SENDER = {"CreateSenderIdentity": "no"}


def works(deployed: Deployed) -> str:
    """Assert that a request is alerted once. Return its reference."""
    reference = str(deployed.post_json(submission()).document["reference"])
    deployed.the_alert(reference)
    return reference


def test_a_deployment_without_changes_changes_nothing(place: Place, built: Path, tmp_path: Path) -> None:
    deployed = place.deploy(built)
    reference = works(deployed)
    before = place.state(deployed)
    told = operate(deployed, tmp_path, "upgrade-check")
    assert "Nothing to watch out for." in told
    assert "Changed" not in told
    assert "STOP" not in told
    assert place.state(place.deploy(built)) == before
    assert deployed.lead(reference)["alert_state"]["S"] in {"accepted", "delivered"}


def test_a_stack_that_was_deleted_is_deployed_again(place: Place, built: Path) -> None:
    deployed = place.deploy(built)
    reference = works(deployed)
    place.delete()
    again = place.deploy(built, parameters=KNOWN_SENDER)
    assert again.stack.table != deployed.stack.table
    assert works(again) != reference


def test_a_first_deployment_that_failed_is_repeated(place: Place, built: Path, tmp_path: Path) -> None:
    half = interrupted(built, tmp_path / "half", FRONT)
    with pytest.raises(DeploymentError):
        place.deploy(half)
    assert place.status() == "ROLLBACK_COMPLETE"
    place.delete()
    works(place.deploy(built, parameters=KNOWN_SENDER))


def test_two_stacks_in_one_account_share_nothing(place: Place, built: Path) -> None:
    one = place.deploy(built)
    other = place.deploy(built, name="clinic-leads-other", parameters=KNOWN_SENDER | {"ApiGatewayLogsRole": "existing"})
    # The tables, the audits, the accounts and the APIs.
    names = [
        {stack.table, stack.desk.audit, stack.desk.user_pool, stack.desk.client, stack.api}
        for stack in (one.stack, other.stack)
    ]
    assert not names[0] & names[1]
    here, there = works(one), works(other)
    assert here in json.dumps(one.leads())
    assert there not in json.dumps(one.leads())
    place.delete("clinic-leads-other")
    assert place.status(STACK) == "CREATE_COMPLETE"
    works(one)
