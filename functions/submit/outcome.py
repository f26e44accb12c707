"""What became of a request, whoever is told and however."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from submit.filled import EMPTY, Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A request that is stored. `thank_you_page` is one of the clinic's own list, or None."""

    reference: str
    urgent: bool
    thank_you_page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong with a request, and what to do next. `filled` is what was typed, where that could be read."""

    status: HTTPStatus
    title: str
    detail: str
    filled: Filled = EMPTY
    urgent: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
