"""What to say when a request is not stored or a page cannot be shown: statuses and words.

This module is loaded only when it is needed, so that storing a request does not wait for it.
"""

from collections.abc import Mapping
from dataclasses import replace
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
    words = answers.NOT_ALLOWED
    hint = words.for_developers and words.for_developers.format(method=methods[0])
    return _problem(HTTPStatus.METHOD_NOT_ALLOWED, words._replace(for_developers=hint), headers=_allow(methods))


def misdirected(fields: Mapping[str, object], methods: tuple[str, ...] | None) -> Problem:
    """Return the answer for a form that was posted to a wrong path. `methods` are those of the path, if it exists."""
    status = HTTPStatus.METHOD_NOT_ALLOWED if methods else HTTPStatus.NOT_FOUND
    return _problem(status, answers.MISDIRECTED, Filled(fields), headers=_allow(methods))


def not_posted(fields: Mapping[str, object], methods: tuple[str, ...]) -> Problem:
    """Return the answer for a form that was sent as a link, with method="get". Nothing is stored without a POST."""
    words, status = answers.NOT_POSTED, HTTPStatus.METHOD_NOT_ALLOWED
    return _problem(status, words, Filled(fields), headers=_allow(methods), unsent=True)


def unreadable(error: UndecodableError) -> Problem:
    """Return the answer for a body that cannot be decoded."""
    from shared.text.en import pages  # noqa: PLC0415 - other answers have no words about that

    words = answers.UNREADABLE[error.reason]
    named = {"json": JSON, "form": FORM, "multipart": MULTIPART, "max_fields": MAX_FIELDS}
    hint = words.for_developers and words.for_developers.format_map(named)
    kept = pages.REST_KEPT if error.reason == "files" else pages.MOST_KEPT
    return _problem(error.status, words._replace(for_developers=hint), kept=kept)


def invalid(error: InvalidRequestError) -> Problem:
    """Return the answer for a form with fields to change."""
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, answers.INVALID, Filled({}, error.problems))


def minor(error: MinorError, clinic: Clinic, help_: Help) -> Problem:
    """Return the answer for a patient who is too young for the clinic."""
    return Problem(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title=answers.MINOR.title,
        detail=answers.MINOR.detail.format(minimum_age=clinic.minimum_age, clinic_phone=help_.clinic_phone),
        filled=Filled({}, error.problems),
    )


def conflict() -> Problem:
    """Return the answer for a submission id that belongs to another request."""
    return _problem(HTTPStatus.CONFLICT, answers.CONFLICT)


def erased() -> Problem:
    """Return the answer for a request that was erased. It has a fresh id, so that the visitor can send it as new."""
    # Imported here because no other answer needs it.
    from uuid import uuid4  # noqa: PLC0415

    return replace(_problem(HTTPStatus.GONE, answers.ERASED), new_submission_id=str(uuid4()))


def not_stored(*, nothing_stored: bool) -> Problem:
    """Return the answer after a failed write. `nothing_stored` says whether we know that it wrote nothing."""
    words = answers.NOT_STORED if nothing_stored else answers.MAYBE_STORED
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, words, headers={"Retry-After": _RETRY_AFTER})


def stored_unshown(*, urgent: bool) -> Problem:
    """Return the answer when the request is stored and the thank-you page fails."""
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, answers.STORED_UNSHOWN, urgent=urgent)


def not_shown() -> Problem:
    """Return the answer when any other page fails."""
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, answers.NOT_SHOWN)


def _problem(  # noqa: PLR0913 - the parts of a problem
    status: HTTPStatus,
    words: AnswerWords,
    filled: Filled = EMPTY,
    *,
    headers: Mapping[str, str] | None = None,
    kept: str | None = None,
    urgent: bool = False,
    unsent: bool = False,
) -> Problem:
    return Problem(
        status=status,
        title=words.title,
        detail=words.detail,
        for_developers=words.for_developers,
        filled=filled,
        headers=headers or {},
        kept=kept,
        urgent=urgent,
        unsent=unsent,
    )


def _allow(methods: tuple[str, ...] | None) -> dict[str, str]:
    return {"Allow": ", ".join(methods)} if methods else {}
