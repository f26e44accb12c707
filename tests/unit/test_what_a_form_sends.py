"""What a site's form sends arrives: nothing that was said is dropped or turned round, and only what is needed is asked.

Each test sends a form as a site's own page may send it, and looks at the stored lead.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.leads.lead import Lead, Priority
from shared.store.lead_item import lead_of
from shared.web.http import Response
from submit import also_sent
from submit.also_sent import names_only, rest
from submit.decode import FORM, MULTIPART
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import page_of
from tests.unit.people import CLINIC
from tests.unit.web import api, document, post_form, post_json, request
from tests.unit.words import any_text, json_values

BASE: dict[str, object] = {
    "name": "Robin Example",
    "phone": "202-555-0142",
    "patient_is_adult": "yes",
    "consent_contact": "yes",
}
PARTS = f"{MULTIPART}; boundary=B"


def stored_of(table: MemoryLeads) -> Lead:
    (item,) = table.leads.values()
    return lead_of(item)


def plainly(pairs: str, **changes: object) -> Lead:
    """Return the lead of a plain form that sends BASE and `pairs`."""
    table = MemoryLeads()
    fields = {name: value for name, value in (BASE | changes).items() if value is not None}
    response = api(table).answer(post_form(f"{urlencode(fields, doseq=True)}&{pairs}".encode()))
    assert response.status == 303
    return stored_of(table)


def by_script(**changes: object) -> tuple[Lead, dict[str, object]]:
    """Return the lead of a script's request in JSON, and the answer."""
    table = MemoryLeads()
    response = api(table).answer(post_json({name: each for name, each in (BASE | changes).items() if each is not None}))
    assert response.status == 201, response.body
    return stored_of(table), document(response)


def refused(**changes: object) -> dict[str, str]:
    """Return the problems of a script's request, by field. Nothing is stored."""
    table = MemoryLeads()
    response = api(table).answer(post_json({name: each for name, each in (BASE | changes).items() if each is not None}))
    assert response.status == 422
    assert not table.leads
    return {error["field"]: error["detail"] for error in document(response)["errors"]}


# --- Yes and no -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["true", "false"])
def test_a_yes_wins_over_a_preset_no_in_either_order(first: str) -> None:
    second = "false" if first == "true" else "true"
    lead = plainly(f"discreet={first}&in_crisis={first}&discreet={second}&in_crisis={second}")
    assert (lead.discreet, lead.in_crisis, lead.priority) == (True, True, Priority.URGENT)


@pytest.mark.parametrize(
    "yes",
    [
        *(True, 1, 1.0, ["yes"], ["", "on"], "I agree", "I agree to be contacted.", "Yes, please", "checked", "Y"),
        *("\u2713", "S\u00ed", "You may contact me about this request.", "you may contact me about this request"),
    ],
)
def test_there_are_many_ways_to_say_yes(yes: object) -> None:
    lead, _ = by_script(consent_contact=yes)
    assert lead.may_be_contacted
    assert not lead.also_sent


@pytest.mark.parametrize(
    "no", ["I do not agree", "No, thanks", "please choose", "Yes, but only by email", 0, False, "don't contact me"]
)
def test_a_consent_is_never_made_up(no: object) -> None:
    assert list(refused(consent_contact=no)) == ["consent_contact"]


@pytest.mark.parametrize(
    "no",
    [
        *("I have read this and disagree", "I agree to nothing", "I agree / I disagree", "Yes, I can't be texted"),
        *("Yes, without texts", "Yes if my wife does not answer", "I have read the privacy policy", "Yes, I refuse"),
    ],
)
def test_a_consent_needs_plain_words_and_others_are_kept_as_said(no: str) -> None:
    lead, _ = by_script(consent_texts=no)
    assert not lead.texts_may_be_sent
    assert lead.also_sent == (("consent_texts", no),)
    assert list(refused(consent_contact=no)) == ["consent_contact"]


@pytest.mark.parametrize("adult", ["I am 18 or older", "18+", "adult", "The patient is 18 or older.", 1, ["yes", "no"]])
def test_the_question_about_age_may_be_answered_by_a_label(adult: object) -> None:
    lead, _ = by_script(patient_is_adult=adult)
    assert not lead.age_unknown


