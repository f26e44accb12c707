"""A site with a form and an API with prepared responses, on two loopback ports: all that form.js needs."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shared.leads.clinic import Help
from shared.text import LANGUAGES
from submit import public
from tools.local.ports import HOST
from tools.local.web import serving

HELP = {"clinic_phone": "(202) 555-0100", "crisis_line": "988", "emergency_number": "911"}


def script(*origins: str) -> str:
    """Return form.js as the API serves it to sites with these origins."""
    return public.script(Help(**HELP), origins, LANGUAGES).body


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of the API, sent once `held` is set. Without a status, the API hangs up instead."""

    status: int | None
    document: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    held: threading.Event | None = None


def accepted(**more: object) -> Reply:
    return Reply(201, {"reference": "K-7Q2M-9X", "help": HELP, **more})


def problem(status: int, title: str = "A title", detail: str = "A detail.", **headers: str) -> Reply:
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "help": HELP}
    return Reply(status, document, {name.replace("_", "-"): value for name, value in headers.items()})


def rejected(**errors: str) -> Reply:
    document = {
        "title": "Please check your request",
        "status": 422,
        "detail": "We haven't saved it yet.",
        "errors": [{"field": name, "detail": detail} for name, detail in errors.items()],
        "help": HELP,
    }
    return Reply(422, document)


HANG_UP = Reply(None)
UNAVAILABLE = problem(503, "We couldn't take your request", "Nothing was saved.", Retry_After="0")


@dataclass(frozen=True, slots=True)
class Post:
    """One request that the API received."""

    path: str
    headers: Mapping[str, str]
    pairs: list[tuple[str, str]]

    @property
    def fields(self) -> dict[str, Any]:
        """The values by name: a text, or a list if the field was sent more than once."""
        values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            values.setdefault(name, []).append(value)
        return {name: given[0] if len(given) == 1 else given for name, given in values.items()}


