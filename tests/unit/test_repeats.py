"""repeats: one write counts a lead with the same content on one UTC day, and the item stops growing."""

from datetime import timedelta

from shared.leads.spam import REPEATED_OFTEN
from shared.store.repeats import MOST_REPEATS
from tests.unit.fakes import MemoryLeads
from tests.unit.people import NOW, a_lead


def test_repeats_are_counted_by_day_and_each_lead_once() -> None:
    repeats = MemoryLeads().repeats
    assert [repeats.count(a_lead(), NOW) for _ in range(3)] == [0, 0, 0]
    assert repeats.count(a_lead(1, fingerprint=a_lead().fingerprint), NOW) == 1
    assert repeats.count(a_lead(2, fingerprint="another"), NOW) == 0
    assert repeats.count(a_lead(), NOW + timedelta(days=1)) == 0


def test_a_full_count_is_enough_to_matter_and_grows_no_further() -> None:
    leads = MemoryLeads()
    counts = [leads.repeats.count(a_lead(number, fingerprint="same"), NOW) for number in range(MOST_REPEATS + 5)]
    assert counts == [*range(MOST_REPEATS), *[MOST_REPEATS] * 5]
    assert MOST_REPEATS > REPEATED_OFTEN
    (item,) = leads.dynamodb.items.values()
    assert len(item["lead_ids"]["SS"]) == MOST_REPEATS


def test_a_count_expires_and_is_never_read_as_a_lead() -> None:
    leads = MemoryLeads()
    leads.repeats.count(a_lead(), NOW)
    (item,) = leads.dynamodb.items.values()
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 2 * 24 * 3600)}
    assert item["schema"] == {"N": "1"}
    assert item["sk"] == {"S": "2026-03-04"}
    assert not leads.leads
