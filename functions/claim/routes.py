"""The routes of the links in emails, and the one place that maps errors to pages."""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from claim.claim import Claim, FormerRecipientError, Noted, RefusedError, UnknownLeadError, count_refused
from claim.words import Said, Words
from shared.leads.link import BadLinkError, ExpiredLinkError
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.keys import KeysUnavailableError
from shared.web.headers import PRIVATE
from shared.web.page import page

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

# With a custom domain name, the path of an event begins with the domain's base path.
_BASE_PATH = re.compile(r"^.*(?=/claim/)")


class _MethodError(Exception):
    """An HTTP method that links do not support."""


def routes(claim: Claim) -> APIGatewayRestResolver:
    """Return the router of the links. It sends no CORS headers, because no script needs these pages."""
    app = APIGatewayRestResolver(debug=False, strip_prefixes=[_BASE_PATH])

    def known_methods(app: APIGatewayRestResolver, next_middleware: "NextMiddleware") -> Response[str]:
        # Powertools uppercases methods, but HTTP methods are case-sensitive: "post" is not POST.
        if app.current_event.http_method not in {"GET", "HEAD", "POST"}:
            raise _MethodError
        response: Response[str] = next_middleware(app)
        return response

    app.use(middlewares=[known_methods])

    def words() -> Words:
        return Words(claim.rules.clinic, claim.now())

    @app.route("/claim/<token>", method=["GET", "HEAD"])
    def ask(token: str) -> Response[str]:
        question = claim.ask(token)
        said = words().question(question.link, question.lead, question.before, question.after)
        return _shown(claim, said)

    @app.post("/claim/<token>")
    def note(token: str) -> Response[str]:
        return _shown(claim, _said_of(claim.note(token), words()))

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator] # Powertools leaves it untyped
    def problem(error: Exception) -> Response[str]:
        return _shown(claim, _said_about(error, words(), acts=app.current_event.http_method == "POST"))

    return app


def _said_of(noted: Noted, words: Words) -> Said:
    """Return the confirmation page. The choice is saved, so a failure here must not look like it was lost."""
    try:
        return words.noted(noted.link, noted.lead, noted.progress, told=noted.told)
    except Exception as error:  # noqa: BLE001 - the choice is saved, whatever fails here
        _count_failure(error)
        return words.noted_in_short()


def _said_about(error: Exception, words: Words, *, acts: bool) -> Said:  # noqa: PLR0911 - one return for each error
    match error:
        case _MethodError():
            return words.not_allowed()
        case NotFoundError():  # the address has a character that tokens never contain
            count_refused("bad")
            return words.bad_link()
        case BadLinkError():
            return words.bad_link()
        case ExpiredLinkError():
            return words.expired(error.link)
        case FormerRecipientError():
            return words.former_recipient(error.link)
        case UnknownLeadError():
            return words.deleted(error.link)
        case RefusedError():
            return words.refused(error.link, error.lead, error.progress, error.refusal)
        case KeysUnavailableError():
            logger.error("link key unavailable", extra={"reason": error.reason})
        case _:
            logger.error("link failed", extra={"error": str(sanitized(error))})
    return words.out_of_reach(acts=acts)


def _shown(claim: Claim, said: Said) -> Response[str]:
    """Return the page, or its text if rendering fails, because the choice may be saved already and staff must know."""
    try:
        shown = page(
            "claim/pages", "claim.html", said.status, {"clinic": claim.rules.clinic, "said": said}, headers=said.headers
        )
    except Exception as error:  # noqa: BLE001 - staff must get the text, whatever fails here
        _count_failure(error)
        return _as_text(said)
    return Response(status_code=shown.status, body=shown.body, headers=dict(shown.headers))


def _as_text(said: Said) -> Response[str]:
    if said.button and said.status is HTTPStatus.OK:  # plain text has no button to press
        said = Words.out_of_reach(acts=False)
    facts = [f"{name}: {value}" for name, value in said.facts]
    return Response(
        status_code=said.status.value,
        body="\n\n".join([said.title, *facts, *said.text]),
        headers={**PRIVATE, "Content-Type": "text/plain; charset=utf-8", **said.headers},
    )


def _count_failure(error: Exception) -> None:
    metrics.add_metric("LinkPagesFailed", "Count", 1)
    logger.error("page failed", extra={"error": str(sanitized(error))})