@pytest.mark.parametrize(
    "young", ["under 18", "minor", "17", 17, "I am 15", "Yes, 17", "young adult, 17", "child", "18 or younger"]
)
@pytest.mark.parametrize("in_crisis", [None, "yes"])
def test_who_says_that_the_patient_is_a_minor_in_any_words_is_not_stored(young: object, in_crisis: str | None) -> None:
    assert "18 and older" in refused(patient_is_adult=young, in_crisis=in_crisis)["patient_is_adult"]


@pytest.mark.parametrize("old", ["21 or older", "18 years and up", "21", "I am 34 years old", 40])
def test_an_age_that_is_enough_is_enough(old: object) -> None:
    assert not by_script(patient_is_adult=old)[0].age_unknown


@pytest.mark.parametrize("unclear", ["not an adult", "17 or older", "18, but he is 12", 2, "Nein", "perhaps"])
def test_an_unclear_age_is_asked_again(unclear: object) -> None:
    assert list(refused(patient_is_adult=unclear)) == ["patient_is_adult"]


# --- Choices ----------------------------------------------------------------------------------------------------------


def test_an_empty_text_beside_radio_buttons_does_not_count() -> None:
    lead = plainly("interest=anxiety&interest=")
    assert (lead.answers["interest"], lead.also_sent) == ("anxiety", ())
    assert by_script(interest=["anxiety", ""])[0].answers["interest"] == "anxiety"


def test_both_of_two_answers_reach_staff() -> None:
    lead = plainly("best_time=morning&best_time=evening")
    assert (lead.best_time, lead.also_sent) == ("evening", (("best_time", "morning"),))


@pytest.mark.parametrize(
    "pairs", ["symptoms[]=insomnia&symptoms[]=fatigue", "symptoms[0]=insomnia&symptoms[1]=Fatigue"]
)
def test_brackets_after_a_name_belong_to_the_builder(pairs: str) -> None:
    assert plainly(pairs).answers["symptoms"] == ("insomnia", "fatigue")


def test_labels_stand_for_values_and_the_rest_is_kept_as_said() -> None:
    lead = plainly("interest=Depression&best_time=Select...&treatments_tried=Two+or+more&asking_for=my+son")
    assert (lead.answers["interest"], lead.answers["treatments_tried"]) == ("depression", "two_or_more")
    assert lead.also_sent == (("best_time", "Select..."), ("asking_for", "my son"))
    listed, answer = by_script(symptoms="insomnia, fatigue, gout")
    assert (listed.answers["symptoms"], listed.also_sent) == (("insomnia", "fatigue"), (("symptoms", "gout"),))
    assert answer["also_sent"] == ["symptoms"]


def test_an_answer_about_a_crisis_that_is_not_clear_raises_the_priority() -> None:
    lead, _ = by_script(in_crisis="maybe, I don't know")
    assert (lead.in_crisis, lead.priority) == (None, Priority.HIGH)
    assert by_script(inCrisis=True)[0].priority is Priority.HIGH
    assert by_script(inCrisis=False)[0].priority is Priority.NORMAL
    assert by_script(how_are_you="I want to die")[0].priority is Priority.HIGH


@pytest.mark.parametrize(
    "said",
    [
        *("Yes, I took pills", "Yes, I don't want to live", "yes but not alone", "I am in crisis", "crisis"),
        *("\uff39\uff25\uff33", "true,false", "yes,no"),
    ],
)
def test_any_words_that_begin_with_yes_are_a_crisis_and_staff_read_them(said: str) -> None:
    table = MemoryLeads()
    answer = api(table).answer(post_form({"phone": "202-555-0142", "in_crisis": said}))
    assert answer.headers["Location"].endswith("&urgent=yes&lang=en")
    lead = stored_of(table)
    assert lead.priority is Priority.URGENT
    assert lead.also_sent in {(("in_crisis", said),), ()}
    assert bool(lead.also_sent) or " " not in said


@pytest.mark.parametrize("said", ["No, but I was thinking about suicide", "no; I want to die", "no one can help me"])
def test_words_after_a_no_are_not_thrown_away(said: str) -> None:
    lead, _ = by_script(in_crisis=said)
    assert lead.also_sent == (("in_crisis", said),)
    assert lead.priority is Priority.HIGH


