"""shared.store.people: a second request is recognized by address or number, and neither is readable in the table."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.history import History
from shared.leads.lead import Lead
from shared.leads.progress import AlertState
from shared.leads.retention import LONGEST
from shared.store.belongings import person_item_key
from shared.store.intake import new_lead_item
from shared.store.keys import attributes, epoch_seconds, timestamp
from shared.store.keys import key as lead_key
from shared.store.people import MOST_REQUESTS, People, blinded
from tests.unit.dynamodb import NAME, MemoryDynamoDB
from tests.unit.people import NOW, a_lead
from tests.unit.whose import whose

KEY = b"made-up key"
ITEM = f"{timestamp(NOW)}#{a_lead().id}"


class Known(People):
    """The requests of each person, with a way to add one."""

    def record(self, lead: Lead, key: bytes = KEY, ends: datetime = NOW + LONGEST, **progress: Any) -> None:  # noqa: ANN401 - any attribute of a progress
        whose(self._client, lead, key, ends, **progress)


def people(table: MemoryDynamoDB | None = None, now: datetime = NOW) -> Known:
    return Known((table or MemoryDynamoDB()).client(), NAME, lambda: now)


def noted(known: Known, lead: Lead) -> History | None:
    """Read a request's history and record the request, as a sender does."""
    history = known.history(lead, KEY)
    known.record(lead)
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
    people(table).record(a_lead())
    assert set(table.items) == {
        ("PERSON#ae286a8177038ad1d44ba0ab8f02a42288b9d29ba9192903b6908dd9050eecca", ITEM),  # the address
        ("PERSON#83cbb2f8519e10b5f94d5e061753a96b70b4c06116a4533c68330fa400a5cfd7", ITEM),  # the number
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
        ({"email": None, "phone": "+12025550147 ext. 5"}, {"email": None}, True),  # people leave out the extension
        ({"email": None, "phone": "+12025550147 ext. 5"}, {"email": None, "phone": "+12025550147 ext. 6"}, True),
    ],
)
def test_the_same_address_or_number_is_the_same_person(
    one: dict[str, Any],
    other: dict[str, Any],
    same: bool,  # noqa: FBT001
) -> None:
    known = people()
    known.record(asked(0, **one))
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
        known.record(leads[number])
    assert [number_of(known.history(lead, KEY)) for lead in leads] == [1, 2, 3, 4]


def test_exactly_one_of_two_simultaneous_requests_is_the_first_once_both_are_there() -> None:
    for pair in itertools.permutations([asked(1), asked(2)]):
        known = people()
        # Neither sees the other, so staff are alerted about both at once.
        assert [known.history(lead, KEY) for lead in pair] == [None, None]
        for lead in pair:
            known.record(lead)
        assert sorted(number_of(known.history(lead, KEY)) for lead in pair) == [1, 2]


def test_a_history_writes_nothing_and_sees_what_was_just_recorded() -> None:
    table = MemoryDynamoDB(stale=True)
    known = people(table)
    assert known.history(asked(0), KEY) is None
    assert not table.items
    known.record(asked(0))
    written = dict(table.items)
    assert number_of(known.history(asked(1, minutes=1), KEY)) == 2
    assert table.items == written


def test_many_requests_of_one_person_count_as_fifty() -> None:
    known = people()
    for number in range(MOST_REQUESTS + 20):
        history = noted(known, asked(number, minutes=number))
    assert history == History(
        number=MOST_REQUESTS,
        since=NOW,
        latest=NOW + timedelta(minutes=MOST_REQUESTS + 18),
        first_reference=asked(0).reference,
        first_claimed_by=None,
    )
    assert known.history(asked(number, minutes=number), KEY) == history  # as in the reminder


def test_a_flood_in_a_persons_name_is_read_only_in_part() -> None:
    table = MemoryDynamoDB()
    way = blinded(KEY, "phone:+12025550147")
    for minute in range(1000):
        table.put(
            {
                "pk": {"S": f"PERSON#{way}"},
                "sk": {"S": f"{timestamp(NOW + timedelta(minutes=minute))}#{a_lead(minute).id}"},
                "expires_at": {"N": str(epoch_seconds(NOW + LONGEST))},
            }
        )
    before = table.read_units
    known = people(table)
    assert number_of(known.history(asked(1000, minutes=1000, email=None), KEY)) == MOST_REQUESTS
    assert len(known.others(asked(1000, minutes=1000, email=None), KEY)) == MOST_REQUESTS
    assert table.read_units - before < 20
    assert len(known.by_contact("202-555-0147", KEY)) == 1000


