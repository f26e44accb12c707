"""submit.form on the built-in page: the whole form comes back with everything the person typed, as plain text."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml.html import FormElement, HtmlElement

from shared.leads.fields import CONTEXT, FIELDS, MACHINERY, SAID, SEVERAL
from shared.store.intake import StorageError
from shared.web.http import Response
from submit.clean import multi_line, single_line
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import assert_asks_what_the_model_takes, assert_well_tied, controls, page_of, sent_by
from tests.unit.people import CLINIC, FORM, form, forms
from tests.unit.web import THANKS, api, post_form, post_json
from tests.unit.words import any_text

TOKEN = "cf-turnstile-response"
TYPED = ("name", "email", "phone", "call_me", "message")
CARRIED = {**dict.fromkeys(CONTEXT | MACHINERY, "x"), "thank_you_page": THANKS, "submission_id": "x" * 16}
# The trap, a token that is valid for one request only, and an answer to a question that the page may not ask.
for not_again in ("leave_empty", "turnstile_token", "email_as_typed"):
    del CARRIED[not_again]

OURS = {field.wire_name for field in FIELDS.values()}

HOSTILE = [
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</textarea></form><form action=https://evil.example.com>",
    '" autofocus onfocus="alert(1)',
    "</option></select><iframe srcdoc=x>",
    "</title></style><style>*{display:none}</style>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "<!-- ",
    "]]>",
    "&lt;b&gt;&quot;&#x41;",
    "\r\nSet-Cookie: x=1",
]


typed_texts = any_text.map(
    lambda text: text.encode(errors="ignore").decode()
)  # forms are UTF-8, without lone surrogates


def form_on(response: Response) -> FormElement:
    (found,) = page_of(response.body).forms
    assert isinstance(found, FormElement)
    return found


def outage_page(fields: dict[str, object], table: MemoryLeads) -> Response:
    """Return the page for a person whose browser does not know whether the request was stored. It was."""
    table.faults.after["put"].append(StorageError(nothing_stored=False))
    return api(table).answer(post_json(fields, accept="text/html"))


# --- what it asks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes", [{"name": None}, {"in_crisis": "yes", "email": None, "phone": "1"}, {"phone": "12"}]
)
def test_it_asks_what_the_model_takes(changes: dict[str, object]) -> None:
    response = api().answer(post_form(form(**changes)))
    assert_asks_what_the_model_takes(form_on(response))
    assert_well_tied(page_of(response.body))


def test_it_is_sent_to_where_it_came_from() -> None:
    found = form_on(api().answer(post_form({"name": "Robin Example"})))
    assert (found.get("method"), found.get("action"), found.get("accept-charset")) == ("post", "consultations", "utf-8")


def test_a_clinic_with_one_place_does_not_ask_where() -> None:
    clinic = replace(CLINIC, places=())
    found = form_on(replace(api(), clinic=clinic).answer(post_form({"name": "Robin Example"})))
    assert not controls(found, "location")


def test_each_problem_is_listed_with_a_link_and_told_beside_its_field() -> None:
    fields = form(name=None, patient_is_adult="x y", phone="12", email="x", message="x" * 5_001, consent_contact=None)
    page = page_of(api().answer(post_form(fields)).body)
    (summary,) = page.xpath("//*[@role='alert']")
    (found,) = page.forms
    assert summary.getnext() is not None
    assert summary.xpath("following::form") == [found], "the list of problems must come before the form"
    wrong = ["name", "patient_is_adult", "email", "phone", "message", "consent_contact"]
    assert summary.xpath(".//li/a/@href") == [f"#{name}" for name in wrong]
    for name, entry in zip(wrong, summary.iter("li"), strict=True):
        (error,) = page.xpath("//*[@id=$id]", id=f"{name}-error")
        assert error.text_content()
        assert error.text_content() in entry.text_content()
        (wrapper,) = page.xpath("//*[@data-field=$name]", name=name)
        assert error.getparent() is wrapper
        (target,) = page.xpath("//*[@id=$name]", name=name)
        assert target.get("name") == name, "the link must lead to the field itself"
        assert target.get("aria-invalid") == "true"
        described = wrapper if wrapper.tag == "fieldset" else target
        assert f"{name}-error" in described.get("aria-describedby", "").split()
    assert not page.xpath("//*[@aria-invalid][not(@name)]")
    assert not [group for group in page.iter("details") if group.get("open") is None], (
        "a group with a problem must be open"
    )


def test_groups_are_folded_until_something_is_in_them() -> None:
    def folded(**fields: object) -> list[bool]:
        page = page_of(api().answer(post_form({"name": "Robin Example", **fields})).body)
        return [group.get("open") is None for group in page.iter("details")]

    assert folded() == [True, True]
    assert folded(voicemail_ok="yes") == [False, True]
    assert folded(symptoms=["insomnia"]) == [True, False]


# --- nothing typed is lost --------------------------------------------------------------------------------------------


@given(st.fixed_dictionaries(dict.fromkeys(TYPED, typed_texts)))
@example(dict.fromkeys(TYPED, "\n\n a\n"))
@example(dict.fromkeys(TYPED, "  "))
def test_typed_text_comes_back_unchanged(typed: dict[str, str]) -> None:
    found = form_on(api().answer(post_form({"page": "https://www.example.com/", **typed})))
    sent = sent_by(found)
    assert {name: sent[name] for name in TYPED} == {name: [multi_line(text)] for name, text in typed.items()}


@given(st.data(), forms)
def test_the_page_s_form_sent_again_is_the_same_request(data: st.DataObject, fields: dict[str, object]) -> None:
    context = {name: data.draw(typed_texts) for name in CONTEXT if data.draw(st.booleans())}
    said = {name: value for name, value in fields.items() if name in SAID | {"submission_id"}}
    table = MemoryLeads()
    page = outage_page({**said, **context}, table)
    assert page.status == 503
    answer = api(table).answer(post_form(sent_by(form_on(page))))
    assert answer.status == 303
    assert len(table.leads) == 1, "sending it twice must be safe, as the page says"


def test_what_surrounds_a_form_is_sent_along_again() -> None:
    sent = sent_by(form_on(api().answer(post_form({**CARRIED, "name": "Robin Example"}))))
    assert {name: sent[name] for name in CARRIED} == {name: [value] for name, value in CARRIED.items()}


def test_a_form_that_was_used_before_is_sent_again_as_a_new_one() -> None:
    table = MemoryLeads()
    api(table).answer(post_form(form()))
    conflict = api(table).answer(post_form(form(name="Sam Example")))
    assert conflict.status == 409
    again = sent_by(form_on(conflict))
    assert "submission_id" not in again
    assert api(table).answer(post_form(again)).status == 303
    assert sorted(item["name"]["S"] for item in table.leads.values()) == ["Robin Example", "Sam Example"]


@pytest.mark.parametrize("said", ["yes", "YES", " on", "true", "1"])
def test_every_way_to_say_yes_stays_chosen(said: str) -> None:
    names = ["in_crisis", "patient_is_adult", "voicemail_ok", "discreet", "consent_contact", "consent_texts"]
    sent = sent_by(form_on(api().answer(post_form({"email": "x", **dict.fromkeys(names, said)}))))
    assert {name: sent[name] for name in names} == {name: ["yes"] for name in names}


@pytest.mark.parametrize("said", ["no", "NO", " off", "false", "0"])
def test_every_way_to_say_no_stays_chosen(said: str) -> None:
    names = ["in_crisis", "patient_is_adult", "voicemail_ok", "discreet", "consent_contact", "consent_texts"]
    sent = sent_by(form_on(api().answer(post_form({"email": "x", **dict.fromkeys(names, said)}))))
    assert {name: sent[name] for name in names} == {name: ["no"] for name in names}


def test_consent_is_given_and_never_assumed() -> None:
    found = form_on(api().answer(post_form({"name": "Robin Example"})))
    assert not found.xpath(".//input[@type='checkbox']/@checked")
    assert sent_by(found).keys().isdisjoint({"in_crisis", "patient_is_adult", "voicemail_ok", "asking_for"})


# --- what was typed is text and nothing else --------------------------------------------------------------------------


def skeleton(page: HtmlElement) -> list[tuple[str, dict[str, str], str]]:
    """Return the page without the values in its fields."""
    shown = []
    for element in page.iter():
        attributes = dict(element.attrib)
        if element.tag == "input" and attributes.get("type") not in {"radio", "checkbox"}:
            attributes.pop("value", None)
        text = "" if element.tag == "textarea" else element.text or ""
        parent = element.getparent()
        if element.tag in {"dt", "dd"}:  # of a field that is not ours, with its name and value as text
            text = ""
        if attributes.get("type") == "hidden" and attributes.get("name") not in OURS:
            attributes.pop("name")
        if parent is not None and parent.tag == "select" and "selected" in attributes:
            attributes.pop("value")  # a list keeps what was sent, whether or not it is in the list
            text = ""
        shown.append((str(element.tag), attributes, text + (element.tail or "")))
    return shown


def everywhere(text: str) -> dict[str, object]:
    """Return a form with `text` in every field."""
    names = (set(FORM) | {"form", "thank_you_page", "cf-turnstile-response", "leave_empty"}) - {"page"}
    fields: dict[str, object] = {name: [text, text] if name in SEVERAL else text for name in names}
    return {**fields, "page": text}


@given(st.one_of(st.sampled_from(HOSTILE), typed_texts))
def test_typed_text_makes_no_element_attribute_link_or_header(typed: str) -> None:
    text = f"zq{typed}zq"  # so that it answers no question
    response = api().answer(post_form({**everywhere(text), text: text}, referer=typed))
    # Of the same length, because text that is too long gets an error.
    harmless = "zq".ljust(len(single_line(text)), "!")
    benign = api().answer(post_form({**everywhere(harmless), harmless: harmless}, referer=typed))
    assert response.status == 422
    assert response.headers == benign.headers
    assert skeleton(page_of(response.body)) == skeleton(page_of(benign.body))


def test_the_comparison_sees_fields_filled_in_everywhere() -> None:
    typed = everywhere("zq!")
    sent = sent_by(form_on(api().answer(post_form(typed))))
    assert {name for name, values in sent.items() if "zq!" in values} == typed.keys() - {
        *("leave_empty", TOKEN, "patient_is_adult", "consent_contact")  # not for people, or to be answered again
    }
