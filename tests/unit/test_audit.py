"""The audit's table: entries are added at the end, whatever happens meanwhile, and read in pages."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.leads.audit_chain import EMPTY, NO_DIGEST, Mark, verify
from shared.store.audit import Audit, AuditError, TooLongError
from shared.store.keys import attributes
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import NOW

NURSE, DOCTOR = "r-000000000001", "r-000000000002"
MINUTE = timedelta(minutes=1)


def no_sleep(seconds: float) -> None:
    assert 0 <= seconds <= 2


def audit_of(table: MemoryDynamoDB) -> Audit:
    return Audit(table.client(), NAME, no_sleep)


def write(audit: Audit, minutes: int = 0, actor: str = NURSE, **more: Any) -> int:  # noqa: ANN401 - parts of an entry
    values = {"email": "nurse@example.com", "action": "read"} | more
    return audit.write(NOW + MINUTE * minutes, actor=actor, **values)


def test_an_entry_is_read_as_it_was_written() -> None:
    audit = audit_of(MemoryDynamoDB())
    assert audit.last() == EMPTY
    assert write(audit, lead_ids=("01A", "01B"), action="find", details={"how": "name"}) == 1
    assert write(audit, 1) == 2
    first, second = audit.entries()
    assert (first.entry.lead_ids, first.entry.action, first.entry.details) == (("01A", "01B"), "find", {"how": "name"})
    assert (first.entry.at, first.entry.actor, first.entry.email) == (NOW, NURSE, "nurse@example.com")
    assert second.entry.before == first.digest == first.entry.digest
    assert second.entry.before_at == NOW
    assert (audit.last().number, audit.last().digest) == (2, second.digest)
    assert list(verify(audit.entries(), NOW, audit.last())) == []


def test_an_entry_is_kept_for_six_years() -> None:
    table = MemoryDynamoDB()
    write(audit_of(table))
    (item,) = table.items.values()
    assert int(item["expires_at"]["N"]) >= NOW.replace(year=NOW.year + 6).timestamp()


def test_the_audit_only_puts_and_queries() -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    write(audit)
    audit.page()
    list(audit.entries())
    assert {operation for operation, _ in table.requests} == {"PutItem", "Query"}
    assert all(put["ConditionExpression"] == "attribute_not_exists(pk)" for put in table.asked("PutItem"))


def test_many_writers_at_once_make_one_chain() -> None:
    table = MemoryDynamoDB()
    with ThreadPoolExecutor(20) as pool:
        numbers = list(pool.map(lambda _: write(Audit(table.client(), NAME)), range(200)))
    assert sorted(numbers) == list(range(1, 201))
    assert list(verify(audit_of(table).entries(), NOW)) == []


def test_who_is_second_reads_the_last_entry_again() -> None:
    table = MemoryDynamoDB()
    audit, other = audit_of(table), audit_of(table)
    read = audit._last  # noqa: SLF001 - the moment between a read and a put

    def last_before_the_other_one() -> Any:  # noqa: ANN401 - an entry
        found = read()
        if len(table.items) < 2:
            write(other, actor=DOCTOR)
        return found

    audit._last = last_before_the_other_one  # type: ignore[method-assign] # noqa: SLF001 - as above
    assert write(audit) == 3
    assert [each.entry.actor for each in other.entries()] == [DOCTOR, DOCTOR, NURSE]
    assert list(verify(other.entries(), NOW)) == []


def test_a_put_whose_response_was_lost_is_found_when_the_sdk_repeats_it() -> None:
    table = MemoryDynamoDB()
    client = table.client()
    put = client.put_item

    def put_twice(**asked: Any) -> Any:  # noqa: ANN401 - the parameters of AWS
        put(**asked)
        return put(**asked)

    client.put_item = put_twice  # type: ignore[method-assign] # as the SDK does
    assert write(Audit(client, NAME, no_sleep)) == 1
    assert len(table.items) == 1


def test_it_gives_up_when_others_are_always_faster() -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    write(audit)
    audit._last = lambda: None  # type: ignore[method-assign] # noqa: SLF001 - it never sees the last entry
    with pytest.raises(AuditError, match="TooManyWriters"):
        write(audit)
    assert len(table.items) == 1


def test_it_gives_up_before_lambda_ends_the_request() -> None:
    table = MemoryDynamoDB()
    write(audit_of(table))
    time = 0.0

    def sleep(_: float) -> None:
        nonlocal time
        time += 1.5

    audit = Audit(table.client(), NAME, sleep, lambda: time)
    audit._last = lambda: None  # type: ignore[method-assign] # noqa: SLF001 - it never sees the last entry
    with pytest.raises(AuditError, match="TooManyWriters"):
        write(audit)
    assert time < 24


@pytest.mark.parametrize("operation", ["PutItem", "Query"])
def test_an_error_of_dynamodb_is_an_audit_error(operation: str) -> None:
    table = MemoryDynamoDB()
    table.broken[operation] = "AccessDeniedException"
    with pytest.raises(AuditError, match="AccessDeniedException"):
        write(audit_of(table))


def test_an_audit_out_of_reach_is_an_audit_error() -> None:
    client = MemoryDynamoDB().client()

    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example.com")

    client.query = fail  # type: ignore[assignment,method-assign] # as without a network
    for call in (Audit(client, NAME).last, Audit(client, NAME).page):
        with pytest.raises(AuditError, match="EndpointConnectionError"):
            call()


def test_pages_are_newest_first_and_go_on() -> None:
    audit = audit_of(MemoryDynamoDB())
    for number in range(7):
        write(audit, number)
    first = audit.page(size=3)
    assert [entry.number for entry in first.entries] == [7, 6, 5]
    second = audit.page(size=3, before=first.next)
    assert [entry.number for entry in second.entries] == [4, 3, 2]
    third = audit.page(size=3, before=second.next)
    assert ([entry.number for entry in third.entries], third.next) == ([1], None)


def test_a_page_about_a_lead_or_a_person_has_only_their_entries() -> None:
    audit = audit_of(MemoryDynamoDB())
    write(audit, 0, lead_ids=("01A",))
    write(audit, 1, actor=DOCTOR, lead_ids=("01A", "01B"))
    write(audit, 2, lead_ids=("01B",))
    assert [entry.number for entry in audit.page(lead_id="01A").entries] == [2, 1]
    assert [entry.number for entry in audit.page(actor=NURSE).entries] == [3, 1]
    assert [entry.number for entry in audit.page(actor=NURSE, lead_id="01A").entries] == [1]


def test_a_page_stops_at_entries_older_than_the_request() -> None:
    audit = audit_of(MemoryDynamoDB())
    for number in range(5):
        write(audit, number, lead_ids=("01A",))
    page = audit.page(lead_id="01A", since=NOW + MINUTE * 3)
    assert ([entry.number for entry in page.entries], page.next) == ([5, 4], None)


def test_an_entry_that_cannot_be_read_does_not_end_a_page() -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    for number in range(3):
        write(audit, number, lead_ids=("01A",))
    table.items["AUDIT", "000000000002"]["at"] = {"S": "yesterday"}
    assert [entry.number for entry in audit.page(lead_id="01A", since=NOW).entries] == [3, 1]


def test_the_last_entry_is_never_a_stale_one() -> None:
    table = MemoryDynamoDB()
    write(audit_of(table))
    audit_of(table).last()
    assert all(query["ConsistentRead"] for query in table.asked("Query"))


def test_a_page_looks_through_so_many_entries_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.store.audit._MOST_LOOKED_AT", 4)
    audit = audit_of(MemoryDynamoDB())
    write(audit, 0, lead_ids=("01A",))
    for number in range(1, 6):
        write(audit, number)
    page = audit.page(lead_id="01A")
    assert (page.entries, page.next) == ((), 3)
    assert [entry.number for entry in audit.page(lead_id="01A", before=page.next).entries] == [1]


@pytest.mark.parametrize(
    "change",
    [
        {"email": {"S": "other@example.com"}},
        {"number": {"N": "7"}},
        {"at": {"S": "yesterday"}},
        {"lead_ids": {"N": "1"}},
        {"digest": {"S": "0" * 64}},
        {"digest": {"N": "5"}},
        {"digest": {"NULL": True}},
        {"actor": {"N": "1"}},
        {"email": {"B": b"x"}},
        {"action": {"L": []}},
        {"visit": {"M": {}}},
        {"details": {"M": {"x": {"N": "1"}}}},
        {"details": {"L": [{"S": "x"}]}},
        {"lead_ids": {"L": [{"N": "1"}]}},
        {"before": {"N": "1"}},
        {"before_at": {"S": "2026-03-04T15:00:00"}},
        {"at": {"S": "2026-03-04T15:00:00"}},
        {"at": {"N": "1"}},
        {"expires_at": {"S": "never"}},
        {"number": {"S": "x"}},
        {"number": {"N": "1e20"}},
    ],
)
def test_a_changed_or_unreadable_item_is_a_changed_entry_and_stops_nothing(change: dict[str, Any]) -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    for number in range(3):
        write(audit, number)
    table.items["AUDIT", "000000000002"].update(change)
    found = list(verify(audit.entries(), NOW))
    assert "Entry 2 was changed: its content doesn't match its digest." in found
    assert audit.page(lead_id="01A").entries == ()
    assert write(audit, 4) == 4
    assert len(audit.page().entries) == 4


@pytest.mark.parametrize("name", ["actor", "details", "digest", "number", "at"])
def test_a_last_entry_that_cannot_be_read_stops_nothing(name: str) -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    write(audit)
    table.items["AUDIT", "000000000001"][name] = {"BOOL": True}
    assert audit.last() == Mark(1, NO_DIGEST)
    assert write(audit, 1) == 2
    assert list(verify(audit.entries(), NOW)) == ["Entry 1 was changed: its content doesn't match its digest."]


@pytest.mark.parametrize(
    "key", ["999999999999", "900000000000", "9999zz", "5", "zzz", "00000000000a", "000000000000", "\u0661" * 12]
)
def test_an_item_with_a_key_of_no_entry_blocks_nothing_and_is_noticed(key: str) -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    write(audit, 0, lead_ids=("01A",))
    poison = dict(table.items["AUDIT", "000000000001"]) | {"sk": {"S": key}}
    if key.isascii() and key.isdecimal():
        poison["number"] = {"N": key}
    table.items["AUDIT", key] = poison
    assert [write(audit, number) for number in (1, 2)] == [2, 3]
    assert audit.last().number == 3
    assert [entry.number for entry in audit.page().entries] == [3, 2, 1]
    assert [entry.number for entry in audit.page(lead_id="01A").entries] == [1]
    assert list(verify(audit.entries(), NOW, audit.last())) == [f"An item has the key {key!a}, which no entry has."]


def test_before_the_first_entry_is_nothing() -> None:
    audit = audit_of(MemoryDynamoDB())
    write(audit)
    assert audit.page(before=1).entries == ()
    assert len(audit.page(before=999_999_999_999).entries) == 1


def test_entries_about_some_leads_come_newest_first_and_stop_at_older_ones() -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    for minute, ids in enumerate([("A",), ("A", "B"), ("C",), ("B", "D"), ("D",), ("A",)]):
        write(audit, minute, lead_ids=ids)
    assert [entry.number for entry in audit.about({"A", "B"}, NOW)] == [6, 4, 2, 1]
    assert [entry.number for entry in audit.about({"A", "B"}, NOW + MINUTE)] == [6, 4, 2]
    assert list(audit.about({"X"}, NOW)) == list(audit.about((), NOW)) == []


def test_a_long_audit_is_read_for_as_long_as_somebody_can_wait() -> None:
    table, time = MemoryDynamoDB(), [0.0]

    def clock() -> float:
        time[0] += 1
        return time[0]

    audit = Audit(table.client(), NAME, no_sleep, clock)
    for number in range(5):
        write(audit, number)
    assert list(audit.about({"A"}, NOW, 5)) == []
    with pytest.raises(TooLongError):
        list(audit.about({"A"}, NOW, 4))


def test_an_unreadable_entry_does_not_hide_older_ones_about_a_lead() -> None:
    table = MemoryDynamoDB()
    audit = audit_of(table)
    for minute in range(3):
        write(audit, minute, lead_ids=("A",))
    table.put(attributes({"pk": "AUDIT", "sk": "000000000002"}))
    assert [entry.number for entry in audit.about({"A"}, NOW)] == [3, 1]