@pytest.mark.parametrize("said", ["N/A", "nope", "Not now", "none", "No, thanks"])
def test_a_plain_no_rings_no_alarm(said: str) -> None:
    assert by_script(in_crisis=said)[0].priority is Priority.NORMAL


def test_nothing_crowds_out_words_of_crisis() -> None:
    lead, _ = by_script(symptoms=["pain"] * 40, in_crisis="I cannot talk")
    assert lead.also_sent[0] == ("in_crisis", "I cannot talk")
    fields = {f"field{number}": "x" * 140 for number in range(30)}
    lead, _ = by_script(**fields, your_message="I want to die")
    assert lead.priority is Priority.HIGH
    lead, _ = by_script(**fields, suicidalThoughts="yes")
    assert lead.priority is Priority.HIGH
    lead, _ = by_script(**fields, suicidalThoughts="no")
    assert lead.priority is Priority.NORMAL
    lead, _ = by_script(your_message="x" * 600 + " I want to die")
    assert lead.priority is Priority.HIGH
    lead, answer = by_script(your_message="I want to die 4111111111111111")
    assert lead.also_sent == (("your_message", "I want to die [left out]"),)
    assert answer["not_kept"] == ["your_message"]


def test_a_mexican_phone_with_its_old_prefix_is_no_social_security_number() -> None:
    lead, _ = by_script(mobile="044 55 1234 5678", ssn_of_spouse_no="044-55-1234", other="044-55-1234 5")
    assert lead.also_sent[0] == ("mobile", "044 55 1234 5678")
    assert "1234" not in str(lead.also_sent[1:])


def test_a_page_that_asks_for_corrections_makes_up_no_answers() -> None:
    sent = BASE | {
        "name": "",
        "patient_is_adult": "I am 18 or older",
        "consent_texts": CLINIC.consent_texts.text.for_staff,
    }
    page = api().answer(
        post_form(sent | {"in_crisis": "Yes, please help", "discreet": "Please be discreet", "phone": ""})
    )
    assert page.status == 422
    shown = page_of(page.body)
    hidden = [entry.get("name") for entry in shown.xpath("//form//input[@type='hidden']")]
    assert not {"patient_is_adult", "consent_texts", "consent_contact", "discreet"} & set(hidden)
    checked = {entry.get("name"): entry.get("value") for entry in shown.xpath("//input[@checked]")}
    for name in ("patient_is_adult", "consent_texts", "consent_contact", "discreet", "in_crisis"):
        assert checked[name] == "yes"


# --- Fields that we do not have ---------------------------------------------------------------------------------------


def test_unknown_fields_are_kept_and_named_to_the_sender() -> None:
    lead, answer = by_script(
        inCrisis=False,
        callMe="Pat",
        insurance="Aetna PPO",
        how=["A friend", "The web"],
        visits=3,
        gclid="abc",
        _wpnonce="abc",
        password="abc",
        note="4111 1111 1111 1111",
        ssn="x",
        blank=" ",
        nothing=None,
    )
    assert dict(lead.also_sent) == {
        "inCrisis": "no",
        "callMe": "Pat",
        "insurance": "Aetna PPO",
        "how": "A friend, The web",
        "visits": "3",
    }
    assert answer["also_sent"] == ["inCrisis", "callMe", "insurance", "how", "visits"]
    assert answer["not_kept"] == ["gclid", "_wpnonce", "password", "note", "ssn"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, "x")
            for name in (
                "_wpcf7",
                "_wpcf7_unit_tag",
                "fbclid",
                "msclkid",
                "li_fat_id",
                "_gl",
                "csrf_token",
                "authenticity_token",
                "utf8",
            )
        ),
        *((name, "x") for name in ("__RequestVerificationToken", "user-password", "pwd", "g-recaptcha-response")),
        *((name, "x") for name in ("Social Security Number", "credit_card", "card-number", "cc-exp", "cvc", "IBAN")),
        *((name, "x") for name in ("numero_de_seguro_social", "Seguro Social", "contrasena", "Contraseña", "clave")),
        *((name, "x") for name in ("tarjeta de crédito", "tarjeta-de-debito", "número de cuenta", "numeroDeTarjeta")),
        ("cuenta_bancaria", "x"),
        *(
            ("note", value)
            for value in (
                "123-45-6789",
                "123 45 6789.",
                "123.45.6789",
                "4111\u20131111\u20131111\u20131111",
                "4111111111111111",
                "5500-0000-0000-0004",
            )
        ),
    ],
)
def test_of_secrets_and_click_ids_only_the_names_are_reported(name: str, value: str) -> None:
    assert names_only(name, value)
    assert rest([(name, value)]).kept == ()
    assert rest([(name, value)]).not_kept == (name,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "x") for name in ("insurance", "state", "company", "classname", "discard", "compassion", "keywords")),
        *((name, "x") for name in ("afiliación al seguro", "seguro", "tarjeta del seguro", "palabras claves")),
        *(
            ("note", value)
            for value in ("202-555-0142", "4111111111111112", "2026-11-29", "1,000,000,000,000", "12 345")
        ),
    ],
)
def test_other_fields_are_kept(name: str, value: str) -> None:
    assert rest([(name, value)]).kept == ((name, value),)


