"""The code blocks of the guides in docs/form.md, and an API in memory that a page on another port sends them to."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from shared.leads.clinic import Help
from shared.leads.lead import Lead
from submit.http import Request
from submit.routes import Submit
from tests.unit.fakes import MemoryLeads
from tests.unit.people import CLINIC, HELP_PHONE, IDS
from tools.local.ports import HOST
from tools.local.web import serving

_DOCS: Final = Path(__file__).parents[2] / "docs"
_BLOCK: Final = re.compile(r"^ *<!-- guide: ([\w-]+) -->\n *```\w+\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
PLACEHOLDER: Final = "https://YOUR-API-URL"
ICON: Final = '<link rel="icon" href="data:,">'  # so that the browser asks for none


def guides() -> dict[str, str]:
    """Return the marked code blocks of docs/form.md by name."""
    return {name: dedent(code) for name, code in _BLOCK.findall((_DOCS / "form.md").read_text("utf-8"))}


def form_to_paste() -> str:
    """Return docs/form.html."""
    return (_DOCS / "form.html").read_text("utf-8")


@dataclass
class World:
    """The site and the API, each at an origin of its own, and the requests that are stored."""

    site: str
    api: str
    pages: dict[str, str] = field(default_factory=dict)
    leads: MemoryLeads = field(default_factory=MemoryLeads)
    origins: tuple[str, ...] = ()
    by_script: list[bool] = field(default_factory=list)  # of each post: whether form.js sent it

    def start(self) -> None:
        """Forget what was stored. Scripts on the site may read answers."""
        self.leads, self.origins, self.by_script = MemoryLeads(), (self.site,), []
        self.pages.clear()

    def put(self, markup: str, path: str = "/") -> str:
        """Put a page on the site, with the API's address as a developer writes it there. Return its URL."""
        self.pages[path] = markup.replace(PLACEHOLDER, self.api)
        return f"{self.site}{path}"

    def stored(self) -> list[Lead]:
        found = [self.leads.read(lead_id) for lead_id in self.leads.leads]
        return [each.lead for each in found if each is not None]

    def submit(self) -> Submit:
        return Submit(
            store=self.leads,
            clinic=CLINIC,
            ids=IDS,
            help=Help(clinic_phone=HELP_PHONE),
            allowed_origins=self.origins,
            thank_you_pages=(),
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    world: World

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: pages that close hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name in the base class
        """Log nothing."""

    def give(self, status: int, headers: Mapping[str, str], body: str) -> None:
        encoded = body.encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(encoded))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(encoded)


class _Site(_Handler):
    def do_GET(self) -> None:
        page = self.server.world.pages.get(urlsplit(self.path).path)
        self.give(404 if page is None else 200, {"Content-Type": "text/html; charset=utf-8"}, page or "")


class _Api(_Handler):
    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self.server.world.by_script.append(self.headers["Accept"] == "application/json")
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Request(
            method=self.command, path=address.path, headers=headers, query=dict(parse_qsl(address.query)), body=body
        )
        response = self.server.world.submit().answer(asked)
        self.give(response.status, response.headers, response.body)


@contextmanager
def world() -> Iterator[World]:
    """Serve a site and an API on two ports."""
    site, api = _Server((HOST, 0), _Site), _Server((HOST, 0), _Api)
    with serving(site) as site_url, serving(api) as api_url:
        site.world = api.world = World(site_url, api_url)
        yield site.world
