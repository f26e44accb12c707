"""submit.request: what a form may send, and error messages that never quote it."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.leads.clinic import Clinic
from shared.leads.contact import MAX_PHONE_LENGTH
from shared.leads.fields import CONTEXT, MACHINERY, SAID, SEVERAL
from shared.text.en.fields import FIELDS as WORDS
from shared.text.en.problems import PROBLEMS
from submit.reading import says_in_crisis
from submit.request import (
    WIRE_MODEL,
    ConsultationRequest,
    FieldProblem,
    InvalidRequestError,
    MinorError,
    parse_request,
    unknown_fields,
)
from tests.unit import choices
from tests.unit.people import CLINIC, ENGLISH, FORM, MINIMAL, form, forms, full_form
from tests.unit.words import CANARY, any_text, json_values

TOKEN = "cf-turnstile-response"
ONE_PLACE = replace(CLINIC, places=())
FIELDS = [field.alias or name for name, field in WIRE_MODEL.model_fields.items()]

NEEDS_EMAIL = PROBLEMS["email"]
NEEDS_PHONE = PROBLEMS["phone"]
NEEDS_NAME = str(WORDS["name"].missing)
NEEDS_CONSENT = str(WORDS["consent_contact"].missing)
NEEDS_AGE = "Please tell us if the patient is 18 or older."
NEEDS_A_WAY = PROBLEMS["no_way_to_reach"]
NEEDS_TEXT = PROBLEMS["text"]
NEEDS_YES_OR_NO = PROBLEMS["yes_or_no"]
NEEDS_A_CHECK_FOR_TEXTS = PROBLEMS["no_consent_to_texts"]

CHOICES = {
    "asking_for": choices.ASKING_FOR,
    "preferred_contact": choices.PREFERRED_CONTACT,
    "best_time": choices.BEST_TIME,
    "interest": choices.INTEREST,
    "treatments_tried": choices.TREATMENTS_TRIED,
}
SEVERAL_CHOICES = {"symptoms": choices.SYMPTOMS, "health_notes": choices.HEALTH_NOTES}
YES_OR_NO = ["voicemail_ok", "discreet", "in_crisis", "consent_texts", "consent_email_news"]
NO_TEXT: list[object] = [5, 10**30, True, False, 1.5, [], [["https://www.clinic.example/"]], {}, {"a": 1}]
EMPTY = ["", "  ", "\t\r\n", "\u202e", "\x00", "\ufeff", "\u200b\u2060", None]


def too_long(limit: int) -> str:
    return PROBLEMS["too_long"].format(max_length=limit)


def parsed(**changes: object) -> ConsultationRequest:
    return parse_request(form(**changes), CLINIC, ENGLISH)


def problems_of(fields: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(InvalidRequestError) as caught:
        parse_request(fields, CLINIC, ENGLISH)
    assert str(caught.value) == ""
    fields_named = [problem.field for problem in caught.value.problems]
    assert len(set(fields_named)) == len(fields_named)
    return {problem.field: problem.message for problem in caught.value.problems}


def test_a_complete_form_becomes_a_normalized_request() -> None:
    request = parse_request(
        form(
            name="  Robin\tExample ",
            email="Robin@EXAMPLE.com",
            message="a\r\nb\n",
            health_notes="none",
            symptoms=["insomnia", " low_mood ", "", "insomnia"],
            page="https://www.Clinic.example/request?gclid=1#form",
            rendered_at=" 1772638105000 ",
            thank_you_page=" https://www.clinic.example/thanks ",
            leave_empty="https://shop.example/",
            **{TOKEN: "0.made_up-token"},
        ),
        CLINIC,
        ENGLISH,
    )
    assert request.model_dump(exclude_defaults=True) == {
        "name": "Robin Example",
        "asking_for": "family_or_friend",
        "patient_is_adult": True,
        "email": "Robin@example.com",
        "phone": "+12025550147",
        "preferred_contact": "phone",
        "best_time": "morning",
        "time_zone": "America/Chicago",
        "voicemail_ok": True,
        "discreet": True,
        "call_me": "Sam Sample",
        "location": "downtown",
        "interest": "depression",
        "symptoms": ("low_mood", "insomnia"),
        "message": "a\nb",
        "treatments_tried": "two_or_more",
        "health_notes": ("none",),
        "in_crisis": False,
        "consent_contact": True,
        "consent_texts": True,
        "consent_email_news": True,
        "page": "https://www.clinic.example/request",
        "referrer": "https://search.example/",
        "utm_source": "newsletter",
        "utm_medium": "email",
        "utm_campaign": "spring",
        "utm_term": "ketamine clinic",
        "utm_content": "blue button",
        "submission_id": "made-up-submission-0001",
        "thank_you_page": "https://www.clinic.example/thanks",
        "leave_empty": True,
        "rendered_at": 1772638105000,
        "turnstile_token": "0.made_up-token",
    }


@pytest.mark.parametrize("way", [{"email": "robin@example.com"}, {"phone": "202-555-0147"}])
def test_a_name_one_way_to_reach_the_person_their_age_and_consent_are_enough(way: dict[str, object]) -> None:
    request = parse_request(
        {"name": "Robin", "patient_is_adult": True, "consent_contact": True, **way}, CLINIC, ENGLISH
    )
    assert set(request.content()) == {"name", "patient_is_adult", "consent_contact", *way}


def test_every_field_is_said_or_context_or_machinery_and_only_one_of_these() -> None:
    named = [*SAID, *CONTEXT, *MACHINERY]
    assert sorted(named) == sorted(WIRE_MODEL.model_fields)
    assert set(FORM) <= set(FIELDS)
    assert set(SEVERAL_CHOICES) == SEVERAL


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, {"name": NEEDS_NAME}),
        ({"name": True}, {"name": NEEDS_TEXT}),
        ({"name": {"first": "Robin"}}, {"name": NEEDS_TEXT}),
        ({"name": "x" * 101}, {"name": too_long(100)}),
        ({"patient_is_adult": None}, {"patient_is_adult": NEEDS_AGE}),
        ({"patient_is_adult": "perhaps"}, {"patient_is_adult": NEEDS_YES_OR_NO}),
        ({"patient_is_adult": 2}, {"patient_is_adult": NEEDS_YES_OR_NO}),
        ({"patient_is_adult": "17 or older"}, {"patient_is_adult": NEEDS_YES_OR_NO}),
        ({"patient_is_adult": "18, but my son is 12"}, {"patient_is_adult": NEEDS_YES_OR_NO}),
        ({"email": "x" * 255}, {"email": too_long(254)}),
        ({"email": "robin@example"}, {"email": NEEDS_EMAIL}),
        ({"email": {"a": 1}}, {"email": NEEDS_TEXT}),
        ({"phone": "2" * (MAX_PHONE_LENGTH + 1)}, {"phone": too_long(MAX_PHONE_LENGTH)}),
        ({"phone": "call me"}, {"phone": NEEDS_PHONE}),
        ({"phone": True}, {"phone": NEEDS_TEXT}),
        ({"message": "x" * 5_001}, {"message": too_long(5_000)}),
        ({"message": ["x" * 3_000, "y" * 3_000]}, {"message": too_long(5_000)}),
        ({"message": {"a": 1}}, {"message": NEEDS_TEXT}),
        ({"consent_contact": None}, {"consent_contact": NEEDS_CONSENT}),
        ({"consent_contact": "off"}, {"consent_contact": NEEDS_CONSENT}),
        ({"consent_contact": False}, {"consent_contact": NEEDS_CONSENT}),
        ({"consent_contact": "perhaps"}, {"consent_contact": NEEDS_YES_OR_NO}),
        ({"consent_contact": 2}, {"consent_contact": NEEDS_YES_OR_NO}),
        ({"consent_contact": "I do not agree"}, {"consent_contact": NEEDS_YES_OR_NO}),
    ],
)
def test_each_problem_is_said_in_words_that_help(changes: dict[str, object], expected: dict[str, str]) -> None:
    assert problems_of(form(**changes)) == expected


def test_all_problems_are_told_at_once_in_the_order_of_the_form() -> None:
    wrong = dict.fromkeys(reversed(FIELDS), "x" * 5_001)
    asked_again = ["name", "patient_is_adult", "email", "phone", "message", "consent_contact"]
    assert list(problems_of(wrong)) == asked_again


def test_an_empty_form_asks_for_what_is_needed_and_no_more() -> None:
    assert problems_of({}) == {
        "name": NEEDS_NAME,
        "patient_is_adult": NEEDS_AGE,
        "email": NEEDS_A_WAY,
        "consent_contact": NEEDS_CONSENT,
    }


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("field", [name for name in FIELDS if name not in MINIMAL])
def test_an_empty_value_means_that_the_field_was_left_out(field: str, empty: str | None) -> None:
    assert parse_request(MINIMAL | {field: empty}, CLINIC, ENGLISH) == parse_request(MINIMAL, CLINIC, ENGLISH)


@pytest.mark.parametrize("empty", EMPTY)
def test_an_empty_value_where_one_is_needed_is_missing(empty: str | None) -> None:
    assert problems_of(dict.fromkeys(MINIMAL, empty)) == problems_of({})


@pytest.mark.parametrize("tick", [True, "true", "yes", "on", "1", " ON ", "Yes", "yes\n"])
@pytest.mark.parametrize("field", ["patient_is_adult", "consent_contact", *YES_OR_NO])
def test_a_tick_is_a_yes_however_a_form_sends_it(field: str, tick: object) -> None:
    assert getattr(parsed(**{field: tick}), field) is True


@pytest.mark.parametrize("word", [False, "false", "no", "off", "0", " OFF ", "No"])
@pytest.mark.parametrize("field", YES_OR_NO)
def test_a_no_is_a_no_however_a_form_sends_it(field: str, word: object) -> None:
    assert getattr(parsed(**{field: word}), field) is False


@pytest.mark.parametrize("other", ["perhaps", "2", "yes no", "Yes, but not at work", 2, 1.5, [["yes"]], {"yes": True}])
@pytest.mark.parametrize("field", ["patient_is_adult", "consent_contact", *YES_OR_NO])
def test_what_is_neither_yes_nor_no_is_asked_again_or_kept_as_said(field: str, other: object) -> None:
    if field == "in_crisis" and str(other).lower().startswith("yes"):
        return  # in a crisis, this is a yes: see test_what_a_form_sends.py
    if field in {"patient_is_adult", "consent_contact"}:
        assert problems_of(form(**{field: other})) == {field: NEEDS_YES_OR_NO}
    else:
        request = parsed(**{field: other})
        assert getattr(request, field) is None
        assert [sent.name for sent in request.also_sent] == [field]


@pytest.mark.parametrize(
    ("field", "longest"), [("name", 100), ("call_me", 100), ("message", 5_000), ("submission_id", 64)]
)
def test_the_longest_value_is_accepted_without_white_space_around_it(field: str, longest: int) -> None:
    assert getattr(parsed(**{field: f"  {'x' * longest}\n"}), field) == "x" * longest


# Choices


@pytest.mark.parametrize(("field", "choice"), [(field, choice) for field, known in CHOICES.items() for choice in known])
def test_each_choice_is_accepted_with_white_space_around_it(field: str, choice: str) -> None:
    assert getattr(parsed(**{field: f" {choice}\n"}), field) == choice


@pytest.mark.parametrize(("field", "choice"), [(field, choice) for field, known in CHOICES.items() for choice in known])
def test_each_choice_is_known_by_its_label_in_any_case_too(field: str, choice: str) -> None:
    label = CHOICES[field][choice]
    for sent in (label, label.upper(), f" {label.lower()}.", choice.upper(), choice.replace("_", " "), [choice]):
        assert getattr(parsed(**{field: sent}), field) == choice


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize(("other", "kept"), [("noon", "noon"), (True, "yes"), (1, "1"), ({"phone": 1}, '{"phone": 1}')])
def test_another_choice_costs_nothing_and_is_kept_as_said(field: str, other: object, kept: str) -> None:
    request = parsed(**{field: other})
    assert getattr(request, field) is None
    assert request.also_sent == ((field, kept),)


@pytest.mark.parametrize("field", SEVERAL_CHOICES)
@given(data=st.data())
def test_several_choices_come_out_each_once_in_our_order(field: str, data: st.DataObject) -> None:
    known = SEVERAL_CHOICES[field]
    empty = st.sampled_from(EMPTY)
    typed = st.sampled_from([*known, *(f" {choice}\n" for choice in known)])
    sent = data.draw(st.lists(st.one_of(typed, empty), max_size=2 * len(known)))
    said = {value.strip() for value in sent if value} & set(known)
    if field == "health_notes" and len(said) > 1:
        said -= {"none"}
    taken = getattr(parsed(**{field: sent}), field)
    assert taken == tuple(choice for choice in known if choice in said)


@pytest.mark.parametrize(("field", "choice"), [("symptoms", "fatigue"), ("health_notes", "none")])
def test_one_of_several_need_not_be_a_list(field: str, choice: str) -> None:
    assert getattr(parsed(**{field: f" {choice} "}), field) == (choice,)
    assert getattr(parsed(**{field: (choice, choice)}), field) == (choice,)


@pytest.mark.parametrize("field", SEVERAL_CHOICES)
@pytest.mark.parametrize("nothing", [[], [""], ["", None, " "], *EMPTY])
def test_nothing_of_several_is_none_of_them(field: str, nothing: object) -> None:
    assert getattr(parse_request(form() | {field: nothing}, CLINIC, ENGLISH), field) == ()


@pytest.mark.parametrize("field", SEVERAL_CHOICES)
@pytest.mark.parametrize("junk", ["joy", 1.5, {"low_mood": 1}, "joy, and more"])
def test_an_unknown_choice_is_kept_as_said_alone_and_in_a_list(field: str, junk: object) -> None:
    first = next(iter(SEVERAL_CHOICES[field]))
    alone, listed = parsed(**{field: junk}), parsed(**{field: [first, junk]})
    assert getattr(alone, field) == ()
    assert getattr(listed, field) == (first,)
    assert alone.also_sent == listed.also_sent
    assert [sent.name for sent in alone.also_sent] == [field]


def test_several_choices_may_be_written_as_one_text() -> None:
    request = parsed(symptoms="insomnia, Low mood; gout")
    assert request.model_dump()["symptoms"] == ("low_mood", "insomnia")
    assert request.also_sent == (("symptoms", "gout"),)


# Places


@pytest.mark.parametrize("place", ["downtown", " riverside\n"])
def test_a_place_of_the_clinic_is_accepted(place: str) -> None:
    assert parsed(location=place).model_dump()["location"] == place.strip()


@pytest.mark.parametrize("place", ["Downtown, 12 Example Street", "DOWNTOWN", ["downtown"]])
def test_a_place_is_known_by_its_name_too(place: object) -> None:
    assert parsed(location=place).model_dump()["location"] == "downtown"


@pytest.mark.parametrize("clinic", [CLINIC, ONE_PLACE, replace(CLINIC, places=CLINIC.places[:1])])
def test_an_unknown_place_is_kept_as_said(clinic: Clinic) -> None:
    request = parse_request(form(location="uptown"), clinic, ENGLISH)
    assert request.model_dump()["location"] is None
    assert request.also_sent == (("location", "uptown"),)


@pytest.mark.parametrize("sent", ["downtown", "x" * 5_000, 5, ["downtown"], {"a": 1}, True])
def test_a_clinic_with_one_place_asks_for_none_whatever_the_form_sends(sent: object) -> None:
    assert parse_request(form(location=sent), ONE_PLACE, ENGLISH).model_dump()["location"] is None


# Time zones


@pytest.mark.parametrize(
    "zone",
    ["America/New_York", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5", "UTC", "EST5EDT"],
)
def test_the_name_of_a_time_zone_is_accepted(zone: str) -> None:
    assert parsed(time_zone=f" {zone} ").model_dump()["time_zone"] == zone


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "/etc/passwd", "America/../../etc/passwd", "America/./Springfield", "./UTC", "..", "/"),
        *("America", "America/", "America//Springfield", "America/Spring field", "America/Springfield", "tzdata.zi"),
        *(
            "zone.tab",
            "leapseconds",
            "C:\\zone",
            "America\\Springfield",
            "America/New_York\x00",
            "\u0410merica/New_York",
        ),
        *("+05:00", "EST5EDT,M3.2.0,M11.1.0", "a/b/c/d", "__init__.py", "-1", "%2e%2e/etc", "Springfield", 5),
    ],
)
def test_an_unknown_time_zone_is_kept_as_said_and_never_a_path(name: object) -> None:
    # A control character is dropped first.
    expected = name.strip("\x00") if isinstance(name, str) and "\x00" in name else None
    assert parsed(time_zone=name).model_dump()["time_zone"] == expected


@pytest.mark.parametrize(("sent", "zone"), [("Eastern", "America/New_York"), ("pacific time", "America/Los_Angeles")])
def test_a_time_zone_is_known_by_its_everyday_name(sent: str, zone: str) -> None:
    assert parsed(time_zone=sent).model_dump()["time_zone"] == zone


@pytest.mark.parametrize("name", ["America/" * 625, "x" * 5_000, "../" * 1_667, "A" * 5_000])
def test_a_long_name_is_no_time_zone(name: str) -> None:
    assert parsed(time_zone=name).model_dump()["time_zone"] is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["none"], ("none",)),
        (["none", "substance_use"], ("substance_use",)),
        (["discuss_on_call", "none"], ("discuss_on_call",)),
    ],
)
def test_none_of_these_beside_one_of_these_is_a_slip(sent: list[str], kept: tuple[str, ...]) -> None:
    assert parsed(health_notes=sent).model_dump()["health_notes"] == kept


# Rules between fields


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email": None, "phone": None, "preferred_contact": None}, {"email": NEEDS_A_WAY}),
        ({"email": None, "phone": None}, {"email": NEEDS_A_WAY}),
        ({"email": None, "phone": None, "preferred_contact": "text"}, {"email": NEEDS_A_WAY}),
        (
            {"email": None, "phone": None, "preferred_contact": "text", "consent_texts": None},
            {"email": NEEDS_A_WAY, "consent_texts": NEEDS_A_CHECK_FOR_TEXTS},
        ),
        (
            {"email": None, "preferred_contact": " email "},
            {"email": PROBLEMS["no_email"]},
        ),
        (
            {"phone": None, "preferred_contact": "phone"},
            {"phone": PROBLEMS["no_phone_to_call"]},
        ),
        (
            {"phone": None, "preferred_contact": "text"},
            {"phone": PROBLEMS["no_phone_to_text"]},
        ),
        ({"preferred_contact": "text", "consent_texts": None}, {"consent_texts": NEEDS_A_CHECK_FOR_TEXTS}),
        ({"preferred_contact": "text", "consent_texts": "off"}, {"consent_texts": NEEDS_A_CHECK_FOR_TEXTS}),
        ({"preferred_contact": "text", "consent_texts": "perhaps"}, {"consent_texts": NEEDS_A_CHECK_FOR_TEXTS}),
        (
            {"phone": None, "preferred_contact": "text", "consent_texts": None},
            {
                "phone": PROBLEMS["no_phone_to_text"],
                "consent_texts": NEEDS_A_CHECK_FOR_TEXTS,
            },
        ),
        # A wrong value has another message than a missing one.
        ({"phone": "call me", "preferred_contact": "text"}, {"phone": NEEDS_PHONE}),
        ({"email": "robin@example", "phone": None, "preferred_contact": "email"}, {"email": NEEDS_EMAIL}),
    ],
)
def test_the_way_that_was_chosen_has_to_be_there(changes: dict[str, object], expected: dict[str, str]) -> None:
    assert problems_of(form(**changes)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"email": None},
        {"email": None, "preferred_contact": "text"},
        {"phone": None, "preferred_contact": "email"},
        {"phone": None, "preferred_contact": None},
        {"consent_texts": None},
        {"preferred_contact": "text", "consent_texts": "1", "consent_email_news": None},
        {"preferred_contact": None, "consent_texts": "off"},
    ],
)
def test_one_way_is_enough_where_it_is_the_one_that_was_chosen(changes: dict[str, object]) -> None:
    assert parsed(**changes).model_dump()["name"] == "Robin Example"


# Minors


@pytest.mark.parametrize("no", [False, "no", " NO ", "false", "off", "0"])
@pytest.mark.parametrize(
    "others",
    [
        {},
        {"name": CANARY * 100, "email": CANARY, "phone": CANARY, "consent_contact": None},
        dict.fromkeys(FIELDS),
        {field: [CANARY] for field in FIELDS},
    ],
)
def test_a_minor_is_told_so_and_nothing_else_whatever_else_is_wrong(no: object, others: dict[str, object]) -> None:
    with pytest.raises(MinorError) as caught:
        parse_request(form() | others | {"patient_is_adult": no}, CLINIC, ENGLISH)
    assert caught.value.problems == (FieldProblem("patient_is_adult", "We only treat people 18 and older."),)
    assert CANARY not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
    assert caught.value.__context__ is None


def test_the_age_that_a_minor_is_told_is_the_clinics() -> None:
    with pytest.raises(MinorError) as caught:
        parse_request(form(patient_is_adult="no"), replace(CLINIC, minimum_age=21), ENGLISH)
    assert caught.value.problems[0].message == "We only treat people 21 and older."


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (True, True),
        (" YES ", True),
        ("on", True),
        ("no", False),
        (False, False),
        (None, False),
        (1, True),
        ([], False),
        (["no", "yes"], True),
        (["yes", "no"], True),
        ("I agree", True),
        ("not yes", False),
    ],
)
def test_the_answer_about_crisis_is_read_in_an_invalid_request_too(sent: object, *, said: bool) -> None:
    assert says_in_crisis({"in_crisis": sent}) is said
    assert says_in_crisis(form(patient_is_adult="no") | {"in_crisis": sent}) is said
    assert says_in_crisis({}) is False


# The context of a request


@pytest.mark.parametrize("field", ["page", "referrer"])
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" https://www.clinic.example/request?gclid=Cj0KCQ&utm_source=x#form\n", "https://www.clinic.example/request"),
        ("https://www.clinic.example?fbclid=x", "https://www.clinic.example/"),
        ("https://robin:secret@www.clinic.example/", None),
        ("javascript:alert(1)", None),
        ("https://www.clinic.example/\r\nSet-Cookie: a=b", None),
        ("https://www.clinic.example/" + "x" * 5_000, None),
        ("https://www.clinic.example/\ud800", None),
        ("about:client", None),
        *((junk, None) for junk in NO_TEXT),
    ],
)
def test_an_address_is_kept_as_origin_and_path_or_passed_over(field: str, sent: object, kept: str | None) -> None:
    assert getattr(parsed(**{field: sent}), field) == kept


@pytest.mark.parametrize("field", sorted(CONTEXT - {"locale", "page", "referrer"}))
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  spring\r\n sale ", "spring sale"),
        ("x" * 5_000, "x" * 100),
        ("x" * 99 + "  y", "x" * 99),
        ("\u200b" * 100 + "x", "x"),
        ("\u034f" * 100 + "x", None),
        ("\x00" * 5_000 + "x", None),
        *((junk, None) for junk in NO_TEXT),
    ],
)
def test_a_campaign_is_cut_or_passed_over(field: str, sent: object, kept: str | None) -> None:
    assert getattr(parsed(**{field: sent}), field) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1772638105000", 1772638105000),
        (" 1772638105000\n", 1772638105000),
        (1772638105000, 1772638105000),
        *((junk, None) for junk in ("177263810500", "17726381050001", "1772638105000.5", "-1772638105000", "now")),
        *((junk, None) for junk in ("\u0661" * 13, "1" * 5_000, 7, -1, 1772638105000.0)),
        *((junk, None) for junk in NO_TEXT),
    ],
)
def test_the_moment_the_form_was_shown_is_kept_where_it_is_one(sent: object, kept: int | None) -> None:
    assert parsed(rendered_at=sent).rendered_at == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("XXXX.DUMMY.TOKEN.XXXX", "XXXX.DUMMY.TOKEN.XXXX"),
        ("0.a_b-c", "0.a_b-c"),
        ("x" * 2_048, "x" * 2_048),
        *((junk, None) for junk in ("x" * 2_049, "a b", "a&b=c", "a\n", "\u0430")),
        *((junk, None) for junk in NO_TEXT),
    ],
)
def test_a_token_is_kept_where_it_could_be_one(sent: object, kept: str | None) -> None:
    assert parsed(**{TOKEN: sent}).model_dump()["turnstile_token"] == kept


@pytest.mark.parametrize(
    ("sent", "filled"),
    [
        *(("https://shop.example/", True), ("0", True), ("off", True), (5, True), (True, True), (["x"], True)),
        *((False, False), ([], False), ("", False), (" ", False), (0, False)),
    ],
)
def test_anything_typed_into_the_trap_fills_it(sent: object, *, filled: bool) -> None:
    assert parsed(leave_empty=sent).leave_empty is filled


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" https://www.clinic.example/thanks\n", "https://www.clinic.example/thanks"),
        (CANARY, CANARY),  # another test checks whether it is in the list
        *((junk, None) for junk in NO_TEXT),
    ],
)
def test_a_thank_you_page_is_one_line_of_text(sent: object, kept: str | None) -> None:
    assert parsed(thank_you_page=sent).thank_you_page == kept


@given(
    context=st.dictionaries(
        st.sampled_from(
            sorted({*CONTEXT, "leave_empty", "thank_you_page", "rendered_at", TOKEN} - {"locale", "page", "referrer"})
        ),
        st.one_of(json_values, any_text, st.sampled_from(["https://a.example/b?c", "1772638105000", "x" * 5_000])),
    )
)
def test_what_no_visitor_typed_is_never_a_problem_and_no_part_of_what_was_said(context: dict[str, object]) -> None:
    assert (
        parse_request(MINIMAL | context, CLINIC, ENGLISH).content() == parse_request(MINIMAL, CLINIC, ENGLISH).content()
    )


@pytest.mark.parametrize("field", sorted(CONTEXT | MACHINERY - {"turnstile_token"}))
def test_the_content_has_nothing_of_what_surrounds_it(field: str) -> None:
    assert field not in parsed(leave_empty="x", thank_you_page="x", **{TOKEN: "x"}).content()


@pytest.mark.parametrize("field", sorted(SAID))
def test_all_that_was_said_is_content(field: str) -> None:
    request = parse_request(full_form(), CLINIC, ENGLISH)
    assert request.content()[field] == getattr(request, field)


def test_unknown_fields_are_counted_and_kept() -> None:
    extras: dict[str, object] = {"utm_id": "x", "company": ["y"], "": 1}
    assert unknown_fields(form() | extras, CLINIC) == len(extras)
    request = parse_request(form() | extras, CLINIC, ENGLISH)
    assert request.also_sent == (("utm_id", "x"), ("company", "y"), ("", "1"))
    assert request.model_dump() == parsed().model_dump()
    assert unknown_fields(form(homepage="x", leave_empty="x", **{TOKEN: "x"}), CLINIC) == 0


# Anything at all

# A value for each field, mostly of a kind that passes the first check.
_likely = st.sampled_from(
    [
        *(value for value in FORM.values() if not isinstance(value, list)),
        *("email", "text", "yes", "no", "", None, "robin@example.com", "+44 20 7946 0018", "riverside", "fatigue"),
    ]
)
_scalars = st.one_of(_likely, any_text, st.booleans(), st.integers(), st.floats())
_values = st.one_of(_scalars, json_values, st.lists(_scalars, max_size=3))
_fields = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, _values))
# A valid form with a change, so most of them are accepted.
_changed = st.dictionaries(st.sampled_from(FIELDS), _values, max_size=3).map(lambda changes: FORM | changes)


def outcome(fields: Mapping[str, object], clinic: Clinic = CLINIC) -> ConsultationRequest | InvalidRequestError:
    try:
        return parse_request(fields, clinic, ENGLISH)
    except InvalidRequestError as error:
        return error


@given(
    fields=st.one_of(_fields, _changed),
    extras=st.dictionaries(any_text, json_values, max_size=3),
    clinic=st.sampled_from([CLINIC, ONE_PLACE]),
)
def test_any_json_is_accepted_or_refused_with_problems(
    fields: dict[str, object], extras: dict[str, object], clinic: Clinic
) -> None:
    taken = outcome(extras | fields, clinic)
    if isinstance(taken, InvalidRequestError):
        named = [problem.field for problem in taken.problems]
        assert named
        assert named == sorted(set(named), key=FIELDS.index)
    else:
        json.dumps(taken.model_dump(), ensure_ascii=False).encode("utf-8")


@given(fields=forms, clinic=st.sampled_from([CLINIC, ONE_PLACE]))
def test_what_came_out_comes_out_again(fields: dict[str, object], clinic: Clinic) -> None:
    taken = parse_request(fields, clinic, ENGLISH)
    again = parse_request(taken.model_dump(by_alias=True), clinic, ENGLISH)
    assert again.model_dump() == taken.model_dump()
    assert not again.also_sent
    assert not again.not_kept


@given(fields=_fields, no=st.sampled_from([False, "no", "No ", "off", "0", "false"]))
def test_a_minor_is_a_minor_whatever_json_carries_beside_it(fields: dict[str, object], no: object) -> None:
    refused = outcome(fields | {"patient_is_adult": no})
    assert isinstance(refused, MinorError)
    assert refused.problems == (FieldProblem("patient_is_adult", "We only treat people 18 and older."),)


_canaries = st.sampled_from(
    [
        *(CANARY, CANARY * 700, f"{CANARY}@example", f"=cmd|{CANARY}@example.com", f"202 555 {CANARY}"),
        *(f"{CANARY}\ud800", f"America/{CANARY}", f"yes {CANARY}", f"low_mood,{CANARY}", f"https://{CANARY}@x.example"),
    ]
)
_anywhere = st.one_of(
    _canaries, st.lists(_canaries, max_size=2), st.dictionaries(_canaries, _canaries, max_size=1), st.just([[CANARY]])
)


@given(
    fields=st.dictionaries(st.sampled_from([*FIELDS, CANARY]), _anywhere),
    others=st.sampled_from([{}, MINIMAL, FORM]),
)
def test_no_problem_repeats_what_was_typed(fields: dict[str, object], others: dict[str, object]) -> None:
    refused = outcome(others | fields)
    if isinstance(refused, InvalidRequestError):
        assert CANARY not in f"{refused.problems!r} {refused!r} {refused} {vars(refused)}"


def test_the_error_itself_quotes_nothing_either() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parsed(name=CANARY * 100, email=CANARY, symptoms=[CANARY])
    assert CANARY not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_pydantics_own_error_does_not_print_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        WIRE_MODEL.model_validate(form(email=CANARY, symptoms=[CANARY]))
    assert CANARY not in str(caught.value)


def test_problems_can_be_compared_and_counted() -> None:
    assert len({FieldProblem("name", "x"), FieldProblem("name", "x")}) == 1


# Other modules' use of the model


def test_every_field_has_words_for_people() -> None:
    titles = [field.title for field in WIRE_MODEL.model_fields.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(("field", "known"), (CHOICES | SEVERAL_CHOICES).items())
def test_the_schema_names_each_choice_and_what_people_read(field: str, known: dict[str, str]) -> None:
    schema = json.dumps(WIRE_MODEL.model_json_schema()["properties"][field])
    for value, label in known.items():
        assert json.dumps({"const": value, "title": label}) in schema


def test_the_schema_has_every_field() -> None:
    assert set(WIRE_MODEL.model_json_schema()["properties"]) == set(FIELDS)
