"""The shapes of the words for the form, the same in every language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class FieldWords(NamedTuple):
    """What a visitor reads for one field. `label` and `hint` are also in the API's description.

    `missing`, `page_label` and `page_hint` may name {minimum_age}.
    """

    label: str
    hint: str | None = None
    choices: Mapping[str, str] = _NONE  # by the value that is sent and stored
    nothing: str | None = None  # the label of the empty choice; may name {time_zone}, the clinic's
    missing: str | None = None  # what to do when a required field was left out
    page_label: str | None = None  # replaces `label` on a page
    page_hint: str | None = None  # replaces `hint` on a page


class GroupWords(NamedTuple):
    """What a visitor reads above one group of the page, and the labels that fields have there instead of their own."""

    title: str
    hint: str | None = None
    labels: Mapping[str, str] = _NONE
