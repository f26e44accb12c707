"""Reads the body that a button of a page sends. It contains nothing that anyone typed."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from claim.errors import BadFormError
from shared.leads.identity import REFERENCE_PATTERN
from shared.leads.response import OF_LINKS, ClaimAction

# The actions that can close the person's other requests too, and what the buttons for that send.
TOGETHER: Final = {action: f"{action}_too" for action in (ClaimAction.REACHED, ClaimAction.NOT_WANTED)}
_ACTION_OF_BUTTON: Final = {sent: action for action, sent in TOGETHER.items()}
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_CHARACTERS: Final = 8_000
_MOST_FIELDS: Final = 100
_SEEN: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button: the action, and how many actions its page knew of.

    `also` are the references of the other requests that were ticked. They are None unless the button closes other
    requests too.
    """

    action: ClaimAction
    seen: int
    also: frozenset[str] | None = None


def press_of(event: Mapping[str, Any]) -> Press | None:
    """Return the press in a request, or None if its body is empty. Raises BadFormError."""
    body = event.get("body")
    if not body:
        return None
    if not isinstance(body, str) or len(body) > _MOST_CHARACTERS or _media_type(event) != _FORM:
        raise BadFormError
    try:
        text = base64.b64decode(body, validate=True).decode() if event.get("isBase64Encoded") else body
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except (binascii.Error, ValueError):  # ValueError: not UTF-8, not ASCII or too many fields
        raise BadFormError from None
    return _press(fields) if text else None


def _media_type(event: Mapping[str, Any]) -> str:
    headers = event.get("headers") or {}
    found = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    return str(found or "").partition(";")[0].strip().lower()


def _press(fields: Mapping[str, list[str]]) -> Press:
    match fields:
        case {"action": [action], "seen": [seen], **rest} if _SEEN.fullmatch(seen):
            pass
        case _:
            raise BadFormError
    if action in _ACTION_OF_BUTTON:
        also = frozenset(rest.get("also", ()))
        if not all(map(REFERENCE_PATTERN.fullmatch, also)):
            raise BadFormError
        return Press(action=_ACTION_OF_BUTTON[action], seen=int(seen), also=also)
    if action not in set(OF_LINKS):
        raise BadFormError
    return Press(action=ClaimAction(action), seen=int(seen))
