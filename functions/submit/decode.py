"""From the bytes of a request to the fields in it, bounded before anything is parsed."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

MAX_BODY_BYTES = 64 * 1024
# Far more than any form has, and few enough that a body of "&"s costs nothing.
_MAX_FIELDS = 200


class UndecodableError(Exception):
    """The body cannot be read. `status` is the HTTP status that says so, `reason` what to do, in words of ours."""

    def __init__(self, status: int, title: str, reason: str) -> None:
        super().__init__()
        self.status = status
        self.title = title
        self.reason = reason


def decode(media_type: str, body: bytes) -> Mapping[str, object]:
    """Return the fields in `body`. Raises UndecodableError; it says nothing of what was in the body."""
    if len(body) > MAX_BODY_BYTES:
        raise UndecodableError(413, "Too long", "Please shorten your message and send it again.")
    if media_type == JSON:
        return _decode_json(body)
    if media_type == FORM:
        return _decode_form(body)
    raise UndecodableError(415, "Unsupported media type", f"Send the request as {JSON} or {FORM}.")


def _decode_json(body: bytes) -> Mapping[str, object]:
    try:
        fields = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)
    # ValueError: not UTF-8, not JSON, a number of thousands of digits. RecursionError: nesting without end.
    except (ValueError, RecursionError):
        raise UndecodableError(400, "Not readable", "Send one JSON object in UTF-8, each field once.") from None
    if not isinstance(fields, dict):
        raise UndecodableError(400, "Not readable", "Send one JSON object with the form's fields.")
    return fields


def _decode_form(body: bytes) -> Mapping[str, object]:
    try:
        # Without the blank ones, so that the last value that says something counts: a form may well send a field
        # twice (a hidden "no" before the box for "yes", a site builder's lists), and no visitor could mend that.
        return dict(_pairs(body.decode("utf-8")))
    except ValueError:
        raise UndecodableError(400, "Not readable", "Send the form's fields in UTF-8.") from None


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError:
        # A page in an old encoding. Browsers send windows-1252 for all that calls itself Latin-1
        # (https://encoding.spec.whatwg.org/#names-and-labels).
        return parse_qsl(text, encoding="cp1252", errors="replace", max_num_fields=_MAX_FIELDS)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field came twice")
    return fields


def _refuse(_constant: str) -> None:
    raise ValueError("not a JSON number")
