"""submit.web_address: the page a visitor came from, without anything that identifies them or what they searched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submit.web_address import MAX_ADDRESS_LENGTH, origin_and_path
from tests.unit.words import CANARY, any_text


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://www.clinic.example/request", "https://www.clinic.example/request"),
        ("https://www.clinic.example", "https://www.clinic.example/"),
        ("http://localhost:8000/", "http://localhost:8000/"),
        ("https://WWW.Clinic.Example:8443/Request/Form.html", "https://www.clinic.example:8443/Request/Form.html"),
        (
            "https://www.clinic.example/a%20b/~robin/a;b=c/d,e:f@g",
            "https://www.clinic.example/a%20b/~robin/a;b=c/d,e:f@g",
        ),
        ("http://192.0.2.1/a", "http://192.0.2.1/a"),
        ("https://xn--bcher-kva.example/b%C3%BCcher", "https://xn--bcher-kva.example/b%C3%BCcher"),
        ("https://www.clinic.example//a/../b", "https://www.clinic.example//a/../b"),
    ],
)
def test_origin_and_path_are_kept(address: str, kept: str) -> None:
    assert origin_and_path(address) == kept


@pytest.mark.parametrize("path", ["", "/", "/request"])
@pytest.mark.parametrize(
    "rest",
    [
        f"?gclid={CANARY}",
        f"?fbclid={CANARY}&msclkid={CANARY}",
        f"?utm_source=x&q={CANARY}+depression",
        f"#{CANARY}",
        f"?a=b#{CANARY}",
        f"#/?{CANARY}",
        f"?name={CANARY}\u00e9\u202e<script>",
        f"?next=https://robin:{CANARY}@other.example/",
    ],
)
def test_queries_fragments_and_click_ids_are_dropped(path: str, rest: str) -> None:
    assert origin_and_path(f"https://www.clinic.example{path}{rest}") == f"https://www.clinic.example{path or '/'}"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "/", "/request", "request", "www.clinic.example", "//www.clinic.example/", "https://", "https:///x"),
        *("https:/www.clinic.example/", "https:www.clinic.example", "https://?x", "https://#x", "https://:80/"),
        *("javascript:alert(1)", "JavaScript://www.clinic.example/%0aalert(1)", "data:text/html,x", "about:client"),
        *("file:///etc/passwd", "ftp://www.clinic.example/", "android-app://com.google.android.gm/", "blob:https://a/"),
        # Nothing that identifies a person may be kept.
        *("https://robin@www.clinic.example/", "https://robin:secret@www.clinic.example/", "https://1:2@www.example/"),
        "https://www.clinic.example:80@evil.example/",
        # Nothing that could break a header, a log line, an email or a page.
        *("https://www.clinic.example/\r\nX: y", "https://www.clinic.example/\n", "https://www.clinic.example\r"),
        *("https://www.clinic.example/a b", "https://www.clinic.example/\x00", "https://www.clinic.example/\x7f"),
        *("https://www.clinic.example/<script>", 'https://www.clinic.example/"', "https://www.clinic.example/'"),
        *("https://www.clinic.example/`", "https://www.clinic.example/\\", "https://www.clinic.example\\@evil.example"),
        *("https://www.clinic.example/\u202egro", "https://www.clinic.example/\ud800", "https://cl\u0456nic.example/"),
        *(
            "https://www.clinic.example/b\u00fccher",
            "https://www.clinic.example/\u2028",
            "https://www.clinic.example/\xa0",
        ),
        *("https://www.clinic.example:port/", "https://www.clinic.example:123456/", "https://[2001:db8::1]/"),
        *(" https://www.clinic.example/", "x https://www.clinic.example/", "https://www.clinic_example/"),
    ],
)
def test_an_odd_web_address_is_ignored(text: str) -> None:
    assert origin_and_path(text) is None


def test_a_long_path_is_left_out_and_a_long_address_passed_over() -> None:
    origin = "https://www.clinic.example"
    longest = f"{origin}/{'x' * (299 - len(origin))}"
    assert origin_and_path(longest) == longest
    assert origin_and_path(f"{longest}x") == f"{origin}/"
    assert origin_and_path(f"{origin}/{'x' * (MAX_ADDRESS_LENGTH - len(origin) - 1)}") == f"{origin}/"
    assert origin_and_path(f"{origin}/?{'x' * (MAX_ADDRESS_LENGTH - len(origin) - 2)}") == f"{origin}/"
    assert origin_and_path(f"{origin}/{'x' * (MAX_ADDRESS_LENGTH - len(origin))}") is None
    assert origin_and_path(f"https://{'x' * 254}/") is None


_near_misses = st.lists(
    st.one_of(
        st.sampled_from(["https://", "http://", "www.clinic.example", ":", "8000", "/", "?", "#", "@", "%2f", ".."]),
        any_text,
    ),
    max_size=8,
).map("".join)


@given(st.one_of(_near_misses, _near_misses.map(lambda text: f"https://www.clinic.example/{text}")))
def test_a_kept_address_is_short_plain_and_stable(text: str) -> None:
    kept = origin_and_path(text)
    if kept is None:
        return
    assert re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?/[!-~]*", kept)
    assert not set("?#<>\"'`\\") & set(kept)
    assert len(kept) <= 300
    assert origin_and_path(kept) == kept
