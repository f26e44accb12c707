"""repeats: a lead with the same content on one UTC day is counted once it is recorded, and the item stops growing."""

from datetime import timedelta

from shared.leads.spam import REPEATED_OFTEN
from shared.store.repeats import MOST_REPEATS
from tests.unit.fakes import MemoryLeads
from tests.unit.people import NOW, a_lead


def test_repeats_are_counted_by_day_and_each_lead_once() -> None:
    repeats = MemoryLeads().repeats
    same = a_lead(1, fingerprint=a_lead().fingerprint)
    assert repeats.count(same, NOW) == 0
    for _ in range(3):
        repeats.record(a_lead(), NOW)
    assert repeats.count(a_lead(), NOW) == 0
    assert repeats.count(same, NOW) == 1
    assert repeats.count(a_lead(2, fingerprint="another"), NOW) == 0
    assert repeats.count(same, NOW + timedelta(days=1)) == 0


def test_a_count_sees_what_was_just_recorded_and_writes_nothing() -> None:
    leads = MemoryLeads()
    leads.dynamodb.stale = True
    for number in range(3):
        assert leads.repeats.count(a_lead(number, fingerprint="same"), NOW) == number
        written = dict(leads.dynamodb.items)
        leads.repeats.record(a_lead(number, fingerprint="same"), NOW)
        assert written != leads.dynamodb.items
    assert {name for name, _ in leads.dynamodb.requests} == {"GetItem", "UpdateItem"}
    assert len(leads.dynamodb.asked("UpdateItem")) == 3


def test_a_full_count_is_enough_to_matter_and_grows_no_further() -> None:
    leads = MemoryLeads()
    counts = []
    for number in range(MOST_REPEATS + 5):
        counts.append(leads.repeats.count(a_lead(number, fingerprint="same"), NOW))
        leads.repeats.record(a_lead(number, fingerprint="same"), NOW)
    assert counts == [*range(MOST_REPEATS), *[MOST_REPEATS] * 5]
    assert MOST_REPEATS > REPEATED_OFTEN
    (item,) = leads.dynamodb.items.values()
    assert len(item["lead_ids"]["SS"]) == MOST_REPEATS


def test_requests_with_the_trap_filled_in_are_counted_apart() -> None:
    repeats = MemoryLeads().repeats
    for number in range(MOST_REPEATS):
        repeats.record(a_lead(number, fingerprint="same", trap_filled=True), NOW)
    assert repeats.count(a_lead(99, fingerprint="same"), NOW) == 0
    assert repeats.count(a_lead(99, fingerprint="same", trap_filled=True), NOW) == MOST_REPEATS


def test_a_count_expires_and_is_never_read_as_a_lead() -> None:
    leads = MemoryLeads()
    leads.repeats.record(a_lead(), NOW)
    (item,) = leads.dynamodb.items.values()
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 2 * 24 * 3600)}
    assert item["schema"] == {"N": "1"}
    assert item["sk"] == {"S": "2026-03-04"}
    assert not leads.leads
