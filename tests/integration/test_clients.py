"""Every kind of client over real HTTP: we accept what it sends, our errors help, and redirects stay on our pages."""

import re

import pytest

from tests.deployed import FORM, Answer, Deployed, plain_form, reference_in, submission

ADULT = b"patient_is_adult=yes&consent_contact=on"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PHONE, CRISIS, EMERGENCY = "(202) 555-0143", "988", "911"


def without_reference(answer: Answer) -> tuple[object, ...]:
    """Return the parts of a response that are the same for any two requests, without reference, time and request id."""
    pattern = r"KC-[0-9A-Z]{4}-[0-9A-Z]{4}"
    headers = {
        name: re.sub(pattern, "KC", value)
        for name, value in answer.headers.items()
        if name not in {"date", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id", "x-amz-request-id"}
    }
    return answer.status, sorted(headers.items()), re.sub(pattern, "KC", answer.body)


def test_fetch_with_json(deployed: Deployed) -> None:
    answer = deployed.post_json(submission(symptoms=["insomnia", "low_mood"], in_crisis=False, location="riverside"))
    assert answer.status == 201
    lead = deployed.lead(answer.document["reference"])
    assert lead["symptoms"] == {"L": [{"S": "low_mood"}, {"S": "insomnia"}]}
    assert lead["location"] == {"S": "riverside"}
    assert [consent["M"]["kind"] for consent in lead["consents"]["L"]] == [{"S": "consent_contact"}]


def test_a_plain_form_with_several_choices(deployed: Deployed) -> None:
    body = ADULT + b"&name=Zo%C3%A9+Example&phone=202-555-0164&symptoms=fatigue&symptoms=insomnia"
    answer = deployed.request("POST", "/consultations", body, {"Content-Type": FORM})
    assert answer.status == 303
    lead = deployed.lead(reference_in(answer))
    assert lead["name"] == {"S": "Zo\u00e9 Example"}
    assert lead["symptoms"] == {"L": [{"S": "insomnia"}, {"S": "fatigue"}]}


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", f"{FORM};charset=windows-1252", FORM.upper()])
def test_a_charset_stated_or_not(deployed: Deployed, content_type: str) -> None:
    body = ADULT + b"&name=Jos%C3%A9+Example&phone=202-555-0165"
    answer = deployed.request("POST", "/consultations", body, {"CONTENT-TYPE": content_type})
    assert answer.status == 303
    lead = deployed.lead(reference_in(answer))
    assert lead["name"] == {"S": "Jos\u00e9 Example"}


def test_multipart_without_and_with_a_file(deployed: Deployed) -> None:
    answer = deployed.post_multipart(plain_form(name="Mu Ex\u00e4mple"))
    assert answer.status == 303
    lead = deployed.lead(reference_in(answer))
    assert lead["name"] == {"S": "Mu Ex\u00e4mple"}

    before = len(deployed.leads())
    refused = deployed.post_multipart(plain_form(name="Fil Example"), file=b"words")
    assert refused.status == 422
    assert "take files" in refused.body
    assert 'value="Fil Example"' in refused.body
    assert len(deployed.leads()) == before


ERRORS = {
    "not JSON": (400, "POST", "/consultations", "application/json", b"{"),
    "no such path": (404, "GET", "/nothing-here", "", None),
    "looked at": (405, "GET", "/consultations", "", None),
    "put": (405, "PUT", "/consultations", "application/json", b"{}"),
    "posted where nothing is taken": (405, "POST", "/thank-you", "application/json", b"{}"),
    "too large": (413, "POST", "/consultations", "application/json", b"x" * 70_000),
    "of no known type": (415, "POST", "/consultations", "application/xml", b"hello"),
    "empty": (422, "POST", "/consultations", "application/json", b"{}"),
}


@pytest.mark.parametrize("what", ERRORS)
def test_every_error_shows_where_help_is_in_json_and_on_a_page(deployed: Deployed, what: str) -> None:
    status, method, path, content_type, body = ERRORS[what]
    headers = {"Content-Type": content_type} if content_type else {}
    as_json = deployed.request(method, path, body, {**headers, "Accept": "application/json"})
    as_page = deployed.request(method, path, body, {**headers, **HTML})

    assert (as_json.status, as_page.status) == (status, status)
    assert as_json.document["help"] == {"clinic_phone": PHONE, "crisis_line": CRISIS, "emergency_number": EMERGENCY}
    assert as_page.headers["content-type"] == "text/html; charset=utf-8"
    assert all(words in as_page.body for words in (PHONE, CRISIS, EMERGENCY))
    assert ("allow" in as_json.headers) == (status == 405)


def test_a_new_one_a_repeat_and_one_for_quarantine_look_alike_from_outside(deployed: Deployed) -> None:
    first = submission(name="Ny Example")
    spam = submission(name="Ny Example", leave_empty="x", message="https://spam.example.net")
    new, repeat, quarantined = (deployed.post_json(fields) for fields in (first, first, spam))
    assert new.status == 201
    assert without_reference(repeat) == without_reference(new)
    assert without_reference(quarantined) == without_reference(new)

    form = plain_form(name="Nyx Example")
    new, repeat, quarantined = (
        deployed.post_form(fields)
        for fields in (form, form, form | {"leave_empty": "x", "message": "https://spam.example.net"})
    )
    assert new.status == 303
    assert without_reference(repeat) == without_reference(new)
    assert without_reference(quarantined) == without_reference(new)


def test_a_form_ends_on_the_configured_page_or_on_ours_and_nowhere_else(deployed: Deployed, site_port: int) -> None:
    own = f"http://127.0.0.1:{site_port}/thank-you"
    assert deployed.post_form(plain_form(name="En Example", thank_you_page=own)).headers["location"] == own
    for elsewhere in ("//evil.example.net", f"{own}/../x", f"{own}\r\nX: y", "javascript:alert(1)", f"{own}@x.example"):
        location = deployed.post_form(plain_form(name="En Example", thank_you_page=elsewhere)).headers["location"]
        assert re.fullmatch(
            r"(?:https?://127\.0\.0\.1:\d+/\S*/)?thank-you\?reference=KC-\w{4}-\w{4}&lang=en", location
        ), location


ORIGINS = {
    "https://www.example.com": True,
    "https://example.com": False,
    "http://www.example.com": False,
    "https://www.example.com:8443": False,
    "https://www.example.com.evil.example": False,
    "https://evil.example": False,
    "null": False,
}


@pytest.mark.parametrize("origin", [*ORIGINS, "the sample site"])
def test_scripts_of_the_listed_origins_may_read_every_answer_and_no_others(
    deployed: Deployed, site_port: int, origin: str
) -> None:
    allowed = ORIGINS.get(origin, True)
    origin = f"http://127.0.0.1:{site_port}" if origin == "the sample site" else origin
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }

    preflight = deployed.request("OPTIONS", "/consultations", headers=asked)
    answers = [
        deployed.post_json({}, Origin=origin),
        deployed.post_json(submission(), Origin=origin),
        deployed.request("GET", "/form.js", headers={"Origin": origin}),
        deployed.request("GET", "/nothing-here", headers={"Origin": origin}),
    ]

    assert preflight.status == 204
    assert ("access-control-allow-methods" in preflight.headers) == allowed
    for answer in (preflight, *answers):
        assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]


def test_what_everybody_may_have_is_cached_and_guarded(deployed: Deployed) -> None:
    script = deployed.request("GET", "/form.js")
    description = deployed.request("GET", "/openapi.json")

    assert PHONE in script.body
    assert script.headers["content-type"].startswith("text/javascript")
    assert description.document["openapi"].startswith("3.1")
    for answer in (script, description):
        assert answer.status == 200
        assert "max-age=3600" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
