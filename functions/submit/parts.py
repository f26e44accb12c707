"""The parts of a multipart form (RFC 7578)."""

import re
from typing import NamedTuple

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from submit.charset import decoded


class BadPartsError(Exception):
    """The parts are cut short, or they do not follow RFC 7578."""


class Part(NamedTuple):
    """One part. A file's bytes are not kept."""

    name: str
    value: bytes
    charset: str | None  # as the part declares it
    file: bool


def parts(content_type: str, body: bytes, *, most: int) -> list[Part]:
    """Return the parts of `body`, at most `most` of them, without empty file fields. Raises BadPartsError."""
    _, options = parse_options_header(content_type)
    boundary = options.get("boundary", "").encode("utf-8", errors="replace")
    found: list[Part] = []
    try:
        parser = PushMultipartParser(boundary, max_segment_count=most, header_charset="latin-1")
        with parser:
            for event in parser.parse(_tidy(body, boundary)):
                if isinstance(event, MultipartSegment):
                    segment, value = event, b""
                elif event is None:
                    found += _part(segment, value)
                elif not _is_file(segment):
                    value = bytes(event)  # the whole value, because the parser gets the whole body
    except MultipartError:
        raise BadPartsError from None
    return found


def _part(segment: MultipartSegment, value: bytes) -> list[Part]:
    # The parser reads headers as Latin-1, which loses nothing: a name may have any encoding.
    name = decoded((segment.name or "").encode("latin-1"))
    file = _is_file(segment)
    if file and not segment.size and segment.filename == "":
        return []  # a file field that was left empty
    return [Part(name, value, segment.charset, file)]


def _is_file(segment: MultipartSegment) -> bool:
    # The parser does not know `filename*` (RFC 5987), which RFC 7578 forbids and some programs send.
    return segment.filename is not None or "filename*" in segment.header("Content-Disposition", "").lower()


def _tidy(body: bytes, boundary: bytes) -> bytes:
    """Return `body` as the parser needs it: lines end with CRLF, and nothing follows a boundary on its line."""
    if b"\r\n" not in body:
        body = body.replace(b"\n", b"\r\n")
    return re.sub(rb"(--%b(?:--)?)[ \t]+(?=\r\n)" % re.escape(boundary), rb"\1", body) if boundary else body
