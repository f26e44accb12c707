"""Checks the clinic's logo: a small picture that can do nothing but be looked at."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

MAX_BYTES: Final = 20_000
MAX_WIDTH: Final = 600
MAX_HEIGHT: Final = 200
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Elements that run or load something. The others of SVG only draw.
_ACTIVE: Final = frozenset({"script", "foreignobject", "iframe", "embed", "object", "image", "feimage", "a", "handler"})
_SVG: Final = "http://www.w3.org/2000/svg"
_ELSEWHERE: Final = r"url\((?!\s*['\"]?#)"
_SAVE_AGAIN: Final = "save it as plain SVG, with shapes only"


def problem_of(file: Path) -> str | None:
    """Return what to do about a logo, or None if it is fine."""
    if not file.is_file():
        return f"there is no file functions/{file.name}; put it there, or remove the line"
    content = file.read_bytes()
    if len(content) > MAX_BYTES:
        return f"the file has {len(content):,} bytes, and {MAX_BYTES:,} are allowed; save it smaller"
    return _of_png(content) if file.suffix == ".png" else _of_svg(content)


def _of_png(content: bytes) -> str | None:
    if not content.startswith(_PNG) or content[12:16] != b"IHDR":
        return "the file is not a PNG picture; save it as PNG"
    width, height = (int.from_bytes(content[start : start + 4]) for start in (16, 20))
    if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
        return f"the picture is {width} by {height}, and {MAX_WIDTH} by {MAX_HEIGHT} is the most; make it smaller"
    return None


def _of_svg(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8")
        if "<!DOCTYPE" in text or "<!ENTITY" in text or "<?xml-stylesheet" in text:
            return f"the file has a declaration that may load something; {_SAVE_AGAIN}"
        root = ET.fromstring(text)  # noqa: S314 - the clinic's own file, and without entities it cannot grow
    except (UnicodeDecodeError, ET.ParseError, ValueError):
        return f"the file is not an SVG picture; {_SAVE_AGAIN}"
    if root.tag != f"{{{_SVG}}}svg":
        return f'the file is not an SVG picture: its first element must be <svg xmlns="{_SVG}">'
    found = (f"the file has {what}; {_SAVE_AGAIN}" for element in root.iter() for what in _active(element))
    return next(found, None)


def _active(element: ET.Element) -> Iterator[str]:
    """Yield what may run or load something."""
    name = _short(str(element.tag))
    if name in _ACTIVE:
        yield f"<{name}>, which may run or load something"
    if name == "style" and re.search(rf"@import|{_ELSEWHERE}", element.text or "", re.IGNORECASE):
        yield "styles that load something"
    for attribute, value in element.attrib.items():
        if _short(attribute).startswith("on"):
            yield f'the attribute "{_short(attribute)}", which runs a script'
        elif (_short(attribute) == "href" and not value.strip().startswith("#")) or re.search(
            rf"javascript:|{_ELSEWHERE}", value, re.IGNORECASE
        ):
            yield "a reference to something outside of it"


def _short(name: str) -> str:
    return name.rpartition("}")[2].lower()
