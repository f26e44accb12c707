"""`make audit-verify`: what it says about a chain, and its exit codes."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from shared.leads.audit_chain import Mark
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import NOW
from tests.unit.test_audit import audit_of, write
from tools.operate import audit as module
from tools.operate.audit import BROKEN, UNKNOWN, WHOLE, check, main


def table_with(entries: int) -> MemoryDynamoDB:
    table = MemoryDynamoDB()
    for number in range(entries):
        write(audit_of(table), number)
    return table


def said(table: MemoryDynamoDB, last: Mark | None = None) -> tuple[int, str]:
    lines: list[str] = []
    return check(audit_of(table), NOW + timedelta(days=1), last, lines.append), "\n".join(lines)


def test_a_whole_chain_is_said_to_be_whole() -> None:
    table = table_with(5)
    last = audit_of(table).last()
    code, text = said(table)
    assert code == WHOLE
    assert f"Looked at 5 entries. The last one is {last}" in text
    assert "To know that none is missing at the end" in text
    assert said(table, last) == (
        WHOLE,
        text.partition("\n")[0] + "\nThe audit is whole. It ends with the entry that you named.",
    )
    write(audit_of(table), 9)
    assert "number 5, and goes on from there" in said(table, last)[1]


def test_an_empty_chain_is_whole() -> None:
    assert said(MemoryDynamoDB())[0] == WHOLE


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_changed_entry_is_said(number: int) -> None:
    table = table_with(5)
    table.items["AUDIT", f"{number:012d}"]["email"] = {"S": "other@example.com"}
    code, text = said(table)
    assert code == BROKEN
    assert f"Entry {number} was changed" in text
    assert "The audit is not whole." in text
    assert "other@example.com" not in text


def test_a_missing_entry_is_said() -> None:
    table = table_with(5)
    last = audit_of(table).last()
    del table.items["AUDIT", "000000000003"]
    assert "Entry 3 is missing." in said(table)[1]
    del table.items["AUDIT", "000000000005"]
    code, text = said(table, last)
    assert code == BROKEN
    assert "Entry 5 is missing at the end" in text


def test_a_long_chain_shows_progress_and_not_every_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROGRESS_EVERY", 10)
    table = table_with(30)
    for item in table.items.values():
        item["actor"] = {"S": "other"}
    text = said(table)[1]
    assert "... 10 entries, up to 2026-03-04" in text
    assert "... and 10 more problems." in text


class Session:
    """boto3's session for a stack with an audit."""

    region_name = "us-east-1"

    def __init__(self, table: MemoryDynamoDB, outputs: dict[str, str]) -> None:
        self._table, self._outputs = table, outputs

    def client(self, name: str) -> Any:  # noqa: ANN401 - a client of either service
        return self._table.client() if name == "dynamodb" else self

    def describe_stacks(self, **asked: str) -> Any:  # noqa: ANN401 - as AWS answers
        assert asked == {"StackName": "made-up"}
        return {"Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in self._outputs.items()]}]}


def run(monkeypatch: pytest.MonkeyPatch, table: MemoryDynamoDB, *more: str, **outputs: str) -> tuple[int, str]:
    monkeypatch.setattr(boto3, "Session", lambda: Session(table, outputs))
    lines: list[str] = []
    return main(["--stack", "made-up", *more], lines.append), "\n".join(lines)


def test_the_command_reads_the_table_of_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_with(3)
    last = audit_of(table).last()
    assert run(monkeypatch, table, AuditTable=NAME)[0] == WHOLE
    assert run(monkeypatch, table, "--last", str(last), AuditTable=NAME)[0] == WHOLE
    assert run(monkeypatch, table, "--last", f"3:{'0' * 24}", AuditTable=NAME)[0] == BROKEN


def test_what_cannot_be_checked_is_neither_whole_nor_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_with(3)
    code, text = run(monkeypatch, table)
    assert (code, "no output AuditTable" in text) == (UNKNOWN, True)
    table.broken["Query"] = "AccessDeniedException"
    code, text = run(monkeypatch, table, AuditTable=NAME)
    assert (code, "AccessDeniedException" in text) == (UNKNOWN, True)

    def no_network(**_: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://aws.example.com")

    monkeypatch.setattr(Session, "describe_stacks", staticmethod(no_network))
    assert run(monkeypatch, table, AuditTable=NAME)[0] == UNKNOWN


@pytest.mark.parametrize(
    "last", ["5", "5:", "5:short", "x:0123456789abcdef", "5:0123456789ABCDEF", ":0123456789abcdef"]
)
def test_a_wrong_last_entry_is_said(last: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--stack", "made-up", "--last", last])
    assert ended.value.code == UNKNOWN
    assert "LAST is a number and a digest" in capsys.readouterr().err
