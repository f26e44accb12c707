"""A second, different clinic: its form, pages, emails, API, docs and desk follow its clinic.toml."""

from dataclasses import replace
from typing import Any, Final

import pytest
from lxml import html as lxml_html

from shared.leads.canary import canary_form
from shared.leads.clinic import Help
from shared.leads.erasure import Erasure
from shared.leads.lead import Lead, Priority
from shared.leads.notice import Notice
from shared.messages.emails import confirmation
from shared.records import said
from shared.store.intake import new_lead_item
from shared.store.lead_item import lead_of
from shared.text import Text, text
from submit.form import groups
from submit.new_lead import new_lead
from submit.openapi import document as openapi
from submit.request import InvalidRequestError, parse_request
from tests.clinics import phoenix
from tests.unit import web
from tests.unit.desk_pages import Office
from tests.unit.emails import everything, facts, render_email, sentences
from tests.unit.fakes import MemoryLeads
from tests.unit.people import HELP_PHONE, IDS, MINIMAL, NOW, a_lead
from tools.local import docs

PHOENIX: Final = phoenix()
ES, EN = text("es"), text("en")
SENT: Final[dict[str, object]] = MINIMAL | {
    "lang": "es",
    "interest": "Migra\u00f1a",
    "symptoms": ["aura", "nausea"],
    "payment": "with_insurance",
    "heard_of_us": "My sister Sam",
    "past_treatments": ["tablets", "physical_therapy"],
}


def lead_from(**changes: object) -> Lead:
    sent = {name: value for name, value in (SENT | changes).items() if value is not None}
    return new_lead(parse_request(sent, PHOENIX, ES), NOW, PHOENIX, IDS)


def alert(lead: Lead, detail: Any, **more: Any) -> Any:  # noqa: ANN401 - as render_email
    return render_email(Notice.ALERT, lead, detail, **({"clinic": PHOENIX} | more))


# --- the form ---------------------------------------------------------------------------------------------------------


AGES: Final = {"es": "\u00bfLa persona tiene 16 a\u00f1os o m\u00e1s?", "en": "Is the patient 16 or older?"}
PAYMENT: Final = {
    "es": ("\u00bfC\u00f3mo pagar\u00eda?", "Con seguro m\u00e9dico"),
    "en": ("How would you pay?", "With insurance"),
}


@pytest.mark.parametrize("words", [ES, EN])
def test_the_form_has_the_clinics_questions_and_choices(words: Text) -> None:
    asked = {group.id: group for group in groups(PHOENIX, "consultation", "", words)}
    by_name = {control.name: control for group in asked.values() for control in group.controls}
    label, option = PAYMENT[words.code]
    assert by_name["payment"].label == label
    assert by_name["payment"].options[0] == ("with_insurance", option)
    assert (by_name["payment"].kind, by_name["payment"].required) == ("radio", True)
    assert by_name["patient_is_adult"].label == AGES[words.code]
    assert by_name["heard_of_us"].kind == "text"
    assert by_name["past_treatments"].kind == "checkboxes"
    assert [value for value, _ in by_name["interest"].options] == ["migraine", "chronic_pain"]
    assert [value for value, _ in by_name["symptoms"].options] == ["aura", "nausea", "light"]
    assert asked["about"].controls[-1].name == "payment"
    assert asked["who"].controls[-1].name == "heard_of_us"
    assert asked["prepare"].controls[-1].name == "past_treatments"


@pytest.mark.parametrize("form", ["reply", "callback"])
def test_a_short_form_asks_none_of_them(form: str) -> None:
    (group,) = groups(PHOENIX, form, "", ES)
    assert not {control.name for control in group.controls} & {question.id for question in PHOENIX.questions}
    sent = {"form": form, "name": "Robin", "phone": "(202) 555-0147", "consent_contact": "on", "message": "Hello"}
    assert parse_request(sent, PHOENIX, ES).own_answers == {}


def test_a_required_question_is_asked_again_in_the_visitors_words() -> None:
    for words, expected in ((ES, "Por favor, conteste esta pregunta."), (EN, "Please answer this question.")):
        with pytest.raises(InvalidRequestError) as caught:
            parse_request(SENT | {"payment": " "}, PHOENIX, words)
        assert [(each.field, each.message) for each in caught.value.problems] == [("payment", expected)]


