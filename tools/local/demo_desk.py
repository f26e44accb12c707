"""The part of `make demo` at the desk: somebody signs in, reads a request, claims it, and says what came of it."""

import time
from typing import Any, Final

from shared.leads.team import Recipient
from tools.local.demo_mailbox import emails_about
from tools.local.deployment import session
from tools.local.desk_client import DeskClient
from tools.local.local import Endpoints
from tools.local.parameters import RECIPIENTS
from tools.local.progress import say, step

_NOTE: Final = "Booked for Tuesday at 3 PM."
_PATIENCE_SECONDS: Final = 30


def at_the_desk(endpoints: Endpoints, reference: str, lead_id: str, message: str) -> list[str]:
    """Work on a request at the desk, print what happened, and return what is wrong."""
    nurse, colleague = endpoints.accounts[0], next(each for each in RECIPIENTS if each != endpoints.accounts[0].email)
    client = DeskClient(endpoints.desk)
    say()
    with step(f"Signing in at the desk as {nurse.email}"):
        page = client.sign_in(nurse.email, nurse.password, f"/requests/{lead_id}")
    shows_message = page.status == 200 and message in page.text  # noqa: PLR2004 - OK
    with step("Claiming the request, writing a note and saving the outcome"):
        page = client.send(page, "/claim")
        page = client.send(page, "/note", text=_NOTE)
        page = client.send(page, "/outcome", outcome="booked", reason="")
    with step("Waiting for the email to the colleague"):
        told = _told(endpoints, reference, colleague, nurse.email)
    say()
    say(f"The email to {colleague}:")
    say(told.get("BodyText", "(no email arrived)"))
    checks = {
        "the desk does not show the message": shows_message,
        "the desk does not show the note": _NOTE in page.text,
        "the table does not have the outcome": _stored(endpoints, lead_id).get("outcome") == "booked",
        "the request does not belong to the person who booked": _stored(endpoints, lead_id).get("claimed_by")
        == Recipient(nurse.email).id,
        "the colleague was not told": nurse.email in told.get("BodyText", ""),
        "the email to the colleague shows the note": _NOTE not in told.get("BodyText", ""),
    }
    wrong = [f"At the desk: {complaint}" for complaint, right in checks.items() if not right]
    proves = "staff read the message at the desk, and their colleagues learn what came of it"
    say(f"{'This does not prove' if wrong else 'This proves'}: {proves}.")
    return wrong


def _told(endpoints: Endpoints, reference: str, colleague: str, by: str) -> dict[str, Any]:
    """Run the sweep until the colleague has an email about what was done, and return it, or an empty one."""
    lambdas = session().client("lambda", endpoint_url=endpoints.aws)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        lambdas.invoke(FunctionName=f"{endpoints.stack}-follow-up", Payload=b"{}")
        for email in emails_about(endpoints, reference):
            if email["To"] == [colleague] and by in email["BodyText"] and "booked" in email["BodyText"]:
                return email
        time.sleep(0.5)
    return {}


def _stored(endpoints: Endpoints, lead_id: str) -> dict[str, Any]:
    table = session().resource("dynamodb", endpoint_url=endpoints.aws).Table(endpoints.table)
    item: dict[str, Any] = table.get_item(Key={"pk": f"LEAD#{lead_id}", "sk": "LEAD"}, ConsistentRead=True)["Item"]
    return item
