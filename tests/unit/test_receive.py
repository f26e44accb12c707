"""submit.receive: one request, one lead, one reference, however often it is sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.leads.identity import REFERENCE_PATTERN
from shared.store.intake import StorageError
from submit.receive import SubmissionIdInUseError, receive
from submit.request import InvalidRequestError
from tests.unit.fakes import MemoryLeads
from tests.unit.output import counted
from tests.unit.people import CLINIC, ENGLISH, IDS, NOW, form


def test_a_request_is_stored_and_named() -> None:
    table = MemoryLeads()
    reference = receive(form(), table, CLINIC, IDS, NOW, text=ENGLISH).reference
    assert REFERENCE_PATTERN.fullmatch(reference)
    (item,) = table.leads.values()
    assert item["reference"] == {"S": reference}
    assert item["name"] == {"S": "Robin Example"}
    assert counted("RequestsStored") == [1]


def test_a_request_sent_twice_is_stored_once_under_one_reference() -> None:
    table = MemoryLeads()
    first = receive(form(), table, CLINIC, IDS, NOW, text=ENGLISH)
    assert receive(form(name=" Robin  Example"), table, CLINIC, IDS, NOW + timedelta(days=3), text=ENGLISH) == first
    assert len(table.leads) == 1
    assert counted("RequestsStored") == [1]
    assert counted("RequestsRepeated") == [1]


def test_a_repeat_has_its_first_reference_also_after_the_clinic_chose_other_letters() -> None:
    table = MemoryLeads()
    first = receive(form(), table, CLINIC, IDS, NOW, text=ENGLISH)
    changed = replace(CLINIC, reference_prefix="DR")
    assert receive(form(), table, changed, IDS, NOW, text=ENGLISH).reference == first.reference


def test_another_persons_request_under_the_same_id_is_a_conflict_and_changes_nothing() -> None:
    table = MemoryLeads()
    receive(form(), table, CLINIC, IDS, NOW, text=ENGLISH)
    before = {lead_id: dict(item) for lead_id, item in table.leads.items()}
    with pytest.raises(SubmissionIdInUseError):
        receive(form(name="Sam Example"), table, CLINIC, IDS, NOW, text=ENGLISH)
    assert table.leads == before
    assert counted("RequestsRepeated") == []


def test_without_a_submission_id_a_repeat_is_the_same_lead_for_one_day() -> None:
    table = MemoryLeads()
    plain = form(submission_id=None)
    first = receive(plain, table, CLINIC, IDS, NOW, text=ENGLISH)
    assert receive(plain, table, CLINIC, IDS, NOW + timedelta(hours=1), text=ENGLISH) == first
    assert receive(plain, table, CLINIC, IDS, NOW + timedelta(days=1), text=ENGLISH) != first
    assert len(table.leads) == 2


def test_an_invalid_request_is_not_stored() -> None:
    table = MemoryLeads()
    with pytest.raises(InvalidRequestError):
        receive(form(name=None), table, CLINIC, IDS, NOW, text=ENGLISH)
    assert not table.leads


def test_a_storage_failure_is_not_called_success() -> None:
    table = MemoryLeads()
    table.faults.before["put"].append(StorageError(nothing_stored=True))
    with pytest.raises(StorageError):
        receive(form(), table, CLINIC, IDS, NOW, text=ENGLISH)
    assert counted("RequestsStored") == []


def test_a_retry_after_a_lost_answer_meets_the_lead_that_was_stored() -> None:
    table = MemoryLeads()
    table.faults.after["put"].append(StorageError(nothing_stored=False))
    with pytest.raises(StorageError):
        receive(form(), table, CLINIC, IDS, NOW, text=ENGLISH)
    receive(form(), table, CLINIC, IDS, NOW, text=ENGLISH)
    assert len(table.leads) == 1
    assert counted("RequestsRepeated") == [1]


def test_extra_fields_are_counted() -> None:
    receive(form(gclid="x", company="y"), MemoryLeads(), CLINIC, IDS, NOW, text=ENGLISH)
    assert counted("UnknownFields") == [2]


def test_where_the_sender_asked_to_go_is_passed_on_as_it_came() -> None:
    asked = "https://elsewhere.example.net/"
    assert receive(form(thank_you_page=asked), MemoryLeads(), CLINIC, IDS, NOW, text=ENGLISH).thank_you_page == asked
    assert receive(form(), MemoryLeads(), CLINIC, IDS, NOW, text=ENGLISH).thank_you_page is None
