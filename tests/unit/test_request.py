"""leads.request: what a form may send, and what its sender is told; never what they typed."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leads.request import ConsultationRequest, FieldProblem, InvalidRequestError, parse_request, unknown_fields
from tests.unit.people import FORM, form
from tests.unit.words import CANARY, any_text, json_values

NEEDS_EMAIL = "This does not look like an email address we can write to. Check it, e.g. name@example.com."
NEEDS_PHONE = "This does not look like a phone number we can call. Give it with the area code."
NEEDS_CONSENT = "We need your consent to contact you before we can take your request. Tick the box."
NEEDS_A_WAY = "Give an email address or a phone number, so that we can reach you."
NEEDS_TEXT = "Send this as text."
NEEDS_ID = "Use 16 to 64 letters, digits, hyphens or underscores, new for each visitor, or leave it out."


def problems_of(fields: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(InvalidRequestError) as caught:
        parse_request(fields)
    assert str(caught.value) == ""
    fields_named = [problem.field for problem in caught.value.problems]
    assert len(set(fields_named)) == len(fields_named)
    return {problem.field: problem.message for problem in caught.value.problems}


def test_a_complete_form_becomes_a_normalised_request() -> None:
    request = parse_request(form(name="  Robin\tExample ", email="Robin@EXAMPLE.com", message="a\r\nb\n"))
    assert request.model_dump() == {
        "name": "Robin Example",
        "email": "Robin@example.com",
        "phone": "+12025550147",
        "preferred_contact": "phone",
        "best_time": "morning",
        "message": "a\nb",
        "consent_contact": True,
        "submission_id": "made-up-submission-0001",
    }


@pytest.mark.parametrize("way", [{"email": "robin@example.com"}, {"phone": "202-555-0147"}])
def test_a_name_one_way_to_reach_the_person_and_consent_are_enough(way: dict[str, object]) -> None:
    request = parse_request({"name": "Robin", "consent_contact": True, **way})
    assert {name for name, value in request.content().items() if value is not None} == {
        "name",
        "consent_contact",
        *way,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, {"name": "Tell us your name."}),
        ({"name": 7}, {"name": NEEDS_TEXT}),
        ({"name": "x" * 101}, {"name": "This is too long: shorten it to 100 characters."}),
        ({"email": "x" * 255}, {"email": "This is too long: shorten it to 254 characters."}),
        ({"phone": "2" * 41}, {"phone": "This is too long: shorten it to 40 characters."}),
        ({"message": "x" * 5_001}, {"message": "This is too long: shorten it to 5000 characters."}),
        ({"preferred_contact": []}, {"preferred_contact": "Choose one of these: phone or email."}),
        ({"preferred_contact": {"email": 1}}, {"preferred_contact": "Choose one of these: phone or email."}),
        (
            {"email": None, "preferred_contact": " email "},
            {"email": "You asked us to use this way to reach you: give an email address, or choose the other way."},
        ),
        ({"name": ["Robin"]}, {"name": NEEDS_TEXT}),
        ({"email": "robin@example"}, {"email": NEEDS_EMAIL}),
        ({"email": {"a": 1}}, {"email": NEEDS_TEXT}),
        ({"phone": "call me"}, {"phone": NEEDS_PHONE}),
        ({"phone": 2025550147}, {"phone": NEEDS_TEXT}),
        ({"email": None, "phone": None, "preferred_contact": None}, {"email": NEEDS_A_WAY}),
        ({"email": None, "phone": None}, {"email": NEEDS_A_WAY}),
        (
            {"email": None, "preferred_contact": "email"},
            {"email": "You asked us to use this way to reach you: give an email address, or choose the other way."},
        ),
        (
            {"phone": None},
            {"phone": "You asked us to use this way to reach you: give a phone number, or choose the other way."},
        ),
        ({"preferred_contact": "fax"}, {"preferred_contact": "Choose one of these: phone or email."}),
        ({"preferred_contact": True}, {"preferred_contact": "Choose one of these: phone or email."}),
        ({"best_time": "noon"}, {"best_time": "Choose one of these: morning, afternoon, evening or any."}),
        ({"best_time": []}, {"best_time": "Choose one of these: morning, afternoon, evening or any."}),
        ({"message": 1.5}, {"message": NEEDS_TEXT}),
        ({"consent_contact": None}, {"consent_contact": NEEDS_CONSENT}),
        ({"consent_contact": "off"}, {"consent_contact": NEEDS_CONSENT}),
        ({"consent_contact": False}, {"consent_contact": NEEDS_CONSENT}),
        ({"consent_contact": "perhaps"}, {"consent_contact": "Send yes or no."}),
        ({"consent_contact": 1}, {"consent_contact": "Send yes or no."}),
        ({"consent_contact": ["on"]}, {"consent_contact": "Send yes or no."}),
        ({"submission_id": "contact"}, {"submission_id": NEEDS_ID}),
        ({"submission_id": "x" * 15}, {"submission_id": NEEDS_ID}),
        ({"submission_id": "x" * 65}, {"submission_id": NEEDS_ID}),
        ({"submission_id": "a space in between"}, {"submission_id": NEEDS_ID}),
        ({"submission_id": "1234567890123456\u0663"}, {"submission_id": NEEDS_ID}),
        ({"submission_id": 1234567890123456}, {"submission_id": NEEDS_TEXT}),
    ],
)
def test_each_problem_is_said_in_words_that_help(changes: dict[str, object], expected: dict[str, str]) -> None:
    assert problems_of(form(**changes)) == expected


def test_all_problems_are_told_at_once_in_the_order_of_the_form() -> None:
    wrong = dict.fromkeys(reversed(FORM), "x" * 5_001)
    assert list(problems_of(wrong)) == list(ConsultationRequest.model_fields)


def test_an_empty_form_asks_for_what_is_needed_and_no_more() -> None:
    assert problems_of({}) == {
        "name": "Tell us your name.",
        "email": NEEDS_A_WAY,
        "consent_contact": NEEDS_CONSENT,
    }


@pytest.mark.parametrize("empty", ["", "  ", "\t\r\n", "\u202e", "\x00", "\ufeff", None])
@pytest.mark.parametrize("field", ["email", "preferred_contact", "best_time", "message", "submission_id"])
def test_an_empty_value_means_that_the_field_was_left_out(field: str, empty: str | None) -> None:
    assert getattr(parse_request(form(preferred_contact=None) | {field: empty}), field) is None


@pytest.mark.parametrize("empty", ["", " \t", "\u202e\u2066", "\u200b\u2060", None])
def test_an_empty_name_or_consent_is_missing(empty: str | None) -> None:
    assert problems_of(form() | {"name": empty, "consent_contact": empty}) == {
        "name": "Tell us your name.",
        "consent_contact": NEEDS_CONSENT,
    }


@pytest.mark.parametrize("tick", [True, "true", "yes", "on", "1", " ON ", "Yes"])
def test_a_tick_is_consent_however_a_form_sends_it(tick: object) -> None:
    assert parse_request(form(consent_contact=tick)).consent_contact is True


@pytest.mark.parametrize(("field", "longest"), [("name", 100), ("message", 5_000), ("submission_id", 64)])
def test_the_longest_value_is_taken_and_white_space_around_it_does_not_count(field: str, longest: int) -> None:
    assert getattr(parse_request(form() | {field: f"  {'x' * longest}\n"}), field) == "x" * longest


def test_choices_may_have_white_space_around_them() -> None:
    assert parse_request(form(best_time=" any\n")).best_time == "any"


def test_fields_that_no_form_of_ours_has_are_counted_and_left_alone() -> None:
    extras: dict[str, object] = {"utm_source": "x", "company": ["y"], "": 1}
    assert unknown_fields(form() | extras) == len(extras)
    assert parse_request(form() | extras) == parse_request(form())
    assert unknown_fields(form()) == 0


# A value for each field, mostly of the kind that gets past the first check.
_likely = st.sampled_from([*FORM.values(), "email", "yes", "no", "", None, "robin@example.com", "+44 20 7946 0018"])
_scalars = st.one_of(_likely, any_text, st.booleans(), st.integers(), st.floats())
_fields = st.fixed_dictionaries(
    {},
    optional={name: st.one_of(_scalars, json_values) for name in ConsultationRequest.model_fields},
)


def outcome(fields: Mapping[str, object]) -> tuple[ConsultationRequest | None, tuple[FieldProblem, ...]]:
    try:
        return parse_request(fields), ()
    except InvalidRequestError as error:
        return None, error.problems


@given(fields=_fields, extras=st.dictionaries(any_text, json_values, max_size=3))
def test_anything_json_can_carry_is_taken_or_refused_with_problems(
    fields: dict[str, object], extras: dict[str, object]
) -> None:
    taken, problems = outcome(extras | fields)
    if taken:
        assert parse_request(taken.model_dump()) == taken
        json.dumps(taken.content(), ensure_ascii=False).encode("utf-8")
    else:
        order = list(ConsultationRequest.model_fields)
        named = [problem.field for problem in problems]
        assert named
        assert named == sorted(set(named), key=order.index)


_canaries = st.sampled_from(
    [CANARY, CANARY * 700, f"{CANARY}@example", f"=cmd|{CANARY}@example.com", f"202 555 {CANARY}", f"{CANARY}\ud800"]
)


@given(fields=st.dictionaries(st.sampled_from([*FORM, CANARY]), st.one_of(_canaries, st.lists(_canaries, max_size=2))))
def test_no_problem_repeats_what_was_typed(fields: dict[str, object]) -> None:
    _, problems = outcome(fields)
    assert CANARY not in repr(problems)


def test_the_error_itself_quotes_nothing_either() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_request(form(name=CANARY * 100, email=CANARY))
    assert CANARY not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_pydantics_own_error_does_not_print_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        ConsultationRequest.model_validate(form(best_time=CANARY, email=CANARY))
    assert CANARY not in str(caught.value)


def test_problems_can_be_compared_and_counted() -> None:
    assert len({FieldProblem("name", "x"), FieldProblem("name", "x")}) == 1
