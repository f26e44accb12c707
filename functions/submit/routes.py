"""From a request to its answer: every path, every outcome."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.leads.clinic import Clinic, Help
from shared.leads.identity import REFERENCE_PATTERN
from shared.runtime.telemetry import logger, metrics, sanitised
from shared.store.intake import StorageError
from shared.web.http import Response
from submit.accept import prefers_page
from submit.answers import Answers, JsonAnswers
from submit.cors import cors_headers
from submit.decode import FORM, MULTIPART, UndecodableError, decode
from submit.filled import Filled
from submit.http import Request
from submit.outcome import Accepted, Problem
from submit.public import openapi_document, script
from submit.receive import LeadStore, SubmissionIdInUseError, receive
from submit.request import InvalidRequestError, MinorError, says_in_crisis

if TYPE_CHECKING:
    from submit.page import Pages

# Seconds; long enough for a throttled table to recover, short enough that a person still sits there.
_RETRY_AFTER = "20"

_METHODS = {
    "/consultations": ("POST", "OPTIONS"),
    "/thank-you": ("GET",),
    "/form.js": ("GET",),
    "/openapi.json": ("GET",),
}


@dataclass(frozen=True, kw_only=True)
class Submit:
    """The public API. `now` is the clock, so that tests can hold it."""

    store: LeadStore
    clinic: Clinic
    help: Help
    allowed_origins: tuple[str, ...]  # the first is the clinic's site
    thank_you_pages: tuple[str, ...]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, request: Request) -> Response:
        """Return the answer to any request."""
        origin = request.headers.get("origin")
        if (request.method, request.path) == ("OPTIONS", "/consultations"):
            return Response(status=204, headers=cors_headers(origin, self.allowed_origins, preflight=True))
        try:
            response = self._answer(request)
        except Exception as error:  # noqa: BLE001 - even where a page cannot be shown, the ways to be helped can
            problem = _failed(error) if request.method == "POST" else _not_shown(error)
            response = JsonAnswers(self.help).problem(problem)
        return replace(response, headers={**response.headers, **cors_headers(origin, self.allowed_origins)})

    def _answer(self, request: Request) -> Response:
        match request.path, request.method:
            case "/consultations", "POST":
                return self._post(request)
            case "/thank-you", "GET" | "HEAD":
                return self._thank_you(request)
            case "/form.js", "GET" | "HEAD":
                return script(self.help)
            case "/openapi.json", "GET" | "HEAD":
                return openapi_document(self.clinic)
        return self._tell(request, _not_allowed(_METHODS[request.path]) if request.path in _METHODS else _NOT_FOUND)

    def _post(self, request: Request) -> Response:
        try:
            fields = self._with_page(decode(request.content_type, request.body), request)
        except UndecodableError as error:
            return self._refuse(request, error, self._with_page(error.fields, request) if error.fields else {})
        try:
            receipt = receive(fields, self.store, self.clinic, self.now())
        except SubmissionIdInUseError as error:
            # The same id would meet the same conflict again.
            fields = {name: value for name, value in fields.items() if name != "submission_id"}
            return self._refuse(request, error, fields)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer that helps
            return self._refuse(request, error, fields)
        urgent = says_in_crisis(fields)
        # Only an address that is on the list, exactly as it stands there; who is in crisis is shown help instead.
        known = receipt.thank_you_page in self.thank_you_pages and not urgent
        accepted = Accepted(
            reference=receipt.reference,
            urgent=urgent,
            thank_you_page=receipt.thank_you_page if known else None,
        )
        try:
            return self._answers_for(request).accepted(accepted)
        except Exception as error:  # noqa: BLE001 - whatever it is, the request is stored
            _count_failed_page(error)
            return JsonAnswers(self.help).accepted(accepted)

    @staticmethod
    def _with_page(fields: Mapping[str, object], request: Request) -> Mapping[str, object]:
        # A page without a script cannot know its own address.
        referer = request.headers.get("referer")
        return {"page": referer, **fields} if referer else fields

    def _refuse(self, request: Request, error: Exception, fields: Mapping[str, object]) -> Response:
        """Say what keeps a request from being stored, and keep what could be read of it on the page."""
        problem = self._problem(error)
        filled = replace(problem.filled, fields=fields)
        return self._tell(request, replace(problem, filled=filled, urgent=says_in_crisis(fields)))

    def _tell(self, request: Request, problem: Problem) -> Response:
        """Say what is wrong, as JSON where the page fails: that changes nothing about the problem."""
        try:
            return self._answers_for(request).problem(problem)
        except Exception as error:  # noqa: BLE001 - whatever it is, the visitor is told the problem itself
            _count_failed_page(error)
            return JsonAnswers(self.help).problem(problem)

    def _problem(self, error: Exception) -> Problem:
        """Return what to say about anything that keeps a request from being stored. The one place that maps errors."""
        match error:
            case UndecodableError():
                metrics.add_metric("RequestsUnreadable", "Count", 1)
                return Problem(status=error.status, title=error.title, detail=error.reason)
            case MinorError():
                metrics.add_metric("RequestsForMinors", "Count", 1)
                return self._minor(error)
            case InvalidRequestError():
                metrics.add_metric("RequestsInvalid", "Count", 1)
                logger.info("request needs changes", extra={"fields": [problem.field for problem in error.problems]})
                return replace(_INVALID, filled=Filled({}, error.problems))
            case SubmissionIdInUseError():
                metrics.add_metric("RequestsConflicting", "Count", 1)
                return _CONFLICT
            case StorageError():
                return _not_stored(nothing_stored=error.nothing_stored)
            case _:
                return _failed(error)

    def _minor(self, error: MinorError) -> Problem:
        age, phone = self.clinic.minimum_age, self.help.clinic_phone
        return Problem(
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            title=f"We treat people of {age} and older",
            detail=(
                f"So we have not stored anything. Please call the clinic at {phone}: we will tell you who can help, "
                "and a pediatrician or family doctor can too. If you chose the wrong answer, change it and send again."
            ),
            filled=Filled({}, error.problems),
        )

    def _thank_you(self, request: Request) -> Response:
        # Only something that has the form of a reference is shown; the page is no place to put words into.
        reference = request.query.get("reference", "")
        known = REFERENCE_PATTERN.fullmatch(reference) is not None
        urgent = request.query.get("urgent") == "yes"
        try:
            return self._pages.thank_you(reference if known else None, urgent=urgent)
        except Exception as error:  # noqa: BLE001 - whatever it is, the visitor's request is stored
            _count_failed_page(error)
            return JsonAnswers(self.help).problem(replace(_STORED_UNSHOWN, urgent=urgent))

    def _answers_for(self, request: Request) -> Answers:
        a_form = request.media_type in {FORM, MULTIPART}
        wants_page = prefers_page(request.headers.get("accept", ""), otherwise=a_form)
        return self._pages if wants_page else JsonAnswers(self.help)

    @property
    def _pages(self) -> "Pages":
        # Imported where it is used: a script's request needs neither pages nor the form.
        from submit.page import Pages  # noqa: PLC0415

        home = self.allowed_origins[0] if self.allowed_origins else None
        return Pages(clinic=self.clinic, help=self.help, home=home, thank_you_pages=self.thank_you_pages)


_NOT_FOUND = Problem(
    status=HTTPStatus.NOT_FOUND,
    title="Not found",
    detail="There is nothing at this address. Forms are sent to /consultations, without a slash at its end.",
)
_INVALID = Problem(
    status=HTTPStatus.UNPROCESSABLE_ENTITY,
    title="Please check your request",
    detail="We have not stored it yet. Please change what is listed and send it again.",
)
_CONFLICT = Problem(
    status=HTTPStatus.CONFLICT,
    title="Already used",
    detail=(
        "This form was used for another request before, so this one was not stored. Send it again (a script does so "
        "with a new submission_id)."
    ),
)


def _not_allowed(methods: tuple[str, ...]) -> Problem:
    return Problem(
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        title="Nothing to see here",
        detail=f"This address takes {methods[0]} only. If a form brought you here, go back to it and send it again.",
        headers={"Allow": ", ".join(methods)},
    )


_STORED_UNSHOWN = Problem(
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    title="Your request is stored",
    detail="The clinic has it, and you do not need to send it again. We could not show you the page that says so.",
)
_NOT_SHOWN = Problem(
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    title="We could not show this page",
    detail="We are having a technical problem. Please open it again in a minute.",
)


def _not_stored(*, nothing_stored: bool) -> Problem:
    certainty = "Nothing was stored" if nothing_stored else "We cannot tell whether it was stored"
    return Problem(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="We could not take your request",
        detail=f"{certainty}. Send it again in a moment: sending it twice is safe.",
        headers={"Retry-After": _RETRY_AFTER},
    )


def _failed(error: Exception) -> Problem:
    """Count a request that failed although the table did not, and return what to say."""
    metrics.add_metric("RequestsFailed", "Count", 1)
    logger.error("request failed", extra={"error": str(sanitised(error))})
    return _not_stored(nothing_stored=False)


def _not_shown(error: Exception) -> Problem:
    _count_failed_page(error)
    return _NOT_SHOWN


def _count_failed_page(error: Exception) -> None:
    metrics.add_metric("PagesFailed", "Count", 1)
    logger.error("page failed", extra={"error": str(sanitised(error))})