def test_secrets_inside_other_values_are_left_out() -> None:
    nested = {"cvv": "123", "password": "hunter2", "plan": "gold", "fields": [{"name": "ssn", "value": "made-up"}]}
    (kept,) = rest([("payment", nested)]).kept
    assert "gold" in kept.value
    assert not [secret for secret in ("123", "hunter2", "made-up") if secret in kept.value]


def test_two_phone_numbers_are_no_card() -> None:
    for last in range(100, 200):
        text = f"202-555-0143 202-555-0{last}"
        assert rest([("other_phone", text)]).kept == (("other_phone", text),)


def test_requests_that_differ_beyond_what_is_kept_are_two_requests() -> None:
    long = "x" * 600
    ids = {by_script(story=f"{long}{end}")[0].id for end in ("a", "b")}
    assert len(ids) == 2
    forward, backward = by_script(a="1", b="2")[0], by_script(b="2", a="1")[0]
    assert forward.fingerprint == backward.fingerprint


_pairs = st.lists(st.tuples(any_text, st.one_of(any_text, json_values, st.text(min_size=400))), max_size=40)


@given(_pairs)
def test_what_is_kept_has_limits_and_what_is_not_has_its_name_reported(pairs: list[tuple[str, object]]) -> None:
    found = rest(pairs)
    assert len(found.kept) <= also_sent.MAX_KEPT
    assert len(found.not_kept) <= also_sent.MAX_KEPT
    assert sum(len(f"{name}{value}".encode()) for name, value in found.kept) <= also_sent.MAX_BYTES
    assert all(0 < len(value) <= also_sent.MAX_VALUE_LENGTH for _, value in found.kept)
    json.dumps(found.kept, ensure_ascii=False).encode()


def test_a_long_list_is_refused_before_anybody_looks_at_it() -> None:
    answer = api().answer(post_json(BASE | {"symptoms": ["x"] * 13_000}, accept="text/html"))
    assert answer.status == 400


# --- Encodings and bodies ---------------------------------------------------------------------------------------------


def answer_to(content_type: str, body: bytes, table: MemoryLeads) -> Response:
    return api(table).answer(request(headers={"content-type": content_type, "accept": "text/html"}, body=body))


def read(content_type: str, body: bytes) -> Lead:
    table = MemoryLeads()
    assert answer_to(content_type, body, table).status == 303
    return stored_of(table)


