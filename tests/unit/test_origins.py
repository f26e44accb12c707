"""ORIGIN of `make run`: the pages of one's own that may read the local API's answers."""

import re

import pytest

from tests.architecture.templates import read_templates
from tools.local.origins import OriginError, chosen_origins
from tools.local.parameters import parameters


def chosen(monkeypatch: pytest.MonkeyPatch, origin: str) -> tuple[str, ...]:
    monkeypatch.setenv("ORIGIN", origin)
    return chosen_origins()


def test_without_the_variable_no_other_page_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORIGIN", raising=False)
    assert chosen_origins() == ()
    assert chosen(monkeypatch, "") == ()


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", ("http://localhost:3000", "http://127.0.0.1:3000")),
        ("http://127.0.0.1:3000/", ("http://localhost:3000", "http://127.0.0.1:3000")),
        ("HTTP://LocalHost:3000", ("http://localhost:3000", "http://127.0.0.1:3000")),
        ("http://localhost:80", ("http://localhost", "http://127.0.0.1")),
        ("https://clinic.test:443", ("https://clinic.test",)),
        ("https://clinic.test:80", ("https://clinic.test:80",)),
        (
            "http://localhost:3000, https://clinic.test,",
            ("http://localhost:3000", "http://127.0.0.1:3000", "https://clinic.test"),
        ),
    ],
)
def test_an_origin_is_allowed_as_browsers_send_it(
    origin: str, allowed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen(monkeypatch, origin) == allowed


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        ("*", "Name the one with your page"),
        ("3000", "make run ORIGIN=http://localhost:3000"),
        ("localhost:3000", "make run ORIGIN=http://localhost:3000"),
        ("http://localhost:3000/contact", "make run ORIGIN=http://localhost:3000"),
        ("https://clinic.test?page=1", "make run ORIGIN=https://clinic.test"),
        ("http://localhost:99999", "is not an address"),
        ("http://localhost:port", "is not an address"),
        ("ftp://localhost", "is not the address of a website"),
        ("http://", "is not the address of a website"),
        ("http://sam@localhost:3000", "is not the address of a website"),
        ("http://local host", "is not the address of a website"),
        ("http://localhost:3000;rm", "is not an address"),
        ("file:///tmp/page.html", "Serve its folder"),
        ("null", "Serve its folder"),
    ],
)
def test_a_wrong_origin_gets_an_error_that_says_what_to_write(
    origin: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OriginError) as raised:
        chosen(monkeypatch, origin)
    assert f"ORIGIN={origin}" in str(raised.value)
    assert says in str(raised.value)


def test_the_template_accepts_each_chosen_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = re.compile(read_templates().main["Parameters"]["AllowedOrigins"]["AllowedPattern"])
    origins = chosen(monkeypatch, "http://localhost:3000,https://clinic.test,https://a-b.example.com:8443/")
    for each in parameters(*origins)["AllowedOrigins"].split(","):
        assert pattern.fullmatch(each), each
