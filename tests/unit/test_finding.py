"""shared.records: the requests of one person are found, in any state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.leads.progress import AlertState
from shared.store.keys import attributes, epoch_seconds
from shared.store.people import digests
from tests.unit.dynamodb import MemoryDynamoDB
from tests.unit.people import NOW
from tests.unit.records import KEY, Clinic, robin, sam

OTHER_ADDRESS = {"email": "r.example@example.org"}


def three_requests() -> Clinic:
    """Return a clinic with two requests of Robin, the second one from another address, and one of Sam."""
    clinic = Clinic()
    clinic.store(robin())
    clinic.store(robin(1, received_at=NOW + timedelta(minutes=1), **OTHER_ADDRESS))
    clinic.store(sam())
    return clinic


def found(clinic: Clinic, text: str) -> list[str]:
    return [stored.lead.id for stored in clinic.records.find(text)]


@pytest.mark.parametrize(
    "text", [robin().reference, robin().reference.lower().replace("-", " "), robin().id, f" {robin().id.lower()} "]
)
def test_a_person_is_found_by_the_reference_or_id_of_a_request(text: str) -> None:
    assert found(three_requests(), text) == [robin(1).id, robin().id]


@pytest.mark.parametrize("text", ["robin@example.com", "Robin@EXAMPLE.com", "mailto:robin@example.com"])
def test_a_person_is_found_by_an_address(text: str) -> None:
    assert found(three_requests(), text) == [robin(1).id, robin().id]


@pytest.mark.parametrize("text", ["(202) 555-0147", "+1 202 555 0147", "2025550147"])
def test_a_person_is_found_by_a_number_newest_first(text: str) -> None:
    assert found(three_requests(), text) == [robin(1).id, robin().id]


@pytest.mark.parametrize("text", ["", "Robin Example", "KC-0000-0000", "nobody@example.com", "0" * 26, "; rm -rf /"])
def test_nothing_is_found_for_anything_else(text: str) -> None:
    assert found(three_requests(), text) == []


def test_a_person_has_all_requests_that_share_an_address_or_a_number() -> None:
    clinic = three_requests()
    for number in (0, 1):
        assert [each.lead.id for each in clinic.records.of_person(robin(number).id)] == [robin(1).id, robin().id]
    assert [each.lead.id for each in clinic.records.of_person(sam().id)] == [sam().id]


def test_two_people_who_share_a_number_are_found_together() -> None:
    clinic = three_requests()
    clinic.store(sam(8))
    clinic.store(robin(2, phone="+12025550199", email="robin@example.net"))
    assert set(found(clinic, "robin@example.net")) == {robin(2).id, sam().id, sam(8).id}


def test_a_request_is_linked_by_the_digests_that_it_keeps() -> None:
    clinic = three_requests()
    clinic.leads.change(sam().id, lambda stored: replace(stored.progress, person_keys=digests(robin(), KEY)))
    assert [each.lead.id for each in clinic.records.of_person(sam().id)] == [sam().id, robin(1).id, robin().id]


def test_a_person_whose_request_does_not_exist_has_none() -> None:
    assert three_requests().records.of_person("0" * 26) == ()


@pytest.mark.parametrize("state", [AlertState.QUARANTINED, AlertState.UNDELIVERABLE, AlertState.DELIVERED])
def test_a_request_is_found_in_any_state(state: AlertState) -> None:
    clinic = three_requests()
    clinic.leads.change(robin().id, lambda stored: replace(stored.progress, state=state))
    assert robin().id in found(clinic, "robin@example.com")


@pytest.mark.parametrize("changes", [{"expires_at": epoch_seconds(NOW)}, {"synthetic": True}])
def test_an_expired_request_and_the_canarys_are_not_found(changes: dict[str, object]) -> None:
    clinic = three_requests()
    clinic.table.put({**clinic.leads.leads[robin().id], **attributes(changes)})
    assert found(clinic, robin().reference) == []
    assert found(clinic, "robin@example.com") == []
    assert clinic.records.of_person(robin().id) == ()


def test_a_person_with_very_many_requests_has_them_all() -> None:
    clinic = Clinic(table=MemoryDynamoDB(strict=False))
    for number in range(250):
        clinic.store(robin(number, email=None))
    assert len(clinic.records.of_person(robin().id)) == 250
