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


def said(table: MemoryDynamoDB, *marks: Mark) -> tuple[int, str]:
    lines: list[str] = []
    return check(audit_of(table), NOW + timedelta(days=1), marks, lines.append), "\n".join(lines)


def test_a_chain_alone_is_said_to_be_consistent_and_no_more() -> None:
    table = table_with(5)
    code, text = said(table)
    assert code == WHOLE
    assert f"Looked at 5 entries. The last one is {audit_of(table).last()}" in text
    assert (
        "The chain is consistent. Only the last entry named in a digest email proves that nobody wrote it again:"
        " make audit-verify LAST=number:digest" in text
    )
    assert "unchanged" not in text
    assert "whole" not in text


def test_what_a_known_entry_proves_is_said() -> None:
    table = table_with(5)
    third, fifth = list(audit_of(table).entries())[2], audit_of(table).last()
    code, text = said(table, fifth)
    assert (code, text.rpartition("\n")[2]) == (
        WHOLE,
        "The audit is unchanged up to entry 5, which is its last one.",
    )
    write(audit_of(table), 9)
    assert "unchanged up to entry 5. The 1 entry after it is consistent." in said(table, fifth)[1]
    early = Mark(3, third.digest)
    assert "unchanged up to entry 3. The 3 entries after it are consistent." in said(table, early)[1]
    assert "unchanged up to entry 5." in said(table, fifth, early)[1]
    assert said(table, Mark(3, "0" * 24), fifth)[0] == BROKEN


def test_of_an_empty_table_nothing_is_known() -> None:
    code, text = said(MemoryDynamoDB())
    assert (code, "nothing is known" in text) == (UNKNOWN, True)
    assert said(MemoryDynamoDB(), Mark(0, "0" * 64))[0] == UNKNOWN
    assert said(MemoryDynamoDB(), Mark(3, "0" * 24))[0] == BROKEN


@pytest.mark.parametrize(
    "change",
    [{"expires_at": {"N": "1"}}, {"actor": {"N": "1"}}, {"details": {"M": {"x": {"N": "1"}}}}, {"at": {"N": "1"}}],
)
def test_a_malformed_entry_does_not_stop_the_check(change: dict[str, Any]) -> None:
    table = table_with(5)
    table.items["AUDIT", "000000000003"].update(change)
    code, text = said(table)
    assert (code, "Entry 3 was changed" in text, "Looked at 5 entries." in text) == (BROKEN, True, True)


def test_an_item_that_is_no_entry_is_said_and_not_counted() -> None:
    table = table_with(2)
    table.items["AUDIT", "9999zz"] = {"pk": {"S": "AUDIT"}, "sk": {"S": "9999zz"}}
    code, text = said(table)
    assert (code, "An item has the key '9999zz'" in text) == (BROKEN, True)
    assert "Looked at 2 entries. The last one is 2:" in text


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
    wrong = f"3:{'0' * 24}"
    assert run(monkeypatch, table, "--last", wrong, AuditTable=NAME)[0] == BROKEN
    assert run(monkeypatch, table, "--last", f"{last}, {wrong}", AuditTable=NAME)[0] == BROKEN
    assert run(monkeypatch, table, "--last", wrong, "--last", str(last), AuditTable=NAME)[0] == BROKEN
    assert run(monkeypatch, table, "--last", f"{last},{last}", AuditTable=NAME)[0] == WHOLE


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
    "last",
    ["5", "5:", ",", "5:0123456789abcdef,", "5:short", "x:0123456789abcdef", "5:0123456789ABCDEF", ":0123456789abcdef"],
)
def test_a_wrong_last_entry_is_said(last: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--stack", "made-up", "--last", last])
    assert ended.value.code == UNKNOWN
    assert "LAST is a number and a digest" in capsys.readouterr().err
