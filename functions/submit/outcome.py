"""Outcomes of a request, before they become JSON or a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from submit.filled import EMPTY, Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The request is stored. `thank_you_page` is one of the clinic's listed pages, or None."""

    reference: str
    urgent: bool
    thank_you_page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, and what to do next. `filled` is what the visitor typed, as far as we could read it."""

    status: HTTPStatus
    title: str
    detail: str
    filled: Filled = EMPTY
    urgent: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
