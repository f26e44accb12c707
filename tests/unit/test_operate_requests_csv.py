"""`make requests-csv`: one file with the requests of a month, its progress, and its entries in the audit."""

import csv
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from shared.store.audit import Audit
from shared.store.keys import LEAD_SORT_KEY
from tests.unit.desk_pages import Office
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.output import everything_printed
from tests.unit.people import CLINIC, NOW, a_lead
from tools.operate import requests_csv
from tools.operate.requests_csv import Stores, write_requests
from tools.operate.stack import OperateError


class Desk:
    """The stores that the command uses, in memory."""

    def __init__(self, count: int) -> None:
        self.office = Office()
        self.leads = [self.office.add(a_lead(n, received_at=NOW + timedelta(seconds=n))) for n in range(count)]
        self.entries = MemoryDynamoDB()
        self.audit = Audit(self.entries.client(), NAME)
        self.said: list[object] = []

    def run(self, folder: Path, month: str = "2026-03") -> str:
        desk = self.office.desk
        stores = Stores(index=desk.report, leads=self.office.table, audit=self.audit, clinic=CLINIC)
        return write_requests(stores, month, folder, self.said.append, lambda: NOW)


@pytest.fixture(autouse=True)
def _three_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests_csv, "AT_ONCE", 3)


def test_the_file_has_every_request_and_only_its_user_may_read_it(tmp_path: Path) -> None:
    desk = Desk(8)
    told = desk.run(tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name == "requests-2026-03.csv"
    assert told.startswith(f"Wrote 8 requests to {path}.")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [line[0] for line in lines] == ["Reference", *(lead.reference for lead in desk.leads)]


def test_it_says_how_far_it_is_and_each_request_is_in_the_audit(tmp_path: Path) -> None:
    desk = Desk(8)
    desk.run(tmp_path)
    assert desk.said == ["3 of 8 requests", "6 of 8 requests", "8 of 8 requests"]
    entries = [stored.entry for stored in desk.audit.entries()]
    assert [entry.action for entry in entries] == ["requests_csv"] * 3
    assert [lead_id for entry in entries for lead_id in entry.lead_ids] == [lead.id for lead in desk.leads]
    assert {(entry.actor, entry.details["month"]) for entry in entries} == {("operator", "2026-03")}


def test_without_the_audit_there_is_no_file(tmp_path: Path) -> None:
    desk = Desk(4)
    desk.entries.broken["PutItem"] = "AccessDeniedException"
    with pytest.raises(OperateError, match="nothing was exported"):
        desk.run(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(OperateError, match=r"^The file cannot be written: No such file or directory\.$"):
        Desk(1).run(tmp_path / "missing")
    (tmp_path / "requests-2026-03.csv").mkdir()
    with pytest.raises(OperateError, match="The file cannot be written: Is a directory"):
        Desk(1).run(tmp_path)


@pytest.mark.parametrize("month", ["", "2026", "March"])
def test_a_month_has_to_be_named(tmp_path: Path, month: str) -> None:
    with pytest.raises(OperateError, match="MONTH=2026-11"):
        Desk(0).run(tmp_path, month)


def test_a_request_that_cannot_be_read_keeps_no_other_from_the_file(tmp_path: Path) -> None:
    desk = Desk(4)
    lead = desk.leads[1]
    desk.office.table.dynamodb.items[f"LEAD#{lead.id}", LEAD_SORT_KEY]["response"] = {"S": "paused"}
    with everything_printed() as output:
        told = desk.run(tmp_path)
    assert "Wrote 3 requests" in told
    assert "1 could not be read" in told
    assert lead.id in output.getvalue()
    assert "paused" not in output.getvalue()
    assert [lead_id for stored in desk.audit.entries() for lead_id in stored.entry.lead_ids] == [
        each.id for each in desk.leads if each != lead
    ]


def test_an_error_of_aws_is_no_request_that_cannot_be_read(tmp_path: Path) -> None:
    desk = Desk(1)
    desk.office.table.dynamodb.broken["GetItem"] = "AccessDeniedException"
    with pytest.raises(ClientError):
        desk.run(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("month", "name"), [("2026-04", "April 2026"), ("2019-03", "March 2019")])
def test_a_month_without_requests_is_told_and_leaves_no_file(tmp_path: Path, month: str, name: str) -> None:
    desk = Desk(1)
    with pytest.raises(OperateError, match=f"^No request of {name} is stored\\.$"):
        desk.run(tmp_path, month)
    assert list(tmp_path.iterdir()) == []
    assert not desk.entries.items
