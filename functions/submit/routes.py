"""From a request to its answer: every path, every outcome."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus

from aws.runtime.telemetry import logger, metrics, sanitised
from aws.table import StorageError
from leads.identity import REFERENCE_PATTERN
from leads.request import InvalidRequestError
from submit.answers import Answers, JsonAnswers, PageAnswers, Problem, page
from submit.cors import cors_headers
from submit.decode import FORM, UndecodableError, decode
from submit.http import Request, Response
from submit.receive import ConflictError, LeadStore, receive

# Seconds; long enough for a throttled table to recover, short enough that a person still sits there.
_RETRY_AFTER = "20"

_NOT_FOUND = Problem(status=HTTPStatus.NOT_FOUND, title="Not found", detail="Requests are posted to /consultations.")
_INVALID = Problem(
    status=HTTPStatus.UNPROCESSABLE_ENTITY,
    title="Please check your request",
    detail="We have not stored it yet. Please correct what is listed and send it again.",
)
_CONFLICT = Problem(
    status=HTTPStatus.CONFLICT,
    title="Already used",
    detail="Another request was sent with this submission id. Nothing was stored: reload the form and send it again.",
)


@dataclass(frozen=True, kw_only=True)
class Submit:
    """The public API. `now` is the clock, so that tests can hold it."""

    store: LeadStore
    allowed_origins: Collection[str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, request: Request) -> Response:
        """Return the answer to any request."""
        origin = request.headers.get("origin")
        match request.method, request.path:
            case "POST", "/consultations":
                response = self._post(request)
            case "OPTIONS", "/consultations":
                return Response(status=204, headers=cors_headers(origin, self.allowed_origins, preflight=True))
            case "GET", "/thank-you":
                response = _thank_you(request)
            case _:
                response = _answers_for(request).problem(_NOT_FOUND)
        return Response(
            status=response.status,
            body=response.body,
            headers={**response.headers, **cors_headers(origin, self.allowed_origins)},
        )

    def _post(self, request: Request) -> Response:
        answers = _answers_for(request)
        try:
            return answers.accepted(receive(decode(request.media_type, request.body), self.store, self.now()))
        except UndecodableError as error:
            metrics.add_metric("RequestsUnreadable", "Count", 1)
            return answers.problem(Problem(status=HTTPStatus(error.status), title=error.title, detail=error.reason))
        except InvalidRequestError as error:
            metrics.add_metric("RequestsInvalid", "Count", 1)
            logger.info("request needs mending", extra={"fields": [problem.field for problem in error.problems]})
            return answers.problem(replace(_INVALID, fields=error.problems))
        except ConflictError:
            metrics.add_metric("RequestsConflicting", "Count", 1)
            return answers.problem(_CONFLICT)
        except StorageError as error:
            return _not_stored(answers, nothing_stored=error.nothing_stored)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer that helps
            logger.error("request failed", extra={"error": str(sanitised(error))})
            return _not_stored(answers, nothing_stored=False)


def _not_stored(answers: Answers, *, nothing_stored: bool) -> Response:
    metrics.add_metric("StorageFailures", "Count", 1)
    logger.error("request not stored", extra={"nothing_stored": nothing_stored})
    certainty = "Nothing was stored" if nothing_stored else "We cannot tell whether it was stored"
    return answers.problem(
        Problem(
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            title="We could not take your request",
            detail=f"{certainty}. Send it again in a moment: sending it twice is safe.",
            headers={"Retry-After": _RETRY_AFTER},
        )
    )


def _answers_for(request: Request) -> Answers:
    accepts_pages = "text/html" in request.headers.get("accept", "")
    return PageAnswers() if request.media_type == FORM or accepts_pages else JsonAnswers()


def _thank_you(request: Request) -> Response:
    # Only something that has the form of a reference is shown; the page is no place to put words into.
    reference = request.query.get("reference", "")
    return page("thank_you.html", reference=reference if REFERENCE_PATTERN.fullmatch(reference) else None)
