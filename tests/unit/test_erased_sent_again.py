"""An erased request that is sent again: never stored under its old id, never thanked for, easy to send as a new one."""

from copy import deepcopy
from typing import Any

import pytest

from shared.leads.clinic import Help
from shared.text.en import answers
from submit.receive import ErasedError, receive
from tests.unit.erased import erased_table
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import page_of, sent_by
from tests.unit.output import counted
from tests.unit.people import CLINIC, HELP_PHONE, IDS, NOW, form
from tests.unit.test_form_again import form_on
from tests.unit.web import api, document, page_text, post_form, post_json

BOTH = pytest.mark.parametrize("post", [post_json, post_form], ids=["json", "form"])
EVERY_FORM: list[dict[str, object]] = [
    {},
    {"submission_id": None},
    {"submission_id": None, "rendered_at": None},
    {"in_crisis": "yes"},
    {"form": "reply"},
]


def erased(**changes: object) -> MemoryLeads:
    """Return a table that had the request of a form, which was erased."""
    table = MemoryLeads()
    api(table).answer(post_json(form(**changes)))
    assert len(table.leads) == 1
    return erased_table(made_from=table)


@pytest.mark.parametrize("changes", EVERY_FORM)
def test_an_erased_request_sent_again_stays_a_tombstone(changes: dict[str, object]) -> None:
    table = erased(**changes)
    before = deepcopy(table.dynamodb.items)
    with pytest.raises(ErasedError):
        receive(form(**changes), table, CLINIC, IDS, NOW)
    assert table.dynamodb.items == before


def test_another_content_under_the_id_of_an_erased_request_is_refused_too() -> None:
    table = erased()
    response = api(table).answer(post_json(form(name="Sam Example")))
    assert response.status == 410
    assert "name" not in next(iter(table.leads.values()))


@BOTH
@pytest.mark.parametrize("changes", EVERY_FORM)
def test_the_answer_says_that_it_was_erased_and_never_thanks(post: Any, changes: dict[str, object]) -> None:  # noqa: ANN401 - either builder
    response = api(erased(**changes)).answer(post(form(**changes)))
    text = page_text(response) if response.body.startswith("<") else str(document(response))
    assert response.status == 410
    assert answers.ERASED.title in text
    assert answers.ERASED.detail in text
    assert "thank" not in text.lower()
    assert "Location" not in response.headers
    assert counted("RequestsStored") == [1], "only the first one"
    assert counted("RequestsRepeated") == []


def test_a_script_gets_a_new_id_each_time_and_sends_it_when_the_visitor_agrees() -> None:
    table = erased()
    first, second = (document(api(table).answer(post_json(form()))) for _ in range(2))
    assert first["new_submission_id"] != second["new_submission_id"]
    again = form(submission_id=first["new_submission_id"])
    stored = document(api(table).answer(post_json(again)))
    assert document(api(table).answer(post_json(again)))["reference"] == stored["reference"], "a repeat is stored once"
    assert [("erased_at" in item, "name" in item) for item in table.leads.values()] == [(True, False), (False, True)]


@pytest.mark.parametrize("changes", EVERY_FORM)
def test_the_page_has_the_form_filled_and_sends_it_as_a_new_request(changes: dict[str, object]) -> None:
    table = erased(**changes)
    response = api(table).answer(post_form(form(**changes)))
    again = sent_by(form_on(response))
    assert (again["name"], again["message"]) == (["Robin Example"], ["I would like to know more."])
    (new_id,) = again["submission_id"]
    assert new_id != form(**changes).get("submission_id")
    for _ in range(2):
        answer = api(table).answer(post_form(again))
        assert (answer.status, answer.headers["Location"].startswith("thank-you?")) == (303, True)
    assert ["erased_at" in item for item in table.leads.values()] == [True, False]


@pytest.mark.parametrize("names", [("submission_id", "submission_id"), ("submission_id[]",)])
def test_a_form_that_sends_its_id_in_an_odd_way_gets_one_new_id(names: tuple[str, ...]) -> None:
    table = erased(submission_id="an-id-of-a-form-0001")
    body = "&".join(
        [f"{name}=an-id-of-a-form-0001" for name in names]
        + ["name=Robin+Example&email=robin%40example.com&patient_is_adult=yes&consent_contact=on"]
        + [f"rendered_at={form()['rendered_at']}"]
    ).encode()
    response = api(table).answer(post_form(body))
    assert response.status == 410
    assert api(table).answer(post_form(sent_by(form_on(response)))).status == 303


@BOTH
def test_a_person_in_crisis_reads_the_numbers_to_call_first(post: Any) -> None:  # noqa: ANN401 - either builder
    response = api(erased(in_crisis="yes")).answer(post(form(in_crisis="yes")))
    if response.body.startswith("<"):
        assert response.body.index("988") < response.body.index("<h1>")
        assert page_of(response.body).forms
    else:
        said = document(response)
        assert next(iter(said)) == "help"
        assert said["help"]["clinic_phone"] == Help(clinic_phone=HELP_PHONE).clinic_phone
