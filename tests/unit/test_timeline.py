"""shared.store.timeline: the timeline of a lead is read as it was written, without what has expired."""

from datetime import datetime, timedelta
from typing import Any

from shared.leads import desk
from shared.leads.decisions import Rules
from shared.leads.event import OPERATOR, SYSTEM, Event
from shared.leads.person import Person
from shared.leads.response import Outcome
from shared.leads.team import Team
from shared.store.intake import new_lead_item
from shared.store.leads import Leads
from shared.store.timeline import KEPT, Entry, Timeline, event_item
from tests.unit.dynamodb import NAME, PAGE, MemoryDynamoDB
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
        table.put(event_item(LEAD.id, event, None))
    return table


def after(minutes: int, kind: str = "delivered", **more: Any) -> Event:  # noqa: ANN401 - any part of an event
    return Event(kind=kind, at=NOW + timedelta(minutes=minutes), **more)


def test_entries_come_oldest_first_from_all_pages() -> None:
    events = [after(minute) for minute in (4, 1, 3, 5, 2)]
    assert len(events) > PAGE
    found = timeline(with_events(*events)).entries(LEAD.id)
    assert [entry.at for entry in found] == [NOW + timedelta(minutes=minute) for minute in range(1, 6)]


def test_an_entry_says_who_did_what_and_its_details() -> None:
    events = (
        after(1, "alert_accepted", details={"attempt": "1", "recipients": "staff-1 accepted"}),
        after(2, "released", actor=OPERATOR),
        after(3, "claimed", actor=KIM.id, details={"by": KIM.email}),
    )
    assert timeline(with_events(*events)).entries(LEAD.id) == tuple(
        Entry(at=event.at, kind=event.kind, actor=event.actor, details=event.details) for event in events
    )
    assert events[0].actor == SYSTEM


def test_what_has_expired_is_left_out_before_the_table_deletes_it() -> None:
    table = with_events(after(0), after(2))
    assert len(timeline(table, NOW + KEPT + timedelta(minutes=1)).entries(LEAD.id)) == 1
    assert timeline(table, NOW + KEPT + timedelta(minutes=2)).entries(LEAD.id) == ()


def test_another_leads_entries_are_not_read() -> None:
    table = with_events(after(1))
    assert timeline(table).entries(a_lead(1).id) == ()


def test_a_person_reads_the_note_that_they_just_wrote() -> None:
    table = with_events()
    table.stale = True
    Leads(table.client(), NAME).change(LEAD.id, desk.note("Likes mornings.", NOW, by=KIM, press="form"))
    (entry,) = timeline(table).entries(LEAD.id)
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
            Leads(table.client(), NAME).change(LEAD.id, decide)
    logged = printed.getvalue()
    assert logged.count("lead changed") == 4
    assert "mornings" not in logged
    assert "@" not in logged
