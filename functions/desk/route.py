"""What a route of the desk is, what its answer gets, and what it may return.

app.py does the rest for every route: sign-in, role, the check of forms, the audit, and the page.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final, Literal

from shared.leads.person import Person

# The names of the form fields that every form has: the session's secret, and the id of the page's form.
CSRF_FIELD: Final = "csrf"
PRESS_FIELD: Final = "press"
# What may be in an address: no spaces, no line ends.
_PATH: Final = re.compile(r"(?:[/?][!-~]*)?")
_PRESS: Final = re.compile(r"[A-Za-z0-9_-]{16}")
# A file's name goes into a header, so it has nothing that a header or a shell treats specially.
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,80}\.[a-z]{1,5}")


class Role(StrEnum):
    """What a person may do. The groups of the user pool have the same names."""

    STAFF = "staff"
    MANAGER = "manager"

    def may(self, needed: "Role") -> bool:
        """Return whether somebody with this role may use a route that needs `needed`. A manager may do all."""
        return self is Role.MANAGER or needed is Role.STAFF


class PageError(Exception):
    """A page in words instead of the answer. It says what happened and what to do; app.py renders it.

    `link` is a path below the desk and its label, for the way on. Neither a title nor a text contains what a visitor
    typed.
    """

    def __init__(
        self,
        status: HTTPStatus,
        title: str,
        *text: str,
        link: tuple[str, str] = ("", "Go to the requests"),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.text, self.link, self.headers = status, title, text, link, headers or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of a signed-in person. Their role, the form and the audit are checked before an answer gets it.

    `base` is the address of the desk without a slash at its end, such as "https://api.example.com/v1/desk". `csrf` goes
    into each form, as a hidden field of the name `csrf`. `query` and `form` have the last value of each field, as
    it was sent; `form` is empty unless the method is POST. `id` is the lead's id in the path, checked for its shape.
    """

    person: Person
    role: Role
    csrf: str
    now: datetime
    base: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None

    @property
    def press(self) -> str:
        """The id of the form that was sent. The same form sent twice has the same one.

        Raises PageError if the form has none.
        """
        if not _PRESS.fullmatch(press := self.form.get(PRESS_FIELD, "")):
            raise PageError(
                HTTPStatus.BAD_REQUEST,
                "We couldn't read your form",
                "Nothing was changed. Open the page again, and send it from there.",
            )
        return press

    def new_press(self) -> str:
        """Return the id for a form on a page, which the form sends as its hidden field `press`."""
        return secrets.token_urlsafe(12)

    @property
    def lead_id(self) -> str:
        """The lead's id in the path. Raises LookupError for a route without one."""
        if self.id is None:
            raise LookupError("the route has no <id>")
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page to show. app.py writes the audit's entry with `action` and `lead_ids` first, and renders it only then.

    `lead_ids` are all leads of which the page shows anything. `details` are ids that belong to the entry too.
    `template` is in desk/pages. It gets `values` and also `clinic`, `base`, `visit` (None if nobody is signed in) and
    `language`. Its style sheet is in `{% block style %}`: the policy of the page allows no `style` attributes.
    """

    template: str
    values: Mapping[str, object]
    action: str
    lead_ids: tuple[str, ...] = ()
    status: HTTPStatus = HTTPStatus.OK
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The way on: a path below the desk, such as "/requests/01J...", or "" for its first page.

    `lead_ids` are the leads that the way on tells of, such as the one that a search found. app.py writes them into the
    audit before the browser learns of them.
    """

    path: str
    lead_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise ValueError("not a path below the desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file to keep. app.py writes the audit's entry with `action` and `lead_ids` first, and sends it only then.

    `lead_ids` are all leads of which the file has anything. `name` is made of our own words and a reference.
    """

    name: str
    content_type: str
    body: str
    action: str
    lead_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _FILE.fullmatch(self.name):
            raise ValueError("not the name of a file")


type Result = Shown | Moved | Download


def in_path(visit: Visit) -> tuple[str, ...]:
    """Return the lead in the path, if there is one."""
    return (visit.id,) if visit.id else ()


def nothing_more(_: Visit) -> Mapping[str, str]:
    """Return the details of an entry that its action and its leads explain."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address of the desk.

    `path` is below /desk and starts with a slash, unless it is the first page (""). It may contain `<id>`, a lead's id.
    `action` is what the audit calls it, such as "claim". For POST, the entry is written before `answer` runs, so it
    says what somebody tried, with the ids that `leads` and `details` return. For GET, `answer` only reads, and the
    entry is written before the browser gets the page, the file or the way on.
    """

    method: Literal["GET", "POST"]
    path: str
    role: Role
    action: str
    answer: Callable[[Visit], Result]
    details: Callable[[Visit], Mapping[str, str]] = nothing_more
    leads: Callable[[Visit], tuple[str, ...]] = in_path
