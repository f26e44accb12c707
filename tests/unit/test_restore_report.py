"""What `make restore` says: what was lost, and what the audit still knows about it."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from shared.leads.identity import reference
from shared.store.audit import Audit
from shared.store.keys import LEAD_SORT_KEY
from tests.unit.dynamodb import NAME
from tests.unit.restoring import AT, STACK, STATES, MemoryCopy, Rehearsal, noted
from tools.operate.invoke import FunctionFailedError
from tools.operate.restore.command import ACTION, Stack, Typed, restore
from tools.operate.restore.when import utc
from tools.operate.stack import OperateError


def test_what_happened_after_the_copy_is_told_with_what_protects_somebody_first() -> None:
    rehearsal = Rehearsal()
    ids = {name: lead.id for name, lead in rehearsal.leads.items()}
    noted(rehearsal, "withdraw", ids["claimed"], minutes=-5)
    noted(rehearsal, "reached", ids["open"], minutes=1)
    noted(rehearsal, "read_request", ids["closed"], minutes=2)
    noted(rehearsal, "withdraw", ids["new"], minutes=3)
    noted(rehearsal, "note", ids["new"], minutes=4)
    noted(rehearsal, "hold", ids["held"], minutes=5)
    rehearsal.lose("open", "new", "closed", "claimed")
    told = rehearsal.restore()
    _, _, after = told.partition("The audit still has what was done at the desk.")
    lines = after.partition("Requests that came in after")[0].splitlines()[1:]
    moment = [utc(AT + timedelta(minutes=minutes)) for minutes in range(6)]
    assert lines == [
        f"  {rehearsal.reference('new')}",
        f"    {moment[3]} Pressed \u201cSave the withdrawal\u201d by nurse@example.com",
        f"    {moment[4]} Pressed \u201cAdd the note\u201d by nurse@example.com",
        f"  {rehearsal.reference('open')}",
        f"    {moment[1]} Pressed \u201cReached\u201d by nurse@example.com",
    ]


def test_a_request_that_came_after_the_copy_and_is_gone_is_told() -> None:
    rehearsal = Rehearsal()
    gone = "7Q2M4XHD000000000000000000"
    noted(rehearsal, "read_list", gone, rehearsal.leads["open"].id)
    rehearsal.erasing.erase(rehearsal.leads["closed"])
    told = rehearsal.restore()
    assert told.partition("Some may just have ended:\n")[2].splitlines()[:-1] == [f"  {reference(gone)}"]


def test_nothing_of_a_visitor_is_told() -> None:
    rehearsal = Rehearsal()
    rehearsal.items.clear()
    told = rehearsal.restore(rehearsal.reference("open")) + "\n".join(rehearsal.said)
    assert all(name in told for name in (rehearsal.reference("open"), "came back"))
    for lead in rehearsal.leads.values():
        assert not [each for each in (lead.name, lead.email, lead.phone, lead.message) if each and each in told]


def test_the_audit_says_that_somebody_restored_the_table() -> None:
    rehearsal = Rehearsal()
    rehearsal.restore(rehearsal.reference("open"))
    (entry,) = Audit(rehearsal.erasing.audit.client(), NAME).page().entries
    assert (entry.action, entry.actor, entry.lead_ids) == (ACTION, "operator", (rehearsal.leads["open"].id,))


def test_progress_is_told_every_thousand_items() -> None:
    rehearsal = Rehearsal()
    for number in range(1000):
        rehearsal.copy.table.items[f"REPEATS#{number}", "2026"] = {
            "pk": {"S": f"REPEATS#{number}"},
            "sk": {"S": "2026"},
        }
    rehearsal.restore()
    assert "1,000 items of the copy looked at, 0 came back" in rehearsal.said


# ---- what may go wrong


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "DeleteTable"), "do not allow DeleteTable"),
        (ConnectTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"), "ConnectTimeoutError"),
        (KeyboardInterrupt(), "Stopped."),
    ],
)
def test_a_copy_that_cannot_be_deleted_is_told_after_the_report(error: BaseException, why: str) -> None:
    rehearsal = Rehearsal()
    with patch.object(rehearsal.copy, "delete", side_effect=error):
        told = rehearsal.restore()
    assert "Requests that came back: 0" in told.partition(why)[0]
    assert told.splitlines()[-1] == (
        f"Everything else is done. The copy {NAME} is still there. Run the same command again, or delete it: aws"
        f" dynamodb delete-table --table-name {NAME} --region us-east-1"
    )


def failing(_job: object) -> dict[str, object]:
    raise FunctionFailedError


@pytest.mark.parametrize("error", [FunctionFailedError(), ReadTimeoutError(endpoint_url="https://example.com")])
def test_a_replay_that_fails_does_not_keep_the_report_away(error: Exception) -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")

    def fails(_job: object) -> dict[str, object]:
        raise error

    told = rehearsal.restore(erase=fails)
    assert "Requests that came back: 1" in told
    assert "Now run `make replay-erasures`: it could not be done now." in told
    assert rehearsal.copy.deleted


def test_a_backfill_that_fails_is_told() -> None:
    rehearsal = Rehearsal()
    rehearsal.restore(follow_up=failing)
    assert "Now run `make backfill`: it could not be done now." in rehearsal.said


def test_an_audit_out_of_reach_changes_nothing() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    before = dict(rehearsal.items)
    rehearsal.erasing.audit.broken["PutItem"] = "ThrottlingException"
    with pytest.raises(OperateError, match=r"(?s)written or read \(ThrottlingException\).*copy .* is still there"):
        rehearsal.restore()
    assert rehearsal.items == before


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (KeyboardInterrupt(), "Stopped."),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Scan"), "AWS is busy (ThrottlingException)"),
        (ConnectTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"), "ConnectTimeoutError"),
        (TimeoutError("somebody else keeps changing it"), "Stopped: somebody else"),
        (OperateError("Correct REFERENCES."), "Correct REFERENCES."),
    ],
)
def test_each_end_before_the_report_names_the_copy(error: BaseException, why: str) -> None:
    rehearsal = Rehearsal()
    with patch.object(rehearsal.copy, "wait", side_effect=error), pytest.raises(OperateError) as caught:
        rehearsal.restore()
    first, _, last = str(caught.value).partition("\n")
    assert first.startswith(why)
    assert last == (
        f"The copy {NAME} is still there. Run the same command again, or delete it: aws dynamodb delete-table"
        f" --table-name {NAME} --region us-east-1"
    )


def test_an_unexpected_error_names_the_copy_too() -> None:
    rehearsal = Rehearsal()
    with patch.object(rehearsal.copy, "wait", side_effect=ZeroDivisionError), pytest.raises(ZeroDivisionError):
        rehearsal.restore()
    assert f"The copy {NAME} is still there." in rehearsal.said[-1]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ConnectTimeoutError(endpoint_url="https://example.com")])
def test_a_lost_answer_to_the_order_of_the_copy_names_it(error: BaseException) -> None:
    rehearsal = Rehearsal()
    rehearsal.copy.deleted = True
    with (
        patch.object(rehearsal.copy, "check_window"),
        patch.object(rehearsal.copy, "begin", side_effect=error),
        pytest.raises(OperateError, match=f"may have begun the copy {NAME}. Run the same command again"),
    ):
        rehearsal.restore()


def test_copies_that_earlier_restores_left_behind_are_named() -> None:
    rehearsal = Rehearsal()
    rehearsal.copy.others = ["clinic-leads-test-restore-20260101T000000Z"]
    rehearsal.restore()
    assert rehearsal.said[0].endswith("do not need:\n  clinic-leads-test-restore-20260101T000000Z")


def test_a_restore_goes_on_for_somebody_who_may_not_list_tables() -> None:
    rehearsal = Rehearsal()
    error = ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListTables")
    with patch.object(rehearsal.copy, "left_over", side_effect=error):
        told = rehearsal.restore()
    assert "Copies of earlier restores cannot be listed." in told
    assert "Requests that came back: 0" in told


def test_a_long_list_is_told_in_full() -> None:
    rehearsal = Rehearsal()
    lost = [rehearsal.erasing.a_lead_with_everything(100 + number) for number in range(120)]
    rehearsal.copy = MemoryCopy(rehearsal.erasing.table)
    for lead in lost:
        del rehearsal.items[f"LEAD#{lead.id}", LEAD_SORT_KEY]
    told = rehearsal.restore()
    assert not [lead.reference for lead in lost if f"  {lead.reference}\n" not in told]


# ---- the question


def asked(rehearsal: Rehearsal, answer: Callable[[str], str] | None) -> str:
    client = rehearsal.erasing.table.client()
    stack = Stack(
        name=STACK,
        table=NAME,
        audit_table=NAME,
        leads=client,
        copies=rehearsal.copy.table.client(),
        audit=rehearsal.erasing.audit.client(),
        erase=lambda job: dict(rehearsal.erasing.function.jobs.do(job, lambda: True) or {}),
        follow_up=lambda _job: {"looked_at": 0, "written": 0, "failed": 0, "next": None},
        now=rehearsal.erasing.clock,
    )
    typed = Typed(time=utc(AT), references="", yes=False)
    return restore(stack, typed, rehearsal.said.append, ask=answer, copy=rehearsal.copy)


def no_answer(_question: str) -> str:
    raise EOFError


def stopped(_question: str) -> str:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "Add YES=1"),
        (lambda _: "yes", "Nothing is done"),
        (lambda _: STACK, "Nothing is done"),
        (lambda _: f"{STACK} eu-west-1", "Nothing is done"),
        (no_answer, "Nothing is done"),
        (stopped, "Stopped. Nothing is done"),
    ],
)
def test_nothing_is_done_before_somebody_types_the_stack_and_its_region(
    answer: Callable[[str], str] | None, told: str
) -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    before = dict(rehearsal.items)
    with pytest.raises(OperateError, match=told):
        asked(rehearsal, answer)
    assert rehearsal.items == before
    assert rehearsal.said[0].startswith(
        f"This restores the table {NAME} of the stack {STACK}, in account 123456789012, us-east-1:"
    )


def test_the_stack_and_its_region_start_it() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    asked(rehearsal, lambda _: f"{STACK} us-east-1")
    assert "Requests that came back: 1" in rehearsal.said[-1]
    assert rehearsal.copy.deleted
    assert len(STATES) == len(rehearsal.leads)