@dataclass(slots=True)
class Api:
    """The API: the requests it received and its next responses. Without a prepared one, it accepts the request.

    Scripts on sites with one of the `origins` can read its responses. Responses to any script have no other headers
    than a form without a script gets, so a script that needs a preflight fails.
    """

    url: str
    origins: tuple[str, ...] = ()
    posts: list[Post] = field(default_factory=list)
    replies: deque[Reply] = field(default_factory=deque)

    def will_answer(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    @property
    def ids(self) -> list[str]:
        return [post.fields["submission_id"] for post in self.posts]


@dataclass(slots=True)
class Site:
    """The clinic's site: pages by path."""

    url: str
    pages: dict[str, str] = field(default_factory=dict)


@contextmanager
def api_server() -> Iterator[Api]:
    server = _Server((HOST, 0), _ApiHandler)
    with serving(server) as url:
        server.api = Api(url)
        yield server.api


@contextmanager
def site_server(api: Api) -> Iterator[Site]:
    server = _Server((HOST, 0), _SiteHandler)
    with serving(server) as url:
        server.api, server.site = api, Site(url)
        api.origins = (server.site.url,)
        yield server.site


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    api: Api
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: pages that close hang up, and tests see the requests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name in the base class
        """Log nothing."""

    def answer(self, status: int, body: str = "", media_type: str = "text/html", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())


class _SiteHandler(_Handler):
    def do_GET(self) -> None:
        # As strict as a site's policy may be. The script must work under it.
        api = self.server.api.url
        policy = f"default-src 'none'; img-src data:; script-src {api}; connect-src {api}; form-action {api}"
        page = self.server.site.pages.get(urlsplit(self.path).path)
        if page is None:
            self.answer(404)
        else:
            # "no-cache", as sites use it. "no-store" would keep the page out of the back/forward cache.
            self.answer(200, page, Content_Security_Policy=policy, Cache_Control="no-cache")


class _ApiHandler(_Handler):
    def do_GET(self) -> None:
        if self.path == "/form.js":
            self.answer(200, script(*self.server.api.origins), "text/javascript")
        else:
            self.answer(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        api = self.server.api
        api.posts.append(Post(self.path, dict(self.headers), parse_qsl(body, keep_blank_values=True)))
        if self.headers["Accept"] != "application/json":
            self.answer(200, "<h1>A page of the API</h1>")
            return
        reply = api.replies.popleft() if api.replies else accepted()
        if reply.held:
            reply.held.wait(timeout=120)
        if reply.status is None:
            return  # closes the connection without a response
        text = reply.document if isinstance(reply.document, str) else json.dumps(reply.document)
        origin = self.headers["Origin"]
        readable = {"Access_Control_Allow_Origin": origin, "Access_Control_Expose_Headers": "Retry-After"}
        self.answer(
            reply.status,
            text,
            "application/problem+json" if reply.status >= 400 else "application/json",
            **(readable if origin in api.origins else {}),
            **reply.headers,
        )


def page_with(form: str, *, head: str = "") -> str:
    """Return a page of the site with a form's HTML in it. `put` replaces `{api}`."""
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Ask for a consultation</title><link rel="icon" href="data:,">{head}
<script src="{{api}}/form.js" defer></script></head>
<body><h1>Ask for a consultation</h1><a href="/elsewhere">Elsewhere</a>{form}</body>
</html>"""


# The browser does not check this form, so tests can send it empty. `CHECKED_FORM` is the same form with its checks.
OUR_FORM = """
<form data-consultation-form novalidate method="post" action="{api}/consultations">
  <div data-field="name">
    <label for="name">Your name</label>
    <span class="hint" id="name-hint">As we should call you</span>
    <input id="name" name="name" required aria-describedby="name-hint">
  </div>
  <div data-field="email">
    <label for="email">Email address <span class="optional">(optional)</span></label>
    <input id="email" name="email" type="email">
  </div>
  <fieldset data-field="symptoms">
    <legend>What are you living with?</legend>
    <span class="hint" id="symptoms-hint">Choose all that apply</span>
    <div class="choices">
      <label><input type="checkbox" name="symptoms" value="low_mood"> Low mood</label>
      <label><input type="checkbox" name="symptoms" value="insomnia"> Insomnia</label>
      <label><input type="checkbox" name="symptoms" value="fatigue"> Fatigue</label>
    </div>
  </fieldset>
  <div data-field="preferred_contact" role="radiogroup" aria-labelledby="preferred" aria-describedby="preferred-hint">
    <span class="label" id="preferred">How should we reach you?</span>
    <span class="hint" id="preferred-hint">Choose one</span>
    <div class="choices">
      <label><input type="radio" name="preferred_contact" value="" checked> Either</label>
      <label><input type="radio" name="preferred_contact" value="email"> Email</label>
    </div>
  </div>
  <div data-field="time_zone">
    <label for="time_zone">Your time zone</label>
    <select id="time_zone" name="time_zone">
      <option value="">Choose</option><option>America/Chicago</option><option>America/New_York</option>
    </select>
  </div>
  <div data-field="best_time">
    <label for="best_time">When is a good time?</label>
    <select id="best_time" name="best_time"><option value="any">Any</option><option value="evening">Evening</option>
    </select>
  </div>
  <div data-field="message">
    <label for="message">Anything we should know?</label><textarea id="message" name="message"></textarea>
  </div>
  <fieldset data-field="in_crisis">
    <legend>Are you in crisis now?</legend>
    <label><input type="radio" name="in_crisis" value="yes"> Yes</label>
    <label><input type="radio" name="in_crisis" value="no"> No</label>
  </fieldset>
  <div data-field="consent_contact">
    <input type="hidden" name="consent_contact" value="no">
    <label><input type="checkbox" name="consent_contact" value="yes" required> I agree to be contacted</label>
  </div>
  <input type="hidden" name="thank_you_page" value="https://www.example.com/thanks">
  <div hidden><label>Leave this empty <input name="leave_empty"></label></div>
  <button>Send my request</button>
</form>"""

CHECKED_FORM = OUR_FORM.replace(" novalidate", "")

# As a site builder might write it: labels around and beside controls, groups with and without their own element.
ANY_FORM = """
<form data-consultation-form method="post" action="{api}/consultations">
  <p><label>Your name: * <input name="name"></label></p>
  <label for="address">Email address</label><input id="address" name="email" aria-describedby="address-hint">
  <small id="address-hint">For example name@example.com</small>
  <fieldset>
    <legend>Your request</legend>
    <fieldset>
      <legend>How should we reach you?</legend>
      <label><input type="radio" name="preferred_contact" value="phone"> Phone</label>
      <label><input type="radio" name="preferred_contact" value="email"> Email</label>
    </fieldset>
    <p>Is this urgent?
      <input type="radio" name="in_crisis" value="yes" aria-label="Yes">
      <input type="radio" name="in_crisis" value="no" aria-label="No"></p>
    <label>A file <input type="file" name="attachment"></label>
    <label><input type="checkbox" name="consent_contact"> I agree to be contacted</label>
  </fieldset>
  <input type="submit" value="Go">
</form>"""
