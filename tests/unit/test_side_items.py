"""shared.messages.side_items: what a sender records once an attempt has ended. If that fails, nothing else does."""

from dataclasses import replace

import pytest

from shared.leads.lead import Lead
from shared.leads.progress import Progress, StoredLead
from shared.messages.side_items import SideItems
from shared.services.keys import KeysUnavailableError
from shared.store.people import People
from tests.unit.dynamodb import NAME
from tests.unit.fakes import Clock, MemoryLeads
from tests.unit.output import everything_printed
from tests.unit.people import NOW, a_lead
from tests.unit.whose import whose
from tests.unit.words import CANARY


def no_key() -> bytes:
    raise KeysUnavailableError("AccessDeniedException")


def side_items(table: MemoryLeads, *, has_key: bool = True) -> SideItems:
    return SideItems(
        people=People(table.client, NAME),
        repeats=table.repeats,
        key=(lambda: b"made-up key") if has_key else no_key,
        now=Clock(NOW),
    )


def leased(lead: Lead, progress: Progress | None = None) -> StoredLead:
    return StoredLead(lead=lead, progress=progress or Progress())


TOLD = Progress(told_at=NOW)  # SES accepted the alert


def kinds(table: MemoryLeads) -> list[str]:
    """Return the kinds of items in the table."""
    return sorted(pk.partition("#")[0] for pk, _ in table.dynamodb.items)


def test_a_request_is_recorded_for_its_content() -> None:
    table = MemoryLeads()
    beside = side_items(table)
    again = replace(a_lead(1), received_at=a_lead().received_at.replace(minute=59))
    assert beside.history(again) is None
    beside.record(leased(a_lead()), TOLD)
    assert kinds(table) == ["REPEATS"]
    whose(table.client, a_lead(), b"made-up key")
    history = beside.history(again)
    assert history
    assert history.first_reference == a_lead().reference
    assert table.repeats.count(a_lead(1), NOW) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (leased(a_lead(in_crisis=True)), TOLD),  # not screened for repeats
        (leased(a_lead()), Progress()),  # it waits, or SES accepted nothing
        (leased(a_lead(), TOLD), TOLD),  # a reminder
    ],
)
def test_only_a_request_that_staff_were_just_alerted_about_is_a_repeat(before: StoredLead, after: Progress) -> None:
    table = MemoryLeads()
    side_items(table).record(before, after)
    assert kinds(table) == []


def test_a_request_that_is_alerted_in_a_later_attempt_is_a_repeat() -> None:
    table = MemoryLeads()
    screened = leased(a_lead(), Progress(reasons=()))  # it waited, was deferred, or was released
    side_items(table).record(screened, replace(TOLD, reasons=()))
    assert table.repeats.count(a_lead(1), NOW) == 1


def test_without_the_key_there_is_no_history_and_repeats_are_still_recorded() -> None:
    table = MemoryLeads()
    beside = side_items(table, has_key=False)
    with everything_printed() as output:
        assert beside.history(a_lead()) is None
        assert beside.person_keys(a_lead()) == frozenset()
        beside.record(leased(a_lead()), TOLD)
    assert kinds(table) == ["REPEATS"]
    assert "AccessDeniedException" in output.getvalue()


def test_a_failed_write_is_logged_without_typed_text_and_stops_nothing() -> None:
    table = MemoryLeads()
    table.faults.before["record"].append(OSError(CANARY))
    with everything_printed() as output:
        side_items(table).record(leased(a_lead(name=CANARY)), TOLD)
    assert kinds(table) == []
    table.dynamodb.broken["UpdateItem"] = "ThrottlingException"
    with everything_printed() as again:
        side_items(table).record(leased(a_lead(name=CANARY)), TOLD)
    for printed in (output.getvalue(), again.getvalue()):
        assert a_lead().id in printed
        assert CANARY not in printed
    assert "OSError" in output.getvalue()
    assert "ThrottlingException" in again.getvalue()
