"""What a visitor, or a form's script, is told: one place where outcomes become statuses and words.

Every answer that is not a redirect carries the ways to be helped now.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Protocol

from aws.runtime.files import clinic, templates
from leads.clinic import Help
from leads.request import FieldProblem
from submit.http import Response

# Pages and answers are about one person's request: no cache keeps them, no other site frames them, nothing runs.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong with a request, and what to do next."""

    status: HTTPStatus
    title: str
    detail: str
    fields: tuple[FieldProblem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Answers(Protocol):
    """How one kind of client is answered."""

    def accepted(self, reference: str) -> Response:
        """Say that the request is stored and what it is called."""

    def problem(self, problem: Problem) -> Response:
        """Say what went wrong and what to do next."""


class JsonAnswers:
    """Answers for scripts: JSON, and RFC 9457 problem details where something is wrong."""

    def accepted(self, reference: str) -> Response:
        """201 with the reference."""
        return _json(HTTPStatus.CREATED, "application/json", {"reference": reference, "help": _help_document()})

    def problem(self, problem: Problem) -> Response:
        """Problem details (https://www.rfc-editor.org/rfc/rfc9457) with one entry per field."""
        document: dict[str, object] = {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status.value,
            "detail": problem.detail,
        }
        if problem.fields:
            document["errors"] = [{"field": entry.field, "detail": entry.message} for entry in problem.fields]
        document["help"] = _help_document()
        return _json(problem.status, "application/problem+json", document, problem.headers)


class PageAnswers:
    """Answers for a form that was posted without a script: pages, and a redirect so that a reload posts nothing."""

    def accepted(self, reference: str) -> Response:
        """303 to the thank-you page. The address is relative, so any stage name and custom domain works."""
        return Response(status=303, headers={**_HEADERS, "Location": f"thank-you?reference={reference}"})

    def problem(self, problem: Problem) -> Response:
        """Show what to mend on a page, field by field."""
        return page("problem.html", problem.status, problem.headers, problem=problem)


def page(
    template: str, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    """Return an HTML page. Values are escaped."""
    body = templates("submit/pages").get_template(template).render(clinic=clinic(), help=_help(), **values)
    return Response(
        status=status.value,
        body=body,
        headers={**_HEADERS, "Content-Type": "text/html; charset=utf-8", **(headers or {})},
    )


def _json(
    status: HTTPStatus, media_type: str, document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        status=status.value,
        body=json.dumps(document, ensure_ascii=False),
        headers={**_HEADERS, "Content-Type": media_type, **(headers or {})},
    )


def _help() -> Help:
    return Help(clinic_phone=clinic().phone)


def _help_document() -> dict[str, str]:
    return asdict(_help())
