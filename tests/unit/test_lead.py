"""leads.lead: what the clinic keeps of a request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from leads.identity import REFERENCE_PATTERN
from leads.lead import new_lead
from leads.request import parse_request
from tests.unit.people import NOW, a_lead, form


def test_a_lead_holds_all_that_the_person_said() -> None:
    request = parse_request(form())
    lead = new_lead(request, NOW)
    said = request.content()
    assert said.pop("consent_contact") is True
    assert {name: getattr(lead, name) for name in said} == said
    assert lead.received_at == NOW
    assert REFERENCE_PATTERN.fullmatch(lead.reference)


def test_the_same_words_typed_differently_have_one_fingerprint() -> None:
    typed = form(name=" ROBIN  Example".replace("ROBIN", "Robin"), email="robin@EXAMPLE.com", phone="+1 202 555 0147")
    assert new_lead(parse_request(typed), NOW).fingerprint == new_lead(parse_request(form()), NOW).fingerprint


@pytest.mark.parametrize(
    "change",
    [{"name": "Sam"}, {"email": None}, {"phone": "202-555-0199"}, {"best_time": "any"}, {"message": None}],
)
def test_other_words_have_another_fingerprint_under_the_same_id(change: dict[str, object]) -> None:
    first, second = (new_lead(parse_request(fields), NOW) for fields in (form(), form(**change)))
    assert first.id == second.id
    assert first.fingerprint != second.fingerprint


def test_the_submission_id_is_no_part_of_what_was_said() -> None:
    first, second = (new_lead(parse_request(form(submission_id=one)), NOW) for one in ("made-up-submission-0001", None))
    assert first.fingerprint == second.fingerprint
    assert first.id != second.id


def test_a_lead_received_again_another_day_is_the_same_lead() -> None:
    request = parse_request(form())
    assert new_lead(request, NOW).id == new_lead(request, NOW + timedelta(days=40)).id


@pytest.mark.parametrize(
    ("email", "phone", "preferred", "may_be_used"),
    [
        ("robin@example.com", None, None, True),
        ("robin@example.com", None, "email", True),
        ("robin@example.com", None, "phone", True),  # nothing else to reach them by
        ("robin@example.com", "+12025550147", "email", True),
        ("robin@example.com", "+12025550147", "phone", False),
        ("robin@example.com", "+12025550147", None, True),
        (None, "+12025550147", None, False),
        (None, "+12025550147", "phone", False),
        (None, "+12025550147", "email", False),
    ],
)
def test_email_may_be_used_unless_the_person_asked_to_be_called(
    email: str | None, phone: str | None, preferred: str | None, *, may_be_used: bool
) -> None:
    assert a_lead(email=email, phone=phone, preferred_contact=preferred).email_may_be_used is may_be_used


def test_a_lead_cannot_be_changed() -> None:
    lead = a_lead()
    with pytest.raises(AttributeError):
        lead.name = "Sam"  # type: ignore[misc] # that is the point
    assert replace(lead, name="Sam").name == "Sam"
