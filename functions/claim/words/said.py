"""The content of a page, before it is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button that posts to the page's own address: its label and the fields that it sends."""

    label: str
    fields: tuple[tuple[str, str], ...] = ()
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several requests to tick: its reference, and what to know about it."""

    reference: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A question with a list of requests, all of them ticked, and the button for those that stay ticked."""

    title: str
    text: str
    choices: tuple[Choice, ...]
    button: Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The content of a page. `facts` are labels and values.

    `folded` are buttons that a click shows, under the heading `folded_title`. `asks` is whether the page is of no use
    without its buttons.
    """

    status: HTTPStatus = HTTPStatus.OK
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    text: tuple[str, ...]
    offer: Offer | None = None
    buttons: tuple[Button, ...] = ()
    folded_title: str = ""
    folded: tuple[Button, ...] = ()
    asks: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
