"""The code of the table, seen by three DynamoDBs that other people wrote.

The unit tests below run as they are. Each of their requests also goes to a server (see mirror.py), whose answer must be
that of our DynamoDB in memory. docs/verification.md lists the differences that are left, with their reasons.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.templates import ROOT
from tests.opinions.mirror import FINDINGS, URL
from tests.opinions.servers import SERVERS

# The unit tests of what is in functions/shared/store, and of what else writes to the table.
MODULES = (
    *("budget", "confirm", "desk_index", "digest_item", "leads_store", "people", "recipient_status", "repeats"),
    *("report_index", "side_items", "timeline", "worklist"),
)
# These make thousands of requests, for which moto needs minutes.
SLOW = ("erase",)
FEWEST = 2_000  # requests that each server is asked, or the tests no longer go through the mirror
# What a server answers otherwise than AWS's documentation says.
KNOWN = {
    "MiniStack": set[str](),
    "moto": set[str](),
    # It knows no ReturnValuesOnConditionCheckFailure.
    "dynalite": {"UpdateItem: no item with the failed condition", "PutItem: no item with the failed condition"},
}


@pytest.mark.parametrize("name", SERVERS)
def test_the_server_answers_as_our_dynamodb_in_memory(name: str, tmp_path: Path) -> None:
    if name == "dynalite" and shutil.which("npm") is None:
        pytest.skip("needs Node.js, which nothing else here does")
    modules = MODULES if name == "moto" else MODULES + SLOW
    with SERVERS[name](tmp_path / "server.log") as url:
        tests = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "tests.opinions.mirror", "-p", "no:cacheprovider"),
                *(f"tests/unit/test_{module}.py" for module in modules),
            ],
            cwd=ROOT,
            env=os.environ | {URL: url, FINDINGS: str(tmp_path / "findings.json"), "PYTHONPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
        )
    assert tests.returncode == 0, tests.stdout
    found = json.loads((tmp_path / "findings.json").read_text("utf-8"))
    new = {what: example for what, example in found["examples"].items() if what not in KNOWN[name]}
    assert not new, "explain these in docs/verification.md and add them to KNOWN, or correct our code"
    assert found["asked"] > FEWEST
