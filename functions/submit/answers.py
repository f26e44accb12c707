"""What a visitor, or a form's script, is told: one place where outcomes become statuses and words.

Every answer that is not a redirect carries the ways to be helped now.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Protocol

from shared.leads.clinic import Help
from shared.web.headers import PRIVATE
from shared.web.http import Response
from submit.outcome import Accepted, Problem


class Answers(Protocol):
    """How one kind of client is answered."""

    def accepted(self, accepted: Accepted) -> Response:
        """Say that the request is stored and what it is called."""

    def problem(self, problem: Problem) -> Response:
        """Say what went wrong and what to do next."""


@dataclass(frozen=True, slots=True)
class JsonAnswers:
    """Answers for scripts: JSON, and RFC 9457 problem details where something is wrong."""

    help: Help

    def accepted(self, accepted: Accepted) -> Response:
        """201 with the reference. Who is in crisis is told first where help is."""
        first = {"message": self.help.sentence, "help": asdict(self.help)} if accepted.urgent else {}
        document = first | {"reference": accepted.reference, "help": asdict(self.help)}
        if accepted.thank_you_page:
            document["thank_you_page"] = accepted.thank_you_page
        return _json(HTTPStatus.CREATED, "application/json", document)

    def problem(self, problem: Problem) -> Response:
        """Problem details (https://www.rfc-editor.org/rfc/rfc9457) with one entry per field."""
        document: dict[str, object] = {"help": asdict(self.help)} if problem.urgent else {}
        document |= {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status.value,
            "detail": problem.detail,
        }
        if problem.filled.problems:
            document["errors"] = [{"field": entry.field, "detail": entry.message} for entry in problem.filled.problems]
        document["help"] = asdict(self.help)
        return _json(problem.status, "application/problem+json", document, problem.headers)


def _json(
    status: HTTPStatus, media_type: str, document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        status=status.value,
        body=json.dumps(document, ensure_ascii=False),
        headers={**PRIVATE, "Content-Type": media_type, **(headers or {})},
    )
