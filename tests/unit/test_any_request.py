"""Any request from API Gateway gets a helpful response, and only accepted ones are stored, as valid items."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.leads.identity import REFERENCE_PATTERN
from shared.web.http import Response
from submit import http
from submit.decode import FORM, JSON, MAX_BODY_BYTES, MULTIPART
from tests.unit import people
from tests.unit.corpus import CONTENT_TYPES, CORPUS, TEXTS
from tests.unit.events import BOUNDARY, PARTS, Event, event, parts
from tests.unit.fakes import MemoryLeads
from tests.unit.people import form
from tests.unit.web import THANKS, api, page_text
from tests.unit.words import any_text, json_values

TAKEN = {201, 303}
REFUSED = {400, 404, 405, 409, 413, 415, 422}


def asked(sent: Event) -> tuple[Response, MemoryLeads]:
    """Return the response to an event, after checks that hold for any request, and what was stored."""
    table = MemoryLeads()
    request = http.http_request(sent)
    response = api(table).answer(request)
    assert response.status in TAKEN | REFUSED | {200, 204}, f"{response.status} is not a status we return"
    json.dumps(response.to_proxy(), ensure_ascii=False).encode("utf-8")
    assert all(value.isascii() and value.isprintable() for value in response.headers.values())
    assert helps(request, response), response.body[:500]
    assert (len(table.leads) == 1) == (response.status in TAKEN)
    for item in table.leads.values():
        json.dumps(item, ensure_ascii=False).encode("utf-8")
    return response, table


def helps(request: http.Request, response: Response) -> bool:
    """Whether a response with a body says where to get help now. The API's description is for programs."""
    if response.status in {204, 303}:
        return not response.body
    if (request.path, response.status) == ("/openapi.json", 200):
        return "/consultations" in json.loads(response.body)["paths"]
    ways = [people.HELP_PHONE, "988", "911"]
    match response.headers["Content-Type"].partition(";")[0]:
        case "application/json" | "application/problem+json":
            return list(json.loads(response.body)["help"].values()) == ways
        case "text/html":
            return all(way in page_text(response) for way in ways)
        case "text/javascript":
            return all(way in response.body for way in ways)
    return False


# --- Any request ------------------------------------------------------------------------------------------------------

_media_types = st.one_of(
    st.sampled_from(
        [
            *(JSON, FORM, PARTS, MULTIPART, None, "", ";", "/", "text/plain", "application/xml", "application/json;"),
            *(f"{JSON}; charset=utf-16", f"{FORM};charset=latin-1", f"{JSON}, {FORM}", f"{JSON}; {'x=' * 500}"),
            *(f"{MULTIPART}; boundary=", f"{MULTIPART}; boundary=\x00", f"{MULTIPART}; boundary=\ud800\u00e9"),
            *(f'{MULTIPART}; boundary="', f"{MULTIPART}; boundary*=utf-8''x", f"{MULTIPART}; boundary=x; boundary=y"),
        ]
    ),
    any_text,
)
_accepts = st.one_of(
    st.sampled_from(["text/html", JSON, "*/*", "", "text/*;q=0.1, application/*", ",;q=,", "text/html;q=9e999"]),
    st.lists(st.builds("{}{}".format, st.sampled_from(["text/html", "*/*", JSON, "*", ""]), any_text), max_size=4).map(
        ",".join
    ),
)
_fields = st.dictionaries(st.one_of(st.sampled_from([*people.FORM, "leave_empty", "x", ""]), any_text), json_values)
_bodies = st.one_of(
    st.binary(max_size=300),
    any_text.map(lambda text: text.encode("utf-8", errors="surrogatepass")),
    _fields.map(lambda fields: json.dumps(form() | fields).encode()),
    _fields.map(lambda fields: json.dumps(fields, ensure_ascii=False).encode("utf-8", errors="surrogatepass")),
    st.dictionaries(any_text, any_text).map(
        lambda fields: urlencode(form() | fields, doseq=True, errors="surrogatepass").encode()
    ),
    st.dictionaries(any_text, any_text).map(lambda fields: parts(form()) + repr(fields).encode()),
    st.tuples(st.binary(max_size=60), st.integers(0, 400)).map(
        lambda noise: parts(form())[: noise[1]] + noise[0] + parts(form())[noise[1] :]
    ),
)
_places = st.one_of(
    st.just({"resource": "/consultations"}),
    st.builds(
        lambda resource, path, method: {
            "httpMethod": method,
            "resource": resource,
            "pathParameters": None if path is None else {"proxy": path},
        },
        st.sampled_from(["/consultations", "/{proxy+}", "/"]),
        st.one_of(
            st.none(),
            st.sampled_from(["thank-you", "form.js", "openapi.json", "consultations", "consultations/", "..", ""]),
            any_text,
        ),
        st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "post", "", "\u00e9"]),
    ),
)