def test_an_answer_that_is_too_long_is_kept_as_said_or_asked_again_if_it_is_needed() -> None:
    lead = lead_from(heard_of_us="x" * 501)
    assert "heard_of_us" not in lead.own_answers
    assert [each.name for each in lead.also_sent] == ["heard_of_us"]
    needed = replace(
        PHOENIX,
        questions=tuple(replace(each, required=each.id == "heard_of_us") for each in PHOENIX.questions),
    )
    with pytest.raises(InvalidRequestError) as caught:
        parse_request(SENT | {"heard_of_us": "x" * 501}, needed, EN)
    assert [each.message for each in caught.value.problems] == [
        "This is too long. Please shorten it to 500 characters or fewer."
    ]


def test_a_person_in_crisis_answers_none_of_them() -> None:
    sent = {"in_crisis": "yes", "phone": "(202) 555-0147", "payment": "whatever"}
    lead = new_lead(parse_request(sent, PHOENIX, ES), NOW, PHOENIX, IDS)
    assert (lead.priority, lead.own_answers) == (Priority.URGENT, {})
    assert ("payment", "whatever") in lead.also_sent


def test_words_of_crisis_in_an_own_answer_raise_the_priority() -> None:
    assert lead_from().priority is Priority.NORMAL
    assert lead_from(heard_of_us="I want to kill myself").priority is Priority.HIGH


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("out_of_pocket", "out_of_pocket"),
        ("Out of pocket", "out_of_pocket"),
        ("POR MI CUENTA", "out_of_pocket"),
        (["", "No s\u00e9 todav\u00eda"], "not_sure"),
    ],
)
def test_a_choice_is_read_by_its_id_and_by_its_label_in_each_language(sent: object, read: str) -> None:
    for words in (ES, EN):
        assert parse_request(SENT | {"payment": sent}, PHOENIX, words).own_answers["payment"] == read


def test_a_list_is_read_with_brackets_and_as_one_text() -> None:
    without = {name: value for name, value in SENT.items() if name != "past_treatments"}
    for sent in ({"past_treatments[]": ["injections", "tablets"]}, {"past_treatments": "Inyecciones, Tablets"}):
        assert parse_request(without | sent, PHOENIX, EN).own_answers["past_treatments"] == ("tablets", "injections")


def test_a_built_in_choice_that_the_clinic_does_not_offer_is_kept_as_said() -> None:
    lead = lead_from(interest="depression")
    assert "interest" not in lead.answers
    assert ("interest", "depression") in lead.also_sent


def test_the_canary_answers_what_it_must() -> None:
    always = replace(PHOENIX, questions=tuple(replace(each, required=True) for each in PHOENIX.questions))
    request = parse_request(canary_form("canary-1", NOW, always), always, EN)
    assert request.own_answers == {
        "payment": "with_insurance",
        "heard_of_us": "Automatic test",
        "past_treatments": ("tablets",),
    }


# --- stored -----------------------------------------------------------------------------------------------------------


def test_the_answers_are_one_attribute_and_come_back_as_they_were() -> None:
    lead = lead_from()
    item = new_lead_item(lead)
    assert item["own_answers"]["M"]["past_treatments"] == {"L": [{"S": "tablets"}, {"S": "physical_therapy"}]}
    assert item["reference"]["S"] == lead.reference
    assert lead.reference.startswith("DR-")
    assert lead_of(item) == lead


def test_a_lead_keeps_its_reference_if_the_clinic_chooses_other_letters() -> None:
    lead = lead_from()
    assert lead_of(new_lead_item(lead)).reference == lead.reference
    other = new_lead(parse_request(SENT, PHOENIX, ES), NOW, replace(PHOENIX, reference_prefix="ZZ"), IDS)
    assert (other.id, other.reference[:3]) == (lead.id, "ZZ-")


def test_another_answer_is_another_request() -> None:
    assert lead_from().fingerprint == lead_from().fingerprint
    assert lead_from().fingerprint != lead_from(payment="not_sure").fingerprint
    assert lead_from().id != lead_from(payment="not_sure").id


