"""submit.refusals: every error response has its text, with all values filled in."""

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import get_args

import pytest

from shared.leads.clinic import Help
from shared.text import LANGUAGES, Text, text
from shared.text.en import answers
from submit import refusals
from submit.decode import FORM, JSON, MULTIPART, Reason, UndecodableError
from submit.outcome import Problem
from submit.request import InvalidRequestError, MinorError
from tests.unit.people import CLINIC, ENGLISH, HELP_PHONE

REASONS: tuple[Reason, ...] = get_args(Reason.__value__)


def unreadable(reason: Reason, text: Text) -> Problem:
    return refusals.unreadable(UndecodableError(HTTPStatus.BAD_REQUEST, reason), text)


def minor(text: Text) -> Problem:
    return refusals.minor(MinorError(()), CLINIC, Help(clinic_phone=HELP_PHONE), text)


EVERY: dict[str, Callable[[Text], Problem]] = {
    "not found": refusals.not_found,
    "not allowed": lambda text: refusals.not_allowed(("POST", "OPTIONS"), text),
    "invalid": lambda text: refusals.invalid(InvalidRequestError(()), text),
    "minor": minor,
    "conflict": refusals.conflict,
    "erased": refusals.erased,
    "not stored": lambda text: refusals.not_stored(text, nothing_stored=True),
    "maybe stored": lambda text: refusals.not_stored(text, nothing_stored=False),
    "stored": lambda text: refusals.stored_unshown(text, urgent=False),
    "not shown": refusals.not_shown,
    "misdirected": lambda text: refusals.misdirected({}, None, text),
    "not posted": lambda text: refusals.not_posted({}, ("POST",), text),
    **{reason: partial(unreadable, reason) for reason in REASONS},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EVERY)
def test_an_answer_says_what_happened_and_what_to_do_with_nothing_left_to_fill_in(name: str, language: str) -> None:
    problem = EVERY[name](text(language))
    assert problem.title
    assert problem.detail.endswith(".")
    assert "{" not in problem.title + problem.detail + (problem.for_developers or "")


def test_each_reason_of_an_unreadable_body_has_words() -> None:
    assert set(answers.UNREADABLE) == set(REASONS), (
        "give UNREADABLE in functions/shared/text/en/answers.py the reasons of submit/decode.py"
    )


def test_a_developer_reads_which_media_types_there_are() -> None:
    hint = unreadable("media_type", ENGLISH).for_developers or ""
    assert all(kind in hint for kind in (JSON, FORM, MULTIPART))


# Words of people who build sites. A visitor would not know what to do with them.
_JARGON = re.compile(
    r"developer|json|utf-8|rfc|content-type|method|/consultations|field|encod|multipart|urlencoded|desarroll|campo|método",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EVERY)
def test_a_visitor_reads_no_developers_words(name: str, language: str) -> None:
    problem = EVERY[name](text(language))
    assert not _JARGON.search(f"{problem.title} {problem.detail}")


def test_a_request_that_cannot_be_read_says_that_what_was_typed_may_be_lost() -> None:
    assert all(unreadable(reason, text(language)).kept for reason in REASONS for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_minor_reads_the_age_and_the_number_to_call(language: str) -> None:
    said = minor(text(language)).detail
    assert str(CLINIC.minimum_age) in said
    assert HELP_PHONE in said