START = urlencode(BASE).encode()
LINES = "".join(f"{name}={value}\r\n" for name, value in BASE.items()).encode()


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        (FORM, START + b"&_charset_=windows-1251&message=%CF%F0%E8%E2%E5%F2", "\u041f\u0440\u0438\u0432\u0435\u0442"),
        (f"{FORM}; charset=windows-1251", START + b"&message=%CF%F0%E8", "\u041f\u0440\u0438"),
        (f'{FORM}; charset="Shift_JIS"', START + b"&message=%83%65%83%58%83%67", "\u30c6\u30b9\u30c8"),
        (f"{FORM}; charset=utf-7", START + b"&message=%2BAOk-", "+AOk-"),
        (FORM, START + "&call_me=Zo\u00eb&message=caf%E9".encode(), "caf\u00e9"),
        ("", START + b"&message=hi", "hi"),
        ("text/plain", LINES + b"message=a\r\nb\r\n", "a\nb"),
        ("text/plain;charset=UTF-8", START + b"&message=a+b", "a b"),
        ("text/plain", json.dumps(BASE | {"message": "a"}).encode(), "a"),
        (FORM, json.dumps(BASE | {"message": "a"}).encode(), "a"),
    ],
)  # fmt: skip
def test_a_body_is_read_as_its_page_meant_it(content_type: str, body: bytes, message: str) -> None:
    lead = read(content_type, body)
    assert (lead.name, lead.message) == ("Robin Example", message)


def part(name: str, value: bytes, more: str = "", header: str = "") -> bytes:
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{more}\r\n{header}\r\n'.encode() + value + b"\r\n"


WHOLE = b"".join(part(name, str(value).encode()) for name, value in BASE.items())


def test_parts_are_read_with_their_charset_with_other_line_ends_and_with_spaces() -> None:
    russian = part("message", b"\xcf\xf0\xe8", header="Content-Type: text/plain; charset=windows-1251\r\n")
    assert read(PARTS, WHOLE + russian + b"--B--\r\n").message == "\u041f\u0440\u0438"
    assert read(PARTS, (WHOLE + b"--B--\r\n").replace(b"\r\n", b"\n")).name == "Robin Example"
    assert read(PARTS, (WHOLE + b"--B--").replace(b"--B\r\n", b"--B \t\r\n")).name == "Robin Example"


@pytest.mark.parametrize("named", ["; filename*=utf-8''a.png", '; filename="a.png"', "; FileName*=utf-8''a.png"])
def test_a_file_is_refused_and_what_was_typed_is_kept(named: str) -> None:
    table = MemoryLeads()
    small = answer_to(PARTS, WHOLE + part("scan", b"x", named) + b"--B--\r\n", table)
    large = answer_to(PARTS, WHOLE + part("scan", b"x" * 1_000_000, named) + b"--B--\r\n", table)
    assert (small.status, large.status) == (422, 413)
    assert not table.leads
    assert all("Robin Example" in each.body and "202-555-0142" in each.body for each in (small, large))


def test_other_ways_to_send_are_read() -> None:
    pairs = [{"name": name, "value": value} for name, value in BASE.items()]
    for kind in ("text/json", "application/vnd.api+json", "application/json"):
        assert read(kind, json.dumps(BASE).encode()).name == "Robin Example"
        assert read(kind, json.dumps(pairs).encode()).name == "Robin Example"
    assert read("text/plain", b"\xef\xbb\xbf" + json.dumps(BASE).encode()).name == "Robin Example"
    assert read(MULTIPART, WHOLE + b"--B--\r\n").name == "Robin Example"
    blob = part("message", b"hi", '; filename="blob"', "Content-Type: text/plain\r\n")
    assert read(PARTS, WHOLE + blob + b"--B--\r\n").message == "hi"
    mixed = (WHOLE + part("message", b"a\r\nb")).replace(b"--B\r\n", b"--B\n").replace(
        b'"\r\n\r\n', b'"\n\n'
    ) + b"--B--\n"
    assert read(PARTS, mixed).message == "a\nb"
    assert read(
        f"{MULTIPART}; charset=windows-1251; boundary=B", WHOLE + part("message", b"\xcf\xf0") + b"--B--\r\n"
    ).message
    utf8 = "message=I can\u2019t go on".encode()
    assert read(f"{FORM}; charset=iso-8859-1", START + b"&" + utf8).priority is Priority.HIGH


def test_what_was_read_before_a_broken_part_is_shown_again() -> None:
    page = answer_to(PARTS, WHOLE + b"--B\r\nContent-Disp", MemoryLeads())
    assert page.status == 400
    assert "Robin Example" in page.body


@pytest.mark.parametrize("broken", [b"--B\r\nContent-Disp", part("scan", b"x", '; filename="a.png"') + b"--B--\r\n"])
def test_a_person_in_crisis_is_heard_without_what_we_cannot_read(broken: bytes) -> None:
    lead = read(PARTS, WHOLE + part("in_crisis", b"yes") + broken)
    assert lead.priority is Priority.URGENT
    assert lead.also_sent[0].name == "left out"


