"""Routes of the public API: each path, each outcome."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.leads.clinic import Clinic, Help
from shared.leads.expectation import next_steps
from shared.leads.identity import REFERENCE_PATTERN, REFERENCE_PREFIX, LeadIds
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.store.intake import StorageError
from shared.text import DEFAULT, Text, language_of, text
from shared.web.http import Response
from submit.accept import prefers_page
from submit.answers import Answers, JsonAnswers
from submit.cors import cors_headers
from submit.decode import FORM, MULTIPART, PLAIN, UndecodableError, decode
from submit.http import Request
from submit.outcome import Accepted, Problem
from submit.public import openapi_document, script
from submit.reading import said_language, says_in_crisis
from submit.receive import ErasedError, LeadStore, SubmissionIdInUseError, receive
from submit.request import InvalidRequestError, MinorError
from submit.web_address import origin_and_path

if TYPE_CHECKING:
    from submit.page import Pages

_METHODS = {
    "/": ("GET",),
    "/consultations": ("POST", "OPTIONS"),
    "/thank-you": ("GET",),
    "/form.js": ("GET",),
    "/openapi.json": ("GET",),
}


@dataclass(frozen=True, kw_only=True)
class Submit:
    """The public API. `now` is the clock; tests replace it."""

    store: LeadStore
    clinic: Clinic
    ids: LeadIds
    help: Help
    allowed_origins: tuple[str, ...]  # the first is the clinic's site
    thank_you_pages: tuple[str, ...]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _said: dict[tuple[datetime, bool, str], str] = field(default_factory=dict, init=False, compare=False)

    def answer(self, request: Request) -> Response:
        """Return the answer to any request. Never raises."""
        origin = request.headers.get("origin")
        if (request.method, request.path) == ("OPTIONS", "/consultations"):
            return Response(status=204, headers=cors_headers(origin, self.allowed_origins, preflight=True))
        try:
            response = self._answer(request)
        except Exception as error:  # noqa: BLE001 - the visitor gets the numbers to call even when a page fails
            words = text(self._language(request, {}))
            response = JsonAnswers(self.help, words).problem(_failed_at(request, error, words))
        varies = "Content-Language" in response.headers
        return response.with_headers(cors_headers(origin, self.allowed_origins, by_language=varies))

    def _answer(self, request: Request) -> Response:
        match request.path, request.method:
            case "/consultations", "POST":
                return self._post(request)
            case "/thank-you", "GET" | "HEAD":
                return self._thank_you(request)
            case "/", "GET" | "HEAD":
                return self._pages(text(self._language(request, {}))).start()
            case "/form.js", "GET" | "HEAD":
                return script(self.help, self.allowed_origins, self.clinic.languages)
            case "/openapi.json", "GET" | "HEAD":
                return openapi_document(self.clinic)
        return self._nowhere(request)

    def _post(self, request: Request) -> Response:
        try:
            fields = self._completed(decode(request.content_type, request.body), request)
        except UndecodableError as error:
            fields = self._completed(error.fields, request) if error.fields else {}
            if not says_in_crisis(fields):
                return self._refuse(request, error, fields)
            # A person in crisis is heard without the file, or what else we cannot read. Staff see that it is missing.
            fields = {**fields, "left out": error.reason}
        words = text(self._language(request, fields))
        try:
            receipt = receive(
                *(fields, self.store, self.clinic, self.ids, self.now()),
                text=words,
                visitor_language=None if said_language(fields.get("lang")) else self._visitor_language(request),
            )
        except SubmissionIdInUseError as error:
            # Remove the id, so the visitor can send the form again. With the same id, it would conflict again.
            fields = {name: value for name, value in fields.items() if name != "submission_id"}
            return self._refuse(request, error, fields)
        except Exception as error:  # noqa: BLE001 - the visitor gets a helpful answer for every error
            return self._refuse(request, error, fields)
        urgent = receipt.urgent
        as_json = self._answers_json(request)
        # Only redirect to a listed page. A visitor in crisis sees the help page instead. A script cannot follow a
        # redirect to another site.
        known = receipt.thank_you_page in self.thank_you_pages and not urgent and (as_json or _is_navigation(request))
        accepted = Accepted(
            reference=receipt.reference,
            urgent=urgent,
            thank_you_page=receipt.thank_you_page if known else None,
            base=request.base,
            also_sent=receipt.also_sent,
            not_kept=receipt.not_kept,
            next_steps=self._next_steps(words, urgent=urgent) if as_json else None,
            check_email=receipt.check_email,
        )
        try:
            return (JsonAnswers(self.help, words) if as_json else self._pages(words)).accepted(accepted)
        except Exception as error:  # noqa: BLE001 - the request is stored, so the answer must say so
            _count_failed_page(error)
            return JsonAnswers(self.help, words).accepted(accepted)

    def _next_steps(self, words: Text, *, urgent: bool) -> str | None:
        # Opening hours are in minutes, so all answers of a minute say the same.
        minute = self.now().replace(second=0, microsecond=0)
        known = minute, urgent, words.code
        try:
            if known not in self._said:
                self._said.clear()
                self._said[known] = next_steps(self.clinic, minute, words, urgent=urgent)
            return self._said[known]
        except Exception as error:  # noqa: BLE001 - the request is stored, so the answer must say so
            _count_failed_page(error)
            return None

    def _completed(self, fields: Mapping[str, object], request: Request) -> Mapping[str, object]:
        """Return the fields with the context that a form without a script does not send: its page."""
        referer = request.headers.get("referer")
        sent = fields.get("page")
        known = isinstance(sent, str) and origin_and_path(sent.strip()) is not None
        return {**fields, "page": referer} if referer and not known else fields

    def _in_language(self, fields: Mapping[str, object], request: Request) -> Mapping[str, object]:
        """Return the fields of a form that is shown again, with the language of its page.

        Only then: a consent is given to the text that the form showed, so a browser cannot say its language.
        """
        if said_language(fields.get("lang")) is not None or not (language := self._visitor_language(request)):
            return fields
        sent = fields.get("lang", [])
        return {**fields, "lang": [*(sent if isinstance(sent, list) else [sent]), language]}

    def _visitor_language(self, request: Request) -> str | None:
        """Return the language that the address or the browser asks for.

        If neither says one, it is that of our answer, unless that is English, which any site without Spanish has.
        """
        if (named := language_of(request.query.get("lang"))) in self.clinic.languages:
            return named
        first = self.clinic.languages[0]
        return self._preferred(request) or (first if first != DEFAULT else None)

    def _language(self, request: Request, fields: Mapping[str, object]) -> str:
        """Return the language of the answer: the form's, then the address's, the browser's and the clinic's first."""
        said = said_language(fields.get("lang")) or language_of(request.query.get("lang"))
        return self.clinic.language_for(said or self._preferred(request))

    def _preferred(self, request: Request) -> str | None:
        if not (header := request.headers.get("accept-language")):
            return None
        # Imported here because a form with our script says its language.
        from submit.language import preferred  # noqa: PLC0415

        return preferred(header, self.clinic.languages)

    def _refuse(self, request: Request, error: Exception, fields: Mapping[str, object]) -> Response:
        """Say why a request was not stored. The page keeps what could be read of it."""
        words = text(self._language(request, fields))
        problem = self._problem(error, words)
        if problem.new_submission_id:
            # The page carries it, so the visitor can send the form again, also one that had no id before.
            fields = {**fields, "submission_id": problem.new_submission_id}
        fields = self._in_language(fields, request) if fields else fields
        filled = replace(problem.filled, fields=fields)
        return self._tell(request, replace(problem, filled=filled, urgent=says_in_crisis(fields)), words)

    def _tell(self, request: Request, problem: Problem, words: Text) -> Response:
        """Return a problem in the format the client wants, or as JSON if the page fails."""
        try:
            return self._answers_for(request, words).problem(replace(problem, base=request.base))
        except Exception as error:  # noqa: BLE001 - the visitor still needs to know what went wrong
            _count_failed_page(error)
            return JsonAnswers(self.help, words).problem(problem)

    def _problem(self, error: Exception, words: Text) -> Problem:  # noqa: PLR0911 - one return for each error
        """Return the answer for any error that keeps a request from being stored. All errors are mapped here."""
        # Imported here because a request that is stored does not need it.
        from submit import refusals  # noqa: PLC0415

        match error:
            case UndecodableError():
                metrics.add_metric("RequestsUnreadable", "Count", 1)
                return refusals.unreadable(error, words)
            case MinorError():
                metrics.add_metric("RequestsForMinors", "Count", 1)
                return refusals.minor(error, self.clinic, self.help, words)
            case InvalidRequestError():
                metrics.add_metric("RequestsInvalid", "Count", 1)
                logger.info("request invalid", extra={"fields": [problem.field for problem in error.problems]})
                return refusals.invalid(error, words)
            case SubmissionIdInUseError():
                metrics.add_metric("RequestsConflicting", "Count", 1)
                return refusals.conflict(words)
            case ErasedError():
                return refusals.erased(words)
            case StorageError():
                return refusals.not_stored(words, nothing_stored=error.nothing_stored)
            case _:
                return _failed(error, words)

    def _nowhere(self, request: Request) -> Response:
        from submit import misdirected, refusals  # noqa: PLC0415 - as in _problem

        methods = _METHODS.get(request.path)
        words = text(self._language(request, {}))
        problem = refusals.not_allowed(methods, words) if methods else refusals.not_found(words)
        if self._answers_json(request):
            return self._tell(request, problem, words)
        again = misdirected.shown_again(request, methods, lambda fields: text(self._language(request, fields)))
        if again is None:
            return self._tell(request, problem, words)
        fields = self._in_language(again.filled.fields, request)
        filled = replace(again.filled, fields=fields)
        again = replace(again, filled=filled, urgent=says_in_crisis(fields))
        return self._tell(request, again, text(self._language(request, fields)))

    def _thank_you(self, request: Request) -> Response:
        # Show only a well-formed reference. Otherwise a link could put any words on the page.
        reference = request.query.get("reference", "")
        # A request that is sent again may be older than the clinic's own letters.
        ours = reference.startswith((f"{self.clinic.reference_prefix}-", f"{REFERENCE_PREFIX}-"))
        known = ours and REFERENCE_PATTERN.fullmatch(reference) is not None
        urgent, check_email = (request.query.get(name) == "yes" for name in ("urgent", "check_email"))
        words = text(self._language(request, {}))
        try:
            said = next_steps(self.clinic, self.now(), words, urgent=urgent)
            return self._pages(words).thank_you(
                reference if known else None, said, urgent=urgent, check_email=check_email
            )
        except Exception as error:  # noqa: BLE001 - the request is stored, so the answer must say so
            return JsonAnswers(self.help, words).problem(_stored_unshown(request, error, words))

    def _answers_for(self, request: Request, words: Text) -> Answers:
        return JsonAnswers(self.help, words) if self._answers_json(request) else self._pages(words)

    @staticmethod
    def _answers_json(request: Request) -> bool:
        # A script that names no type can read JSON, whatever it sent.
        a_form = request.media_type in {FORM, MULTIPART, PLAIN} and not _is_script(request)
        return not prefers_page(request.headers.get("accept", ""), otherwise=a_form)

    def _pages(self, words: Text) -> "Pages":
        # Imported here because a script's request needs neither pages nor the form.
        from submit.page import Pages  # noqa: PLC0415

        home = self.allowed_origins[0] if self.allowed_origins else None
        pages = self.thank_you_pages
        return Pages(clinic=self.clinic, help=self.help, text=words, home=home, thank_you_pages=pages)


def _is_script(request: Request) -> bool:
    """Return whether a browser says that a script sent this, with fetch() or XMLHttpRequest."""
    return request.headers.get("sec-fetch-mode") in {"cors", "same-origin", "no-cors"}


def _is_navigation(request: Request) -> bool:
    """Return whether this opens a page in a browser.

    Old browsers do not say so. Their scripts take anything ("*/*"), and their pages ask for HTML.
    """
    mode = request.headers.get("sec-fetch-mode")
    return mode == "navigate" if mode else request.headers.get("accept", "").strip() != "*/*"


def _failed_at(request: Request, error: Exception, words: Text) -> Problem:
    """Count and log an error that kept us from answering, and return its answer."""
    match request.path, request.method:
        case _, "POST":
            return _failed(error, words)
        case "/thank-you", "GET" | "HEAD":
            return _stored_unshown(request, error, words)
    return _not_shown(error, words)


def _failed(error: Exception, words: Text) -> Problem:
    """Count and log an unexpected error, and return its answer. We do not know whether the request was stored."""
    from submit import refusals  # noqa: PLC0415 - as in Submit._problem

    metrics.add_metric("RequestsFailed", "Count", 1)
    logger.error("request failed", extra={"error": str(sanitized(error))})
    return refusals.not_stored(words, nothing_stored=False)


def _stored_unshown(request: Request, error: Exception, words: Text) -> Problem:
    """Return the answer when the thank-you page fails. A visitor gets there only after the request is stored."""
    from submit import refusals  # noqa: PLC0415 - as in Submit._problem

    _count_failed_page(error)
    return refusals.stored_unshown(words, urgent=request.query.get("urgent") == "yes")


def _not_shown(error: Exception, words: Text) -> Problem:
    from submit import refusals  # noqa: PLC0415 - as in Submit._problem

    _count_failed_page(error)
    return refusals.not_shown(words)


def _count_failed_page(error: Exception) -> None:
    metrics.add_metric("PagesFailed", "Count", 1)
    logger.error("page failed", extra={"error": str(sanitized(error))})
