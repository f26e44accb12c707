"""Answers to visitors and to scripts. Every answer except a redirect says where to get help now."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Protocol

from shared.leads.clinic import Help
from shared.web.headers import PRIVATE
from shared.web.http import Response
from submit.outcome import Accepted, Problem
from submit.request import FieldProblem


class Answers(Protocol):
    """Answers for one kind of client."""

    def accepted(self, accepted: Accepted) -> Response:
        """Say that the request is stored, and give its reference."""

    def problem(self, problem: Problem) -> Response:
        """Say what went wrong and what to do next."""


@dataclass(frozen=True, slots=True)
class JsonAnswers:
    """Answers for scripts: JSON, and problem details (RFC 9457) for errors."""

    help: Help

    def accepted(self, accepted: Accepted) -> Response:
        """Return 201 with the reference. For a visitor in crisis, the numbers to call come first."""
        document: dict[str, object] = {}
        if accepted.urgent:
            # Imported here because most answers do not need it.
            from shared.text.en.help import PLAIN  # noqa: PLC0415

            document |= {"message": PLAIN.format_map(asdict(self.help)), "help": asdict(self.help)}
        document |= {"reference": accepted.reference, "help": asdict(self.help)}
        if accepted.next_steps:
            document["next"] = accepted.next_steps
        # For the developer of the site, so nothing is dropped in silence.
        named = {"also_sent": accepted.also_sent, "not_kept": accepted.not_kept}
        document |= {name: names for name, names in named.items() if names}
        if accepted.check_email:
            # Imported here because hardly any answer needs it.
            from shared.text.en.problems import PROBLEMS  # noqa: PLC0415

            document["check_email"] = PROBLEMS["check_email"].format(suggestion=accepted.check_email)
        if accepted.thank_you_page:
            document["thank_you_page"] = accepted.thank_you_page
        return _json(HTTPStatus.CREATED, "application/json", document)

    def problem(self, problem: Problem) -> Response:
        """Return problem details (https://www.rfc-editor.org/rfc/rfc9457) with one entry per field."""
        document: dict[str, object] = {"help": asdict(self.help)} if problem.urgent else {}
        document |= {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status.value,
            "detail": problem.detail,
        }
        if problem.filled.problems:
            document["errors"] = [_error(entry) for entry in problem.filled.problems]
        if problem.new_submission_id:
            document["new_submission_id"] = problem.new_submission_id
        if problem.for_developers:
            document["for_developers"] = problem.for_developers
        document["help"] = asdict(self.help)
        return _json(problem.status, "application/problem+json", document, problem.headers)


def _error(problem: FieldProblem) -> dict[str, str]:
    entry = {"field": problem.field, "detail": problem.message}
    return entry | ({"suggestion": problem.suggestion} if problem.suggestion else {})


def _json(
    status: HTTPStatus, media_type: str, document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        status=status.value,
        body=json.dumps(document, ensure_ascii=False),
        headers={**PRIVATE, "Content-Type": media_type, **(headers or {})},
    )
