"""Each visitor reads one language: the form's, or the page's, or the browser's, or the clinic's first."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.notice import Notice
from shared.runtime.files import packaged
from shared.store.lead_item import lead_of
from shared.text import LANGUAGES, Text, language_of, text
from shared.text.words import FieldWords
from shared.web.http import Response
from submit.http import Request
from submit.language import preferred
from submit.reading import read
from submit.saying import is_adult
from tests.unit.desk_pages import Office
from tests.unit.emails import render_email
from tests.unit.every_page import Answering, documents, forms, pages
from tests.unit.fakes import MemoryLeads
from tests.unit.forms import page_of
from tests.unit.people import CLINIC, MINIMAL, SPANISH, a_lead, form
from tests.unit.web import THANKS, api, document, page_text, post_form, post_json, request
from tests.unit.words import any_text

SPANISH_FIRST: Final = replace(CLINIC, languages=("es", "en"))
ENGLISH_ONLY: Final = replace(CLINIC, languages=("en",))
HOSTILE: Final = (
    "</p></textarea><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {clinic_phone} %s ${x}",
    "¿Qué tal? \u202eevil",
)


class Browser:
    """A browser that asks for one language."""

    def __init__(self, table: MemoryLeads | None, language: str) -> None:
        self._api, self._language = api(table), language

    def answer(self, request: Request) -> Response:
        """Send a request with the language."""
        return self._api.answer(replace(request, headers={**request.headers, "accept-language": self._language}))


def spanish(table: MemoryLeads | None = None) -> Answering:
    return Browser(table, "es-MX,es;q=0.9,en;q=0.8")


EVERY_PAGE: Final = pages(spanish) | forms(spanish)
DOCUMENTS: Final = documents(spanish)


def sentences(words: object) -> Iterator[str]:
    """Yield each text in a module of a language."""
    match words:
        case str():
            yield words
        case FieldWords() | tuple() | list():
            for each in words:
                yield from sentences(each)
        case dict():
            for each in words.values():
                yield from sentences(each)


def sentences_of(language: str, *modules: str) -> set[str]:
    """Return each text of a language, as far as a page shows it as it is."""
    found = (getattr(text(language), module) for module in modules)
    values = (value for module in found for name, value in vars(module).items() if not name.startswith("_"))
    return {each for value in values for each in sentences(value) if "{" not in each}


ON_PAGES: Final = ("answers", "fields", "form", "help", "pages", "problems", "thanks")
ENGLISH_SENTENCES: Final = {
    each for each in sentences_of("en", *ON_PAGES) - sentences_of("es", *ON_PAGES) if re.search(r"\w+ \w+", each)
} - {"Your name"}  # also what a page calls a site's own field "your-name"


def english_in(said: str) -> set[str]:
    """Return the English sentences in what a visitor reads."""
    return {each for each in ENGLISH_SENTENCES if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", said)}


# --- every page and every answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_in_spanish_has_no_english_sentence_and_says_its_language(name: str) -> None:
    response = EVERY_PAGE[name]()
    (html,) = page_of(response.body).xpath("/html")
    assert html.get("lang") == "es"
    assert response.headers["Content-Language"] == "es"
    assert response.headers["Vary"] == "Accept, Accept-Language, Origin"
    assert english_in(page_text(response)) == set()
    (main,) = page_of(response.body).xpath("//main")
    assert not re.search(r"[{}]", main.text_content())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_answer_in_spanish_has_no_english_sentence_and_says_its_language(name: str) -> None:
    response = DOCUMENTS[name]()
    assert response.headers["Content-Language"] == "es"
    assert english_in(response.body) == set()
    assert not re.search(r"\{\w+\}", response.body)


def test_english_sentences_are_noticed() -> None:
    said = page_text(api().answer(post_form({})))
    assert {"Your consent", "Please tell us your name."} <= english_in(said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", HOSTILE)
def test_what_a_visitor_types_stays_text_in_each_language(typed: str, language: str) -> None:
    sent = form(name=typed, call_me=typed, message=typed, email=typed, phone=typed, lang=language, extra=typed)
    page = page_of(api().answer(post_form(sent)).body)
    assert page.xpath("//script | //img | //*[@onerror]") == []
    assert page.xpath("/html/@lang") == [language]
    (message,) = page.xpath("//textarea[@name='message']/text()")
    assert message.strip() == typed.replace("\u202e", "")


@given(typed=any_text)
def test_no_language_that_a_form_names_breaks_the_answer(typed: str) -> None:
    response = api().answer(post_json(MINIMAL | {"lang": typed}))
    assert response.status == 201
    assert response.headers["Content-Language"] in LANGUAGES


# --- which language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *(("es", "es"), ("ES", "es"), (" es-MX ", "es"), ("es_US", "es"), ("es-419", "es"), ("Español", "es")),
        *(("espanol", "es"), ("SPANISH", "es"), ("castellano", "es"), ("en", "en"), ("en-US", "en"), ("English", "en")),
        *(("inglés", "en"), ("fr", None), ("", None), ("-es", None), ("esperanto", None), ("e", None), ("words", None)),
        *((None, None), (7, None), (True, None), (["es"], None), ("es" * 500, None), ("__init__", None)),
    ],
)
def test_a_form_may_name_its_language_in_several_ways(said: object, code: str | None) -> None:
    assert language_of(said) == code


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9,en-US;q=0.8,en;q=0.7", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("en;q=0.5, es;q=0.9", "es"),
        ("fr, es;q=0.1", "es"),
        ("fr-CA, fr;q=0.9", None),
        ("es;q=0, en", "en"),
        ("es;q=0", None),
        ("es;q=0.0, en;q=0.000", None),
        ("*", None),
        ("*, es;q=0.5", "es"),
        ("es;q=2", "es"),  # malformed: counts as 1
        ("es;q=x, en;q=0.9", "es"),
        ("ES-us ; Q=0.7 , EN ; q=0.6", "es"),
        ("", None),
        (",;=,", None),
        ("q=1", None),
        ("x" * 5_000, None),
        (f"en;q=0.1,{'fr,' * 2_000}es", "en"),
    ],
)
def test_a_browser_asks_for_languages_with_qualities(header: str, code: str | None) -> None:
    assert preferred(header, ("en", "es")) == code


@given(header=st.text(alphabet="ens-*;q=,01. xé", max_size=40) | any_text, offered=st.permutations(LANGUAGES))
def test_any_header_asks_for_an_offered_language_or_for_none(header: str, offered: list[str]) -> None:
    assert preferred(header, offered) in {*offered, None}


@pytest.mark.parametrize(
    ("lang", "header", "code"),
    [
        ("es", "en", "es"),
        ("en", "es", "en"),
        ("Español", None, "es"),
        (None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, None, "en"),
        (None, "fr", "en"),
        ("fr", "es", "es"),
        ("fr", "de", "en"),
        ("", "es", "es"),
        ("<b>", None, "en"),
        (["es", "en"], None, "en"),  # the last one counts
        (["es", "fr"], "en", "es"),
    ],
)
def test_the_form_decides_then_the_browser_then_the_clinic(lang: object, header: str | None, code: str) -> None:
    headers = {"accept-language": header} if header is not None else {}
    response = api().answer(post_json({"lang": lang}, **headers))
    assert response.headers["Content-Language"] == code
    assert document(response)["title"] == text(code).answers.INVALID.title


def test_a_clinic_with_spanish_first_answers_in_spanish_unless_asked_otherwise() -> None:
    spanish_first = api(clinic=SPANISH_FIRST)
    assert document(spanish_first.answer(post_json({})))["title"] == SPANISH.answers.INVALID.title
    assert spanish_first.answer(post_json({"lang": "en"})).headers["Content-Language"] == "en"
    assert spanish_first.answer(request("GET", "/")).headers["Content-Language"] == "es"


def test_a_clinic_without_spanish_answers_in_english_and_still_stores_the_language() -> None:
    table = MemoryLeads()
    response = api(table, ENGLISH_ONLY).answer(post_json(form(lang="es"), **{"accept-language": "es"}))
    assert response.headers["Content-Language"] == "en"
    assert [lead_of(item).locale for item in table.leads.values()] == ["es"]


@pytest.mark.parametrize("path", ["/", "/thank-you"])
@pytest.mark.parametrize(("lang", "code"), [("es", "es"), ("es-MX", "es"), ("en", "en"), ("fr", "en"), ("", "en")])
def test_the_address_of_a_page_may_name_the_language(path: str, lang: str, code: str) -> None:
    response = api().answer(request("GET", path, query={"lang": lang}))
    assert response.headers["Content-Language"] == code


def test_the_thank_you_page_is_in_the_language_of_the_form() -> None:
    location = api().answer(post_form(form(lang="es"))).headers["Location"]
    assert location.endswith("&lang=es")
    english = api().answer(post_form(form(lang="en"), **{"accept-language": "es"})).headers["Location"]
    assert english.endswith("&lang=en")
    assert "lang" not in api(clinic=ENGLISH_ONLY).answer(post_form(form(lang="en"))).headers["Location"]
    own = api().answer(post_form(form(lang="es", thank_you_page=THANKS), **{"sec-fetch-mode": "navigate"}))
    assert own.headers["Location"] == THANKS


def test_a_form_that_is_shown_again_is_sent_again_in_its_language() -> None:
    page = page_of(api().answer(post_form({"lang": "es-MX", "name": "Rocío Ejemplo"})).body)
    assert page.xpath("//input[@name='lang']/@value") == ["es-MX"]
    by_header = page_of(spanish().answer(post_form({"name": "Rocío Ejemplo"})).body)
    assert by_header.xpath("//input[@name='lang']/@value") == ["es"]


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (replace(post_form(form(lang="es")), path="/consultation"), "MISDIRECTED"),
        (
            request("GET", "/consultations", headers={"accept": "text/html"}, query={"name": "Robin", "lang": "es"}),
            "NOT_POSTED",
        ),
        (request("GET", "/x", headers={"accept": "text/html"}, query={"lang": "es"}), "NOT_FOUND"),
    ],
)
def test_a_form_that_went_astray_is_answered_in_its_language(sent: Request, path: str) -> None:
    response = api().answer(sent)
    assert getattr(SPANISH.answers, path).title in page_text(response)
    assert response.headers["Content-Language"] == "es"


def test_a_page_that_fails_says_so_in_the_visitor_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("submit.page.Pages._render", broken)
    response = api().answer(request("GET", "/thank-you", query={"lang": "es"}))
    assert document(response)["title"] == SPANISH.answers.STORED_UNSHOWN.title


def test_the_answers_of_one_minute_keep_their_languages() -> None:
    one = api()
    said = [document(one.answer(post_json(form(lang=lang))))["next"] for lang in ("es", "en", "es")]
    assert said[0] == said[2] != said[1]
    assert said[0].startswith("Ahora estamos abiertos.")


# --- what is stored, and what staff read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "header", "stored"),
    [("es-MX", None, "es"), (None, "es", "es"), (None, "en-US", "en"), (None, None, None), ("fr", None, None)],
)
def test_a_lead_stores_the_language_that_somebody_named(lang: str | None, header: str | None, stored: str) -> None:
    table = MemoryLeads()
    headers = {"accept-language": header} if header else {}
    api(table).answer(post_json(form(lang=lang), **headers))
    (item,) = table.leads.values()
    lead = lead_of(item)
    assert lead.locale == stored
    assert [each.value for each in lead.also_sent if each.name == "lang"] == (["fr"] if lang == "fr" else [])


@pytest.mark.parametrize(
    ("sent", "header", "language"),
    [
        ({}, "es-MX,es;q=0.9", "en"),  # the browser does not know what the form showed
        ({"lang": "es"}, "en-US", "es"),
        ({"lang": "fr"}, "es", "en"),
        ({"consent_contact": CLINIC.consent_contact.text.of("en")}, "es", "en"),
        ({"lang": "es", "consent_contact": CLINIC.consent_contact.text.of("en")}, "es", "en"),
        ({"lang": "en", "consent_contact": CLINIC.consent_contact.text.of("es")}, "en", "es"),
        ({"lang": ["en", "es"], "consent_contact": ["no", "yes"]}, "en", "es"),
    ],
)
def test_a_consent_is_stored_with_the_text_that_the_form_showed(
    sent: dict[str, object], header: str, language: str
) -> None:
    table = MemoryLeads()
    for send in (post_form, post_json):
        api(table).answer(send(form(**sent), **{"accept-language": header}))
    consents = [consent for item in table.leads.values() for consent in lead_of(item).consents]
    assert {each.text_hash for each in consents if each.kind == "consent_contact"} == {
        CLINIC.consent_contact.hash_in(language)
    }


def test_a_consent_on_a_form_shown_again_is_to_the_text_of_that_page() -> None:
    table = MemoryLeads()
    page = page_of(spanish(table).answer(post_form(form(name=None))).body)
    assert CLINIC.consent_contact.text.of("es") in page.text_content()
    shown = {"lang": page.xpath("string(//input[@name='lang']/@value)")}
    spanish(table).answer(post_form(form() | shown))
    (item,) = table.leads.values()
    assert lead_of(item).consents[0].text_hash == CLINIC.consent_contact.hash_in("es")


def test_a_spanish_first_clinic_stores_the_language_of_its_answer() -> None:
    table = MemoryLeads()
    api(table, SPANISH_FIRST).answer(post_form(MINIMAL))
    assert [lead_of(item).locale for item in table.leads.values()] == ["es"]


def test_the_address_that_a_form_is_sent_to_may_name_the_visitor_s_language() -> None:
    table = MemoryLeads()
    api(table).answer(replace(post_form(MINIMAL, **{"accept-language": "en"}), query={"lang": "es"}))
    assert [lead_of(item).locale for item in table.leads.values()] == ["es"]
    wrong = api().answer(replace(post_form({"name": "Sam Sample"}), query={"lang": "es"}))
    astray = api().answer(replace(post_form(MINIMAL), path="/consult", query={"lang": "es"}))
    for response in (wrong, astray):
        assert response.headers["Content-Language"] == "es"
        assert page_of(response.body).xpath("//input[@name='lang']/@value") == ["es"]


@pytest.mark.parametrize(("locale", "said"), [("es", True), ("en", False), (None, False)])
def test_staff_read_that_a_person_wrote_in_spanish(locale: str | None, *, said: bool) -> None:
    lead = a_lead(locale=locale)
    email = render_email(Notice.ALERT, lead, "contact")
    office = Office()
    for shown in (email.text, email.html, office.open(office.add(lead)).text):
        assert ("Wrote in Spanish." in shown) is said


def test_an_email_that_shows_no_contact_says_nothing_about_the_language() -> None:
    assert "Spanish" not in render_email(Notice.ALERT, a_lead(locale="es"), "reference").text


# --- forms in other words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        ("interest", "Depresión", "depression"),
        ("interest", "dolor CRÓNICO", "chronic_pain"),
        ("asking_for", "Para mí", "self"),
        ("preferred_contact", "Llamada telefónica", "phone"),
        ("symptoms", ["Insomnio", "Low mood"], ("low_mood", "insomnia")),
        ("symptoms", "Insomnio, Poco apetito", ("poor_appetite", "insomnia")),
        ("time_zone", "Hora del Pacífico", "America/Los_Angeles"),
        ("time_zone", "Pacific time", "America/Los_Angeles"),
        ("in_crisis", "Sí", True),
        ("in_crisis", "estoy en crisis", True),
        ("in_crisis", "Sí, tomé pastillas", True),
        ("in_crisis", "Si, tome pastillas", True),
        ("in_crisis", "si estoy en crisis", True),
        ("in_crisis", "si", True),
        ("in_crisis", SPANISH.fields.FIELDS["in_crisis"].label, True),
        ("in_crisis", "no", False),
        ("discreet", "Por favor, sean discretos", True),
        ("voicemail_ok", "Sí, por favor", True),
        ("voicemail_ok", "claro que sí", True),
        ("voicemail_ok", "No, gracias", False),
        ("consent_texts", "Acepto", True),
        ("consent_texts", "estoy de acuerdo", True),
        ("consent_texts", "Sí, pueden llamarme", True),
        ("consent_texts", "si", True),
        ("consent_texts", "si, acepto", True),
        ("consent_texts", "no acepto", False),
        ("patient_is_adult", "18 años o más", True),
        ("patient_is_adult", "Soy mayor de edad", True),
        ("patient_is_adult", "mayor de 18", True),
        ("patient_is_adult", "al menos 18 años", True),
        ("patient_is_adult", "por lo menos 21", True),
        ("patient_is_adult", "tengo 45 años", True),
        ("patient_is_adult", "Más o menos 40 años", True),
        ("patient_is_adult", "40 mas o menos", True),
        ("patient_is_adult", "más o menos 15 años", False),
        ("patient_is_adult", "Menor de edad", False),
        ("patient_is_adult", "menos de 18", False),
        ("patient_is_adult", "tengo 15 años", False),
    ],
)
@pytest.mark.parametrize("lang", ["es", "en", None])
def test_spanish_values_are_understood_whatever_the_language(
    field: str, sent: object, value: object, lang: str | None
) -> None:
    assert read({field: sent, "lang": lang}, CLINIC).values[field] == value


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("consent_texts", "Sí, pero no en el trabajo"),
        ("consent_texts", "tal vez"),
        ("consent_texts", "si pueden llamarme"),
        ("in_crisis", "Si necesito ayuda, llamo"),
        ("patient_is_adult", "más o menos"),
        ("voicemail_ok", "no sé"),
        ("patient_is_adult", "no soy menor de edad"),
        ("patient_is_adult", "casi mayor de 18"),
    ],
)
def test_what_is_not_plain_in_spanish_is_not_read(field: str, sent: str) -> None:
    assert field not in read({field: sent}, CLINIC).values


@pytest.mark.parametrize(
    ("said", "from_16", "from_18", "from_21"),
    [
        ("Menor de edad", None, False, False),
        ("I am a minor", None, False, False),
        ("Mayor de edad", True, True, None),
        ("Adulta", True, True, None),
        ("menor de 16", False, False, False),
    ],
)
def test_of_age_counts_as_far_as_it_answers_the_clinic(
    said: str, *, from_16: bool | None, from_18: bool | None, from_21: bool | None
) -> None:
    assert [is_adult(said, age) for age in (16, 18, 21)] == [from_16, from_18, from_21]


# --- the words --------------------------------------------------------------------------------------------------------


def test_each_language_has_a_name_for_staff_and_names_for_forms() -> None:
    for code in LANGUAGES:
        named = text(code)
        assert (named.code, language_of(named.name_for_staff)) == (code, code)


def test_a_language_that_we_do_not_have_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("fr")
    with pytest.raises(AttributeError):
        text("es").nothing  # noqa: B018 - the access is what fails
    assert not hasattr(text("es"), "_hidden")


def test_the_words_of_a_language_load_once() -> None:
    assert text("es") is text("es")
    assert isinstance(text("es"), Text)
    assert text("es").help is text("es").help


def test_help_in_spanish_names_the_spanish_line() -> None:
    said: dict[str, Any] = json.loads(api().answer(post_json(form(in_crisis="yes", lang="es"))).body)
    assert "llame al 988 y oprima 2" in said["message"]
    assert "AYUDA" in said["message"]


def test_the_script_s_words_are_in_each_language() -> None:
    for code in LANGUAGES:
        used = set(re.findall(r"\bWORDS\.(\w+)", packaged("submit/form.js")))
        assert used == set(text(code).script.SCRIPT)
