"""`python -m tests.items.make 0.10.0 8b0ec96`: writes tests/items/0.10.0.json with items that this release stored.

It builds the release from its commit, deploys it to a local AWS, lets made-up people send requests, lets staff press
links and SES report, and keeps what is in the table then. Nothing in the file is written by hand.
"""

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from shared.leads.team import Recipient
from tests.deployed import Deployed, submission
from tests.upgrades.previous import unpack
from tools.local.deployment import Stack, build, outputs_of, reachable, session, upload
from tools.local.desk import Desk
from tools.local.emulator import ROOT, Emulator
from tools.local.parameters import RECIPIENTS as STAFF
from tools.local.parameters import parameters
from tools.local.ports import free_port
from tools.local.progress import say
from tools.operate.upgrade_check.template import load

FOLDER: Final = Path(__file__).parent
_STACK: Final = "clinic-leads"
_LINK: Final = re.compile(r"/claim/\S+\.(claim|reached|no_answer)\.\S+")
_REPORT: Final = ROOT / "tests" / "events"


def main(release: str, commit: str) -> None:
    """Write the file of a release."""
    with tempfile.TemporaryDirectory(prefix="clinic-leads-items-") as scratch:
        folder = Path(scratch)
        unpack(commit, folder / "source")
        build(folder / "build", folder / "build.log", folder / "source")
        declared = load((folder / "source" / "template.yaml").read_text("utf-8"))["Parameters"]
        given = {name: value for name, value in parameters("https://www.example.com").items() if name in declared}
        with Emulator(free_port(), log=folder / "aws.log", enforce_iam=True) as aws:
            upload(aws.url, folder / "build", folder / "deploy.log", name=_STACK, parameters=given)
            items = _items_of(_deployed(aws.url, folder))
    lines = ",\n".join(json.dumps(item, sort_keys=True) for item in sorted(items, key=_place))
    (FOLDER / f"{release}.json").write_text(f"[\n{lines}\n]\n", "utf-8")
    say(f"{release}: {len(items)} items")


def _deployed(aws: str, folder: Path) -> Deployed:
    outputs = outputs_of(session(), aws, _STACK)
    api = reachable(session(), aws, _STACK, outputs["ApiId"])
    desk = Desk(url="", user_pool="", client="", audit="")  # releases before 0.7.0 have none
    stack = Stack(name=_STACK, api=api, table=outputs["TableName"], desk=desk)
    return Deployed(stack=stack, aws=aws, emulator_log=folder / "aws.log")


def _items_of(deployed: Deployed) -> list[dict[str, Any]]:
    same = submission()
    sent = {
        "alerted": submission(),
        "claimed": submission(),
        "tried": submission(),
        "closed": submission(),
        "urgent": submission(in_crisis="yes", symptoms=["depression"], source="friend"),
        "first": same,
        "again": submission(phone=same["phone"], email=same["email"], name=same["name"]),
        "bot": submission(leave_empty="x", message="https://spam.example"),
        "erased": submission(),
        "held back": submission(),
    }
    references: dict[str, str] = {}
    for name, fields in sent.items():
        if name == "held back":
            _wait(lambda: len(deployed.emails(references["erased"])) >= len(STAFF))
            deployed.set_sandbox(on=True)
        answer = deployed.post_json(fields)
        if answer.status != 201:  # an older form had other choices
            answer = deployed.post_json({k: v for k, v in fields.items() if k not in {"symptoms", "source"}})
        references[name] = answer.document["reference"]
        time.sleep(1)
    _wait(lambda: "alert_refusals" in deployed.lead(references["held back"]))
    for name, action in (("claimed", "claim"), ("tried", "no_answer"), ("closed", "reached")):
        _press(deployed, references[name], action)
    for name, address in (("delivered", STAFF[0]), ("bounced", STAFF[1])):
        _report(deployed, name, references["alerted"], address)
    with suppress(ClientError):  # releases before 0.8.0 have no such function
        lead_id = deployed.lead(references["erased"])["pk"]["S"].removeprefix("LEAD#")
        deployed.invoke("erase", {"job": "order", "lead_ids": [lead_id]})
        deployed.invoke("erase", {})
    deployed.sweep()
    time.sleep(3)
    return deployed.items()


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not until() and time.monotonic() < deadline:
        time.sleep(0.5)


def _press(deployed: Deployed, reference: str, action: str) -> None:
    _wait(lambda: bool(deployed.emails(reference)))
    text = deployed.emails(reference)[0]["BodyText"]
    paths = [found[0] for found in _LINK.finditer(text) if found[1] == action]
    if paths:
        deployed.request("POST", paths[0])
    time.sleep(1)


def _report(deployed: Deployed, name: str, reference: str, address: str) -> None:
    event: dict[str, Any] = json.loads((_REPORT / f"ses_{name}.json").read_text("utf-8"))
    lead_id = deployed.lead(reference)["pk"]["S"].removeprefix("LEAD#")
    about = {"lead_id": lead_id, "notice": "alert", "recipient": Recipient(address).id, "attempt": "1"}
    event["detail"]["mail"]["tags"] |= {tag: [value] for tag, value in about.items()}
    with suppress(AssertionError):
        deployed.invoke("delivery", event)


def _place(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


if __name__ == "__main__":
    main(*sys.argv[1:3])