@settings(max_examples=150)
@given(
    body=_bodies,
    media_type=_media_types,
    headers=st.dictionaries(st.sampled_from(["accept", "Origin", "REFERER", "x"]), st.one_of(_accepts, any_text)),
    encoded=st.booleans(),
    where=_places,
)
def test_any_bytes_of_any_type_are_answered(
    *, body: bytes, media_type: str | None, headers: dict[str, str], encoded: bool, where: Event
) -> None:
    asked(event(body, media_type, headers=headers, encoded=encoded) | where)


@settings(max_examples=150)
@given(
    fields=st.one_of(people.forms, _fields.map(lambda fields: form() | fields)),
    media_type=st.sampled_from([JSON, FORM, PARTS]),
    accept=st.sampled_from(["text/html", JSON]),
)
def test_a_form_with_anything_in_it_is_answered(fields: dict[str, object], media_type: str, accept: str) -> None:
    bodies = {
        JSON: json.dumps(fields).encode(),
        FORM: urlencode(fields, doseq=True, errors="surrogatepass").encode(),
        PARTS: parts({name: value for name, value in fields.items() if name.isidentifier()}),
    }
    asked(event(bodies[media_type], media_type, headers={"Accept": accept}, encoded=True))


@given(
    st.fixed_dictionaries(
        {
            "httpMethod": st.sampled_from(["POST", "GET", "OPTIONS", "HEAD"]),
            "resource": st.one_of(st.sampled_from(["/consultations", "/thank-you", "/consultations/"]), any_text),
        },
        optional={
            "headers": st.one_of(st.none(), st.dictionaries(any_text, any_text)),
            "pathParameters": st.one_of(st.none(), st.dictionaries(st.sampled_from(["proxy", "x"]), any_text)),
            "queryStringParameters": st.one_of(
                st.none(), st.dictionaries(st.sampled_from(["reference", "urgent", "x"]), any_text)
            ),
            "body": st.one_of(st.none(), any_text),
            "isBase64Encoded": st.one_of(st.none(), st.booleans()),
        },
    )
)
@example({"httpMethod": "POST", "resource": "/consultations"})
@example({"httpMethod": "POST", "resource": "/consultations", "headers": None, "body": None, "pathParameters": None})
@example({"httpMethod": "POST", "resource": "/consultations", "body": "\u00e9===", "isBase64Encoded": True})
@example({"httpMethod": "POST", "resource": "/consultations", "body": "YQ", "isBase64Encoded": True})
def test_any_event_is_answered(sent: Event) -> None:
    asked(sent)


@given(accept=st.one_of(_accepts, any_text), sent=st.sampled_from([{}, form(), {"name": "Robin Example"}]))
def test_any_accept_header_ends_in_json_or_a_page(accept: str, sent: dict[str, object]) -> None:
    for media_type, body in ((JSON, json.dumps(sent)), (FORM, urlencode(sent, doseq=True))):
        response, _ = asked(event(body, media_type, headers={"Accept": accept}))
        kind = response.headers.get("Content-Type", "a redirect")
        assert kind in {JSON, "application/problem+json", "text/html; charset=utf-8", "a redirect"}


