"""submit.routes: every path and every outcome, for scripts and for browsers without them."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest

from shared.runtime.files import packaged
from shared.store.intake import StorageError
from shared.text import text
from shared.text.en import answers
from shared.text.en.script import SCRIPT
from shared.web.http import Response
from submit.decode import FORM, JSON
from submit.http import Request
from submit.saying import YES
from tests.unit.fakes import MemoryLeads
from tests.unit.output import counted, everything_printed
from tests.unit.people import CLINIC, SPAM_FORM, form
from tests.unit.web import SITE, THANKS, api, document, page_text, post_form, post_json, request
from tests.unit.words import CANARY

PUBLIC_PATHS = ("/thank-you", "/form.js", "/openapi.json")

BOTH = pytest.mark.parametrize("post", [post_json, post_form])


def broken(error: Exception) -> MemoryLeads:
    table = MemoryLeads()
    table.faults.before["put"].append(error)
    return table


def words(response: Response) -> str:
    """Return the text of a response, page or JSON."""
    if response.body.startswith("<!doctype html>"):
        return page_text(response)
    return "\n".join(str(value) for value in document(response).values())


# --- success ----------------------------------------------------------------------------------------------------------


def test_a_script_is_told_the_reference_of_what_was_stored() -> None:
    table = MemoryLeads()
    response = api(table).answer(post_json(form()))
    assert response.status == 201
    assert response.headers["Content-Type"] == "application/json"
    (item,) = table.leads.values()
    assert document(response) == {
        "reference": item["reference"]["S"],
        "help": {"clinic_phone": "(202) 555-0143", "crisis_line": "988", "emergency_number": "911"},
        "next": "We are open now. Someone will contact you today. You don't need to do anything else.",
    }


def test_a_browser_is_sent_to_the_thank_you_page_by_a_relative_address() -> None:
    table = MemoryLeads()
    response = api(table).answer(post_form(form()))
    (item,) = table.leads.values()
    assert (response.status, response.body) == (303, "")
    assert response.headers["Location"] == f"thank-you?reference={item['reference']['S']}&lang=en"
    for base in ("https://api.example.com", "https://x.execute-api.us-east-1.amazonaws.com/v1"):
        assert urljoin(f"{base}/consultations", response.headers["Location"]).startswith(f"{base}/thank-you?")


def test_a_form_that_posts_to_the_address_with_a_slash_finds_the_thank_you_page() -> None:
    response = api().answer(replace(post_form(form()), address="/v1/consultations/"))
    assert urljoin("https://api.example.com/v1/consultations/", response.headers["Location"]).startswith(
        "https://api.example.com/v1/thank-you?"
    )


@BOTH
def test_sending_twice_is_answered_like_sending_once(post: Any) -> None:  # noqa: ANN401 - either builder
    table = MemoryLeads()
    assert api(table).answer(post(form())) == api(table).answer(post(form()))
    assert len(table.leads) == 1


def test_json_and_form_of_the_same_words_are_the_same_lead() -> None:
    table = MemoryLeads()
    api(table).answer(post_json(form()))
    assert api(table).answer(post_form(form())).status == 303
    assert len(table.leads) == 1


def test_a_request_without_an_accept_header_gets_the_answer_of_its_kind() -> None:
    assert api().answer(request(headers={"content-type": JSON}, body=b"{}")).headers["Content-Type"] == (
        "application/problem+json"
    )
    assert "text/html" in api().answer(request(headers={"content-type": FORM}, body=b"")).headers["Content-Type"]


# --- what went wrong --------------------------------------------------------------------------------------------------


def test_a_script_gets_problem_details_with_an_entry_for_each_field() -> None:
    response = api().answer(post_json(form(name=None, email="robin")))
    assert response.status == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = document(response)
    assert (problem["type"], problem["status"]) == ("about:blank", 422)
    assert [error["field"] for error in problem["errors"]] == ["name", "email"]
    assert all(error["detail"] for error in problem["errors"])
    assert counted("RequestsInvalid") == [1]


def test_a_browser_gets_a_page_that_names_each_field() -> None:
    response = api().answer(post_form(form(name=None, consent_contact=None)))
    assert response.status == 422
    text = page_text(response)
    assert "Your name: Please tell us your name." in text
    assert "Consent to be contacted: Please check the box" in text


@BOTH
def test_nothing_is_stored_of_a_minor_and_the_answer_shows_a_number(post: Any) -> None:  # noqa: ANN401 - either
    table = MemoryLeads()
    response = api(table).answer(post(form(patient_is_adult="no", name=None, email="broken")))
    assert response.status == 422
    assert not table.leads
    text = words(response)
    assert "only treat people 18 and older" in text
    assert "call us at (202) 555-0143" in text
    assert "tell us your name" not in text, "a minor must not be asked for more"
    assert counted("RequestsForMinors") == [1]


@BOTH
@pytest.mark.parametrize("changes", [{}, {"name": None}, {"patient_is_adult": "no"}])
def test_a_person_in_crisis_reads_first_where_to_get_help(post: Any, changes: dict[str, None]) -> None:  # noqa: ANN401
    response = api().answer(post(form(in_crisis="yes", thank_you_page=THANKS, **changes)))
    if response.status == 303:
        location = response.headers["Location"]
        assert location.startswith("thank-you?reference=KC-")
        assert location.endswith("&urgent=yes&lang=en")
        response = api().answer(request("GET", "/thank-you", query={"urgent": "yes", "reference": "KC-7Q2M-4XHD"}))
    body = response.body
    if body.startswith("{"):
        assert next(iter(document(response))) in {"message", "help"}
        assert "thank_you_page" not in document(response)
    else:
        assert body.index("988") < body.index("<h1>")


@BOTH
def test_a_conflict_shows_nothing_of_the_first_request(post: Any) -> None:  # noqa: ANN401 - either builder
    table = MemoryLeads()
    api(table).answer(post_json(form(name="Zanzibarname", email="zanzibar@example.com", message="Zanzibarmessage")))
    (item,) = table.leads.values()
    response = api(table).answer(post(form(name="Sam Example", email="sam@example.com", message="Hello.")))
    assert response.status == 409
    shown = f"{response.body} {response.headers}".lower()
    assert "zanzibar" not in shown
    assert str(item["reference"]["S"]).lower() not in shown
    assert counted("RequestsConflicting") == [1]


@BOTH
@pytest.mark.parametrize(
    ("nothing_stored", "sentence"),
    [(True, answers.NOT_STORED.detail), (False, answers.MAYBE_STORED.detail)],
)
def test_a_storage_failure_says_how_sure_we_are_and_when_to_come_back(
    post: Any,  # noqa: ANN401 - either builder
    nothing_stored: bool,  # noqa: FBT001 - a parameter
    sentence: str,
) -> None:
    response = api(broken(StorageError(nothing_stored=nothing_stored))).answer(post(form()))
    assert response.status == 503
    assert response.headers["Retry-After"] == "20"
    assert sentence in words(response)
    assert counted("StorageFailures") == [1]


@BOTH
@pytest.mark.parametrize("error", [RuntimeError("x"), KeyError("x"), RecursionError(), OSError("x")])
def test_an_unexpected_error_still_gets_an_answer(post: Any, error: Exception) -> None:  # noqa: ANN401 - either builder
    response = api(broken(error)).answer(post(form()))
    assert response.status == 503
    assert answers.MAYBE_STORED.detail in words(response)
    assert counted("RequestsFailed") == [1]
    assert not counted("StorageFailures")


# --- An error while rendering a page is that page's error ------------------------------------------------------------


@pytest.fixture
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> Response:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("submit.page.page", fails)


@pytest.mark.usefixtures("_no_pages")
@pytest.mark.parametrize("urgent", ["yes", ""])
def test_a_thank_you_page_that_fails_says_that_the_request_is_stored(urgent: str) -> None:
    query = {"reference": "KC-7Q2M-4XHD", "urgent": urgent}
    with everything_printed() as output:
        response = api().answer(request("GET", "/thank-you", query=query))
        failures = {name: counted(name) for name in ("StorageFailures", "RequestsFailed", "PagesFailed")}
    assert response.status == 500
    said = document(response)
    assert said["title"] == "We have your request"
    assert "You don't need to send it again" in said["detail"]
    assert "Retry-After" not in response.headers
    assert said["help"]["crisis_line"] == "988"
    assert (next(iter(said)) == "help") is bool(urgent)
    assert failures == {"StorageFailures": [], "RequestsFailed": [], "PagesFailed": [1]}
    assert "request not stored" not in output.getvalue()
    assert CANARY not in output.getvalue() + response.body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("broken", ["submit.page.Pages.thank_you", "submit.routes.Submit._thank_you"])
def test_a_thank_you_page_that_fails_anywhere_never_asks_to_send_again(
    broken: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> Response:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(broken, fails)
    response = api().answer(request(method, "/thank-you", query={"reference": "KC-7Q2M-4XHD"}))
    assert response.status == 500
    assert document(response)["title"] == "We have your request"
    failures = {name: counted(name) for name in ("StorageFailures", "RequestsFailed", "PagesFailed")}
    assert failures == {"StorageFailures": [], "RequestsFailed": [], "PagesFailed": [1]}


def test_a_stored_request_is_called_stored_without_its_next_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> str:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("submit.routes.next_steps", fails)
    response = api().answer(post_json(form()))
    assert response.status == 201
    assert list(document(response)) == ["reference", "help"]
    assert counted("PagesFailed") == [1]


@pytest.mark.usefixtures("_no_pages")
def test_a_refusal_whose_page_fails_is_the_same_refusal_in_json() -> None:
    response = api().answer(post_form({"name": "Robin Example"}))
    assert response.status == 422
    assert document(response)["errors"]
    assert counted("PagesFailed") == [1]
    assert not counted("StorageFailures")
    assert not counted("RequestsFailed")


@pytest.mark.parametrize(("path", "status"), [("/nothing-here", 404), ("/consultations", 405)])
@pytest.mark.usefixtures("_no_pages")
def test_a_wrong_address_whose_page_fails_is_the_same_in_json(path: str, status: int) -> None:
    response = api().answer(request("GET", path, headers={"accept": "text/html"}))
    assert (response.status, document(response)["status"]) == (status, status)


def test_a_stored_request_whose_answer_fails_is_still_called_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Response:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("submit.page.Pages.accepted", fails)
    table = MemoryLeads()
    response = api(table).answer(post_form(form()))
    assert response.status == 201
    (item,) = table.leads.values()
    assert document(response)["reference"] == item["reference"]["S"]
    assert counted("PagesFailed") == [1]
    assert not counted("StorageFailures")


@pytest.mark.parametrize("path", ["/form.js", "/openapi.json"])
def test_a_script_that_fails_stores_nothing_and_does_not_say_so(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Response:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("submit.routes.script", fails)
    monkeypatch.setattr("submit.routes.openapi_document", fails)
    response = api().answer(request("GET", path))
    assert response.status == 500
    assert "stored" not in response.body
    assert document(response)["help"]
    assert counted("PagesFailed") == [1]
    assert not counted("StorageFailures")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (post_json(b"{"), 400),
        (post_json(b"[]"), 400),
        (post_form(b"&" * 60_000), 400),
        (post_json(b"x" * 70_000), 413),
        (post_form(b"x" * 70_000), 413),
        (request(headers={"content-type": "application/xml"}, body=b"{}"), 415),
        (request(body=b"{"), 400),
        (request(headers={"content-type": "multipart/form-data; boundary=x", "accept": "text/html"}), 400),
        (post_json(b'{"name":' + b"[" * 10_000), 400),
    ],
)
def test_an_unreadable_request_is_refused_and_not_stored(sent: Request, status: int) -> None:
    table = MemoryLeads()
    assert api(table).answer(sent).status == status
    assert not table.leads
    assert counted("RequestsUnreadable") == [1]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "//"), ("GET", ""), ("POST", "/Consultations"), ("GET", "/thank-you/x"), ("POST", "/consultations/")),
        *(("POST", "//consultations"), ("GET", "/../thank-you"), ("OPTIONS", "/x"), ("GET", "/form.js.map")),
    ],
)
def test_other_paths_are_not_found(method: str, path: str, accept: str) -> None:
    table = MemoryLeads()
    response = api(table).answer(request(method, path, headers={"content-type": JSON, "accept": accept}, body=b"{}"))
    assert response.status == 404
    assert not table.leads
    assert "Forms post to /consultations" in words(response)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        *((method, "/consultations", "POST, OPTIONS") for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "post")),
        *(
            (method, path, "GET")
            for method in ("POST", "OPTIONS")
            for path in ("/thank-you", "/form.js", "/openapi.json")
        ),
    ],
)
def test_another_method_is_told_which_there_is(method: str, path: str, allowed: str, accept: str) -> None:
    table = MemoryLeads()
    sent = request(method, path, headers={"content-type": JSON, "accept": accept}, body=post_json(form()).body)
    response = api(table).answer(sent)
    assert (response.status, response.headers["Allow"]) == (405, allowed)
    assert not table.leads
    assert "call the clinic" in words(response)


# --- where a form may end ---------------------------------------------------------------------------------------------

# From the OWASP cheat sheet on unvalidated redirects, and addresses that look like the listed page.
ELSEWHERE = [
    "//evil.example.net",
    "//www.example.com/thank-you",
    "///evil.example.net",
    "/\\evil.example.net",
    "\\evil.example.net",
    "\\\\evil.example.net",
    "/thank-you",
    "thank-you",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://www.example.com/thank-you",
    "data:text/html,<script>alert(1)</script>",
    f"{THANKS}\r\nLocation: https://evil.example.net",
    f"{THANKS}%0d%0aLocation:%20https://evil.example.net",
    f"{THANKS}?next=https://evil.example.net",
    f"{THANKS}#x",
    f"{THANKS}/",
    f"{THANKS}/../x",
    f"{THANKS}.evil.example.net",
    "https://www.example.com@evil.example.net/thank-you",
    "https://user:password@www.example.com/thank-you",
    "https://www.example.com:443/thank-you",
    "https://www.example.com.evil.example.net/thank-you",
    "https://wwwXexample.com/thank-you",
    "https://www.ex\u0430mple.com/thank-you",
    "https://www.example.com\u2024evil.example.net/thank-you",
    "http://www.example.com/thank-you",
    "HTTPS://WWW.EXAMPLE.COM/thank-you",
    "https://www.example.com/Thank-You",
    "https:www.example.com/thank-you",
    "https:/www.example.com/thank-you",
    "https://www.example.com\\thank-you",
    "https://booking.example.com/",
    "",
    " ",
    "*",
    THANKS * 500,
]


@BOTH
@pytest.mark.parametrize("asked", ELSEWHERE)
def test_visitors_are_sent_to_configured_pages_only(post: Any, asked: str) -> None:  # noqa: ANN401 - either
    table = MemoryLeads()
    response = api(table).answer(post(form(thank_you_page=asked)))
    assert len(table.leads) == 1, "a bad thank-you page must not cost the request"
    if response.status == 303:
        assert response.headers["Location"].startswith("thank-you?reference=KC-")
    else:
        assert "thank_you_page" not in document(response)


@pytest.mark.parametrize("asked", [THANKS, f"  {THANKS} "])
def test_a_configured_page_is_where_a_form_ends(asked: str) -> None:
    response = api().answer(post_form(form(thank_you_page=asked)))
    assert (response.status, response.headers["Location"]) == (303, THANKS)
    assert document(api().answer(post_json(form(thank_you_page=asked))))["thank_you_page"] == THANKS


@pytest.mark.parametrize("asked", [["x"], {"a": 1}, 7, True])
def test_an_invalid_thank_you_page_is_ignored(asked: object) -> None:
    response = api().answer(post_json(form(thank_you_page=asked)))
    assert response.status == 201
    assert "thank_you_page" not in document(response)


# --- what is asked for, and where -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "post", "media_type"),
    [
        ("application/json", post_form, "application/problem+json"),
        ("text/html", post_json, "text/html; charset=utf-8"),
        ("*/*", post_form, "text/html; charset=utf-8"),
        ("*/*", post_json, "application/problem+json"),
        ("text/html;q=0.5, application/json", post_form, "application/problem+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", post_json, "text/html; charset=utf-8"),
    ],
)
def test_accept_decides_between_json_and_a_page(accept: str, post: Any, media_type: str) -> None:  # noqa: ANN401
    assert api().answer(post({}, accept=accept)).headers["Content-Type"] == media_type


def test_a_form_whose_sender_asks_for_json_gets_the_reference_in_json() -> None:
    response = api().answer(post_form(form(), accept="application/json"))
    assert (response.status, list(document(response))) == (201, ["reference", "help", "next"])


# --- scripts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["cors", "same-origin", "no-cors"])
@pytest.mark.parametrize("accept", ["*/*", "", "application/json"])
def test_a_script_that_sends_form_data_gets_json(mode: str, accept: str) -> None:
    sent = post_form(form(thank_you_page=THANKS), accept=accept, origin=SITE, **{"sec-fetch-mode": mode})
    response = api().answer(sent)
    assert response.status == 201
    assert document(response)["thank_you_page"] == THANKS
    assert response.headers["Access-Control-Allow-Origin"] == SITE
    refused = api().answer(post_form({}, accept=accept, **{"sec-fetch-mode": mode}))
    assert document(refused)["errors"]


@pytest.mark.parametrize("headers", [{"sec-fetch-mode": "cors", "accept": "text/html"}, {"accept": "*/*"}])
def test_no_script_is_redirected_to_another_site(headers: dict[str, str]) -> None:
    response = api().answer(post_form(form(thank_you_page=THANKS), **headers))
    assert response.status == 303
    assert response.headers["Location"].startswith("thank-you?reference=KC-")


@pytest.mark.parametrize("headers", [{"sec-fetch-mode": "navigate", "accept": "*/*"}, {"accept": ""}, {}])
def test_a_browser_that_opens_a_page_ends_on_the_clinics(headers: dict[str, str]) -> None:
    response = api().answer(post_form(form(thank_you_page=THANKS), **headers))
    assert (response.status, response.headers["Location"]) == (303, THANKS)


def test_a_script_of_the_site_may_read_the_thank_you_page() -> None:
    response = api().answer(request("GET", "/thank-you", headers={"origin": SITE, "sec-fetch-mode": "cors"}))
    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, SITE)


# --- the start page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_api_s_own_address_says_what_it_is(method: str) -> None:
    response = api().answer(request(method, "/"))
    assert (response.status, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = page_text(response)
    assert "There is nothing to fill in here" in text
    assert "your request" not in text.lower()


@pytest.mark.parametrize(
    ("fields", "referer", "page"),
    [
        ({"page": None}, f"{SITE}/depression?gclid=abc#form", f"{SITE}/depression"),
        ({"page": f"{SITE}/own"}, f"{SITE}/depression", f"{SITE}/own"),
        ({"page": None}, "javascript:alert(1)", None),
    ],
)
def test_a_page_without_a_script_is_known_from_its_referer(
    fields: dict[str, object], referer: str, page: str | None
) -> None:
    table = MemoryLeads()
    api(table).answer(post_form(form(**fields), referer=referer))
    (item,) = table.leads.values()
    assert item.get("page") == (page and {"S": page})


def test_a_form_with_a_file_is_known_by_its_page_and_its_crisis_as_well() -> None:
    parts = {"name": "Robin", "in_crisis": "yes"}
    body = b"".join(
        f'--B\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in parts.items()
    )
    body += b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nwords\r\n--B--\r\n'
    headers = {
        "content-type": "multipart/form-data; boundary=B",
        "referer": f"{SITE}/depression",
        "accept": "text/html",
    }
    response = api().answer(request(headers=headers, body=body))
    assert response.status == 422
    assert response.body.index("988") < response.body.index("<h1>")
    assert f'value="{SITE}/depression"' in response.body


@BOTH
def test_a_new_one_a_repeat_and_one_for_quarantine_are_answered_alike(post: Any) -> None:  # noqa: ANN401 - either
    table = MemoryLeads()
    new = api(table).answer(post(form()))
    repeat = api(table).answer(post(form()))
    spam = api(table).answer(post(form(submission_id="made-up-submission-0002", **SPAM_FORM)))
    references = [str(item["reference"]["S"]) for item in table.leads.values()]
    assert len(references) == 2
    assert repeat == new
    assert repr(spam) == repr(new).replace(references[0], references[1])


# --- public files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "media_type"), [("/form.js", "text/javascript"), ("/openapi.json", "application/json")]
)
def test_the_script_and_the_description_may_be_kept_for_an_hour(path: str, media_type: str) -> None:
    response = api().answer(request("GET", path))
    assert response.status == 200
    assert response.headers["Content-Type"].startswith(media_type)
    assert response.headers["Cache-Control"].startswith("public, max-age=3600")
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_script_knows_the_numbers_when_we_are_out_of_reach() -> None:
    source = api().answer(request("GET", "/form.js")).body
    assert '"clinic_phone": "(202) 555-0143"' in source
    assert "/*HELP*/" not in source


def test_the_script_knows_which_sites_can_read_answers_and_the_ways_to_say_yes() -> None:
    source = api().answer(request("GET", "/form.js")).body
    assert f'const ORIGINS = ["{SITE}", "https://booking.example.com"];' in source
    assert f"const YES = {json.dumps([*YES, 'sí', 'si'])};" in source


def test_the_script_has_its_words() -> None:
    source = api().answer(request("GET", "/form.js")).body
    assert "/*WORDS*/" not in source
    (filled_in,) = re.findall(r"const SPOKEN = (\{.*?\n\});", source, re.DOTALL)
    assert json.loads(filled_in) == {language: text(language).script.SCRIPT for language in CLINIC.languages}


def test_the_script_speaks_the_clinic_s_first_language_first() -> None:
    spanish_first = replace(CLINIC, languages=("es", "en"))
    source = api(clinic=spanish_first).answer(request("GET", "/form.js")).body
    assert 'const SPOKEN = {\n  "es": ' in source


def test_the_script_and_its_words_have_the_same_names() -> None:
    used = set(re.findall(r"\bWORDS\.(\w+)", packaged("submit/form.js")))
    assert used == set(SCRIPT), (
        f"functions/submit/form.js uses {sorted(used - set(SCRIPT))} and not {sorted(set(SCRIPT) - used)}: give it and "
        "functions/shared/text/en/script.py the same names"
    )


# --- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        *(post_json(form()), post_form(form()), post_json({}), post_form({}), request("GET", "/thank-you")),
        *(request("GET", "/x"), request(body=b"x"), request("GET", "/")),
    ],
)
def test_no_answer_is_cached_sniffed_or_able_to_run_anything(sent: Request) -> None:
    headers = api().answer(sent).headers
    policy = headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action" in policy
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" in headers


@pytest.mark.parametrize(
    "sent",
    [
        *(post_json(form()), post_form(form()), post_json({}), post_form({}), request("GET", "/thank-you")),
        *(request("GET", "/x"), request("GET", "/"), request("GET", "/openapi.json"), post_form(form(in_crisis="yes"))),
    ],
)
def test_any_site_may_show_an_answer_in_a_frame(sent: Request) -> None:
    headers = api().answer(sent).headers
    # A sandboxed frame matches no list of ancestors, so there is none.
    assert "frame-ancestors" not in headers["Content-Security-Policy"]
    assert not {"X-Frame-Options", "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"} & set(headers)
    assert "Set-Cookie" not in headers, "without a cookie, a click in a frame gains nothing"


@pytest.mark.parametrize("sent", [form(), {}, form(name=["x"])])
@pytest.mark.parametrize("origin", [SITE, "null", "https://www.example.com.example.net", None])
def test_only_the_sites_scripts_may_read_an_answer_and_all_may_send(
    sent: dict[str, object], origin: str | None
) -> None:
    headers = {} if origin is None else {"origin": origin}
    response = api().answer(post_json(sent, **headers))
    assert response.status in {201, 422}
    assert response.headers["Vary"] == "Accept, Accept-Language, Origin"
    assert response.headers.get("Access-Control-Allow-Origin") == (SITE if origin == SITE else None)
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_preflight_from_the_site_is_allowed() -> None:
    response = api().answer(request("OPTIONS", headers={"origin": SITE, "access-control-request-method": "POST"}))
    assert (response.status, response.body) == (204, "")
    assert response.headers["Access-Control-Allow-Origin"] == SITE
    assert response.headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_a_preflight_from_elsewhere_is_told_nothing() -> None:
    response = api().answer(request("OPTIONS", headers={"origin": "https://other.example.net"}))
    assert (response.status, response.headers) == (204, {"Vary": "Accept, Origin"})
