"""From the bytes of a request to the fields in it, bounded before anything is parsed."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from shared.leads.fields import SEVERAL
from submit.http import media_type

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_BODY_BYTES = 64 * 1024
# Far more than any form has, and few enough that a body of "&"s costs nothing.
_MAX_FIELDS = 200


class UndecodableError(Exception):
    """The body cannot be taken. `status` is the HTTP status that says so, `reason` what to do, in words of ours.

    `fields` is what could be read all the same, for a page that keeps it.
    """

    def __init__(self, status: HTTPStatus, title: str, reason: str, fields: Mapping[str, object] | None = None) -> None:
        super().__init__()
        self.status = status
        self.title = title
        self.reason = reason
        self.fields = fields or {}


def decode(content_type: str, body: bytes) -> Mapping[str, object]:
    """Return the fields in `body`. Raises UndecodableError; its words say nothing of what was in the body."""
    if len(body) > MAX_BODY_BYTES:
        reason = "Please shorten your message, leave out any files and send it again."
        raise UndecodableError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too long", reason)
    kind = media_type(content_type)
    if kind == JSON:
        return _decode_json(body)
    if kind == FORM:
        return _decode_form(body)
    if kind == MULTIPART:
        return _decode_multipart(content_type, body)
    raise UndecodableError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Unsupported media type",
        f"Send the request as {JSON}, {FORM} or {MULTIPART}, and say which in Content-Type.",
    )


def _unreadable(reason: str) -> UndecodableError:
    return UndecodableError(HTTPStatus.BAD_REQUEST, "Not readable", reason)


def _decode_json(body: bytes) -> Mapping[str, object]:
    try:
        fields = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)
    # ValueError: not UTF-8, not JSON, a number of thousands of digits. RecursionError: nesting without end.
    except (ValueError, RecursionError):
        raise _unreadable("Send one JSON object in UTF-8, each field once.") from None
    if not isinstance(fields, dict):
        raise _unreadable("Send one JSON object with the form's fields.")
    return fields


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field came twice")
    return fields


def _refuse(_constant: str) -> None:
    raise ValueError("not a JSON number")


def _decode_form(body: bytes) -> Mapping[str, object]:
    try:
        return _fields(_pairs(_decode_text(body)))
    except ValueError:
        raise _unreadable(f"Send no more than {_MAX_FIELDS} fields.") from None


def _decode_text(body: bytes) -> str:
    # A page in an old encoding. Browsers send windows-1252 for all that calls itself Latin-1
    # (https://encoding.spec.whatwg.org/#names-and-labels). Whoever filled in the form cannot change that.
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError:
        return parse_qsl(text, encoding="cp1252", errors="replace", max_num_fields=_MAX_FIELDS)


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Return the fields of a form. Of one that can be given once, the last value that says something counts.

    A form may well send a field twice (a hidden "no" before the box for "yes"), and no visitor could change that.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if value:
            values.setdefault(name, []).append(value)
    return {name: several if name in SEVERAL else several[-1] for name, several in values.items()}


def _decode_multipart(content_type: str, body: bytes) -> Mapping[str, object]:
    # Imported where it is used: few forms are sent this way, and the others should not wait for it.
    from io import BytesIO  # noqa: PLC0415

    from multipart import MultipartError, MultipartParser, parse_options_header  # noqa: PLC0415

    pairs, files = [], False
    try:
        _, options = parse_options_header(content_type)
        parser = MultipartParser(
            BytesIO(body), options["boundary"], part_limit=_MAX_FIELDS, memory_limit=MAX_BODY_BYTES, disk_limit=0
        )
        for part in parser:
            if part.filename is None:
                pairs.append((part.name, _decode_text(part.raw)))
            else:
                files |= part.size > 0 or bool(part.filename)  # a file field left empty sends neither
    except (KeyError, MultipartError):
        raise _unreadable("The form's parts are cut short or not as RFC 7578 has them. Send it again.") from None
    if files:
        reason = "We cannot take files. Nothing was stored: leave the file out and send the form again."
        raise UndecodableError(HTTPStatus.UNPROCESSABLE_ENTITY, "No files, please", reason, _fields(pairs))
    return _fields(pairs)
