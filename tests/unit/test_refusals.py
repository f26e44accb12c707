"""submit.refusals: every error response has its text, with all values filled in."""

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import get_args

import pytest

from shared.leads.clinic import Help
from shared.text.en import answers
from submit import refusals
from submit.decode import FORM, JSON, MULTIPART, Reason, UndecodableError
from submit.outcome import Problem
from submit.request import InvalidRequestError, MinorError
from tests.unit.people import CLINIC, HELP_PHONE

REASONS: tuple[Reason, ...] = get_args(Reason.__value__)


def unreadable(reason: Reason) -> Problem:
    return refusals.unreadable(UndecodableError(HTTPStatus.BAD_REQUEST, reason))


def minor() -> Problem:
    return refusals.minor(MinorError(()), CLINIC, Help(clinic_phone=HELP_PHONE))


EVERY: dict[str, Callable[[], Problem]] = {
    "not found": refusals.not_found,
    "not allowed": lambda: refusals.not_allowed(("POST", "OPTIONS")),
    "invalid": lambda: refusals.invalid(InvalidRequestError(())),
    "minor": minor,
    "conflict": refusals.conflict,
    "erased": refusals.erased,
    "not stored": lambda: refusals.not_stored(nothing_stored=True),
    "maybe stored": lambda: refusals.not_stored(nothing_stored=False),
    "stored": lambda: refusals.stored_unshown(urgent=False),
    "not shown": refusals.not_shown,
    "misdirected": lambda: refusals.misdirected({}, None),
    "not posted": lambda: refusals.not_posted({}, ("POST",)),
    **{reason: partial(unreadable, reason) for reason in REASONS},
}


@pytest.mark.parametrize("name", EVERY)
def test_an_answer_says_what_happened_and_what_to_do_with_nothing_left_to_fill_in(name: str) -> None:
    problem = EVERY[name]()
    assert problem.title
    assert problem.detail.endswith(".")
    assert "{" not in problem.title + problem.detail + (problem.for_developers or "")


def test_each_reason_of_an_unreadable_body_has_words() -> None:
    assert set(answers.UNREADABLE) == set(REASONS), (
        "give UNREADABLE in functions/shared/text/en/answers.py the reasons of submit/decode.py"
    )


def test_a_developer_reads_which_media_types_there_are() -> None:
    hint = unreadable("media_type").for_developers or ""
    assert all(kind in hint for kind in (JSON, FORM, MULTIPART))


# Words of people who build sites. A visitor would not know what to do with them.
_JARGON = re.compile(
    r"developer|json|utf-8|rfc|content-type|method|/consultations|field|encod|multipart|urlencoded", re.IGNORECASE
)


@pytest.mark.parametrize("name", EVERY)
def test_a_visitor_reads_no_developers_words(name: str) -> None:
    problem = EVERY[name]()
    assert not _JARGON.search(f"{problem.title} {problem.detail}")


def test_a_request_that_cannot_be_read_says_that_what_was_typed_may_be_lost() -> None:
    assert all(unreadable(reason).kept for reason in REASONS)


def test_a_minor_reads_the_age_and_the_number_to_call() -> None:
    assert str(CLINIC.minimum_age) in minor().detail
    assert HELP_PHONE in minor().detail
