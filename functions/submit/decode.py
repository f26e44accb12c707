"""Decodes a request body into fields. Checks the size before it parses anything."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl

from shared.leads.fields import SEVERAL
from submit.http import media_type

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_BODY_BYTES = 64 * 1024
# Far more than any form has, but few enough that a body of "&"s is cheap to refuse.
MAX_FIELDS = 200

# Each has its words in shared/text/en/answers.py.
type Reason = Literal["too_large", "media_type", "not_json", "not_an_object", "too_many_fields", "bad_parts", "files"]


class UndecodableError(Exception):
    """The body cannot be used. `fields` is what could be read of it, so a page can show it again."""

    def __init__(self, status: HTTPStatus, reason: Reason, fields: Mapping[str, object] | None = None) -> None:
        super().__init__()
        self.status = status
        self.reason = reason
        self.fields = fields or {}


def decode(content_type: str, body: bytes) -> Mapping[str, object]:
    """Return the fields in `body`, or raise UndecodableError."""
    if len(body) > MAX_BODY_BYTES:
        raise UndecodableError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    kind = media_type(content_type)
    if kind == JSON:
        return _decode_json(body)
    if kind == FORM:
        return _decode_form(body)
    if kind == MULTIPART:
        return _decode_multipart(content_type, body)
    raise UndecodableError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type")


def _unreadable(reason: Reason) -> UndecodableError:
    return UndecodableError(HTTPStatus.BAD_REQUEST, reason)


def _decode_json(body: bytes) -> Mapping[str, object]:
    try:
        fields = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)
    # ValueError: not UTF-8, not JSON, or a number with thousands of digits. RecursionError: nested too deep.
    except (ValueError, RecursionError):
        raise _unreadable("not_json") from None
    if not isinstance(fields, dict):
        raise _unreadable("not_an_object")
    return fields


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("duplicate field")
    return fields


def _refuse(_constant: str) -> None:
    raise ValueError("not a JSON number")


def _decode_form(body: bytes) -> Mapping[str, object]:
    try:
        return _fields(_pairs(_decode_text(body)))
    except ValueError:
        raise _unreadable("too_many_fields") from None


def _decode_text(body: bytes) -> str:
    # The page may have an old encoding. Browsers send windows-1252 for Latin-1
    # (https://encoding.spec.whatwg.org/#names-and-labels). The visitor cannot change that.
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        return parse_qsl(text, encoding="cp1252", errors="replace", max_num_fields=MAX_FIELDS)


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Return the fields of a form. If a field takes one value, the last one that is not empty counts.

    Forms send some fields twice, such as a hidden "no" before the box for "yes". The visitor cannot change that.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if value:
            values.setdefault(name, []).append(value)
    return {name: several if name in SEVERAL else several[-1] for name, several in values.items()}


def _decode_multipart(content_type: str, body: bytes) -> Mapping[str, object]:
    # Imported here because few forms are sent this way.
    from io import BytesIO  # noqa: PLC0415

    from multipart import MultipartError, MultipartParser, parse_options_header  # noqa: PLC0415

    pairs, files = [], False
    try:
        _, options = parse_options_header(content_type)
        parser = MultipartParser(
            BytesIO(body), options["boundary"], part_limit=MAX_FIELDS, memory_limit=MAX_BODY_BYTES, disk_limit=0
        )
        for part in parser:
            if part.filename is None:
                pairs.append((part.name, _decode_text(part.raw)))
            else:
                files |= part.size > 0 or bool(part.filename)  # an empty file field has neither
    except (KeyError, MultipartError):
        raise _unreadable("bad_parts") from None
    if files:
        raise UndecodableError(HTTPStatus.UNPROCESSABLE_ENTITY, "files", _fields(pairs))
    return _fields(pairs)
