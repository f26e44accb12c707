"""Decodes a request body into fields. Checks the size before it parses anything."""

import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import unquote_to_bytes

from shared.leads.fields import NAMES
from submit.charset import charset, decoded
from submit.clean import single_line
from submit.http import media_type

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
PLAIN = "text/plain"  # a form with enctype="text/plain", or a script's sendBeacon

MAX_BODY_BYTES = 64 * 1024
# Values, not names. Far more than any form has, but few enough that a body of "&"s is cheap to refuse.
MAX_FIELDS = 200

# Each has its words in shared/text/en/answers.py.
type Reason = Literal["too_large", "media_type", "not_json", "not_an_object", "too_many_fields", "bad_parts", "files"]

_BOM: Final = b"\xef\xbb\xbf"
_BRACKETS: Final = r"\[[0-9]*\]$"  # PHP and Rails: symptoms[], symptoms[0]


class UndecodableError(Exception):
    """The body cannot be used. `fields` is what could be read of it, so a page can show it again."""

    def __init__(self, status: HTTPStatus, reason: Reason, fields: Mapping[str, object] | None = None) -> None:
        super().__init__()
        self.status = status
        self.reason = reason
        self.fields = fields or {}


def decode(content_type: str, body: bytes) -> Mapping[str, object]:
    """Return the fields in `body`, or raise UndecodableError.

    A field that was sent several times has a list of its values, without the empty ones.
    """
    kind = media_type(content_type)
    if kind == MULTIPART:
        return _decode_multipart(content_type, body)
    if len(body) > MAX_BODY_BYTES:
        raise UndecodableError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    is_json = kind in {JSON, "text/json"} or kind.endswith("+json")
    if not is_json and kind not in {FORM, PLAIN, ""}:
        raise UndecodableError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type")
    declared = _declared(content_type)
    # Some scripts send JSON and do not say so, or say that it is a form. No form's body begins like this.
    if is_json or body.removeprefix(_BOM).lstrip()[:1] == b"{":
        return _decode_json(body, declared)
    if kind == FORM or b"\n" not in body.strip():
        return _decode_form(body, declared)
    return _decode_lines(decoded(body, declared))


def fields_of(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return fields by name. One that has several values has a list of them, without the empty ones."""
    fields: dict[str, object] = {}
    lists: dict[str, list[object]] = {}
    room = MAX_FIELDS
    for sent, value in pairs:
        if value and isinstance(value, str) and sent in NAMES and sent not in fields:  # the usual case
            fields[sent] = value
            room -= 1
        else:
            several = value if isinstance(value, list) else [value]
            name = sent if sent in NAMES else re.sub(_BRACKETS, "", single_line(sent))
            _add(name, several[:room], fields, lists)
            room -= len(several)
        if room < 0:
            raise UndecodableError(HTTPStatus.BAD_REQUEST, "too_many_fields", fields)
    return fields


def _add(name: str, values: list[object], fields: dict[str, object], lists: dict[str, list[object]]) -> None:
    for each in values:
        if each is None or each == "":
            continue
        if name in lists:
            lists[name].append(each)
        elif name in fields or isinstance(each, list):  # a list in a list stays one value
            before = [fields[name]] if name in fields else []
            fields[name] = lists[name] = [*before, each]
        else:
            fields[name] = each


def _declared(content_type: str) -> str | None:
    if ";" not in content_type:
        return None
    match = re.search(r";\s*charset\s*=\s*([^;]*)", content_type, re.IGNORECASE)
    return charset(match[1]) if match else None


def _filled_in(values: Iterable[bytes]) -> str | None:
    """Return the encoding in the values of the field `_charset_`, which browsers fill in with the form's encoding.

    https://html.spec.whatwg.org/#attr-fe-name-charset
    """
    return next((charset(decoded(value)) for value in values), None)


def _unreadable(reason: Reason) -> UndecodableError:
    return UndecodableError(HTTPStatus.BAD_REQUEST, reason)


def _decode_json(body: bytes, declared: str | None) -> Mapping[str, object]:
    try:
        text = body.decode(declared if declared and declared != "utf-8" else "utf-8-sig")
        fields = _JSON.decode(text)
    # ValueError: not in its encoding, not JSON, or a number with thousands of digits. RecursionError: nested too deep.
    except (ValueError, RecursionError):
        raise _unreadable("not_json") from None
    if (
        fields
        and isinstance(fields, list)
        and all(isinstance(each, dict) and {"name", "value"} <= each.keys() for each in fields)
    ):
        return fields_of((str(each["name"]), each["value"]) for each in fields)  # as jQuery's serializeArray has it
    if not isinstance(fields, dict):
        raise _unreadable("not_an_object")
    return fields_of(fields.items())


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("duplicate field")
    return fields


def _refuse(_constant: str) -> None:
    raise ValueError("not a JSON number")


_JSON: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)


def _decode_form(body: bytes, declared: str | None) -> Mapping[str, object]:
    # Each name and value is decoded on its own: a page in UTF-8 may have one value that was pasted in another encoding.
    sent = [pair.partition(b"=")[::2] for pair in body.removeprefix(_BOM).split(b"&", MAX_FIELDS + 1)]
    pairs = [(_unquoted(name), _unquoted(value)) for name, value in sent]
    declared = _filled_in(value for name, value in pairs if name == b"_charset_") or declared
    return fields_of((decoded(name, declared), decoded(value, declared)) for name, value in pairs)


def _unquoted(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _decode_lines(text: str) -> Mapping[str, object]:
    """Decode a form that was sent as text: one field on each line. A line without a name continues the last one."""
    pairs: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and (not pairs or re.fullmatch(r"[\w\[\].-]{1,100}", name)):
            pairs.append((name, [value]))
        elif pairs:
            pairs[-1][1].append(line)
    return fields_of((name, "\n".join(values)) for name, values in pairs)


def _decode_multipart(content_type: str, body: bytes) -> Mapping[str, object]:
    # Imported here because few forms are sent this way.
    from submit.parts import BadPartsError, parts  # noqa: PLC0415

    broken = False
    try:
        found = parts(content_type, body, most=MAX_FIELDS)
    except BadPartsError as error:
        found, broken = error.found, True
    declared = _filled_in(part.value for part in found if part.name == "_charset_") or _declared(content_type)
    fields = fields_of(
        (part.name, decoded(part.value, charset(part.charset) or declared)) for part in found if not part.file
    )
    if broken:
        raise UndecodableError(HTTPStatus.BAD_REQUEST, "bad_parts", fields)
    if any(part.file for part in found):
        status = HTTPStatus.UNPROCESSABLE_ENTITY if len(body) <= MAX_BODY_BYTES else HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        raise UndecodableError(status, "files", fields)
    if len(body) > MAX_BODY_BYTES:
        raise UndecodableError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", fields)
    return fields
