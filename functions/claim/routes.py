"""The routes of the links in emails, and the one place that maps errors to pages."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from claim.claim import Claim, Opened, Saved, SavedTogether
from claim.counts import count_failure, count_refused
from claim.errors import BadFormError, ErasedLeadError, FormerRecipientError, RefusedError, UnknownLeadError
from claim.form import press_of
from claim.words import problems
from claim.words.frame import Frame
from claim.words.opened import opened
from claim.words.people import People
from claim.words.refused import refused
from claim.words.said import Said
from claim.words.saved import noted_in_short, offer, saved, saved_together
from shared.leads.link import BadLinkError, ExpiredLinkError
from shared.runtime.telemetry import logger, sanitized
from shared.services.keys import KeysUnavailableError
from shared.web.headers import STAFF
from shared.web.page import page

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

# With a custom domain name, the path of an event begins with the domain's base path.
_BASE_PATH: Final = re.compile(r"^.*(?=/claim/)")
# Any character: an email program may have added some, and `token_in` decides which are harmless.
_ANY_LINK: Final = r"/claim/[\s\S]*"


class _MethodError(Exception):
    """An HTTP method that links do not support."""


def routes(claim: Claim, addresses: Mapping[str, str]) -> APIGatewayRestResolver:
    """Return the router of the links. `addresses` are those of the recipients, by id.

    It sends no CORS headers, because no script needs these pages.
    """
    app = APIGatewayRestResolver(debug=False, strip_prefixes=[_BASE_PATH])

    def known_methods(app: APIGatewayRestResolver, next_middleware: "NextMiddleware") -> Response[str]:
        # Powertools uppercases methods, but HTTP methods are case-sensitive: "post" is not POST.
        if app.current_event.http_method not in {"GET", "HEAD", "POST"}:
            raise _MethodError
        response: Response[str] = next_middleware(app)
        return response

    app.use(middlewares=[known_methods])

    def frame() -> Frame:
        return Frame(clinic=claim.rules.clinic, team=claim.rules.team, people=People(addresses), now=claim.now())

    def address() -> str:
        return app.current_event.path.rpartition("/claim/")[2]

    @app.route(_ANY_LINK, method=["GET", "HEAD"])
    def ask() -> Response[str]:
        return _shown(claim, opened(frame(), claim.open(address())))

    @app.post(_ANY_LINK)
    def note() -> Response[str]:
        result = claim.press(address(), press_of(app.current_event.raw_event))
        if isinstance(result, Opened):
            return _shown(claim, opened(frame(), result))
        return _shown(claim, _in_words(lambda: _said_of(result, frame())))

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator] # Powertools leaves it untyped
    def problem(error: Exception) -> Response[str]:
        return _shown(claim, _said_about(error, claim, frame) or _failed(app))

    return app


def _said_of(result: Saved | SavedTogether, frame: Frame) -> Said:
    return saved(frame, result) if isinstance(result, Saved) else saved_together(frame, result)


def _in_words(words: Callable[[], Said]) -> Said:
    """Return the page after a press. The choice is saved, so a failure here must not look like it was lost."""
    try:
        return words()
    except Exception as error:  # noqa: BLE001 - the choice is saved, whatever fails here
        count_failure(error)
        return noted_in_short()


def _said_refused(claim: Claim, error: RefusedError, frame: Callable[[], Frame]) -> Said | None:
    """Return the page about a refused press. Pressing "Reached" twice must not hide the person's other requests."""
    try:
        others = claim.others_of(error.view, error.action) if error.repeated else ()
        return refused(words := frame(), error, offer(words, error.view, others))
    except Exception as failure:  # noqa: BLE001 - staff must get a page, whatever fails here
        count_failure(failure)
        return None


def _said_about(error: Exception, claim: Claim, frame: Callable[[], Frame]) -> Said | None:  # noqa: C901, PLR0911 - one for each
    """Return the page about an error, or None if it is our failure."""
    match error:
        case RefusedError():
            return _said_refused(claim, error, frame)
        case _MethodError():
            return problems.not_allowed()
        case NotFoundError():  # the path is not one of a link
            count_refused("bad")
            return problems.bad_link()
        case BadLinkError():
            return problems.bad_link()
        case BadFormError():
            count_refused("bad_form")
            return problems.bad_form()
        case ExpiredLinkError():
            return problems.expired(claim.reference_of(error.link))
        case FormerRecipientError():
            return problems.former_recipient(claim.reference_of(error.link))
        case ErasedLeadError():
            return problems.erased()
        case UnknownLeadError():
            return problems.deleted(error.link, claim.rules.clinic)
        case KeysUnavailableError():
            logger.error("link key unavailable", extra={"reason": error.reason})
        case _:
            logger.error("link failed", extra={"error": str(sanitized(error))})
    return None


def _failed(app: APIGatewayRestResolver) -> Said:
    """Return the page about our failure. After a press, it has a button that repeats the press."""
    if app.current_event.http_method != "POST":
        return problems.out_of_reach()
    try:
        return problems.maybe_saved(press_of(app.current_event.raw_event))
    except BadFormError:
        return problems.bad_form()


def _shown(claim: Claim, said: Said) -> Response[str]:
    """Return the page, or its text if rendering fails, because the choice may be saved already and staff must know."""
    try:
        shown = page(
            "claim/pages", "claim.html", said.status, {"clinic": claim.rules.clinic, "said": said}, headers=said.headers
        )
    except Exception as error:  # noqa: BLE001 - staff must get the text, whatever fails here
        count_failure(error)
        return _as_text(said)
    return Response(status_code=shown.status, body=shown.body, headers=dict(shown.headers))


def _as_text(said: Said) -> Response[str]:
    if said.asks and said.status is HTTPStatus.OK:  # plain text has no button to press
        said = problems.out_of_reach()
    facts = [f"{name}: {value}" for name, value in said.facts]
    return Response(
        status_code=said.status.value,
        body="\n\n".join([said.title, *facts, *said.text]),
        headers={**STAFF, "Content-Type": "text/plain; charset=utf-8", **said.headers},
    )
