"""The prose in the repository's files: docs, comments, docstrings, texts and test names, each with its line."""

import io
import re
import subprocess
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from pathlib import Path

import yaml

from tests.architecture.templates import ROOT

# Between two blocks of a page, where a sentence ends even without a period.
BREAK = "\u00b6"
# Locked versions, hashes and recorded events. docs/openapi.json is written from texts in functions/.
_WITHOUT_PROSE = {".lock", ".json", ".png", ".svg"}
_REQUIREMENTS = "requirements.txt"

_NAMES = re.compile(
    r"`[^`]*`"  # code
    r"|https?://[^\s)>\"']+"
    r"|\]\([^)\s]*\)"  # the target of a link
    r"|[\w.+%-]+@[\w.-]+"  # an email address
    r"|(?<![\w-])[\w-]*\w(?:[/._][\w*{}<>-]+)+"  # a path, a file or an identifier
)
_WORDS = re.compile(r"\w\W*\s\W*\w")
_BLANK_OR_BANNER = re.compile(r"^\W*$")


@dataclass(frozen=True)
class Prose:
    """Some lines that are read as one text, by their number."""

    lines: tuple[tuple[int, str], ...]

    @cached_property
    def text(self) -> str:
        """The text in one line, without code, addresses and names of files."""
        return " ".join(self._pieces)

    def line_of(self, offset: int) -> int:
        """Return the line that a character of `text` is in."""
        starts = list(accumulate((len(piece) + 1 for piece in self._pieces), initial=0))
        return self.lines[min(bisect_right(starts, offset), len(self.lines)) - 1][0]

    @cached_property
    def _pieces(self) -> list[str]:
        return [_NAMES.sub("CODE", line).strip() for _, line in self.lines]


def files() -> list[Path]:
    """Return every file with prose that Git tracks or does not ignore, relative to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    paths = (Path(name) for name in sorted(listed.split("\0")) if name)
    return [
        path
        for path in paths
        if (ROOT / path).is_file() and path.suffix not in _WITHOUT_PROSE and not path.name.endswith(_REQUIREMENTS)
    ]


def read(path: Path) -> list[Prose]:
    """Return the prose of a file, given relative to the repository."""
    return list(_READERS.get(path.suffix, plain)((ROOT / path).read_text(encoding="utf-8")))


def plain(text: str) -> Iterator[Prose]:
    """Yield the paragraphs of a text or of a file that is mostly comments."""
    numbered = [(number, re.sub(r"^\s*#+", "", line)) for number, line in enumerate(text.splitlines(), start=1)]
    for blank, lines in groupby(numbered, lambda each: bool(_BLANK_OR_BANNER.match(each[1]))):
        if not blank:
            yield Prose(tuple(lines))


def markdown(text: str) -> Iterator[Prose]:
    """Yield paragraphs, list items, headings and rows of tables. A heading keeps its `#`."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(_without_tags(text).splitlines(), start=1):
        begins = re.match(r"\s*(?:[-*] |\d+\. |#|\||```|$)", line)
        if begins and block:
            yield Prose(tuple(block))
            block = []
        said = re.sub(r"^\s*(?:[-*>] |\d+\. )|[*]+", "", line)
        if not _BLANK_OR_BANNER.match(said):
            block.append((number, said))
    if block:
        yield Prose(tuple(block))


def page(text: str) -> Iterator[Prose]:
    """Yield the texts and comments of a template of a page or an email."""
    yield from plain(_without_tags(text))


