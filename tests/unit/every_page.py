"""Every page and every answer that a visitor can get, by what happened."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from shared.store.intake import StorageError
from shared.web.http import Response
from submit.http import Request
from tests.unit.erased import erased_table
from tests.unit.fakes import MemoryLeads
from tests.unit.people import form
from tests.unit.web import post_form, post_json, request

REFERENCE = "KC-7Q2M-4XHD"

type Answers = dict[str, Callable[[], Response]]


class Answering(Protocol):
    """What answers requests: the API, or a browser around it."""

    def answer(self, request: Request) -> Response:
        """Return the answer to a request."""


class Api(Protocol):
    """Makes the API, perhaps with a table."""

    def __call__(self, table: MemoryLeads | None = None, /) -> Answering:
        """Return what answers requests."""


def conflict(api: Api, sent: Request) -> Response:
    table = MemoryLeads()
    api(table).answer(post_json(form()))
    return api(table).answer(sent)


def erased(api: Api, sent: Request) -> Response:
    table = MemoryLeads()
    api(table).answer(sent)
    return api(erased_table(made_from=table)).answer(sent)


def outage(api: Api, sent: Request) -> Response:
    table = MemoryLeads()
    table.faults.before["put"].append(StorageError(nothing_stored=True))
    return api(table).answer(sent)


def pages(api: Api) -> Answers:
    """Return each page without a form."""
    return {
        "thank you": lambda: api().answer(request("GET", "/thank-you", query={"reference": REFERENCE})),
        "thank you without a reference": lambda: api().answer(request("GET", "/thank-you")),
        "thank you, in crisis": lambda: api().answer(request("GET", "/thank-you", query={"urgent": "yes"})),
        "unreadable": lambda: api().answer(post_form(b"&" * 500)),
        "too large": lambda: api().answer(post_form(b"x" * 70_000)),
        "another media type": lambda: api().answer(
            request(headers={"accept": "text/html", "content-type": "image/png"}, body=b"x")
        ),
        "not found": lambda: api().answer(request("GET", "/x", headers={"accept": "text/html"})),
        "not allowed": lambda: api().answer(request("GET", "/consultations", headers={"accept": "text/html"})),
        "start": lambda: api().answer(request("GET", "/")),
    }


def forms(api: Api) -> Answers:
    """Return each page that shows the form again."""
    return {
        "nothing filled in": lambda: api().answer(post_form({})),
        "to change": lambda: api().answer(post_form(form(name=None, phone="12", consent_contact=None))),
        "to change, in crisis": lambda: api().answer(post_form(form(email="x", phone=None, in_crisis="yes"))),
        "a minor": lambda: api().answer(post_form(form(patient_is_adult="no"))),
        "conflict": lambda: conflict(api, post_form(form(name="Sam Example"))),
        "erased": lambda: erased(api, post_form(form())),
        "erased, in crisis": lambda: erased(api, post_form(form(in_crisis="yes"))),
        "outage": lambda: outage(api, post_form(form())),
        "sent as a link": lambda: api().answer(
            request("GET", "/consultations", headers={"accept": "text/html"}, query={"name": "Robin Example"})
        ),
        "posted to a wrong path": lambda: api().answer(replace(post_form(form()), path="/consultation")),
        "a field of another form": lambda: api().answer(post_form({"your-name": "Robin", "password": "x"})),
        "outage, in crisis": lambda: outage(api, post_form(form(in_crisis="yes"))),
    }


def documents(api: Api) -> Answers:
    """Return each answer for scripts."""
    return {
        "accepted": lambda: api().answer(post_json(form())),
        "to change": lambda: api().answer(post_json({})),
        "conflict": lambda: conflict(api, post_json(form(name="Sam Example"))),
        "erased": lambda: erased(api, post_json(form())),
        "outage": lambda: outage(api, post_json(form())),
        "unreadable": lambda: api().answer(post_json(b"\xff")),
        "too large": lambda: api().answer(post_json(b"x" * 70_000)),
        "another media type": lambda: api().answer(request(headers={"content-type": "image/png"}, body=b"x")),
        "not found": lambda: api().answer(request("GET", "/x")),
    }
