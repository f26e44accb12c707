"""Outcomes of a request, before they become JSON or a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from submit.filled import EMPTY, Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The request is stored. `thank_you_page` is one of the clinic's listed pages, or None.

    `also_sent` and `not_kept` are names of what fits no field: kept for staff, and dropped. `check_email` is the
    address that the person may have meant.
    """

    reference: str
    urgent: bool
    thank_you_page: str | None
    also_sent: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()
    check_email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, and what to do next. `filled` is what the visitor typed, as far as we could read it."""

    status: HTTPStatus
    title: str
    detail: str
    filled: Filled = EMPTY
    urgent: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
