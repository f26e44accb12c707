"""The shapes of the words for the form, the same in every language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class FieldWords(NamedTuple):
    """What a visitor reads for one field."""

    label: str
    hint: str | None = None
    choices: Mapping[str, str] = _NONE  # by the value that is sent and stored
    nothing: str | None = None  # the label of the empty choice; may name {time_zone}, the clinic's
    missing: str | None = None  # what to do when a required field was left out
    page_hint: str | None = None  # replaces `hint` on a page; may name {minimum_age}


class GroupWords(NamedTuple):
    """What a visitor reads above one group of the page."""

    title: str
    hint: str | None = None
