"""The report of a month, its files and the owner's email, as deployed."""

import csv
import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from shared.leads.month import Month
from shared.runtime.files import clinic
from shared.store.audit import Audit
from tests.deployed import Deployed, submission
from tests.desk import MANAGER, NURSE, a_client
from tests.integration.probe import Probe
from tests.integration.test_desk_permissions import QUERY, done
from tests.owner import OWNER, an_owner, is_due, is_unknown, last_month
from tools.local.deployment import CREDENTIALS
from tools.local.emulator import REGION, ROOT


def new_request(deployed: Deployed, **changes: object) -> tuple[str, str]:
    """Post the request of another person. Return its reference and the lead's id once staff have the alert."""
    reference = str(deployed.post_json(submission(**changes)).document["reference"])
    deployed.the_alert(reference)
    return reference, str(deployed.lead(reference)["pk"]["S"]).removeprefix("LEAD#")


def test_a_request_is_in_the_report_and_in_a_file_that_the_audit_names(deployed: Deployed) -> None:
    reference, lead_id = new_request(deployed, name="=1+1")
    manager = a_client(deployed, MANAGER)
    page = manager.open(f"{manager.desk}/report")
    assert page.status == 200
    assert "Requests by day" in page.text
    assert reference not in page.body
    file = manager.send(page, "/report/requests-csv")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"].startswith('attachment; filename="requests-')
    lines = list(csv.reader(io.StringIO(file.body.removeprefix("\ufeff"), newline="")))
    assert file.body.startswith('\ufeff"Reference",')
    (own,) = (line for line in lines if line[0] == reference)
    assert "'=1+1" in own
    entries = [stored.entry for stored in Audit(deployed.dynamodb, deployed.stack.desk.audit).entries()]
    assert any(each.action == "requests_csv" and lead_id in each.lead_ids for each in entries)


def test_the_report_is_for_managers(deployed: Deployed) -> None:
    nurse = a_client(deployed, NURSE)
    assert nurse.open(f"{nurse.desk}/report").status == 403


def test_only_the_desk_and_the_sender_of_the_owners_email_count_requests(deployed: Deployed, probe: Probe) -> None:
    asked = {"TableName": deployed.stack.table, "IndexName": "report", **QUERY}
    may = {
        function
        for function in ("submit", "notify", "follow-up", "delivery", "claim", "canary", "desk", "erase")
        if done(probe(function, [("dynamodb", "query", asked)])) == {"query"}
    }
    assert may == {"desk", "follow-up"}


def test_the_command_writes_the_month_into_a_file(deployed: Deployed, tmp_path: Path) -> None:
    reference, _ = new_request(deployed)
    month = str(Month.of(datetime.now(UTC), clinic().hours.zone))
    found = {"AWS_ENDPOINT_URL": deployed.aws, "AWS_DEFAULT_REGION": REGION, "PYTHONPATH": str(ROOT), "MONTH": month}
    done = subprocess.run(
        [sys.executable, "-m", "tools.operate", "requests-csv", "--stack", deployed.stack.name],
        cwd=tmp_path,
        env=os.environ | CREDENTIALS | found,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert " requests\nWrote " in done.stdout
    assert reference in (tmp_path / f"requests-{month}.csv").read_text("utf-8-sig")


def test_the_owner_gets_last_months_report_once(deployed: Deployed) -> None:
    # Other tests of this stack may have had an owner, who got reports.
    before = len(deployed.all_mails())

    def sent() -> list[str]:
        return [mail["Subject"] for mail in deployed.all_mails()[before:] if mail["To"] == [OWNER]]

    is_unknown(deployed)
    with an_owner(deployed):
        deployed.sweep()
        assert sent() == [], "there was no owner last month"
        is_due(deployed)
        deployed.sweep()
        deployed.sweep()
    (subject,) = sent()
    assert subject.startswith(f"Consultation requests in {last_month().name}: ")
