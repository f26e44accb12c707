"""The sample site and the mailbox, a page with the emails that the local SES accepted. Both serve on loopback only.

Neither has its own scripts. The site's form uses the script that the API serves.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.leads.clinic import Clinic, Help
from shared.leads.fields import FORMS
from shared.text import DEFAULT, text
from submit.filled import EMPTY
from submit.form import groups
from tools.local.outbox import Mail, NoMailError, Outbox
from tools.local.parameters import CLINIC_PHONE
from tools.local.ports import HOST
from tools.package.clinic import clinic_text
from tools.package.clinic_file import parse_clinic

_DEV = Path(__file__).parent

_HEADERS = {
    # "no-store" would make browsers empty the form when a visitor goes back to change it.
    "Cache-Control": "no-cache",
    # "no-referrer" would make browsers post the form with "Origin: null", which no real site does.
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class _Request:
    path: str
    origin: str


@dataclass(frozen=True, slots=True)
class _Answer:
    status: HTTPStatus
    body: str
    media_type: str = "text/html"


# The page with the forms, by language.
_PAGES: Final = {"en": "index.html", "es": "es.html"}


def site_server(port: int, api_url: str) -> ThreadingHTTPServer:
    """Return the sample clinic's website on `port`. Its forms post to the API at `api_url`."""
    api = api_url.rstrip("/")
    clinic = _clinic()
    templates = _templates("site", "../../functions/submit/pages", "../../functions/shared/web/pages")
    known = {"clinic": clinic, "help": Help(clinic_phone=CLINIC_PHONE), "api": api}
    pages = {f"/{language}": language for language in clinic.languages} | {"/": clinic.languages[0]}

    def answer(request: _Request) -> _Answer:
        match request.path:
            case path if path in pages:
                words = text(pages[path])
                # The built-in pages use the same form, so the two cannot drift apart.
                forms = {
                    name: groups(clinic, name, "" if name == "consultation" else f"{name}-", words) for name in FORMS
                }
                page = templates.get_template(_PAGES.get(words.code, _PAGES[DEFAULT]))
                body = page.render(known, text=words, origin=request.origin, forms=forms, filled=EMPTY)
                return _Answer(HTTPStatus.OK, body)
            case "/thank-you":
                return _Answer(HTTPStatus.OK, templates.get_template("thanks.html").render(known))
        return _Answer(HTTPStatus.NOT_FOUND, templates.get_template("missing.html").render(known))

    parts = urlsplit(api)
    origin = f"{parts.scheme}://{parts.netloc}"
    # form-action also covers redirects, and the form may redirect to the site's own thank-you page.
    return _server(port, answer, f"script-src {origin}; connect-src {origin}; form-action 'self' {origin}")


def mailbox_server(port: int, outbox: Outbox) -> ThreadingHTTPServer:
    """Return the mailbox on `port`. It shows the emails in `outbox`, newest first."""
    time_zone = ZoneInfo(_clinic().time_zone)
    templates = _templates("mailbox")
    templates.filters["moment"] = lambda seconds: datetime.fromtimestamp(seconds, time_zone)
    return _server(port, _Mailbox(outbox, templates).answer, "form-action 'none'")


@dataclass(frozen=True, slots=True)
class _Mailbox:
    outbox: Outbox
    templates: Environment

    def answer(self, request: _Request) -> _Answer:
        try:
            match request.path.split("/"):
                case ["", ""]:
                    return self._list(self.outbox.sent())
                case ["", "messages.json"]:
                    return _json(HTTPStatus.OK, self.outbox.sent())
                case ["", "messages", message_id]:
                    return self._message(unquote(message_id))
                case _:
                    return self._problem(HTTPStatus.NOT_FOUND, "This page does not exist.")
        except NoMailError as error:
            if request.path == "/messages.json":
                return _json(HTTPStatus.BAD_GATEWAY, {"error": str(error)})
            return self._problem(HTTPStatus.BAD_GATEWAY, str(error))

    def _list(self, mails: list[Mail]) -> _Answer:
        return _Answer(HTTPStatus.OK, self._render("list.html", mails=mails, problem=None))

    def _message(self, message_id: str) -> _Answer:
        for mail in self.outbox.sent():
            if mail["MessageId"] == message_id:
                return _Answer(HTTPStatus.OK, self._render("message.html", mail=mail))
        return self._problem(HTTPStatus.NOT_FOUND, "This email does not exist. Deleting the local data deletes emails.")

    def _problem(self, status: HTTPStatus, problem: str) -> _Answer:
        return _Answer(status, self._render("list.html", mails=[], problem=problem))

    def _render(self, template: str, **values: object) -> str:
        return self.templates.get_template(template).render(values)


def _json(status: HTTPStatus, document: object) -> _Answer:
    return _Answer(status, json.dumps(document), "application/json")


def _clinic() -> Clinic:
    return parse_clinic(clinic_text(_DEV.parents[1] / "functions"))


def _templates(*folders: str) -> Environment:
    return Environment(
        loader=FileSystemLoader([_DEV / folder for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's signature
        # A browser that closes the connection early is not an error.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _server(port: int, answer: Callable[[_Request], _Answer], policy: str) -> ThreadingHTTPServer:
    """Return a server for GET requests. `policy` extends the content security policy of its pages."""
    # Styles and icons are inline. Pages load and run nothing else. An email's frame inherits this policy.
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none';"
        f" {policy}"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # Only these two host names may appear in a page, whatever the Host header says.
            name = "localhost" if self.headers.get("Host", "").startswith("localhost:") else HOST
            result = answer(_Request(self.path.partition("?")[0], f"http://{name}:{self.connection.getsockname()[1]}"))
            body = result.body.encode(errors="replace")
            self.send_response(result.status)
            self.send_header("Content-Type", f"{result.media_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def end_headers(self) -> None:
            # Set here because http.server's own error responses need them too.
            for name, value in {**_HEADERS, "Content-Security-Policy": policy}.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing: the terminal shows the output of `make run`."""

    return _Server((HOST, port), Handler)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[str]:
    """Serve in the background, yield the server's URL and stop at the end."""
    # shutdown() waits for the next poll. The default of half a second slows down tests that start many servers.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
