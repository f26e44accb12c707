"""submit.http and shared.web.http: API Gateway's event in, its response out."""

import base64
from typing import Any

import pytest

from shared.web.http import Response
from submit.http import http_request


def event(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - anything an event may hold
    return {
        "httpMethod": "POST",
        "resource": "/consultations",
        "path": "/base-path/consultations",
        "headers": {"Content-Type": "application/json"},
        "queryStringParameters": None,
        "body": "{}",
        "isBase64Encoded": False,
    } | changes


def test_header_names_come_in_lower_case_and_values_as_they_are() -> None:
    request = http_request(event(headers={"CONTENT-TYPE": "Text/HTML", "oRiGiN": "https://www.Example.com"}))
    assert request.headers == {"content-type": "Text/HTML", "origin": "https://www.Example.com"}


@pytest.mark.parametrize("missing", ["headers", "queryStringParameters", "body"])
@pytest.mark.parametrize("gone", [True, False])
def test_null_from_api_gateway_is_empty(missing: str, gone: bool) -> None:  # noqa: FBT001 - a parameter
    bare = event(**{missing: None})
    if gone:
        del bare[missing]
    request = http_request(bare)
    assert not {"headers": request.headers, "queryStringParameters": request.query, "body": request.body}[missing]


def test_a_body_in_base64_is_decoded() -> None:
    assert http_request(event(body=base64.b64encode(b"\xff{}").decode(), isBase64Encoded=True)).body == b"\xff{}"


@pytest.mark.parametrize("broken", ["a", "\u00e9", "===", "YQ"])
def test_a_body_in_broken_base64_is_an_empty_one(broken: str) -> None:
    assert http_request(event(body=broken, isBase64Encoded=True)).body == b""


def test_a_lone_surrogate_in_the_body_is_replaced() -> None:
    assert http_request(event(body="a\ud800b\u00e9")).body == b"a?b\xc3\xa9"


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (" application/x-www-form-urlencoded ;charset=UTF-8", "application/x-www-form-urlencoded"),
        ("", ""),
        (";", ""),
    ],
)
def test_the_media_type_is_without_parameters_in_lower_case(header: str, media_type: str) -> None:
    assert http_request(event(headers={"Content-Type": header})).media_type == media_type


def test_no_content_type_is_an_empty_media_type() -> None:
    assert http_request(event(headers={})).media_type == ""


def test_the_path_is_the_routes_own_whatever_comes_before_it() -> None:
    assert http_request(event()).path == "/consultations"
    rest = event(resource="/{proxy+}", path="/base-path/form.js", pathParameters={"proxy": "form.js"})
    assert http_request(rest).path == "/form.js"
    assert http_request(event(pathParameters=None)).path == "/consultations"


def test_an_answer_has_the_shape_of_a_proxy_integration() -> None:
    assert Response(status=201, body="{}", headers={"A": "b"}).to_proxy() == {
        "statusCode": 201,
        "headers": {"A": "b"},
        "body": "{}",
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("resource", "proxy", "address", "base"),
    [
        ("/consultations", None, "/v1/consultations", ""),
        ("/consultations", None, "/consultations", ""),
        ("/consultations", None, None, ""),
        ("/consultations", None, "/v1/consultations/", "../"),
        ("/{proxy+}", "consultations/", "/v1/consultations/", "../"),
        ("/{proxy+}", "thank-you", "/v1/thank-you", ""),
        ("/{proxy+}", "a/b/c", "/v1/a/b/c", "../../"),
        ("/", None, "/v1/", ""),
        ("/", None, "/v1", "v1/"),
        ("/", None, "/base-path", "base-path/"),
        ("/", None, "/", ""),
        ("/", None, '/"><script>', ""),
    ],
)
def test_links_in_an_answer_lead_to_the_api(resource: str, proxy: str | None, address: str | None, base: str) -> None:
    sent = event(resource=resource, pathParameters=proxy and {"proxy": proxy}, requestContext={"path": address})
    assert http_request(sent).base == base
