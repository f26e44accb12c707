"""A terminal and an account for the tests of `make deploy`, without a person and without AWS."""

from collections.abc import Iterable, Mapping
from typing import Any

import boto3
from botocore.stub import Stubber

from tools.deploy.questions import Suggestion
from tools.deploy.template import parameters
from tools.deploy.terminal import Terminal

# An answer to each parameter that has no default.
ANSWERS: dict[str, str] = {
    "AllowedOrigins": "https://www.example.com",
    "ClinicPhone": "(202) 555-0143",
    "SenderAddress": "leads@example.com",
    "AlertRecipients": "frontdesk@example.com,nurse@example.com",
    "OpsEmail": "ops@example.com",
}
COMPLETE: dict[str, str] = {each.name: ANSWERS.get(each.name, each.default or "") for each in parameters()}


class Person:
    """Types lines, and reads what is printed."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.asked: list[str] = []
        self.read: list[str] = []
        self.terminal = Terminal(read=self._answer, write=self.read.append)

    def _answer(self, prompt: str) -> str:
        self.asked.append(prompt)
        try:
            return next(self._lines)
        except StopIteration:
            raise EOFError from None

    @property
    def text(self) -> str:
        """What was printed, as one line."""
        return " ".join(" ".join(self.read).replace("! ", "").split())


def nothing_known(_name: str, _answers: Mapping[str, str]) -> Suggestion | None:
    return None


class StubbedSession:
    """Stands in for a boto3 session. Its clients answer what a test says, checked against AWS's models."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self.stubs: dict[str, Stubber] = {}

    def client(self, service: str, **_options: object) -> Any:  # noqa: ANN401 - of any service
        if service not in self._clients:
            self._clients[service] = boto3.client(service)  # type: ignore[call-overload] # of any service
            self.stubs[service] = Stubber(self._clients[service])
            self.stubs[service].activate()
        return self._clients[service]

    def answers(self, service: str, operation: str, answer: dict[str, Any]) -> None:
        self.client(service)
        self.stubs[service].add_response(operation, answer)

    def refuses(self, service: str, operation: str, code: str, message: str = "") -> None:
        self.client(service)
        self.stubs[service].add_client_error(operation, code, message)
