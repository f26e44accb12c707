"""The parts of a multipart form (RFC 7578)."""

import re
from typing import NamedTuple

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from submit.charset import decoded


class BadPartsError(Exception):
    """The parts are cut short, or they do not follow RFC 7578. `found` are those before the mistake."""

    def __init__(self, found: "list[Part]") -> None:
        super().__init__()
        self.found = found


class Part(NamedTuple):
    """One part. A file's bytes are not kept."""

    name: str
    value: bytes
    charset: str | None  # as the part declares it
    file: bool


def parts(content_type: str, body: bytes, *, most: int) -> list[Part]:
    """Return the parts of `body`, at most `most` of them, without empty file fields. Raises BadPartsError."""
    _, options = parse_options_header(content_type)
    boundary = options.get("boundary", "").encode("utf-8", errors="replace") or _first_boundary(body)
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
        raise BadPartsError(found) from None
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
    if segment.filename == "blob" and segment.content_type == "text/plain":
        return False  # a script's way to send a text with a charset
    starred = re.search(r";\s*filename\*\s*=", segment.header("Content-Disposition", ""), re.IGNORECASE)
    return segment.filename is not None or starred is not None


def _first_boundary(body: bytes) -> bytes:
    """Return the boundary that a body begins with. Scripts that set the header by hand forget to name it."""
    found = re.match(rb"--([^\s]{1,70})[ \t]*\r?\n", body)
    return found[1] if found else b""


def _tidy(body: bytes, boundary: bytes) -> bytes:
    """Return `body` as the parser needs it: lines end with CRLF, and nothing follows a boundary on its line."""
    if not boundary:
        return body
    marked = re.escape(boundary)
    if re.match(rb"--%b[ \t]*\n" % marked, body):
        body = re.sub(rb"\r?\n", rb"\r\n", body)
    return re.sub(rb"(--%b(?:--)?)[ \t]+(?=\r\n)" % marked, rb"\1", body)
