"""shared.store.timeline: the timeline of a lead is read as it was written, without what has expired."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.leads import desk
from shared.leads.decisions import Rules
from shared.leads.event import OPERATOR, SYSTEM, Event
from shared.leads.lead import Lead
from shared.leads.person import Person
from shared.leads.response import Outcome
from shared.leads.retention import LONGEST
from shared.leads.team import Team
from shared.store.intake import new_lead_item
from shared.store.leads import Leads
from shared.store.timeline import MOST_CHARACTERS, MOST_ENTRIES, Entry, Timeline, event_item
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.output import everything_printed
from tests.unit.people import CLINIC, NOW, a_lead

KIM = Person("kim@example.com")
LEAD = a_lead()


def timeline(table: MemoryDynamoDB, now: datetime = NOW) -> Timeline:
    return Timeline(table.client(), NAME, now=lambda: now)


def with_events(*events: Event) -> MemoryDynamoDB:
    table = MemoryDynamoDB()
    table.put(new_lead_item(LEAD))
    for event in events:
        table.put(event_item(LEAD.id, event, event.at + LONGEST))
    return table


def after(minutes: int, kind: str = "delivered", **more: Any) -> Event:  # noqa: ANN401 - any part of an event
    return Event(kind=kind, at=NOW + timedelta(minutes=minutes), **more)


def entries(table: MemoryDynamoDB, now: datetime = NOW, lead: Lead = LEAD) -> tuple[Entry, ...]:
    found = timeline(table, now).page(lead.id)
    assert found.next is None
    return found.entries


def walk(table: MemoryDynamoDB) -> list[list[Entry]]:
    """Return the entries on each page of a timeline."""
    pages, before = [], None
    while True:
        found = timeline(table).page(LEAD.id, before)
        pages.append(list(found.entries))
        if (before := found.next) is None:
            return pages


def test_entries_come_newest_first() -> None:
    events = [after(minute) for minute in (4, 1, 3, 5, 2)]
    assert [each.at for each in entries(with_events(*events))] == [
        NOW + timedelta(minutes=minute) for minute in (5, 4, 3, 2, 1)
    ]


@pytest.mark.parametrize("count", [MOST_ENTRIES, MOST_ENTRIES + 1, 2 * MOST_ENTRIES, 250])
def test_a_page_has_a_hundred_entries_and_each_is_on_one_page(count: int) -> None:
    pages = walk(with_events(*(after(minute) for minute in range(count))))
    assert [each.at for page in pages for each in page] == [
        NOW + timedelta(minutes=at) for at in reversed(range(count))
    ]
    assert all(len(page) == MOST_ENTRIES for page in pages[:-1])
    assert pages[-1]


def test_a_page_ends_earlier_if_the_notes_are_long() -> None:
    note = {"by": KIM.email, "text": "x" * 5_000, "press": "form"}
    pages = walk(with_events(*(after(minute, "note", details=note) for minute in range(100))))
    assert sum(map(len, pages)) == 100
    assert all(sum(len(each.details["text"]) for each in page) <= MOST_CHARACTERS for page in pages)
    assert len(pages[0]) > 5


def test_a_very_long_entry_is_shown_alone() -> None:
    note = {"text": "x" * (MOST_CHARACTERS + 1)}
    assert list(map(len, walk(with_events(after(1, "note", details=note), after(2, "note", details=note))))) == [1, 1]


@pytest.mark.parametrize("before", ["", "x", "LEAD", "EVENT#", "EVENT#" + "9" * 23 + "Z", "PERSON#", "\ud800"])
def test_a_place_that_does_not_exist_is_the_first_page(before: str) -> None:
    assert len(timeline(with_events(after(1))).page(LEAD.id, before).entries) == 1


def test_an_entry_says_who_did_what_and_its_details() -> None:
    events = (
        after(1, "alert_accepted", details={"attempt": "1", "recipients": "staff-1 accepted"}),
        after(2, "released", actor=OPERATOR),
        after(3, "claimed", actor=KIM.id, details={"by": KIM.email}),
    )
    assert entries(with_events(*events)) == tuple(
        Entry(at=event.at, kind=event.kind, actor=event.actor, details=event.details) for event in reversed(events)
    )
    assert events[0].actor == SYSTEM


def test_what_has_expired_is_left_out_before_the_table_deletes_it() -> None:
    table = with_events()
    for minutes in (0, 2):
        table.put(event_item(LEAD.id, after(minutes), NOW + timedelta(days=30, minutes=minutes)))
    assert len(entries(table, NOW + timedelta(days=30, minutes=1))) == 1
    assert entries(table, NOW + timedelta(days=30, minutes=2)) == ()


def test_an_entry_of_an_open_lead_is_read_for_ten_years() -> None:
    assert len(entries(with_events(after(0)), NOW + timedelta(days=3650) - timedelta(minutes=1))) == 1


def test_another_leads_entries_are_not_read() -> None:
    table = with_events(after(1))
    assert entries(table, lead=a_lead(1)) == ()


def test_a_person_reads_the_note_that_they_just_wrote() -> None:
    table = with_events()
    table.stale = True
    Leads(table.client(), NAME).change(LEAD.id, desk.note("Likes mornings.", NOW, by=KIM, press="form"))
    (entry,) = entries(table)
    assert (entry.kind, entry.actor) == ("note", KIM.id)
    assert entry.details == {"by": KIM.email, "text": "Likes mornings.", "press": "form"}


def test_a_note_on_a_deleted_lead_is_not_kept() -> None:
    table = MemoryDynamoDB()
    assert Leads(table.client(), NAME).change(LEAD.id, desk.note("Too late.", NOW, by=KIM, press="form")) is None
    assert not table.items


def test_what_staff_write_is_in_no_log() -> None:
    table = with_events()
    rules = Rules(clinic=CLINIC, team=Team(staff=("staff-1",), fallback=()))
    decisions = (
        desk.note("Likes mornings.", NOW, by=KIM, press="one"),
        desk.hand_over(rules, NOW, by=KIM, to=Person("lee@example.com"), press="two"),
        desk.settle(Outcome.BOOKED, "Likes mornings.", rules, NOW, by=KIM, press="three"),
        desk.settle(Outcome.CAME, "Likes mornings.", rules, NOW, by=KIM, press="four"),
    )
    with everything_printed() as printed:
        for decide in decisions:
            Leads(table.client(), NAME, lambda: NOW).change(LEAD.id, decide)
    logged = printed.getvalue()
    assert logged.count("lead changed") == 4
    assert "mornings" not in logged
    assert "@" not in logged
