"""What to say when a request is not stored or a page cannot be shown: statuses and words.

This module is loaded only when it is needed, so that storing a request does not wait for it.
"""

from http import HTTPStatus

from shared.leads.clinic import Clinic, Help
from shared.text.answer import AnswerWords
from shared.text.en import answers
from submit.decode import FORM, JSON, MAX_FIELDS, MULTIPART, UndecodableError
from submit.filled import EMPTY, Filled
from submit.outcome import Problem
from submit.request import InvalidRequestError, MinorError

# In seconds. Long enough for a throttled table to recover, short enough for a person to wait.
_RETRY_AFTER = "20"


def not_found() -> Problem:
    """Return the answer for an unknown path."""
    return _problem(HTTPStatus.NOT_FOUND, answers.NOT_FOUND)


def not_allowed(methods: tuple[str, ...]) -> Problem:
    """Return the answer for a method that the path does not take."""
    return Problem(
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        title=answers.NOT_ALLOWED.title,
        detail=answers.NOT_ALLOWED.detail.format(method=methods[0]),
        headers={"Allow": ", ".join(methods)},
    )


def unreadable(error: UndecodableError) -> Problem:
    """Return the answer for a body that cannot be decoded."""
    words = answers.UNREADABLE[error.reason]
    detail = words.detail.format(json=JSON, form=FORM, multipart=MULTIPART, max_fields=MAX_FIELDS)
    return Problem(status=error.status, title=words.title, detail=detail)


def invalid(error: InvalidRequestError) -> Problem:
    """Return the answer for a form with fields to change."""
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, answers.INVALID, Filled({}, error.problems))


def minor(error: MinorError, clinic: Clinic, help_: Help) -> Problem:
    """Return the answer for a patient who is too young for the clinic."""
    return Problem(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title=answers.MINOR.title.format(minimum_age=clinic.minimum_age),
        detail=answers.MINOR.detail.format(clinic_phone=help_.clinic_phone),
        filled=Filled({}, error.problems),
    )


def conflict() -> Problem:
    """Return the answer for a submission id that belongs to another request."""
    return _problem(HTTPStatus.CONFLICT, answers.CONFLICT)


def not_stored(*, nothing_stored: bool) -> Problem:
    """Return the answer after a failed write. `nothing_stored` says whether we know that it wrote nothing."""
    words = answers.NOT_STORED if nothing_stored else answers.MAYBE_STORED
    return Problem(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title=words.title,
        detail=words.detail,
        headers={"Retry-After": _RETRY_AFTER},
    )


def stored_unshown(*, urgent: bool) -> Problem:
    """Return the answer when the request is stored and the thank-you page fails."""
    words = answers.STORED_UNSHOWN
    return Problem(status=HTTPStatus.INTERNAL_SERVER_ERROR, title=words.title, detail=words.detail, urgent=urgent)


def not_shown() -> Problem:
    """Return the answer when any other page fails."""
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, answers.NOT_SHOWN)


def _problem(status: HTTPStatus, words: AnswerWords, filled: Filled = EMPTY) -> Problem:
    return Problem(status=status, title=words.title, detail=words.detail, filled=filled)
