"""Answers to visitors and to scripts. Every answer except a redirect says where to get help now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from shared.leads.clinic import Help
from shared.text import Text
from shared.web.headers import PRIVATE
from shared.web.http import Response
from submit.outcome import Accepted, Problem
from submit.request import FieldProblem

_JSON: Final = json.JSONEncoder(ensure_ascii=False)


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
    text: Text

    def accepted(self, accepted: Accepted) -> Response:
        """Return 201 with the reference. For a visitor in crisis, the numbers to call come first."""
        document: dict[str, object] = {}
        if accepted.urgent:
            document |= {"message": self.text.help.PLAIN.format_map(vars(self.help)), "help": vars(self.help)}
        document |= {"reference": accepted.reference, "help": vars(self.help)}
        if accepted.next_steps:
            document["next"] = accepted.next_steps
        # For the developer of the site, so nothing is dropped in silence.
        named = {"also_sent": accepted.also_sent, "not_kept": accepted.not_kept}
        document |= {name: names for name, names in named.items() if names}
        if accepted.check_email:
            check = self.text.problems.PROBLEMS["check_email"]
            document["check_email"] = check.format(suggestion=accepted.check_email)
        if accepted.thank_you_page:
            document["thank_you_page"] = accepted.thank_you_page
        return self._json(HTTPStatus.CREATED, "application/json", document)

    def problem(self, problem: Problem) -> Response:
        """Return problem details (https://www.rfc-editor.org/rfc/rfc9457) with one entry per field."""
        document: dict[str, object] = {"help": vars(self.help)} if problem.urgent else {}
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
        document["help"] = vars(self.help)
        return self._json(problem.status, "application/problem+json", document, problem.headers)

    def _json(
        self,
        status: HTTPStatus,
        media_type: str,
        document: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        return Response(
            status=status.value,
            body=_JSON.encode(document),
            headers={**PRIVATE, "Content-Type": media_type, "Content-Language": self.text.code, **(headers or {})},
        )


def _error(problem: FieldProblem) -> dict[str, str]:
    entry = {"field": problem.field, "detail": problem.message}
    return entry | ({"suggestion": problem.suggestion} if problem.suggestion else {})
