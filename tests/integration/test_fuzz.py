"""The API against its own description: every response to Schemathesis's requests is one that the description names.

Once in this process, with many examples, and once against the deployed stack, with what API Gateway adds.
"""

import base64
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks

from shared.leads.progress import AlertState
from shared.runtime.files import clinic
from shared.runtime.telemetry import metrics
from submit.http import http_request
from submit.openapi import document
from tests.deployed import Deployed, eventually
from tests.unit.people import MINIMAL
from tests.unit.web import api
from tools.local.web import serving

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


_RESOURCES = ("/", "/consultations")  # the paths of the template that have no parameter


class Gateway(BaseHTTPRequestHandler):
    """API Gateway's part: from HTTP to a proxy event, and back."""

    def answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        event = {
            "httpMethod": self.command,
            "resource": path if path in _RESOURCES else "/{proxy+}",
            "pathParameters": None if path in _RESOURCES else {"proxy": path.removeprefix("/")},
            "headers": dict(self.headers.items()),
            "queryStringParameters": dict(parse_qsl(query)) or None,
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        response = api().answer(http_request(event))
        metrics.clear_metrics()  # no entry point writes them out here
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body.encode())

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a method for each HTTP method there is
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Log nothing for an example."""


OPERATIONS = [(path, method) for path, methods in document(clinic())["paths"].items() for method in methods]


@pytest.fixture(scope="module")
def in_process() -> Iterator[BaseSchema]:
    with serving(HTTPServer(("127.0.0.1", 0), Gateway)) as url:  # type: ignore[arg-type] # one thread is enough
        yield described(url)


@pytest.fixture(scope="module")
def on_the_stack(deployed: Deployed) -> Iterator[BaseSchema]:
    yield described(deployed.stack.api)
    # The next test counts emails and items, so wait until the alerts of these leads are out. Every request of a person
    # except the first waits, which uses up an attempt.
    assert eventually(lambda: finished(deployed), within=600)


def finished(deployed: Deployed) -> bool:
    """Whether no lead is at work. On a busy machine, a process may run out of time: then the sweep does its work."""
    if not any(map(is_at_work_on, deployed.leads())):
        return True
    deployed.sweep()
    return False


def is_at_work_on(lead: Mapping[str, Any]) -> bool:
    # Other tests take requests off the agenda. Nobody works on those.
    return lead["alert_state"]["S"] == AlertState.SENDING or ("alert_attempts" not in lead and "agenda_at" in lead)


def described(url: str) -> BaseSchema:
    """Return the description that the API at `url` serves."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    schema.config.update(base_url=url)
    return schema


def keeps_its_word(operation: APIOperation[Any, Any, Any, Any], examples: int) -> set[int]:
    """Send valid and invalid requests, check the responses, and return their statuses."""
    statuses: set[int] = set()
    modes = list(GenerationMode) if operation.body or operation.query else [GenerationMode.POSITIVE]
    cases = [operation.as_strategy(generation_mode=mode) for mode in modes]
    if operation.body:
        cases += [operation.as_strategy().map(acceptable)] * 2

    # Without Schemathesis's plugin for pytest, which does not know pytest 9.2 yet.
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a wrong response proves enough, and looking for a shorter request takes long
    )
    @given(case=st.one_of(cases), accept=st.sampled_from(["*/*", "application/json", "text/html"]))
    def each(case: Case[Any], accept: str) -> None:
        statuses.add(ask(case, accept))

    each()
    edges = operation.schema.iter_coverage_cases(
        operation, generation_modes=modes, generation_config=operation.schema.config.generation
    )
    for case in islice(edges, examples):
        statuses.add(ask(case, "*/*"))
    return statuses


def acceptable(case: Case[Any]) -> Case[Any]:
    """Add values that no schema can ask for, so the description of a stored request is tested too."""
    if isinstance(case.body, dict):
        case.body |= dict[str, Any](MINIMAL)
        for name in ("phone", "preferred_contact", "time_zone", "call_me"):
            case.body.pop(name, None)
    return case


def ask(case: Case[Any], accept: str) -> int:
    return case.call_and_validate(checks=CHECKS, headers={"Accept": accept}, allow_redirects=False).status_code


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_in_process_every_answer_is_as_described(in_process: BaseSchema, path: str, method: str) -> None:
    statuses = keeps_its_word(in_process[path][method], examples=200 if method == "post" else 30)
    assert method != "post" or statuses >= {201, 303, 422}


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_on_the_stack_every_answer_is_as_described(on_the_stack: BaseSchema, path: str, method: str) -> None:
    statuses = keeps_its_word(on_the_stack[path][method], examples=40 if method == "post" else 5)
    assert method != "post" or statuses >= {201, 422}


def test_the_stack_describes_itself_as_the_docs_do(deployed: Deployed) -> None:
    served = deployed.request("GET", "/openapi.json").document
    assert served == document(clinic()), "the API must serve what submit.openapi.document returns"
