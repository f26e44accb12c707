"""form.js sends what the browser alone would send: each form of markups.py, with and without the script.

Both are sent to the API's own code, with a table in memory. What arrives and what is stored must be the same, except
for what the script adds.
"""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from multipart import MultipartParser, parse_options_header

from shared.leads.clinic import Help
from shared.leads.fields import CONTEXT
from submit import public
from submit.http import Request
from submit.routes import Submit
from tests.browser.markups import DOCUMENT, MARKUPS, OLD_FAILS, Markup, table
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, HELP_PHONE, IDS
from tools.local.ports import HOST
from tools.local.web import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What the script adds if the form does not say it.
_ADDED: Final = {"submission_id", "rendered_at", "time_zone", "lang", *CONTEXT}
_PATIENCE: Final = 5  # seconds until a form must have arrived

type Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class World:
    """The site and the API at one address each, and what arrived since the last markup."""

    site: str = ""
    api: str = ""
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)  # by path: charset, HTML
    leads: MemoryLeads = field(default_factory=MemoryLeads)
    arrived: list[Pairs] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))  # one for each of `arrived`
    charset: str = "utf-8"

    def start(self, charset: str) -> None:
        """Forget what arrived."""
        self.leads, self.charset, self.came = MemoryLeads(), charset, threading.Semaphore(0)
        self.arrived.clear()

    def put(self, html: str) -> str:
        """Put a page at an address of its own, so that it finds no draft of another one. Return the address."""
        path = f"/page-{len(self.pages)}"
        self.pages[path] = (self.charset, html)
        return f"{self.site}{path}"

    def answer(self, request: Request) -> Any:  # noqa: ANN401 - a response of the API
        submit = Submit(
            store=self.leads,
            clinic=CLINIC,
            ids=IDS,
            help=Help(clinic_phone=HELP_PHONE),
            allowed_origins=(self.site,),
            thank_you_pages=(),
        )
        return submit.answer(request)

    def stored(self) -> list[dict[str, Any]]:
        """What the leads say, without what must differ between two requests."""
        found = [self.leads.read(lead_id) for lead_id in self.leads.leads]
        return [
            {
                "answers": {name: value for name, value in each.lead.answers.items() if name not in _ADDED},
                "consents": sorted(consent.kind for consent in each.lead.consents),
                "also_sent": tuple(pair for pair in getattr(each.lead, "also_sent", ()) if pair[0] != "_charset_"),
                "form": getattr(each.lead, "form", None),
                "trap_filled": each.lead.trap_filled,
            }
            for each in found
            if each is not None
        ]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    world: World

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: pages that close hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name in the base class
        """Log nothing."""

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        world, path = self.server.world, urlsplit(self.path).path
        if path in world.pages:
            charset, page = world.pages[path]
            self._answer(200, {"Content-Type": f"text/html; charset={charset}"}, page.encode(charset))
        elif path == "/form.js":
            response = world.answer(Request(method="GET", path=path, headers={}, query={}, body=b""))
            self._answer(200, response.headers, response.body.encode())
        else:
            self._answer(200, {"Content-Type": "text/html"}, b"<title>Something else</title>")

    def do_OPTIONS(self) -> None:
        self._api(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        world = self.server.world
        world.arrived.append(_pairs(self.headers["Content-Type"], body, world.charset))
        self._api(body)
        world.came.release()

    def _api(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(method=self.command, path=self.path, headers=headers, query={}, body=body)
        response = self.server.world.answer(request)
        if self.command == "POST" and "text/html" in headers["accept"]:
            self._answer(204, {}, b"")  # the browser stays on the page, so that the next page need not wait for it
        else:
            self._answer(response.status, response.headers, response.body.encode())


def _pairs(content_type: str, body: bytes, charset: str) -> Pairs:
    """Return the names and values in a body, in order."""
    kind, options = parse_options_header(content_type)
    if kind == "multipart/form-data":
        return [(part.name, part.value) for part in MultipartParser(BytesIO(body), options["boundary"])]
    if kind == "application/json":  # as the script of version 0.5.0 sent it
        fields = json.loads(body).items()
        return [(name, each) for name, value in fields for each in (value if isinstance(value, list) else [value])]
    encoding = options.get("charset", charset)
    return parse_qsl(body.decode(), keep_blank_values=True, encoding=encoding)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    site, api = (_Server((HOST, 0), _Handler) for _ in range(2))
    with serving(site) as site_url, serving(api) as api_url:
        world = World(site=site_url, api=api_url)
        site.world = api.world = world
        yield world


@pytest.fixture(scope="module")
def page(chromium: "Browser") -> Iterator["Page"]:
    page = chromium.new_page()
    page.set_default_timeout(_PATIENCE * 1_000)
    yield page
    page.context.close()


@pytest.fixture(autouse=True)
def _other_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take form.js from the file that the variable FORM_JS names, to try an old version."""
    if path := os.environ.get("FORM_JS"):
        source = Path(path).read_text(encoding="utf-8")
        monkeypatch.setattr(public, "packaged", lambda _path: source)


def _visit(page: "Page", world: World, markup: Markup, *, script: bool) -> tuple[list[Pairs], list[dict[str, Any]]]:
    """Let the visitors send the form. Return what arrived and what is stored."""
    world.start(markup.charset)
    tag = f'<script src="{world.api}/form.js" defer></script>' if script else ""
    body = markup.html.replace("{api}", world.api)
    head = f'<!doctype html><html lang="en"><head><title>A form</title><link rel="icon" href="data:,">{tag}</head>'
    html = f"{head}<body>{body}</body></html>"
    if markup.saved:
        page.goto(world.put(html))
        html = page.content()
    for visitor in range(markup.visitors):
        page.goto(world.put(html))
        for step in markup.steps:
            if visitor and step is markup.steps[-1]:
                page.locator("[name=name]").fill("The next visitor")
            step(page)
        if markup.sends:
            world.came.acquire(timeout=_PATIENCE)
        else:
            page.evaluate("new Promise((done) => { setTimeout(done, 200); })")
    return list(world.arrived), world.stored()


def _plain(pairs: Pairs, theirs: Pairs) -> Pairs:
    """Return the pairs without what the script added to the browser's own, and without the name of the encoding."""
    added = _ADDED - {name for name, _ in theirs}
    return [(name, "" if name == "_charset_" else value) for name, value in pairs if name not in added]


@pytest.mark.parametrize("markup", MARKUPS, ids=[markup.name for markup in MARKUPS])
def test_the_script_sends_what_the_browser_alone_sends(page: "Page", world: World, markup: Markup) -> None:
    arrived, stored = _visit(page, world, markup, script=False)
    assert len(arrived) == (markup.visitors if markup.sends else 0), "the browser alone"
    arrived_by_script, stored_by_script = _visit(page, world, markup, script=True)
    assert len(arrived_by_script) == len(arrived)
    for ours, theirs in zip(arrived_by_script, arrived, strict=True):
        assert _plain(ours, theirs) == _plain(theirs, theirs)
    assert stored_by_script == stored


def test_there_are_many_markups_and_the_docs_list_them() -> None:
    assert len(MARKUPS) == len({markup.name for markup in MARKUPS}) >= 60
    assert {markup.name for markup in MARKUPS} >= OLD_FAILS
    assert len(OLD_FAILS) >= 18
    assert DOCUMENT.read_text(encoding="utf-8") == table(), "run: uv run python -m tests.browser.markups"
