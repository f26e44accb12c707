"""An update, and the way back, with requests in flight before, in the middle and after: each of them ends right."""

from pathlib import Path

import pytest

from shared.store.keys import lead_id_of
from tests.deployed import Deployed, submission
from tests.desk import a_client, request_page
from tests.upgrades.in_flight import InFlight, finish
from tests.upgrades.place import Place
from tests.upgrades.previous import RELEASE
from tools.local.deployment import session
from tools.operate.upgrade_check.command import upgrade_check
from tools.operate.upgrade_check.finding import Weight

# CloudFormation updates these first: the API refers to them, and the functions with links refer to the API.
FRONT = ("SubmitFunction", "ClaimFunction", "DeskFunction", "NotifyFunction")
BACK = ("Data", "DeliveryFunction", "EraseFunction")


def versions(deployed: Deployed) -> dict[str, str]:
    """Return the checksum of each function's code."""
    pages = deployed.lambdas.get_paginator("list_functions").paginate()
    return {each["FunctionName"]: each["CodeSha256"] for page in pages for each in page["Functions"]}


@pytest.mark.parametrize("first", [FRONT, BACK], ids=["visitors-first", "erasures-first"])
def test_an_update_that_stopped_half_way_and_went_on_loses_nothing(
    place: Place, previous: Path, built: Path, first: tuple[str, ...]
) -> None:
    deployed = place.deploy(previous)
    old, nurse = versions(deployed), a_client(deployed)
    before = InFlight.made_by(deployed)

    deployed = place.deploy_half(built, first)
    assert place.status() == "UPDATE_FAILED"
    assert versions(deployed) != old
    middle = InFlight.made_by(deployed)

    deployed = place.deploy(built)
    assert place.status() == "UPDATE_COMPLETE"
    finish(deployed, before, middle, InFlight.made_by(deployed))
    assert request_page(nurse, lead_id_of(deployed.lead(before.accepted))).status == 200, "she is still signed in"
    deployed.the_alert(deployed.post_json(submission()).document["reference"])


def test_an_update_from_the_previous_release_loses_nothing_by_its_check(
    place: Place, previous: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed = place.deploy(previous)
    monkeypatch.setenv("AWS_ENDPOINT_URL", place.aws)
    told, code = upgrade_check(session(), deployed.stack.name, colors=False)
    assert f": {RELEASE} is deployed" in told
    assert code in {Weight.KNOW, Weight.CARE}, f"operators could not update from {RELEASE}:\n{told}"


def test_going_back_to_the_previous_release_loses_nothing(place: Place, previous: Path, built: Path) -> None:
    deployed = place.deploy(previous)
    old, before = versions(deployed), InFlight.made_by(deployed)
    deployed = place.deploy(built)
    middle = InFlight.made_by(deployed)

    deployed = place.deploy(previous)
    assert versions(deployed) == old
    finish(deployed, before, middle)
    deployed.the_alert(deployed.post_json(submission()).document["reference"])