@given(any_text)
def test_a_redirect_goes_to_our_page_or_a_listed_one(page: str) -> None:
    for wanted in (page, THANKS, f"{THANKS}{page}"):
        response, table = asked(event(urlencode(form(thank_you_page=wanted), doseq=True, errors="replace"), FORM))
        (item,) = table.leads.values()
        assert response.status == 303
        assert response.headers["Location"] in {THANKS, f"thank-you?reference={item['reference']['S']}&lang=en"}
        assert REFERENCE_PATTERN.fullmatch(str(item["reference"]["S"]))


# --- Input that has broken other software -----------------------------------------------------------------------------

KINDS = ["text/html", JSON]  # what Accept asks for


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("field", ["name", "message", "email", "phone", "page", "symptoms", "x"])
def test_text_that_has_broken_others_is_answered(field: str, text: str) -> None:
    sent = form(**{field: text})
    for accept in KINDS:
        headers = {"Accept": accept}
        asked(event(json.dumps(sent), JSON, headers=headers))
        asked(event(json.dumps(sent, ensure_ascii=False), JSON, headers=headers))
        asked(event(urlencode(sent, doseq=True, errors="surrogatepass"), FORM, headers=headers))
        asked(event(parts(sent), PARTS, headers=headers, encoded=True))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_that_has_broken_others_in_every_field_at_once_is_answered(text: str) -> None:
    short = text[:2_000]  # all of it below 64 KiB
    for accept in KINDS:
        for sent in (dict.fromkeys(people.FORM, short), {f"{short}{number}": short for number in range(3)}):
            asked(event(json.dumps(sent), JSON, headers={"Accept": accept}))
            asked(event(urlencode(sent, errors="surrogatepass"), FORM, headers={"Accept": accept}))


@pytest.mark.parametrize("accept", KINDS)
@pytest.mark.parametrize(("media_type", "body"), CORPUS.values(), ids=CORPUS)
def test_a_body_that_has_broken_others_is_answered(media_type: str, body: bytes, accept: str) -> None:
    for encoded in (True, False):
        asked(event(body, media_type, headers={"Accept": accept}, encoded=encoded))


@pytest.mark.parametrize("accept", KINDS)
@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_a_content_type_of_any_kind_is_answered(content_type: str | None, accept: str) -> None:
    for body in (
        json.dumps(form()).encode(),
        urlencode(form(), doseq=True).encode(),
        parts(form()),
        parts(form(), "b" * 5_000),
        b"",
    ):
        asked(event(body, content_type, headers={"Accept": accept}))


def test_a_form_of_parts_cut_anywhere_is_answered_and_never_half_stored() -> None:
    whole = parts(people.MINIMAL)
    for length in range(len(whole)):
        response, table = asked(event(whole[:length], PARTS, encoded=True))
        assert response.status in {400, *TAKEN}
        # A body cut within its last line may be accepted, because nothing is missing.
        assert not table.leads or length > len(whole) - len(f"--{BOUNDARY}--\r\n")


def test_a_form_cut_anywhere_is_answered() -> None:
    for whole, media_type in ((json.dumps(people.MINIMAL), JSON), (urlencode(people.MINIMAL), FORM)):
        for length in range(len(whole)):
            asked(event(whole[:length], media_type))


@pytest.mark.parametrize("accept", KINDS)
@pytest.mark.parametrize("media_type", [JSON, FORM, PARTS, "text/plain"])
def test_the_largest_body_is_read_and_one_byte_more_is_too_long(media_type: str, accept: str) -> None:
    bodies = {
        JSON: json.dumps(form()).encode().ljust(MAX_BODY_BYTES),
        FORM: (urlencode(form(), doseq=True) + "&x=").encode().ljust(MAX_BODY_BYTES, b"x"),
        PARTS: parts(form()).ljust(MAX_BODY_BYTES, b" "),
        "text/plain": b"x" * MAX_BODY_BYTES,
    }
    body, headers = bodies[media_type], {"Accept": accept}
    fits, _ = asked(event(body, media_type, headers=headers, encoded=True))
    assert fits.status in {201, 303, 400, 422}
    assert asked(event(body + b" ", media_type, headers=headers, encoded=True))[0].status == 413
    assert asked(event(body * 100, media_type, headers=headers, encoded=True))[0].status == 413
