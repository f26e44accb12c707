"""Finds the line of a setting in the text of clinic.toml, because Python's TOML parser does not tell."""

import re
from collections.abc import Sequence
from typing import Final

_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"^\s*([A-Za-z0-9_\-.\"' ]+?)\s*=")
_MULTILINE: Final = re.compile(r'"""|\'\'\'')


def line_of(text: str, setting: Sequence[str | int]) -> int | None:
    """Return the line, from 1, of a setting such as ("places", 1, "name"), or of the nearest section that it is in.

    None means that neither it nor any of its sections is in the file.
    """
    known = _lines(text)
    wanted = tuple(map(str, setting))
    for length in range(len(wanted), 0, -1):
        if (line := known.get(wanted[:length])) is not None:
            return line
    return None


def first_section(text: str) -> int:
    """Return the line before which a setting of the whole file has to be: that of the first section, or the end."""
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if _HEADER.match(line)), len(lines) + 1)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    quoted = False  # inside of a text of several lines, which may have anything in it
    for number, line in enumerate(text.splitlines(), 1):
        marks = len(_MULTILINE.findall(line))
        if quoted:
            quoted = marks % 2 == 0
            continue
        quoted = marks % 2 == 1
        if header := _HEADER.match(line):
            section = _names(header[2])
            if header[1] == "[[":
                index = counts[section] = counts.get(section, -1) + 1
                found.setdefault(section, number)
                section = (*section, str(index))
            elif section[:1] in counts:  # a table of the last one in a list, such as [questions.choices]
                section = (section[0], str(counts[section[:1]]), *section[1:])
            for length in range(len(section), 0, -1):  # [a.b] is about [a] too
                found.setdefault(section[:length], number)
        elif key := _KEY.match(line):
            path = (*section, *_names(key[1]))
            found.setdefault(path, number)
            for name in re.findall(r"[{,]\s*([A-Za-z0-9_-]+)\s*=", line):  # a table in one line
                found.setdefault((*path, name), number)
    return found


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(each.strip().strip("\"'") for each in dotted.split("."))
