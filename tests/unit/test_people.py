"""shared.store.people: who asks again is known by address or number, and neither can be read in the table."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.history import History
from shared.leads.lead import Lead
from shared.store import items
from shared.store.people import MOST_REQUESTS, People, blinded
from tests.unit.people import NOW, a_lead

KEY = b"made-up key"


@dataclass
class Client:
    """As much of DynamoDB as an item of a person needs: a set that is added to under a condition."""

    sets: dict[str, set[str]] = field(default_factory=dict)
    taken_by: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    class exceptions:  # noqa: N801 - as boto3 calls it
        class ConditionalCheckFailedException(ClientError):  # noqa: N818 - as above
            pass

    def update_item(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever boto3 takes
        self.written.append(repr(request))
        held = self.sets.setdefault(request["Key"]["pk"]["S"], set())
        values = request["ExpressionAttributeValues"]
        if request["UpdateExpression"].startswith("DELETE"):
            held -= set(values[":dropped"]["SS"])
            return {}
        if held and len(held) >= int(values[":most"]["N"]) and values[":own"]["S"] not in held:
            answer: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": self._item(held)}
            raise self.exceptions.ConditionalCheckFailedException(answer, "UpdateItem")
        held |= set(values[":added"]["SS"])
        return {"Attributes": self._item(held)}

    def get_item(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        by = self.taken_by.get(request["Key"]["pk"]["S"])
        return {"Item": {"claimed_by": {"S": by}} if by else {}}

    @staticmethod
    def _item(held: set[str]) -> dict[str, Any]:
        return {"requests": {"SS": sorted(held, reverse=True)}}


def people(client: Client | None = None) -> People:
    parts: Any = client or Client()
    return People(parts, "made-up-table")


def asked(number: int, *, minutes: float = 0, **changes: Any) -> Lead:  # noqa: ANN401 - any attribute of a lead
    return a_lead(number, received_at=NOW + timedelta(minutes=minutes), **changes)


def test_a_persons_first_request_has_no_history_and_each_later_one_has() -> None:
    client = Client()
    first, second, third = (asked(number, minutes=number) for number in range(3))
    client.taken_by[f"LEAD#{first.id}"] = "staff-2"
    known = people(client)
    assert known.note(first, KEY, NOW) is None
    assert known.note(second, KEY, NOW) == History(
        number=2, since=NOW, latest=NOW, first_reference=first.reference, first_claimed_by="staff-2"
    )
    assert known.note(third, KEY, NOW) == History(
        number=3,
        since=NOW,
        latest=NOW + timedelta(minutes=1),
        first_reference=first.reference,
        first_claimed_by="staff-2",
    )


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
def test_who_has_the_same_address_or_the_same_number_is_the_same(
    one: dict[str, Any],
    other: dict[str, Any],
    same: bool,  # noqa: FBT001
) -> None:
    known = people()
    known.note(asked(0, **one), KEY, NOW)
    history = known.note(asked(1, minutes=1, **other), KEY, NOW)
    assert (history is not None) is same


def test_an_address_and_a_number_together_count_each_request_once() -> None:
    known = people()
    requests = [
        asked(0),
        asked(1, minutes=1, email="sam@example.com"),
        asked(2, minutes=2, phone="+12025550199"),
        asked(3, minutes=3),
    ]
    numbers = [history.number if (history := known.note(lead, KEY, NOW)) else 1 for lead in requests]
    assert numbers == [1, 2, 2, 4]


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=6))
def test_the_order_of_notes_and_their_repetition_change_nothing_once_all_are_noted(
    order: Sequence[int], again: list[int]
) -> None:
    known = people()
    leads = [asked(number, minutes=number) for number in range(4)]
    for number in itertools.chain(order, again):
        known.note(leads[number], KEY, NOW)
    histories = [known.note(lead, KEY, NOW) for lead in leads]
    assert [history.number if history else 1 for history in histories] == [1, 2, 3, 4]


def test_of_two_requests_at_the_same_moment_exactly_one_is_the_first() -> None:
    for pair in itertools.permutations([asked(1), asked(2)]):
        known = people()
        for lead in pair:
            known.note(lead, KEY, NOW)
        assert sorted(history.number if (history := known.note(lead, KEY, NOW)) else 1 for lead in pair) == [1, 2]


def test_whoever_sends_without_end_makes_no_item_grow_and_the_first_is_kept() -> None:
    client = Client()
    known = people(client)
    for number in range(MOST_REQUESTS + 20):
        history = known.note(asked(number, minutes=number), KEY, NOW)
    assert {len(held) for held in client.sets.values()} == {MOST_REQUESTS}
    assert history == History(
        number=MOST_REQUESTS,
        since=NOW,
        latest=NOW + timedelta(minutes=MOST_REQUESTS + 18),
        first_reference=asked(0).reference,
        first_claimed_by=None,
    )


def test_what_is_written_is_blind_and_with_another_key_it_is_another() -> None:
    client = Client()
    people(client).note(a_lead(), KEY, NOW)
    assert len(client.written) == 2
    for typed in ("robin", "example.com", "5550147", "Robin", "2025550147"):
        assert typed not in " ".join(client.written)
    people(client).note(a_lead(), b"another key", NOW)
    assert len(client.sets) == 4
    assert blinded(KEY, "email:x") != blinded(KEY, "phone:x")


def test_the_writes_are_idempotent_and_forget_after_two_years() -> None:
    lead = a_lead(email=None)
    earlier = f"{items.timestamp(datetime(2025, 11, 2, tzinfo=UTC))}#FIRST0LEAD"
    own = f"2026-03-04T15:30:00.000Z#{lead.id}"
    client: Any = boto3.client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_response(
            "update_item",
            {"Attributes": {"requests": {"SS": [own, earlier]}}},
            {
                "TableName": "made-up-table",
                "Key": {"pk": {"S": f"PERSON#{blinded(KEY, 'phone:+12025550147')}"}, "sk": {"S": "PERSON"}},
                "ConditionExpression": (
                    "attribute_not_exists(requests) OR size(requests) < :most OR contains(requests, :own)"
                ),
                "UpdateExpression": "ADD requests :added SET expires_at = :end",
                "ExpressionAttributeValues": {
                    ":most": {"N": "50"},
                    ":own": {"S": own},
                    ":added": {"SS": [own]},
                    ":end": {"N": str(int(NOW.timestamp()) + 730 * 24 * 3600)},
                },
                "ReturnValues": "ALL_NEW",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
        stubber.add_response(
            "get_item",
            {},  # the first is gone by now
            {
                "TableName": "made-up-table",
                "Key": {"pk": {"S": "LEAD#FIRST0LEAD"}, "sk": {"S": "LEAD"}},
                "ProjectionExpression": "claimed_by",
            },
        )
        history = People(client, "made-up-table").note(lead, KEY, NOW)
        stubber.assert_no_pending_responses()
    assert history == History(
        number=2,
        since=datetime(2025, 11, 2, tzinfo=UTC),
        latest=datetime(2025, 11, 2, tzinfo=UTC),
        first_reference="KC-FIRS-T0LE",
        first_claimed_by=None,
    )
