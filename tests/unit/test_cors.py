"""submit.cors: only scripts of the listed sites may read a response."""

import pytest
from hypothesis import given

from submit.cors import cors_headers
from tests.unit.words import any_text

ALLOWED = frozenset({"https://www.example.com", "https://example.com:8443"})
NOTHING = {"Vary": "Accept, Origin"}

OTHERS = [
    None,
    "",
    "null",
    "*",
    "https://other.example.net",
    "http://www.example.com",
    "https://www.example.com/",
    "https://www.example.com:443",
    "https://www.example.com.evil.example.net",
    "https://evilwww.example.com",
    "https://www.example.co",
    "https://www.example.comm",
    "https://sub.www.example.com",
    "https://example.com",
    "https://WWW.example.com",
    "https://www.example.com, https://example.com:8443",
    "https://www.example.com https://example.com:8443",
    "https://www.example.com\r\nX-Evil: 1",
]


@pytest.mark.parametrize("origin", sorted(ALLOWED))
def test_an_origin_in_the_list_is_echoed_alone(origin: str) -> None:
    assert cors_headers(origin, ALLOWED) == {
        "Vary": "Accept, Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
    }


@pytest.mark.parametrize("origin", sorted(ALLOWED))
def test_a_preflight_from_the_list_is_told_what_it_may_send(origin: str) -> None:
    assert cors_headers(origin, ALLOWED, preflight=True) == {
        "Vary": "Accept, Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": "86400",
    }


@pytest.mark.parametrize("preflight", [True, False])
@pytest.mark.parametrize("origin", OTHERS)
def test_any_other_origin_is_told_nothing(origin: str | None, preflight: bool) -> None:  # noqa: FBT001 - a parameter
    assert cors_headers(origin, ALLOWED, preflight=preflight) == NOTHING


@pytest.mark.parametrize("origin", ["https://www.example.com", "", "null", None])
def test_an_empty_list_allows_no_origin(origin: str | None) -> None:
    assert cors_headers(origin, frozenset()) == NOTHING


@given(origin=any_text)
def test_what_is_echoed_is_always_from_the_list(origin: str) -> None:
    assert cors_headers(origin, ALLOWED).get("Access-Control-Allow-Origin") in {None, *ALLOWED}
