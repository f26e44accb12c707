"""Outcomes of a request, before they become JSON or a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from submit.filled import EMPTY, Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The request is stored. `thank_you_page` is one of the clinic's listed pages, or None.

    `also_sent` and `not_kept` are names of what fits no field: kept for staff, and dropped. `check_email` is the
    address that the person may have meant. `next_steps` says when to expect the clinic's call; None if we could not
    tell. `base` is the address of the API, relative to this answer's.
    """

    reference: str
    urgent: bool
    thank_you_page: str | None
    base: str = ""
    also_sent: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()
    next_steps: str | None = None
    check_email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, and what to do next.

    `filled` is what the visitor typed, as far as we could read it. `kept` is the sentence about that, if something is
    lost. `unsent` says that nothing was sent yet. `new_submission_id` is a fresh id, so that an erased request can be
    sent again as a new one. `base` is the address of the API, relative to this answer's.
    """

    status: HTTPStatus
    title: str
    detail: str
    filled: Filled = EMPTY
    urgent: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    for_developers: str | None = None
    kept: str | None = None
    unsent: bool = False
    new_submission_id: str | None = None
    base: str = ""