def test_a_field_with_one_of_our_names_may_mean_something_else() -> None:
    lead, _ = by_script(referrer="Dr. Sample sent me", page="2", utm_source="x")
    assert lead.also_sent == (("referrer", "Dr. Sample sent me"), ("page", "2"))
    assert by_script(**{"in\u200b_crisis": "yes"})[0].priority is Priority.URGENT


def test_a_bad_submission_id_is_replaced() -> None:
    lead, answer = by_script(submission_id="contact-form1")
    assert answer["not_kept"] == ["submission_id"]
    assert lead.id == by_script(submission_id=None)[0].id


@given(st.dictionaries(any_text, st.one_of(any_text, json_values, st.lists(any_text, max_size=3)), max_size=5))
def test_whatever_comes_along_never_costs_the_request(extra: Mapping[str, object]) -> None:
    assume(not re.search("NaN|Infinity", json.dumps(extra)))  # no JSON
    known = {name for name in extra if name in BASE or name.partition("[")[0] in {*BASE, "email", "message"}}
    lead, _ = by_script(**{name: value for name, value in extra.items() if name not in known and name != "self"})
    assert lead.name == "Robin Example"


# --- Mistyped email domains -------------------------------------------------------------------------------------------

TYPED = "robin@example.{}".format("con")
MEANT = "robin@example.com"


def test_a_mistyped_domain_is_asked_about_once() -> None:
    answer = api().answer(post_json({**BASE, "phone": None, "email": TYPED}))
    (error,) = document(answer)["errors"]
    assert (answer.status, error["field"], error["suggestion"]) == (422, "email", MEANT)
    assert MEANT in error["detail"]
    lead, _ = by_script(phone=None, email=TYPED, email_as_typed=f" {TYPED} ")
    assert lead.email == TYPED


def test_it_is_not_asked_about_if_there_is_a_phone_number() -> None:
    assert by_script(email=TYPED)[0].email == TYPED
    assert "email" in refused(email=TYPED, preferred_contact="email")


def test_in_a_crisis_it_is_stored_and_asked_about_afterward() -> None:
    lead, answer = by_script(phone=None, email=TYPED, in_crisis=True)
    assert lead.email == TYPED
    assert MEANT in str(answer["check_email"])
    assert "check_email" not in by_script(email=TYPED, in_crisis=True)[1]


# --- A crisis ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left_out", ["consent_contact", "patient_is_adult", "name"])
def test_a_person_in_crisis_who_can_be_reached_is_heard(left_out: str) -> None:
    assert left_out in refused(**{left_out: None})
    lead, _ = by_script(in_crisis="yes", **{left_out: None})
    assert lead.priority is Priority.URGENT
    assert lead.may_be_contacted is (left_out != "consent_contact")
    assert lead.age_unknown is (left_out == "patient_is_adult")
    assert lead.name == ("(no name)" if left_out == "name" else "Robin Example")


def test_in_a_crisis_the_way_that_works_is_enough_and_the_other_is_kept_as_said() -> None:
    lead, _ = by_script(in_crisis="yes", email="robin at example", preferred_contact="email")
    assert (lead.phone, lead.email) == ("+12025550142", None)
    assert lead.also_sent == (("email", "robin at example"),)


def test_in_a_crisis_a_number_of_two_countries_is_taken_and_shown_as_typed() -> None:
    abroad: dict[str, object] = {"phone": "202-555-0143", "time_zone": "Asia/Tokyo"}
    assert "country code" in refused(**abroad)["phone"]
    lead, _ = by_script(in_crisis="yes", **abroad)
    assert (lead.phone, lead.also_sent) == ("+12025550143", (("phone", "202-555-0143"),))


@pytest.mark.parametrize(
    ("changes", "asked"),
    [({"phone": None}, "email"), ({"phone": "12"}, "phone"), ({"patient_is_adult": "Nein"}, "patient_is_adult")],
)
def test_in_a_crisis_help_comes_first_and_only_what_is_needed_is_asked(changes: dict[str, object], asked: str) -> None:
    answer = api().answer(post_json({"in_crisis": "yes", "phone": "202-555-0142"} | changes))
    assert answer.status == 422
    assert next(iter(document(answer))) == "help"
    assert [error["field"] for error in document(answer)["errors"]] == [asked]


