"""Every command of docs/operations is typed into a shell, with the real AWS CLI and SAM CLI, against the local AWS."""

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.deployed import Deployed, submission
from tests.documented import ROOT, blocks_of
from tools.local.deployment import CREDENTIALS
from tools.local.emulator import REGION

PAGES: Final = sorted((ROOT / "docs" / "operations").glob("*.md"))
# Pages whose commands another test runs, because they need more than a stack with a request.
ELSEWHERE: Final = {
    "restore.md": "tests/drills/test_restore.py",
}
# Calls that the local AWS does not know.
UNKNOWN: Final = ("aws sesv2 delete-suppressed-destination ",)
# Commands that end with another exit code than 0 here, and what they print then.
EXPECTED: Final = {
    "audit.md": (2, "The audit is not whole"),  # the page's number and digest are made up
    "rotate-keys.md": (2, "The receiver did not take the test"),  # nobody listens at the address
}
# Version 1 of the AWS CLI, which is on PyPI, ignores AWS_ENDPOINT_URL for SQS.
CLI: Final = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'
# What somebody types when a command asks.
TYPED: Final = {"rotate-keys.md": "http://127.0.0.1:9/hooks/made-up"}


def script(page: Path) -> str:
    """Return the commands of a page as one script, because later ones use variables of earlier ones."""
    lines = "".join(block for _, block in blocks_of(page.read_text("utf-8"))).splitlines()
    return "\n".join(line for line in lines if not line.startswith(UNKNOWN))


@pytest.fixture
def filled_in(deployed: Deployed) -> dict[str, str]:
    """What a reader replaces in the commands, as patterns, and what with."""
    fields = submission()
    reference = str(deployed.post_json(fields).document["reference"])
    deployed.the_alert(reference)
    key = str(deployed.lead(reference)["pk"]["S"])
    return {
        r"\bclinic-leads\b": deployed.stack.name,
        r"\bLEAD#\.\.\.": key,
        r"\b7Q2M4XHD0+\b": key.removeprefix("LEAD#"),
        r"\bKC-7Q2M-4XHD\b": reference,
        r"\brobin@example\.com\b": str(fields["email"]),
        r"\bMONTH=\d{4}-\d{2}\b": f"MONTH={datetime.now(UTC):%Y-%m}",
        r" --tail\b": "",
        # The local AWS knows no identity providers.
        r":environment:staging\b": ":environment:staging CreateProvider=no",
        r"\bmake erase-person\b": "make erase-person YES=1",
    }


@pytest.fixture
def files_of_this_test(tmp_path: Path) -> Iterator[Path]:
    """A folder for the files that commands write: `make` runs in the project's own folder."""
    before = set(ROOT.iterdir())
    yield tmp_path
    for new in set(ROOT.iterdir()) - before:
        new.unlink()


def typed(deployed: Deployed, commands: str, answer: str) -> tuple[int, str]:
    """Type commands into a shell. Return the exit code and what they printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    programs = (ROOT / "tools" / "bin", ROOT / ".venv" / "bin", environment["PATH"])
    done = subprocess.run(
        ["sh", "-euc", f"{CLI}\n{commands}"],
        cwd=ROOT,
        env=environment
        | CREDENTIALS
        | {"AWS_ENDPOINT_URL": deployed.aws, "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": ""}
        | {"PATH": os.pathsep.join(map(str, programs))},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.usefixtures("files_of_this_test")
@pytest.mark.parametrize("page", [page for page in PAGES if script(page)], ids=lambda page: page.name)
def test_the_commands_of_a_page_work(page: Path, deployed: Deployed, filled_in: dict[str, str]) -> None:
    commands = script(page)
    if place := ELSEWHERE.get(page.name):
        names = re.findall(r"^make ([a-z-]+)", commands, re.MULTILINE)
        assert names
        assert all(f'"{name}"' in (ROOT / place).read_text("utf-8") for name in names), f"{place} does not run {names}"
        return
    for pattern, value in filled_in.items():
        commands = re.sub(pattern, value, commands)
    wanted, text = EXPECTED.get(page.name, (0, ""))
    code, printed = typed(deployed, commands, TYPED.get(page.name, ""))
    assert (code, text in printed) == (wanted, True), printed
