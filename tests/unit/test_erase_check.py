"""The weekly check: what is kept for too long, what has lost its request, and what it removes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.leads.lead import Lead
from shared.leads.progress import Progress
from shared.leads.response import Outcome, ResponseState
from shared.store.belongings import person_item_key
from shared.store.keys import LEAD_SORT_KEY, attributes, epoch_seconds, timestamp
from tests.unit.erasing import SAM, Erasing
from tests.unit.expressions import Item
from tests.unit.output import counted, everything_printed
from tests.unit.people import NOW
from tests.unit.test_erase_jobs import asked

DAY = timedelta(days=1)
LONG_AGO = NOW - 40 * DAY
OLD_ITEM = (f"PERSON#{7:064}", "PERSON")


def checked(erasing: Erasing) -> tuple[dict[str, int], int]:
    """Run the check. Return its counts, and how many overdue items rang."""
    with everything_printed():
        counts = asked(erasing, "check")
        (overdue,) = counted("OverdueItems")
    return counts, int(overdue)


def closed(erasing: Erasing, lead: Lead, at: datetime = NOW) -> None:
    def decide(progress: Progress) -> Progress:
        return replace(progress, response=ResponseState.CLOSED, closed_at=at, outcome=Outcome.BOOKED, due_at=None)

    assert erasing.leads.change(lead.id, lambda stored: decide(stored.progress))


def ends(erasing: Erasing, lead: Lead, at: datetime) -> None:
    """Write another end into the item of a lead, as an earlier retention did."""
    erasing.table.put(erasing.lead_item(lead) | attributes({"expires_at": epoch_seconds(at)}))


def belongings_end(erasing: Erasing, at: datetime) -> None:
    """Write another end into every entry of a timeline and item of a person."""
    for (pk, sk), item in list(erasing.table.items.items()):
        if pk.startswith("PERSON#") or sk.startswith("EVENT#"):
            erasing.table.put(item | attributes({"expires_at": epoch_seconds(at)}))


def an_entry(erasing: Erasing, lead_id: str, at: datetime, **more: object) -> tuple[str, str]:
    key = (f"LEAD#{lead_id}", f"EVENT#{timestamp(at)}#note#r-000000000001")
    erasing.table.put(attributes({"pk": key[0], "sk": key[1], "text": "made up", **more}))
    return key


def an_item_of_a_person(erasing: Erasing, lead_id: str, at: datetime) -> tuple[str, str]:
    key = person_item_key("9" * 64, at, lead_id)
    erasing.table.put({**key, **attributes({"lead_id": lead_id, "expires_at": epoch_seconds(NOW + 999 * DAY)})})
    return str(key["pk"]["S"]), str(key["sk"]["S"])


def an_old_item(erasing: Erasing, *leads: Lead) -> None:
    requests = {f"{timestamp(lead.received_at)}#{lead.id}" for lead in leads}
    pk, sk = OLD_ITEM
    erasing.table.put(attributes({"pk": pk, "sk": sk, "requests": requests, "expires_at": 1 << 40}))


def unlinked(item: Item) -> Item:
    """Return the item of a lead as `make backfill` finds it."""
    return {name: value for name, value in item.items() if name != "person_keys"}


@pytest.mark.parametrize(("days", "found"), [(36.9, 0), (37.1, 1)])
def test_a_lead_past_a_shortened_retention_is_overdue_after_a_week(days: float, found: int) -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    closed(erasing, lead, NOW - timedelta(days=days))
    ends(erasing, lead, NOW + 300 * DAY)
    belongings_end(erasing, NOW + 300 * DAY)
    counts, overdue = checked(erasing)
    assert (counts["past_end"], overdue) == (found, found)


def test_a_quarantined_lead_past_its_retention_is_overdue() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.leads.change(lead.id, lambda stored: replace(stored.progress, quarantined_at=NOW - 90 * DAY, due_at=None))
    ends(erasing, lead, NOW + 300 * DAY)
    assert checked(erasing)[0]["past_end"] == 1


def test_a_lead_that_cannot_be_read_does_not_stop_the_check() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    closed(erasing, lead)
    erasing.table.put(erasing.lead_item(lead) | {"consents": {"S": "poison"}})
    with everything_printed() as output:
        assert asked(erasing, "check")["past_end"] == 0
    assert "lead not read" in output.getvalue()


@pytest.mark.parametrize(("days", "found"), [(6.9, 0), (7.1, 1)])
def test_an_entry_that_outlives_its_lead_by_a_week_is_overdue(days: float, found: int) -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    closed(erasing, lead)
    end = datetime.fromtimestamp(int(erasing.lead_item(lead)["expires_at"]["N"]), NOW.tzinfo)
    assert checked(erasing)[1] == 0
    an_entry(erasing, lead.id, NOW, expires_at=epoch_seconds(end + timedelta(days=days)))
    assert (checked(erasing)[0]["late"], checked(erasing)[1]) == (found, found)


def test_an_entry_without_an_end_outlives_a_closed_lead_but_not_an_open_one() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    before = checked(erasing)[0]["late"]
    an_entry(erasing, lead.id, NOW)
    assert before == checked(erasing)[0]["late"] == 0
    ends(erasing, lead, NOW + 3999 * DAY)
    assert checked(erasing)[0]["late"] == 1


def test_a_person_item_that_outlives_its_lead_is_overdue_whichever_comes_first() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    own = {sk for _, sk in erasing.table.items if lead.id in sk}
    ends(erasing, lead, NOW + DAY)
    for items in (erasing.table.items, dict(reversed(erasing.table.items.items()))):
        ordered = dict(items)
        erasing.table.items.clear()
        erasing.table.items.update(ordered)
        assert checked(erasing)[0]["late"] >= len(own) > 0


def test_what_has_lost_its_request_is_removed_without_an_alarm() -> None:
    erasing = Erasing()
    other = erasing.a_lead_with_everything(1, **SAM)
    before = dict(erasing.table.items)
    gone = [an_entry(erasing, "0" * 26, LONG_AGO), an_item_of_a_person(erasing, "0" * 26, LONG_AGO)]
    counts, overdue = checked(erasing)
    assert (counts["orphans"], counts["removed"], counts["stuck"], overdue) == (2, 2, 0, 0)
    assert not [key for key in gone if key in erasing.table.items]
    assert erasing.table.items == before
    assert erasing.leads.read(other.id)


def test_what_lost_its_request_this_week_waits() -> None:
    erasing = Erasing()
    key = an_entry(erasing, "0" * 26, NOW - 6 * DAY)
    counts, overdue = checked(erasing)
    assert (counts["orphans"], counts["removed"], overdue) == (1, 0, 0)
    assert key in erasing.table.items


def test_what_the_canary_leaves_is_no_orphan() -> None:
    erasing = Erasing()
    an_entry(erasing, "0" * 26, NOW, expires_at=epoch_seconds(NOW + timedelta(hours=1)))
    counts, overdue = checked(erasing)
    assert (counts["orphans"], counts["removed"], overdue) == (0, 0, 0)


def test_a_request_that_came_during_the_scan_keeps_its_timeline() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    key = an_entry(erasing, lead.id, LONG_AGO)
    check = erasing.function.jobs.check
    items = [item for (_, sk), item in erasing.table.items.items() if sk != LEAD_SORT_KEY]

    class Before(type(check.scan)):  # type: ignore[misc] # the class of the part
        def items(self, _goes_on: object) -> object:
            return iter(items)

    scan = Before(client=check.scan.client, table=check.scan.table, remains=check.scan.remains)
    with everything_printed():
        assert replace(check, scan=scan).run(lambda: True)["orphans"] == 0
    assert key in erasing.table.items


def test_what_cannot_be_removed_rings() -> None:
    erasing = Erasing()
    an_entry(erasing, "0" * 26, LONG_AGO)
    erasing.table.broken["DeleteItem"] = "AccessDeniedException"
    counts, overdue = checked(erasing)
    assert (counts["orphans"], counts["removed"], counts["stuck"], overdue) == (1, 0, 1, 1)


def test_an_old_item_of_a_person_stays_until_each_of_its_requests_has_new_ones() -> None:
    erasing = Erasing()
    lead, other, gone = (erasing.a_lead_with_everything(number) for number in range(3))
    del erasing.leads.leads[gone.id]
    an_old_item(erasing, lead, other, gone)
    as_now = erasing.lead_item(other)
    erasing.table.put(unlinked(as_now))
    assert checked(erasing)[0]["replaced"] == 0
    assert OLD_ITEM in erasing.table.items
    erasing.table.put(as_now)
    counts, overdue = checked(erasing)
    assert (counts["replaced"], overdue) == (1, 0)
    assert OLD_ITEM not in erasing.table.items
    assert erasing.leads.read(lead.id)


def test_an_old_item_of_an_erased_request_is_removed() -> None:
    erasing = Erasing()
    lead = erasing.a_lead_with_everything()
    erasing.erase(lead)
    an_old_item(erasing, lead)
    assert checked(erasing)[0]["replaced"] == 1
