"""The operator's commands for staff accounts, run against the deployed user pool."""

import os
import re
import subprocess
import sys

from tests.deployed import Deployed
from tools.local.deployment import CREDENTIALS
from tools.local.emulator import REGION, ROOT
from tools.local.parameters import ACCOUNTS

NEW = "new.nurse@example.com"


def operate(deployed: Deployed, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tools.operate", arguments[0], "--stack", deployed.stack.name, *arguments[1:]],
        cwd=ROOT,
        env=os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": deployed.aws, "AWS_DEFAULT_REGION": REGION},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(deployed: Deployed) -> dict[str, list[str]]:
    lines = operate(deployed, "staff-list").splitlines()[1:]
    return {cells[0]: cells[1:4] for cells in (re.split(r"\s{2,}", line) for line in lines)}


def test_a_local_stack_has_an_account_of_each_role(deployed: Deployed) -> None:
    found = listed(deployed)
    assert {account.email: [account.role, "yes", "own"] for account in ACCOUNTS}.items() <= found.items()


def test_an_account_is_invited_changed_and_removed(deployed: Deployed) -> None:
    told = operate(deployed, "staff-add", "--email", NEW, "--role", "staff")
    assert f"The desk: {deployed.stack.desk.url}" in told
    assert listed(deployed)[NEW] == ["staff", "yes", "temporary"]
    (invitation,) = [mail for mail in deployed.all_mails() if mail["To"] == [NEW]]
    assert invitation["Subject"] == "Your account for consultation requests"
    assert f"Email address: {NEW}" in invitation["BodyHtml"]
    assert re.search(r"Temporary password: \S{12,}</p>", invitation["BodyHtml"])
    assert "${" not in invitation["BodyHtml"]

    assert "Temporary password for" in operate(deployed, "staff-password", "--email", NEW)
    assert "can no longer sign in" in operate(deployed, "staff-remove", "--email", NEW)
    assert listed(deployed)[NEW] == ["staff", "no", "temporary"]

    operate(deployed, "staff-add", "--email", NEW, "--role", "manager")
    assert listed(deployed)[NEW] == ["manager", "yes", "temporary"]
