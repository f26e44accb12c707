"""shared.store.people: a second request is recognized by address or number, and neither is readable in the table."""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.history import History
from shared.leads.lead import Lead
from shared.store.intake import new_lead_item
from shared.store.keys import attributes, timestamp
from shared.store.keys import key as lead_key
from shared.store.people import MOST_REQUESTS, People, blinded
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import NOW, a_lead

KEY = b"made-up key"


def people(table: MemoryDynamoDB | None = None) -> People:
    return People((table or MemoryDynamoDB()).client(), NAME)


def held(table: MemoryDynamoDB) -> list[list[str]]:
    """Return the requests in each item of a person."""
    return [item["requests"]["SS"] for item in table.items.values() if "requests" in item]


def noted(known: People, lead: Lead) -> History | None:
    """Read a request's history and record the request, as a sender does."""
    history = known.history(lead, KEY)
    known.record(lead, KEY, NOW)
    return history


def number_of(history: History | None) -> int:
    return history.number if history else 1


def asked(number: int, *, minutes: float = 0, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    return a_lead(number, received_at=NOW + timedelta(minutes=minutes), **changes)


def test_a_persons_first_request_has_no_history_and_each_later_one_has() -> None:
    table = MemoryDynamoDB()
    first, second, third = (asked(number, minutes=number) for number in range(3))
    table.put(new_lead_item(first) | attributes({"claimed_by": "staff-2"}))
    known = people(table)
    assert noted(known, first) is None
    assert noted(known, second) == History(
        number=2, since=NOW, latest=NOW, first_reference=first.reference, first_claimed_by="staff-2"
    )
    assert noted(known, third) == History(
        number=3,
        since=NOW,
        latest=NOW + timedelta(minutes=1),
        first_reference=first.reference,
        first_claimed_by="staff-2",
    )


def test_a_known_person_stays_known() -> None:
    """If this fails, everyone who asks again counts as a new person."""
    table = MemoryDynamoDB()
    people(table).record(a_lead(), KEY, NOW)
    assert set(table.items) == {
        ("PERSON#ae286a8177038ad1d44ba0ab8f02a42288b9d29ba9192903b6908dd9050eecca", "PERSON"),  # the address
        ("PERSON#83cbb2f8519e10b5f94d5e061753a96b70b4c06116a4533c68330fa400a5cfd7", "PERSON"),  # the number
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"phone": None}, {}, True),
        ({"email": None}, {}, True),
        ({"phone": None, "email": "robin@example.com"}, {"phone": None, "email": "Robin@example.com"}, True),
        ({"phone": None}, {"email": None}, False),
        ({"email": "sam@example.com"}, {}, True),  # the same number
        ({"email": "sam@example.com", "phone": "+12025550199"}, {}, False),
        ({"email": None, "phone": None}, {"email": None, "phone": None}, False),
    ],
)
def test_the_same_address_or_number_is_the_same_person(
    one: dict[str, Any],
    other: dict[str, Any],
    same: bool,  # noqa: FBT001
) -> None:
    known = people()
    known.record(asked(0, **one), KEY, NOW)
    history = known.history(asked(1, minutes=1, **other), KEY)
    assert (history is not None) is same


def test_an_address_and_a_number_together_count_each_request_once() -> None:
    known = people()
    requests = [
        asked(0),
        asked(1, minutes=1, email="sam@example.com"),
        asked(2, minutes=2, phone="+12025550199"),
        asked(3, minutes=3),
    ]
    numbers = [number_of(noted(known, lead)) for lead in requests]
    assert numbers == [1, 2, 2, 4]


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=6))
def test_the_order_of_records_and_their_repetition_change_nothing_in_the_end(
    order: Sequence[int], again: list[int]
) -> None:
    known = people()
    leads = [asked(number, minutes=number) for number in range(4)]
    for number in itertools.chain(order, again):
        known.record(leads[number], KEY, NOW)
    assert [number_of(known.history(lead, KEY)) for lead in leads] == [1, 2, 3, 4]


def test_exactly_one_of_two_simultaneous_requests_is_the_first_once_both_are_there() -> None:
    for pair in itertools.permutations([asked(1), asked(2)]):
        known = people()
        # Neither sees the other, so staff are alerted about both at once.
        assert [known.history(lead, KEY) for lead in pair] == [None, None]
        for lead in pair:
            known.record(lead, KEY, NOW)
        assert sorted(number_of(known.history(lead, KEY)) for lead in pair) == [1, 2]


def test_a_history_writes_nothing_and_sees_what_was_just_recorded() -> None:
    table = MemoryDynamoDB(stale=True)
    known = people(table)
    assert known.history(asked(0), KEY) is None
    assert not table.items
    known.record(asked(0), KEY, NOW)
    written = dict(table.items)
    assert number_of(known.history(asked(1, minutes=1), KEY)) == 2
    assert table.items == written


def test_a_person_whose_full_item_is_deleted_while_it_is_written_stays_deleted() -> None:
    table = MemoryDynamoDB()
    known = people(table)
    for number in range(MOST_REQUESTS):
        known.record(asked(number, email=None, minutes=number), KEY, NOW)
    calls = 0

    def carry[T](do: Callable[[], T], lost: Callable[[Exception], NoReturn], *, again: bool) -> T:
        nonlocal calls
        assert callable(lost)
        assert again
        calls += 1
        if calls == 2:  # the item was full, and the next write makes room in it
            table.items.clear()
        return do()

    table.carry = carry
    known.record(asked(MOST_REQUESTS, email=None, minutes=MOST_REQUESTS), KEY, NOW)
    assert calls == 2
    assert not table.items


