"""Finds sentences for visitors that are not in functions/shared/text. Works on source text; tests feed it."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from jinja2 import Environment, nodes

ADVICE: Final = "move it to functions/shared/text/en and use it by its name, so another language can replace it"

# Attributes that people read or hear.
_READ: Final = {"alt", "aria-description", "aria-label", "label", "placeholder", "title"}
# "Not found", "Sending…", "Please wait.": a capital letter, then a second word in small letters or an end mark.
_SENTENCE: Final = re.compile(r"\s*[A-Z][\w'\u2019-]*(?:,? [a-z].*|.*[.?!:…])\s*", re.DOTALL)
# A part of a sentence: two words in a row.
_WORDS: Final = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
_NO_WORDS: Final = {"use strict"}

# In this order: a quote in a comment opens no string, and two slashes in a string open no comment.
_JAVASCRIPT: Final = re.compile(
    r"""
    //[^\n]* | /\*.*?\*/                                                # a comment
    | `(?P<template>(?:\\.|[^`\\])*)`
    | "(?P<double>(?:\\.|[^"\\\n])*)" | '(?P<single>(?:\\.|[^'\\\n])*)'
    | (?<=[(,=:\[!&|?{;\s]) / (?![*/\s]) (?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n\[])+ /   # a regular expression
    """,
    re.VERBOSE | re.DOTALL,
)
_INSERTED: Final = re.compile(r"\$\{(.*?)\}", re.DOTALL)
# What a macro inserts into a tag.
_ATTRIBUTES: Final = re.compile(r"(?:\s*(?:[\w-]+=\"[^\"]*\"|required))*\s*")
# Templates of pages and emails put this block into the style of their base.
_STYLE: Final = re.compile(r"\{% block style %\}.*?\{% endblock %\}", re.DOTALL)
_JINJA: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def in_python(source: str) -> Iterator[str]:
    """Yield what is wrong in a Python module. Docstrings and texts of exceptions are for developers."""
    tree = ast.parse(source)
    passed = set(_docstrings(tree)) | set(_of_exceptions(tree))
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in node.values}
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if _SENTENCE.fullmatch(text) and " " in text.strip():
            yield _wrong(node.lineno, text)


def in_javascript(source: str) -> Iterator[str]:
    """Yield what is wrong in a script."""
    for match in _JAVASCRIPT.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        if (template := match["template"]) is not None:
            text = _INSERTED.sub("", template)
            for inserted in _INSERTED.findall(template):
                yield from (_wrong(line, each) for each in _strings(inserted) if _is_said(each))
        else:
            text = match["double"] or match["single"] or ""
        if _is_said(text):
            yield _wrong(line, text)


def in_html(source: str) -> Iterator[str]:
    """Yield what is wrong in an HTML template: words in the template itself or in its expressions."""
    page = _Page()
    page.feed(_without(_JINJA, _without(_STYLE, source)))
    page.close()
    yield from (_wrong(line, text) for line, text in page.found)
    yield from _in_expressions(source)


def in_text(source: str) -> Iterator[str]:
    """Yield what is wrong in a template of plain text."""
    for number, line in enumerate(_JINJA.sub("", source).splitlines(), start=1):
        if _has_letters(line):
            yield _wrong(number, line)
    yield from _in_expressions(source)


def _in_expressions(source: str) -> Iterator[str]:
    for node in Environment(autoescape=True).parse(source).find_all(nodes.Const):
        if isinstance(node.value, str) and _is_said(node.value):
            yield _wrong(node.lineno, node.value)


def _without(pattern: re.Pattern[str], source: str) -> str:
    """Return `source` without what `pattern` matches, with its line ends."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), source)


def _wrong(line: int, text: str) -> str:
    return f"{line}: {' '.join(text.split())!r}"


def _is_said(text: str) -> bool:
    return text not in _NO_WORDS and bool(_WORDS.search(text) or _SENTENCE.fullmatch(text))


def _has_letters(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _strings(source: str) -> list[str]:
    return [match["double"] or match["single"] or "" for match in _JAVASCRIPT.finditer(source)]


def _docstrings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        # A string on its own: the docstring of a module, a class or a function.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _of_exceptions(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            yield from (id(inner) for inner in ast.walk(node))


class _Page(HTMLParser):
    """Collects what people read on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note attributes that people read; pass over styles and scripts."""
        if tag in {"script", "style"}:
            self._unread.append(tag)
        self._note(*(value or "" for name, value in attrs if name in _READ))

    def handle_endtag(self, tag: str) -> None:
        """Read on after a style or a script."""
        if self._unread and self._unread[-1] == tag:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        """Note words between tags."""
        if not self._unread and not ("=" in data and _ATTRIBUTES.fullmatch(data)):
            self._note(data)

    def _note(self, *texts: str) -> None:
        self.found += [(self.getpos()[0], text) for text in texts if _has_letters(text)]
