"""What a visitor, or a form's script, is told: one place where outcomes become statuses and words.

Every answer that is not a redirect carries the ways to be helped now.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Protocol

from aws.headers import PRIVATE
from aws.http import Response
from leads.clinic import Help
from submit.page import Pages, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A request that is stored. `thank_you_page` is one of the clinic's own list, or None."""

    reference: str
    urgent: bool
    thank_you_page: str | None


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


@dataclass(frozen=True, slots=True)
class PageAnswers:
    """Answers for a form that was posted without a script: pages, and a redirect so that a reload posts nothing."""

    pages: Pages

    def accepted(self, accepted: Accepted) -> Response:
        """303 to the clinic's own page, or to ours. The address of ours is relative, so any stage and domain works."""
        ours = f"thank-you?reference={accepted.reference}{'&urgent=yes' if accepted.urgent else ''}"
        return Response(
            status=HTTPStatus.SEE_OTHER.value, headers={**PRIVATE, "Location": accepted.thank_you_page or ours}
        )

    def problem(self, problem: Problem) -> Response:
        """Show what went wrong, and the form as it was filled in."""
        return self.pages.problem(problem)


def _json(
    status: HTTPStatus, media_type: str, document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        status=status.value,
        body=json.dumps(document, ensure_ascii=False),
        headers={**PRIVATE, "Content-Type": media_type, **(headers or {})},
    )
