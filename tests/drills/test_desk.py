"""A part that the desk needs fails: it shows nothing that was not recorded, and the emails go on without it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.deployed import Deployed
from tests.desk import a_client, later, request_page, sessions_table
from tests.drills.drill import Drill
from tests.faults import refuse
from tools.local.desk_client import DeskClient

_FORBIDDEN = refuse(400, "AccessDeniedException")
_SECRET = "I have not slept for a week"


@pytest.fixture
def nurse(deployed: Deployed) -> DeskClient:
    """Somebody who is signed in at the desk."""
    return a_client(deployed)


def of_table(name: str) -> Callable[[Any], bool]:
    """Return whether a call of DynamoDB is about a table."""
    return lambda document: bool(document["TableName"] == name)


def test_the_audit_is_out_of_reach(drill: Drill, nurse: DeskClient) -> None:
    reference = drill.post(message=_SECRET)
    drill.alerted(reference)
    page = request_page(nurse, drill.lead_id(reference))
    assert _SECRET in page.text

    drill.proxy.on("dynamodb", "PutItem", _FORBIDDEN, when=of_table(drill.deployed.stack.desk.audit))
    for path in (f"/requests/{drill.lead_id(reference)}", "", "?list=urgent"):
        refused = nurse.open(nurse.desk + path)
        assert refused.status == 503
        assert _SECRET not in refused.body
        assert reference not in refused.body
    refused = nurse.send(page, "/claim")
    assert refused.status == 503
    assert drill.deployed.lead(reference)["response"] == {"S": "open"}, "nothing is done that is not recorded"
    drill.later(reference)
    assert any("Reminder" in mail["Subject"] for mail in drill.deployed.emails(reference))

    drill.proxy.clear()
    assert request_page(nurse, drill.lead_id(reference)).status == 200
    drill.saw("503 and nothing shown or changed; the reminder went out; then the page again")


def test_the_user_pool_is_out_of_reach(drill: Drill, nurse: DeskClient) -> None:
    reference = drill.post(message=_SECRET)
    drill.alerted(reference)
    drill.proxy.on("cognito-idp", "AdminGetUser", _FORBIDDEN)
    later(drill.deployed, timedelta(minutes=6), "checked_at")
    refused = nurse.open(f"{nurse.desk}/requests/{drill.lead_id(reference)}")
    assert refused.status == 503
    assert _SECRET not in refused.body
    drill.proxy.clear()
    assert request_page(nurse, drill.lead_id(reference)).status == 200
    drill.saw("503 and nothing shown, once the account has to be looked up; then the page again")


def test_the_sessions_are_out_of_reach(drill: Drill, nurse: DeskClient) -> None:
    reference = drill.post(message=_SECRET)
    drill.alerted(reference)
    for operation in ("GetItem", "PutItem"):
        drill.proxy.on("dynamodb", operation, _FORBIDDEN, when=of_table(sessions_table(drill.deployed)))
    refused = nurse.open(f"{nurse.desk}/requests/{drill.lead_id(reference)}")
    assert refused.status == 503
    assert _SECRET not in refused.body
    drill.later(reference)
    assert any("Reminder" in mail["Subject"] for mail in drill.deployed.emails(reference))
    drill.proxy.clear()
    assert request_page(nurse, drill.lead_id(reference)).status == 200
    drill.saw("503 and nothing shown; the reminder went out; then the page again")


def test_ses_is_down_while_staff_work_at_the_desk(drill: Drill, nurse: DeskClient) -> None:
    drill.proxy.on("sesv2", "SendEmail", refuse(500, "InternalServiceErrorException"))
    reference = drill.post()
    drill.tried(reference)
    page = request_page(nurse, drill.lead_id(reference))
    closed = nurse.send(page, "/reached")
    assert closed.status == 200
    assert drill.deployed.lead(reference)["response"] == {"S": "closed"}
    drill.saw("the request is on the list without any email, and staff close it there")