def test_the_text_that_was_agreed_to_is_that_of_the_forms_language() -> None:
    texts = PHOENIX.consent_contact
    for language, agreed in (("es", texts.text.of("es")), ("en", texts.text.of("en")), (None, texts.text.of("es"))):
        (consent,) = lead_from(lang=language).consents
        assert texts.agreed_to(consent.version, consent.text_hash) == agreed
    assert texts.agreed_to("2020-01-01", consent.text_hash) is None
    assert texts.agreed_to(consent.version, "0" * 16) is None


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_stored_request_is_answered_with_the_clinics_reference() -> None:
    table = MemoryLeads()
    stored = web.api(table, PHOENIX).answer(web.post_form(SENT))
    assert stored.status == 303
    assert "thank-you?reference=DR-" in stored.headers["Location"]
    reference = stored.headers["Location"].partition("reference=")[2][:12]
    query = {"reference": reference}
    shown = web.api(table, PHOENIX).answer(web.request("GET", "/thank-you", query=query))
    assert reference in shown.body
    assert reference not in web.api(table).answer(web.request("GET", "/thank-you", query=query)).body


def test_the_page_that_asks_again_keeps_every_own_answer() -> None:
    sent = SENT | {"name": "", "payment": "Out of pocket"}
    page = web.api(clinic=PHOENIX).answer(web.post_form(sent))
    assert page.status == 422
    tree = lxml_html.document_fromstring(page.body)
    assert tree.get("lang") == "es"
    assert tree.xpath("//input[@name='payment'][@checked]/@value") == ["out_of_pocket"]
    assert tree.xpath("//input[@name='heard_of_us']/@value") == ["My sister Sam"]
    assert tree.xpath("//input[@name='past_treatments'][@checked]/@value") == ["tablets", "physical_therapy"]
    assert tree.xpath("//input[@name='payment']/@aria-invalid") == []


def test_the_pages_have_the_clinics_color_and_logo() -> None:
    page = web.api(clinic=PHOENIX).answer(web.request("GET", "/thank-you")).body
    logo = next(lxml_html.document_fromstring(page).iter("img"))
    assert logo.attrib["alt"] == "Desert Relief Example"
    assert str(logo.attrib["src"]).startswith("data:image/svg+xml;base64,")
    assert ":root { --accent: #8a3d12; }" in page
    assert "(prefers-color-scheme: dark) { :root { --accent: #f0a878; } }" in page
    plain = web.api().answer(web.request("GET", "/thank-you")).body
    assert "<img" not in plain
    assert plain.count("--accent:") == 2, "a clinic without settings has the built-in colors only"


# --- emails and the desk ----------------------------------------------------------------------------------------------


def test_an_alert_shows_each_answer_where_it_belongs() -> None:
    lead = lead_from()
    assert lead.reference in alert(lead, "full").subject
    full, contact, least = (alert(lead, detail) for detail in ("full", "contact", "reference"))
    assert facts(full)["Payment"] == facts(contact)["Payment"] == "With insurance"
    assert facts(full)["Would like help with"] == "Migraine"
    assert facts(full)["Living with"] == "Aura, Nausea"
    assert "Tried for the pain: Tablets, Physical therapy" in sentences(full)
    assert "My sister Sam" in sentences(full)
    for less in (contact, least):
        assert "Tablets" not in everything(less)
        assert "My sister Sam" not in everything(less)
    assert "With insurance" not in everything(least)
    bare = lead_from(interest=None, symptoms=None, past_treatments=None)
    assert "The request also has a message." in sentences(alert(bare, "contact"))
    bare = lead_from(interest=None, symptoms=None, heard_of_us=None)
    assert "The request also has answers about health." in sentences(alert(bare, "contact"))


def test_an_email_has_the_clinics_color() -> None:
    message = alert(lead_from(), "full")
    assert "#8a3d12" in message.html
    assert "#f0a878" in message.html
    assert "#1d6f62" not in message.html
    told = confirmation("DR-7Q2M-4XHD", PHOENIX, Help(clinic_phone=HELP_PHONE), ES)
    assert "DR-7Q2M-4XHD" in told.subject
    assert "#8a3d12" in told.html


def test_an_answer_to_a_question_that_was_removed_is_shown_under_its_id() -> None:
    without = replace(PHOENIX, questions=PHOENIX.questions[1:2])
    lead = lead_from()
    full, contact = (alert(lead, detail, clinic=without) for detail in ("full", "contact"))
    assert "past_treatments" in sentences(full)
    assert "physical_therapy" in sentences(full)
    assert "with_insurance" in sentences(full)
    assert "with_insurance" not in everything(contact)
    assert "tablets" not in everything(contact)
    office = Office(clinic=without)
    assert "physical_therapy" in office.open(office.add(lead)).text


