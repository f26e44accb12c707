"""submit.leftovers: what a form sent besides our fields stays on the page, or the page says that it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from shared.leads.fields import FIELDS
from shared.web.http import Response
from submit.clean import multi_line
from submit.filled import Filled
from submit.form import groups
from submit.leftovers import as_words, leftovers
from submit.request import FieldProblem
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import page_of, sent_by
from tests.unit.people import CLINIC, ENGLISH, form
from tests.unit.web import api, page_text, post_form, post_json
from tests.unit.words import any_text, json_values

CONTROLS = [control for group in groups(CLINIC, "consultation", "", ENGLISH) for control in group.controls]
ALL_KEPT = "Everything you typed is still here."
REST_KEPT = "Everything else you typed is still here."
MOST_KEPT = "Most of what you typed is still here."


def also(response: Response) -> list[tuple[str, str]]:
    page = page_of(response.body)

    def words(element: HtmlElement) -> str:
        return str(element.text_content())

    return [(words(entry.find("dt")), words(entry.find("dd"))) for entry in page.xpath("//dl[@class='also']/div")]


def test_a_form_of_another_system_comes_back_whole() -> None:
    fields = {"your-name": "Robin Example", "your_message": "Hello\nthere"}
    response = api().answer(post_form(fields))
    assert response.status == 422
    assert ALL_KEPT in page_text(response)
    (found,) = page_of(response.body).forms
    sent = sent_by(found)
    assert (sent["your-name"], sent["your_message"]) == (["Robin Example"], ["Hello\nthere"])
    assert also(response)[:2] == [("Your name", "Robin Example"), ("Your message", "Hello\nthere")]


def test_a_name_is_sent_again_as_often_as_it_was_sent() -> None:
    rest = leftovers(Filled({"topic": ["a", "b", "a"]}), CONTROLS)
    assert rest.sent_again == (("topic", "a"), ("topic", "b"), ("topic", "a"))
    assert rest.complete


def test_choices_that_the_form_does_not_have_are_kept_too() -> None:
    given_ = {"symptoms": ["insomnia", "Brain fog"], "best_time": ["morning", "evening"], "preferred_contact": "pigeon"}
    rest = leftovers(Filled(given_), CONTROLS)
    assert rest.sent_again == (("symptoms", "Brain fog"), ("best_time", "morning"), ("preferred_contact", "pigeon"))
    assert rest.complete


def test_a_choice_with_a_problem_is_neither_sent_again_nor_said_to_be() -> None:
    problems = (FieldProblem("preferred_contact", "Please choose."),)
    rest = leftovers(Filled({"preferred_contact": "pigeon", "name": "Robin"}, problems), CONTROLS)
    assert rest.sent_again == ()
    assert not rest.complete


@pytest.mark.parametrize(
    ("name", "value"),
    [("password", "hunter2"), ("cc", "4111 1111 1111 1111"), ("id", "078-05-1120")],
)
def test_a_secret_is_named_and_neither_shown_nor_sent_again(name: str, value: str) -> None:
    response = api().answer(post_form({name: value, "insurance": "Aetna"}))
    assert value not in response.body
    assert f"we left this out: {as_words(name)}." in page_text(response)
    assert REST_KEPT in page_text(response)
    assert also(response) == [("Insurance", "Aetna")]


def test_a_file_is_not_said_to_be_kept() -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nRobin\r\n'
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nwords\r\n--B--\r\n'
    )
    sent = post_form(body, **{"content-type": "multipart/form-data; boundary=B"})
    assert REST_KEPT in page_text(api().answer(sent))


def test_a_page_without_what_was_typed_says_so() -> None:
    response = api().answer(post_form(b"x" * 70_000))
    assert "What you typed is not on this page." in page_text(response)
    assert "still here" not in page_text(response)


def test_a_list_in_a_list_is_not_said_to_be_kept() -> None:
    response = api().answer(post_json({"extra": {"a": 1}, "name": "Robin"}, accept="text/html"))
    assert MOST_KEPT in page_text(response)


def test_machinery_is_not_shown() -> None:
    machinery = {name: "x" for name, field in FIELDS.items() if field.control in {"carried", "trap"}}
    rest = leftovers(Filled({FIELDS[name].wire_name: "x" for name in machinery} | {"_charset_": "utf-8"}), CONTROLS)
    assert (rest.sent_again, rest.withheld, rest.complete) == ((), (), True)


def test_a_choice_on_the_page_wins_over_what_is_sent_again() -> None:
    table = MemoryLeads()
    page = api(table).answer(post_form(form(name=None, insurance="Aetna")))
    (found,) = page_of(page.body).forms
    names = [control.get("name") for control in found.iter("input", "select", "textarea")]
    assert names.index("insurance") < names.index("name")


@given(st.dictionaries(st.one_of(st.sampled_from([control.name for control in CONTROLS]), any_text), json_values))
def test_any_form_is_kept_or_said_not_to_be(fields: dict[str, object]) -> None:
    rest = leftovers(Filled(fields), CONTROLS)
    assert all(name and value for name, value in rest.shown) or rest.shown == []
    response = api().answer(post_json(fields, accept="text/html"))
    assert response.status in {303, 400, 422}  # 400: JSON has no NaN


# --- cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["symptoms", "interest", "message", "best_time", "discreet", "unknown"])
def test_a_page_looks_at_a_bounded_number_of_values(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def cleaned(text: str) -> str:
        looked.append(text)
        return multi_line(text)

    monkeypatch.setattr("submit.filled.multi_line", cleaned)

    def cost(values: int) -> int:
        looked.clear()
        response = api().answer(post_json({name: ["x"] * values}, accept="text/html"))
        assert MOST_KEPT in page_text(response)
        return len(looked)

    assert cost(13_000) == cost(1_000) < 10_000


def test_many_fields_are_cut_and_the_page_says_so() -> None:
    rest = leftovers(Filled({f"f{number}": "x" for number in range(500)}), CONTROLS)
    assert len(rest.sent_again) == 100
    assert not rest.complete


def test_what_a_program_added_is_neither_shown_nor_mentioned() -> None:
    response = api().answer(post_form({"csrf_token": "made-up-token", "gclid": "made-up-click"}))
    assert "made-up" not in response.body
    assert "left this out" not in page_text(response)