def test_endless_requests_of_one_person_do_not_grow_the_item() -> None:
    table = MemoryDynamoDB()
    known = people(table)
    for number in range(MOST_REQUESTS + 20):
        history = noted(known, asked(number, minutes=number))
    assert {len(requests) for requests in held(table)} == {MOST_REQUESTS}
    assert all(any(asked(0).id in request for request in requests) for requests in held(table))
    expected = History(
        number=MOST_REQUESTS,
        since=NOW,
        latest=NOW + timedelta(minutes=MOST_REQUESTS + 18),
        first_reference=asked(0).reference,
        first_claimed_by=None,
    )
    assert history == expected
    assert known.history(asked(number, minutes=number), KEY) == expected  # as in the reminder


def test_what_is_written_is_blind_and_with_another_key_it_is_another() -> None:
    table = MemoryDynamoDB()
    assert noted(people(table), a_lead()) is None
    assert len(table.asked("UpdateItem")) == 2
    for typed in ("robin", "example.com", "5550147", "Robin", "2025550147"):
        assert typed not in repr(table.requests)
    people(table).record(a_lead(), b"another key", NOW)
    assert len(held(table)) == 4
    assert blinded(KEY, "email:x") != blinded(KEY, "phone:x")


def test_the_writes_are_idempotent_and_forget_after_two_years() -> None:
    table = MemoryDynamoDB()
    lead = a_lead(email=None)
    person = {"pk": {"S": f"PERSON#{blinded(KEY, 'phone:+12025550147')}"}, "sk": {"S": "PERSON"}}
    earlier = f"{timestamp(datetime(2025, 11, 2, tzinfo=UTC))}#FIRST0LEAD"
    own = f"2026-03-04T15:30:00.000Z#{lead.id}"
    table.put(person | {"requests": {"SS": [earlier]}})
    history = History(
        number=2,
        since=datetime(2025, 11, 2, tzinfo=UTC),
        latest=datetime(2025, 11, 2, tzinfo=UTC),
        first_reference="KC-FIRS-T0LE",
        first_claimed_by=None,  # the first has been deleted
    )
    for _ in range(2):
        assert noted(people(table), lead) == history
        (item,) = table.items.values()
        end = {"N": str(int(NOW.timestamp()) + 730 * 24 * 3600)}
        assert item == person | {"requests": {"SS": [earlier, own]}, "expires_at": end, "schema": {"N": "1"}}
    (_, read, *_) = table.asked("GetItem")
    assert read["Key"] == lead_key("FIRST0LEAD")
    assert read["ProjectionExpression"] == "claimed_by, owner_address"


def test_the_other_requests_of_a_person_are_found_by_address_or_number() -> None:
    table = MemoryDynamoDB()
    known = people(table)
    leads = [
        asked(0, minutes=3),
        asked(1, minutes=1, phone=None),
        asked(2, minutes=2, email="sam@example.com"),
        asked(3, email="sam@example.com", phone="+12025550199"),  # somebody else
    ]
    for lead in leads:
        known.record(lead, KEY, NOW)
    assert known.others(leads[0], KEY) == (leads[1].id, leads[2].id)
    assert known.others(leads[1], KEY) == (leads[0].id,)
    assert known.others(asked(4), KEY) == (leads[1].id, leads[2].id, leads[0].id)  # not recorded yet
    assert known.others(leads[0], b"another key") == ()
    assert known.others(asked(5, email=None, phone=None), KEY) == ()


def test_at_most_the_newest_other_requests_are_returned() -> None:
    table = MemoryDynamoDB()
    known = people(table)
    by_address = [asked(number, minutes=number, phone=None) for number in range(40)]
    by_number = [asked(40 + number, minutes=40 + number, email=None) for number in range(40)]
    for lead in by_address + by_number:
        known.record(lead, KEY, NOW)
    found = known.others(asked(99, minutes=99), KEY)
    assert found == tuple(lead.id for lead in [*by_address, *by_number][-MOST_REQUESTS:])


def test_reading_the_other_requests_writes_nothing_and_is_up_to_date() -> None:
    table = MemoryDynamoDB()
    known = people(table)
    known.record(asked(1), KEY, NOW)
    before = dict(table.items)
    known.others(asked(0), KEY)
    assert table.items == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("robin@example.com", [0, 1]),
        (" Robin@EXAMPLE.com. ", [0, 1]),
        ("(202) 555-0147", [0]),
        ("1 202 555 0147", [0]),
        ("202-555-0148", [1]),
        ("202-555-0149", []),
        ("sam@example.com", []),
        ("Robin", []),
        ("", []),
    ],
)
def test_a_person_is_found_by_what_they_say_on_the_phone(text: str, found: list[int]) -> None:
    known = people()
    leads = [asked(0), asked(1, minutes=1, phone="+12025550148")]
    for lead in reversed(leads):
        known.record(lead, KEY, NOW)
    assert known.by_contact(text, KEY) == tuple(leads[number].id for number in found)