def test_a_request_in_quarantine_is_found_and_does_not_count() -> None:
    known = people()
    known.record(asked(0), state=AlertState.QUARANTINED, quarantined_at=NOW)
    assert known.history(asked(1, minutes=1), KEY) is None
    assert known.others(asked(1, minutes=1), KEY) == (asked(0).id,)
    assert known.by_contact("robin@example.com", KEY) == (asked(0).id,)
    known.record(asked(0))  # an operator released it, and its alert went out
    assert number_of(known.history(asked(1, minutes=1), KEY)) == 2


def test_what_is_written_is_blind_and_with_another_key_it_is_another() -> None:
    table = MemoryDynamoDB()
    assert noted(people(table), a_lead()) is None
    assert len(table.asked("UpdateItem")) == 2
    for typed in ("robin", "example.com", "5550147", "Robin", "2025550147"):
        assert typed not in repr(table.requests)
    people(table).record(a_lead(), b"another key")
    assert len(table.items) == 4
    assert blinded(KEY, "email:x") != blinded(KEY, "phone:x")


def test_an_item_ends_with_its_request() -> None:
    table = MemoryDynamoDB()
    lead = a_lead(email=None)
    person = person_item_key(blinded(KEY, "phone:+12025550147"), NOW, lead.id)
    for ends in (NOW + LONGEST, NOW + timedelta(days=30), NOW + timedelta(days=30)):
        people(table).record(lead, KEY, ends)
        assert list(table.items.values()) == [
            person | attributes({"lead_id": lead.id, "schema": 1, "expires_at": epoch_seconds(ends)})
        ]


def test_what_has_expired_is_left_out_before_the_table_deletes_it() -> None:
    table = MemoryDynamoDB()
    ends = NOW + timedelta(days=30)
    people(table).record(asked(0), KEY, ends)
    for now, found in ((ends - timedelta(seconds=1), (asked(0).id,)), (ends, ())):
        known = people(table, now)
        assert known.by_contact("robin@example.com", KEY) == known.others(asked(1, minutes=1), KEY) == found
        assert (known.history(asked(1, minutes=1), KEY) is not None) == bool(found)


def test_the_owner_and_reference_of_the_first_request_are_read_and_no_more() -> None:
    table = MemoryDynamoDB()
    people(table).record(asked(0))
    assert number_of(people(table).history(asked(1, minutes=1), KEY)) == 2
    (read,) = table.asked("GetItem")
    assert read["Key"] == lead_key(asked(0).id)
    assert read["ProjectionExpression"] == "#reference, claimed_by, owner_address"


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
        known.record(lead)
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
        known.record(lead)
    found = known.others(asked(99, minutes=99), KEY)
    assert found == tuple(lead.id for lead in [*by_address, *by_number][-MOST_REQUESTS:])


def test_reading_the_other_requests_writes_nothing_and_is_up_to_date() -> None:
    table = MemoryDynamoDB()
    known = people(table)
    known.record(asked(1))
    before = dict(table.items)
    known.others(asked(0), KEY)
    assert table.items == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("robin@example.com", [0, 1]),
        (" Robin@EXAMPLE.com. ", [0, 1]),
        ("Robin Example <robin@example.com>", [0, 1]),
        ('"Example, Robin" <Robin@example.com>,', [0, 1]),
        ("(202) 555-0147", [0]),
        ("1 202 555 0147", [0]),
        ("202-555-0147 ext. 5", [0]),
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
        known.record(lead)
    assert known.by_contact(text, KEY) == tuple(leads[number].id for number in found)


def test_the_first_request_keeps_the_reference_that_it_was_stored_with() -> None:
    table = MemoryDynamoDB()
    first, second = asked(0), asked(1, minutes=1, reference_prefix="DR")
    table.put(new_lead_item(first))
    known = people(table)
    noted(known, first)
    history = noted(known, second)
    assert history
    assert history.first_reference == first.reference
