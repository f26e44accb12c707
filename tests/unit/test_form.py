"""submit.form: which questions each form asks a visitor, and in which words."""

from dataclasses import replace

import pytest

from shared.leads.fields import FORMS
from shared.text.en import fields as words
from shared.text.en.form import CRISIS, CRISIS_WITHOUT_CONSENT
from submit.form import Control, Group, groups, labels
from submit.request import InvalidRequestError, MinorError, parse_request
from tests.unit.forms import page_of
from tests.unit.people import CLINIC, ENGLISH, form
from tests.unit.web import api, post_form, post_json

FROM_16 = replace(CLINIC, minimum_age=16)
QUESTION = "Is the patient 16 or older?"


def controls(form: tuple[Group, ...]) -> dict[str, Control]:
    return {control.name: control for group in form for control in group.controls}


def test_each_form_asks_what_the_table_says() -> None:
    for name, declared in FORMS.items():
        assert list(controls(groups(CLINIC, name, "", ENGLISH))) == [
            field for group in declared for field in group.fields
        ]


@pytest.mark.parametrize("name", ["", "consultation", "REPLY ", "comment", "<b>", "name"])
def test_a_form_that_we_do_not_know_is_the_consultation_form(name: str) -> None:
    assert groups(CLINIC, name, "", ENGLISH) == groups(CLINIC, "consultation", "", ENGLISH)


def test_forms_with_different_prefixes_can_share_a_page() -> None:
    made = [groups(CLINIC, name, f"{name}-", ENGLISH) for name in FORMS]
    ids = [control.id for each in made for control in controls(each).values()]
    ids += [group.id for each in made for group in each]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("name", "needed"), [("consultation", False), ("reply", False), ("callback", True)])
def test_only_a_callback_needs_a_phone_number(name: str, *, needed: bool) -> None:
    assert controls(groups(CLINIC, name, "", ENGLISH))["phone"].required is needed


def test_a_form_may_have_its_own_label_for_a_field() -> None:
    assert controls(groups(CLINIC, "consultation", "", ENGLISH))["message"].label == words.FIELDS["message"].label
    assert controls(groups(CLINIC, "reply", "", ENGLISH))["message"].label == "Your reply"


def test_each_label_of_its_own_belongs_to_a_field_of_that_form() -> None:
    for declared in FORMS.values():
        for group in declared:
            assert set(words.GROUPS[group.name].labels) <= set(group.fields)
            assert set(group.needed) <= set(group.fields)


@pytest.mark.parametrize(("without", "hint"), [(True, CRISIS_WITHOUT_CONSENT), (False, CRISIS)])
def test_a_person_in_crisis_reads_whether_the_box_is_needed(hint: str, *, without: bool) -> None:
    clinic = replace(CLINIC, crisis_without_consent=without)
    assert controls(groups(clinic, "consultation", "", ENGLISH))["in_crisis"].hint == hint
    assert ("skip the rest" in hint) is without


# --- the question about age follows minimum_age -----------------------------------------------------------------------


def test_the_question_about_age_is_the_clinic_s() -> None:
    assert controls(groups(FROM_16, "consultation", "", ENGLISH))["patient_is_adult"].label == QUESTION
    assert labels(FROM_16, ENGLISH)["patient_is_adult"] == QUESTION


def test_an_error_about_age_is_the_clinic_s() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_request(form(patient_is_adult=None), FROM_16, ENGLISH)
    assert [problem.message for problem in caught.value.problems] == ["Please tell us if the patient is 16 or older."]


def test_a_refusal_for_age_is_the_clinic_s() -> None:
    with pytest.raises(MinorError) as caught:
        parse_request(form(patient_is_adult="no"), FROM_16, ENGLISH)
    assert [problem.message for problem in caught.value.problems] == ["We only treat people 16 and older."]
    answer = replace(api(), clinic=FROM_16).answer(post_json(form(patient_is_adult="no")))
    assert "only treat people 16 and older" in answer.body
    assert "adult" not in answer.body.replace("patient_is_adult", "")


def test_the_page_with_errors_asks_for_the_clinic_s_age() -> None:
    answer = replace(api(), clinic=FROM_16).answer(post_form(form(patient_is_adult=None)))
    page = page_of(answer.body)
    assert page.xpath("string(//*[@role='alert']//a)") == QUESTION
    assert QUESTION in page.xpath("string(//*[@data-field='patient_is_adult']/legend)")
    assert "18" not in page.xpath("string(//*[@data-field='patient_is_adult'])")