def python(text: str) -> Iterator[Prose]:
    """Yield comments, docstrings, strings of several words, and the names of tests."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    yield from _comments(tokens)
    yield from _strings(tokens)
    for before, token in pairwise(tokens):
        if before.string == "def" and token.string.startswith("test_"):
            yield Prose(((token.start[0], token.string.replace("_", " ")),))


def _comments(tokens: list[tokenize.TokenInfo]) -> Iterator[Prose]:
    """Yield comments. Those on successive lines of their own are one text."""
    block: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == tokenize.COMMENT:
            alone = token.line.lstrip().startswith("#")
            if block and not (alone and token.start[0] == block[-1][0] + 1):
                yield from _paragraphs(block)
            block.append((token.start[0], token.string.lstrip("#:")))
            if not alone:
                yield from _paragraphs(block)
    yield from _paragraphs(block)


def _strings(tokens: list[tokenize.TokenInfo]) -> Iterator[Prose]:
    """Yield strings as the source has them. Adjacent strings are one text, with "X" for each expression."""
    open_strings: list[list[tuple[int, str]]] = [[]]
    for token in tokens:
        match token.type:
            case tokenize.STRING:
                opening = re.match(r"[A-Za-z]*(\"\"\"|'''|\"|')", token.string)
                assert opening
                _add(open_strings[-1], token.start[0], token.string[len(opening[0]) : -len(opening[1])])
            case tokenize.FSTRING_START:
                open_strings.append([])
            case tokenize.FSTRING_MIDDLE:
                _add(open_strings[-1], token.start[0], token.string)
            case tokenize.FSTRING_END:
                inner = open_strings.pop()
                for line, piece in inner:
                    _add(open_strings[-1], line, piece)
            case tokenize.OP if token.string == "{" and len(open_strings) > 1:
                _add(open_strings[-1], token.start[0], "X")
            case tokenize.NL | tokenize.COMMENT:
                pass
            case _:
                if len(open_strings) == 1:
                    yield from _paragraphs(open_strings[0])


def _add(block: list[tuple[int, str]], line: int, source: str) -> None:
    """Add the lines of a string as the source has it. Adjacent strings on one line become one."""
    for number, piece in enumerate(re.sub(r"\\[nrt]", "  ", source).split("\n"), start=line):
        if block and block[-1][0] == number:
            block[-1] = (number, block[-1][1] + piece)
        else:
            block.append((number, piece))


def _paragraphs(block: list[tuple[int, str]]) -> Iterator[Prose]:
    """Yield the paragraphs in `block` if it has more than one word, then empty it."""
    if _WORDS.search(" ".join(line for _, line in block)):
        for blank, lines in groupby(block, lambda each: bool(_BLANK_OR_BANNER.match(each[1]))):
            if not blank:
                yield Prose(tuple(lines))
    block.clear()


def yaml_file(text: str) -> Iterator[Prose]:
    """Yield comments and the values of several words."""
    lines = text.splitlines()
    comments: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        found = re.match(r"(?P<before>(?:[^\"'#]|(?<!\s)#|\"[^\"]*\"|'[^']*')*?)(?:^|(?<=\s))#(?P<comment>.*)$", line)
        alone = bool(found and not found["before"].strip())
        if comments and not alone:
            yield from _paragraphs(comments)
        if found:
            comments.append((number, found["comment"]))
    yield from _paragraphs(comments)
    for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
        yield from _values(document, lines)


def _values(node: yaml.Node, lines: list[str]) -> Iterator[Prose]:
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _values(value, lines)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _values(value, lines)
    elif isinstance(node, yaml.ScalarNode) and _WORDS.search(node.value):
        start, end = node.start_mark, node.end_mark
        if start.line == end.line:
            yield Prose(((start.line + 1, lines[start.line][start.column : end.column].strip("\"'")),))
        else:
            raw = "\n" * (start.line + 1) + "\n".join(lines[start.line + 1 : end.line])
            yield from plain(raw)


def script(text: str) -> Iterator[Prose]:
    """Yield comments and strings of several words of JavaScript or CSS."""
    yield from plain(_comments_and_strings(text))


def _comments_and_strings(text: str) -> str:
    """Return a script with everything except comments and strings of several words blank."""
    kept = re.compile(
        r"/\*(?P<block>.*?)\*/|(?<![:\w])//(?P<line>[^\n]*)"
        r"|\"(?P<double>(?:\\.|[^\"\\\n])*)\"|'(?P<single>(?:\\.|[^'\\\n])*)'|`(?P<template>(?:\\.|[^`\\])*)`",
        re.DOTALL,
    )
    result, position = [], 0
    for found in kept.finditer(text):
        name = found.lastgroup or "block"
        start, end = found.span(name)
        is_prose = name in {"block", "line"} or _WORDS.search(found[name])
        result += [_blank(text[position:start]), text[start:end] if is_prose else _blank(text[start:end])]
        position = end
    return "".join([*result, _blank(text[position:])])


def _without_tags(text: str) -> str:
    """Return a page without tags and expressions, line for line. Text that a tag or an expression shows stays."""
    said = re.compile(r"\b(?:alt|title|aria-label|placeholder|content)=\"([^\"]*)\"")
    literal = re.compile(r"[\"']([^\"']*)[\"']")

    def keep(pattern: re.Pattern[str], source: str) -> str:
        result, position = [], 0
        for found in pattern.finditer(source):
            result += [
                _blank(source[position : found.start(1)]),
                found[1] if _WORDS.search(found[1]) else _blank(found[1]),
            ]
            position = found.end(1)
        return "".join([*result, _blank(source[position:])])

    def tag(found: re.Match[str]) -> str:
        kept = keep(said, found[0])[1:]
        inline = re.match(r"</?(?:a|b|strong|em|i|code|span|abbr|kbd|small|time|br)\b", found[0])
        return ("#" if re.match(r"<h\d", found[0]) else " " if inline else BREAK) + kept

    text = re.sub(
        r"(?P<open><(?P<name>style|script)\b[^>]*>)(?P<code>.*?)(?=</(?P=name)>)",
        lambda found: found["open"] + _comments_and_strings(found["code"]),
        text,
        flags=re.DOTALL,
    )
    text = re.sub(r"{{.*?}}|{%.*?%}", lambda found: keep(literal, found[0]), text, flags=re.DOTALL)
    text = re.sub(r"{#|#}|<!--|-->", lambda found: BREAK + _blank(found[0])[1:], text)
    return re.sub(r"</?[A-Za-z][^<>]*>", tag, text, flags=re.DOTALL)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


_READERS = {
    ".md": markdown,
    ".py": python,
    ".html": page,
    ".txt": page,
    ".yaml": yaml_file,
    ".yml": yaml_file,
    ".js": script,
    ".css": script,
}