def test_a_minor_in_crisis_gets_help_first_and_nothing_is_stored() -> None:
    table = MemoryLeads()
    answer = api(table).answer(post_json(BASE | {"in_crisis": "yes", "patient_is_adult": "no"}))
    assert answer.status == 422
    assert next(iter(document(answer))) == "help"
    assert not table.leads


def test_a_clinic_may_insist_on_the_consent() -> None:
    strict = replace(api(), clinic=replace(CLINIC, crisis_without_consent=False))
    sent = BASE | {"in_crisis": "yes"}
    assert strict.answer(post_json(sent | {"consent_contact": None})).status == 422
    assert strict.answer(post_json(sent)).status == 201


@pytest.mark.parametrize(
    "changes", [{"message": "x" * 6_000}, {"message": {"a": 1}}, {"phone": "555-0142"}, {"email": "x" * 300}]
)
def test_in_a_crisis_nothing_else_has_to_be_right(changes: dict[str, object]) -> None:
    lead, _ = by_script(in_crisis="yes", **changes)
    assert lead.priority is Priority.URGENT
    assert lead.phone in {"+12025550142", "555-0142"}
    assert len(lead.message or "") <= 5_000


# --- Short forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["reply", "callback", "Reply", "A reply under an article"])
def test_a_short_form_leaves_the_question_about_age_to_the_call(form: str) -> None:
    lead, _ = by_script(form=form, patient_is_adult=None)
    assert lead.form in {"reply", "callback"}
    assert lead.age_unknown
    assert by_script(form=form)[0].age_unknown is False
    assert list(refused(form=form, patient_is_adult="no")) == ["patient_is_adult"]


@pytest.mark.parametrize("form", [None, "consultation", "contact-form-7"])
def test_any_other_form_asks_it(form: str | None) -> None:
    assert list(refused(form=form, patient_is_adult=None)) == ["patient_is_adult"]
    assert by_script(form=form)[0].form is None


def test_a_callback_without_a_number_asks_for_the_number() -> None:
    assert list(refused(form="callback", phone=None)) == ["phone"]
    assert list(refused(form="reply", phone=None)) == ["email"]
    assert by_script(form="callback", phone=None, email="robin@example.com")[0].email == "robin@example.com"


def test_a_short_form_that_has_to_change_keeps_the_answers_that_it_does_not_ask_for() -> None:
    sent = BASE | {"form": "reply", "name": "", "interest": "anxiety", "in_crisis": "maybe", "insurance": "Aetna"}
    page = api().answer(post_form(sent))
    assert page.status == 422
    for name, value in (("form", "reply"), ("interest", "anxiety"), ("in_crisis", "maybe"), ("insurance", "Aetna")):
        assert f'name="{name}" value="{value}"' in page.body


# --- Numbers as people write them (tests/unit/test_phone.py has many more) --------------------------------------------


@pytest.mark.parametrize(
    ("typed", "zone", "number", "kept"),
    [
        ("06 12 34 56 78", "Europe/Paris", "+33612345678", True),
        ("0412 345 678", "Australia/Sydney", "+61412345678", True),
        ("0044 20 7946 0018", None, "+442079460018", False),
        ("+52 1 55 1234 5678", None, "+525512345678", False),
        ("1+12025550142", None, "+12025550142", False),
        ("202-555-0143 (cell)", None, "+12025550143", True),
        (2025550142, None, "+12025550142", False),
    ],
)
def test_a_number_is_read_and_shown_as_typed_if_that_says_more(
    typed: object, zone: str | None, number: str, kept: object
) -> None:
    lead, _ = by_script(phone=typed, time_zone=zone)
    assert lead.phone == number
    assert lead.also_sent == ((("phone", typed),) if kept else ())


@pytest.mark.parametrize("typed", ["000-000-0000", "1234567890", "0412 345 678", "call me"])
def test_a_number_that_nobody_can_call_is_asked_again(typed: str) -> None:
    assert list(refused(phone=typed)) == ["phone"]