def test_an_answer_whose_choice_was_removed_is_shown_as_stored() -> None:
    payment = replace(PHOENIX.questions[0], choices={})
    less = replace(PHOENIX, questions=(payment, *PHOENIX.questions[1:]), choices={"interest": {}})
    message, contact = (alert(lead_from(), detail, clinic=less) for detail in ("full", "contact"))
    # It may be words about health from when the question had another kind, so it is among the talking points.
    assert "Payment: with_insurance" in sentences(message)
    assert "with_insurance" not in everything(contact)
    assert facts(message)["Would like help with"] == "migraine"


def test_the_desk_shows_the_answers_and_finds_the_reference() -> None:
    office = Office(clinic=PHOENIX)
    lead = office.add(lead_from())
    page = office.open(lead)
    for shown in ("Payment", "With insurance", "Tried for the pain: Tablets, Physical therapy", "My sister Sam"):
        assert shown in page.text
    assert "--accent: #8a3d12" in page.body
    for typed in (lead.reference, lead.reference[3:], lead.reference.lower().replace("-", " ")):
        assert office.find(typed).path == f"/requests/{lead.id}"
    assert "DR-7Q2M-4XHD" in office.get("/find", q="zoe").text
    older = office.add(a_lead(7))
    assert office.find(older.reference).path == f"/requests/{older.id}", "from before the clinic chose its letters"


def test_an_export_has_the_questions_and_the_answers() -> None:
    answers = {each["field"]: (each["question"], each["words"]) for each in said.answers(lead_from(), PHOENIX)}
    assert answers["payment"] == ("How would you pay?", "With insurance")
    assert answers["past_treatments"] == ("What have you tried for the pain?", "Tablets, Physical therapy")
    removed = replace(PHOENIX, questions=())
    answers = {each["field"]: (each["question"], each["words"]) for each in said.answers(lead_from(), removed)}
    assert answers["payment"] == ("payment", "with_insurance")


# --- the API's description --------------------------------------------------------------------------------------------


def test_the_description_has_the_clinics_questions_choices_and_reference() -> None:
    made = openapi(PHOENIX)
    request = made["components"]["schemas"]["ConsultationRequest"]
    properties = request["properties"]
    choices = {each["const"]: each["title"] for each in properties["payment"]["oneOf"]}
    assert choices == {
        "with_insurance": "With insurance",
        "out_of_pocket": "Out of pocket",
        "not_sure": "Not sure yet",
    }
    assert [each["const"] for each in properties["interest"]["oneOf"]] == ["migraine", "chronic_pain"]
    assert properties["heard_of_us"]["maxLength"] == 500
    assert properties["past_treatments"]["anyOf"][1]["type"] == "array"
    assert "payment" in request["else"]["required"]
    assert made["components"]["schemas"]["Accepted"]["properties"]["reference"]["examples"] == ["DR-7Q2M-4XHD"]


# --- the docs ---------------------------------------------------------------------------------------------------------


def test_make_docs_writes_the_clinics_forms_in_its_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "clinic", lambda: PHOENIX)
    made = docs.made()
    assert {path for path in made if path.endswith(".html")} == {
        f"docs/{form}{language}.html" for form in ("form", "form-reply", "form-callback") for language in ("", ".en")
    }
    spanish, english = (made[f"docs/form{language}.html"]() for language in ("", ".en"))
    for page, words in ((spanish, PAYMENT["es"]), (english, PAYMENT["en"])):
        tree = lxml_html.document_fromstring(page)
        assert str(tree.xpath("string(//fieldset[@data-field='payment']/legend)")).startswith(words[0])
        assert words[1] in page
        assert "background: #8a3d12; color: #ffffff;" in page
    assert 'lang="es"' in spanish
    assert 'lang="en"' in english
    assert "Su nombre" not in english
    table = made["docs/fields.md"]()
    assert "## The clinic's own questions" in table
    assert "| `payment` | How would you pay? | yes | one of<br>`with_insurance` With insurance<br>" in table
    assert "DR-7Q2M-4XHD" in made["docs/openapi.json"]()


def test_a_request_under_legal_hold_is_known_by_its_own_reference() -> None:
    one, other = lead_from(), lead_from(payment="not_sure")
    order = Erasure(
        id="1",
        ordered_at=NOW,
        ordered_by="operator",
        lead_ids=(one.id, other.id),
        references=(one.reference, other.reference),
        due_at=NOW,
        held=(other.id,),
    )
    assert order.covered_references == (one.reference,)
