"""claim.others: only open requests of exactly this person may be closed with one that was reached."""

from typing import Any

import pytest

from claim.others import may_be_closed_with, same_person
from shared.leads.progress import AlertState, Progress, StoredLead
from shared.leads.response import ResponseState
from tests.unit.people import a_lead


@pytest.mark.parametrize(
    ("state", "may"),
    [
        ({}, True),
        ({"response": ResponseState.CLAIMED}, True),
        ({"state": AlertState.UNDELIVERABLE}, True),
        ({"response": ResponseState.CLOSED}, False),
        ({"state": AlertState.QUARANTINED}, False),
        ({"synthetic": True}, False),
    ],
)
def test_only_open_requests_may_be_closed_too(state: dict[str, Any], *, may: bool) -> None:
    assert may_be_closed_with(a_lead(), StoredLead(lead=a_lead(1), progress=Progress(**state))) is may


def test_a_request_is_not_its_own_other() -> None:
    assert not may_be_closed_with(a_lead(), StoredLead(lead=a_lead(), progress=Progress()))


def test_another_persons_request_stays_open() -> None:
    stranger = a_lead(1, email="sam@example.com", phone="+12025550199")
    assert not may_be_closed_with(a_lead(), StoredLead(lead=stranger, progress=Progress()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"phone": None}, {"email": "Robin@Example.com"}, True),
        ({"email": "sam@example.com"}, {}, True),  # the same number
        ({"phone": None}, {"email": None}, False),
        ({"email": None, "phone": None}, {"email": None, "phone": None}, False),
    ],
)
def test_the_same_address_or_number_means_the_same_person(
    one: dict[str, Any], other: dict[str, Any], *, same: bool
) -> None:
    assert same_person(a_lead(0, **one), a_lead(1, **other)) is same
    assert same_person(a_lead(1, **other), a_lead(0, **one)) is same
