"""How the doctor reads a page of the web, and which form it sees there."""

import http.server
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.doctor import healthy as h
from tests.unit.doctor.asked import told
from tools.local import docs
from tools.operate.doctor.fetch import FetchError, Page, fetching
from tools.operate.doctor.finding import Color
from tools.operate.doctor.forms import forms_in, same

URL = "https://www.example.com/a/page.html"


@contextmanager
def serving(answers: Mapping[str, tuple[int, Mapping[str, str], bytes]]) -> Iterator[str]:
    """Answer on a loopback port, by path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_OPTIONS = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_args: object) -> None:
            return None

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def leads(to: str) -> tuple[int, Mapping[str, str], bytes]:
    return 302, {"Location": to}, b""


@pytest.mark.enable_socket
def test_a_page_is_read_where_redirects_lead() -> None:
    answers = {
        "/": leads("/next?a=b#part"),
        "/next?a=b": leads("last"),
        "/last": (200, {"Content-Type": "text/html; charset=iso-8859-1", "X-Odd": "1"}, "é".encode("latin-1")),
    }
    with serving(answers) as url:
        page = fetching(local=True)(f"{url}/", "GET", {})
    assert (page.url, page.status, page.text, page.headers["x-odd"]) == (f"{url}/last", 200, "é", "1")
    assert page.is_fine


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "to",
    [
        "http://www.example.com/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/",
        "https://user:word@www.example.com/",
        "file:///etc/passwd",
        "https://localhost.localdomain.internal/",
    ],
)
def test_a_redirect_into_a_private_network_or_without_tls_is_not_followed(to: str) -> None:
    with serving({"/": leads(to)}) as url, pytest.raises(FetchError, match="cannot be asked"):
        fetching(local=True)(f"{url}/", "GET", {})


@pytest.mark.enable_socket
def test_redirects_without_an_end_end() -> None:
    with serving({"/": leads("/")}) as url, pytest.raises(FetchError, match="again and again"):
        fetching(local=True)(f"{url}/", "GET", {})


@pytest.mark.enable_socket
def test_the_end_of_a_very_long_page_is_left_out() -> None:
    with serving({"/": (200, {}, b"x" * 4_000_000)}) as url:
        assert 3_000_000 <= len(fetching(local=True)(f"{url}/", "GET", {}).text) < 3_200_000


@pytest.mark.enable_socket
def test_a_page_with_an_encoding_that_nobody_knows_is_read_anyway() -> None:
    with serving({"/": (200, {"Content-Type": "text/html; charset=made-up"}, b"\xff<p>")}) as url:
        assert fetching(local=True)(f"{url}/", "GET", {}).text == "\ufffd<p>"


def test_this_machine_is_not_asked_unless_aws_is_local() -> None:
    for url in ("http://127.0.0.1:1/", "https://localhost/"):
        with pytest.raises(FetchError, match="cannot be asked"):
            fetching(local=False)(url, "GET", {})


@pytest.mark.parametrize("local", [True, False])
def test_a_name_that_leads_into_a_private_network_is_not_asked(local: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    places = [(socket.AF_INET, None, None, None, (ip, 443)) for ip in ("93.184.215.14", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: list(places))
    with pytest.raises(FetchError, match=r"www\.example\.com leads into a private network"):
        fetching(local=local)(URL, "GET", {})


def test_a_host_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_args: object, **_options: object) -> Any:  # noqa: ANN401
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(FetchError, match=r"nobody knows the host www\.example\.com"):
        fetching(local=False)(URL, "GET", {})


# --- the form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["consultation", "reply", "callback"])
def test_the_forms_to_paste_are_seen(name: str) -> None:
    found = forms_in(docs.form(name).replace("https://YOUR-API-URL", h.API), URL)
    assert [(each.action, each.method) for each in found.forms] == [(f"{h.API}/consultations", "post")]
    assert found.scripts == (f"{h.API}/form.js",)


def test_a_search_form_of_the_site_is_left_out() -> None:
    assert not forms_in('<form action="/search"></form><FORM action="/consultations.html">', URL).forms


def test_an_address_is_joined_with_the_page_s_and_its_base() -> None:
    text = '<form action="../v1/consultations" method=" POST ">'
    assert forms_in(text, URL).forms[0].action == "https://www.example.com/v1/consultations"
    based = forms_in(f'<base href="https://example.com/x/y/">{text}', URL).forms[0]
    assert (based.action, based.method) == ("https://example.com/x/v1/consultations", "post")


_PIECES = [*"<>/='\" !-[]&#;x", "form", "action", "https://", "script", "src", "base", "href", "/consultations"]


@given(text=st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
def test_no_page_breaks_the_reader(text: str) -> None:
    found = forms_in(text, URL)
    assert found.frames == 0
    assert all(same(each.action, each.action) in {True, False} for each in found.forms)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("https://A.example.com/v1/consultations", "https://a.example.com:443/v1/consultations/", True),
        ("https://a.example.com/v1/consultations", "https://a.example.com/v2/consultations", False),
        ("http://a.example.com/", "https://a.example.com/", False),
        ("https://[", "https://[", False),
    ],
)
def test_two_addresses_are_compared_as_a_browser_does(one: str, other: str, equal: bool) -> None:  # noqa: FBT001
    assert same(one, other) is equal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<p>Welcome</p>", "sees no form of this system"),
        ("<iframe src='https://forms.example.com'></iframe>", "has frames"),
        (f'<script src="{h.API}/form.js"></script>', "a script adds its form"),
    ],
)
def test_a_form_that_cannot_be_seen_is_unknown(text: str, said: str) -> None:
    unseen = told("Website", h.seen(pages=h.page(text)))[-1]
    assert unseen.color is Color.UNKNOWN
    assert said in unseen.found
    assert unseen.do


def test_the_named_page_is_read_instead_of_the_home_page() -> None:
    page = f"{h.SITE}/consultation"
    known, pages = h.stack(page=page), {f"GET {page}": Page(page, 200, h.form())}
    assert {each.color for each in told("Website", h.seen(known, pages=pages))} == {Color.GREEN}


def test_a_website_that_refuses_programs_is_unknown() -> None:
    (found,) = told("Website", h.seen(pages=h.page(status=403)))
    assert (found.color, "403" in found.found) == (Color.UNKNOWN, True)


def test_a_website_elsewhere_is_not_read_for_a_local_stack() -> None:
    (found,) = told("Website", h.seen(h.stack(endpoint="http://127.0.0.1:4566")))
    assert found.color is Color.UNKNOWN
    assert "was not read" in found.found


def test_a_domain_that_is_mapped_to_this_api_is_green() -> None:
    own = "https://leads.example.com/v1"
    known = h.stack(outputs={"DeskUrl": f"{own}/desk"})
    found = told("Domain", h.seen(known, h.answering(url=own), api=[h.mapped()]))
    assert {each.color for each in found} == {Color.GREEN}


@pytest.mark.parametrize("public", [h.API, "https://desk.example.com"])
def test_a_form_may_post_to_the_domain_that_the_stack_made(public: str) -> None:
    """Before PublicUrl is set, links in emails begin with another address."""
    text = f'<script src="{h.DOMAIN_URL}/form.js"></script>{h.form(h.DOMAIN_URL)}'
    for page in (text, text.partition("<form")[0]):
        found = told("Website", h.seen(h.with_domain(public), pages=h.page(page)))
        assert Color.RED not in {each.color for each in found}, found
    right = told("Website", h.seen(h.with_domain(public), pages=h.page(h.form("https://other.example.com/v1"))))[-1]
    assert f'action="{public}/consultations"' in right.do


def test_a_domain_without_a_public_url_is_examined_and_green() -> None:
    found = told("Domain", h.seen(h.with_domain(), h.answering(url=h.DOMAIN_URL), api=[h.mapped()]))
    assert {each.color for each in found} == {Color.GREEN}
    assert any(h.DOMAIN_URL in each.found for each in found)


def test_a_domain_that_links_begin_with_is_examined_once() -> None:
    found = told("Domain", h.seen(h.with_domain(h.DOMAIN_URL), h.answering(url=h.DOMAIN_URL), api=[h.mapped()]))
    assert [each.color for each in found] == [Color.GREEN, Color.GREEN]


def test_the_domain_of_a_local_stack_is_not_asked() -> None:
    (found,) = told("Domain", h.seen(replace(h.with_domain(), endpoint="http://127.0.0.1:4566")))
    assert found.color is Color.GREEN
