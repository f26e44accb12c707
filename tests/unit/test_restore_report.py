"""What `make restore` says: what was lost, and what the audit still knows about it."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from shared.leads.identity import reference
from shared.leads.person import Person
from shared.store.audit import Audit
from tests.unit.dynamodb import NAME
from tests.unit.restoring import AT, STACK, STATES, Rehearsal
from tools.operate.invoke import FunctionFailedError
from tools.operate.restore.command import ACTION, Stack, Typed, restore
from tools.operate.restore.when import utc
from tools.operate.stack import OperateError

NURSE = Person("nurse@example.com")
SOON = AT + timedelta(minutes=5)


def noted(rehearsal: Rehearsal, action: str, *lead_ids: str, minutes: int = 5) -> None:
    audit = Audit(rehearsal.erasing.audit.client(), NAME)
    at = AT + timedelta(minutes=minutes)
    audit.write(at, actor=NURSE.id, email=NURSE.email, action=action, lead_ids=lead_ids)


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


def test_a_copy_that_cannot_be_deleted_is_told_after_the_report() -> None:
    rehearsal = Rehearsal()
    error = ClientError({"Error": {"Code": "AccessDeniedException"}}, "DeleteTable")
    with patch.object(rehearsal.copy, "delete", side_effect=error):
        told = rehearsal.restore()
    assert "Requests that came back: 0" in told
    assert told.splitlines()[-1].endswith(
        "could not be deleted (AccessDeniedException). Delete it in the DynamoDB console."
    )


def failing(_job: object) -> dict[str, object]:
    raise FunctionFailedError


def test_a_replay_that_fails_keeps_the_copy() -> None:
    rehearsal = Rehearsal()
    with pytest.raises(OperateError, match="run this again: it is safe"):
        rehearsal.restore(erase=failing)
    assert not rehearsal.copy.deleted


def test_a_backfill_that_fails_is_told() -> None:
    rehearsal = Rehearsal()
    rehearsal.restore(follow_up=failing)
    assert "Now run `make backfill`: it could not be done now." in rehearsal.said


def test_an_audit_out_of_reach_changes_nothing() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    before = dict(rehearsal.items)
    rehearsal.erasing.audit.broken["PutItem"] = "ThrottlingException"
    with pytest.raises(OperateError, match=r"audit cannot be written or read \(ThrottlingException\).* goes on"):
        rehearsal.restore()
    assert rehearsal.items == before


def test_somebody_who_stops_it_reads_that_it_goes_on() -> None:
    rehearsal = Rehearsal()

    def interrupted(_job: object) -> dict[str, object]:
        raise KeyboardInterrupt

    with pytest.raises(OperateError, match="Run the same command again: it goes on"):
        rehearsal.restore(erase=interrupted)


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


@pytest.mark.parametrize(
    ("answer", "told"), [(None, "Add YES=1"), (lambda _: "yes", "Nothing is done"), (no_answer, "Nothing is done")]
)
def test_nothing_is_done_before_somebody_types_the_name_of_the_stack(
    answer: Callable[[str], str] | None, told: str
) -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    before = dict(rehearsal.items)
    with pytest.raises(OperateError, match=told):
        asked(rehearsal, answer)
    assert rehearsal.items == before
    assert "1. DynamoDB makes a copy" in rehearsal.said[0]


def test_the_name_of_the_stack_starts_it() -> None:
    rehearsal = Rehearsal()
    rehearsal.lose("open")
    assert "Requests that came back: 1" in asked(rehearsal, lambda _: STACK)
    assert len(STATES) == len(rehearsal.leads)
