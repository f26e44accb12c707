"""Normalizes what people type: one canonical form, and nothing invisible that could mislead a reader."""

import unicodedata

# Cc: control characters. Cs: lone surrogates, which UTF-8 cannot encode. Cn: unassigned, including noncharacters.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cs", "Cn"})
# Bidirectional overrides and isolates can make "moc.live" read as "evil.com" (Unicode TR 36, "Bidirectional Text
# Spoofing"). The byte order mark is a leftover. The joiners U+200C and U+200D stay: Persian and emoji need them.
_DROPPED_CHARACTERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff")

# The most combining marks that one character keeps. No language needs more (UAX 15, "Stream-Safe Text Format").
_MAX_MARKS = 30


def single_line(text: str) -> str:
    """Return `text` in NFC, without control characters, with each run of white space as one space, trimmed."""
    return " ".join(_visible(text, keep="\n\t").split())


def multi_line(text: str) -> str:
    r"""Return `text` in NFC, without control characters except tabs and line ends (as `\n`), trimmed."""
    return _visible(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t").strip()


def is_blank(text: str) -> bool:
    """Return whether a reader would see nothing: only white space, controls and invisible formatting."""
    return all(unicodedata.category(character)[0] in "CZ" for character in text)


def _visible(text: str, keep: str) -> str:
    if text.isascii() and text.isprintable():  # the usual case: nothing to change
        return text
    # Turn every line separator into "\n" before removing controls. Otherwise words would run together.
    text = text.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n").replace("\x85", "\n")
    kept = "".join(
        character
        for character in text
        if character in keep
        or (character not in _DROPPED_CHARACTERS and unicodedata.category(character) not in _DROPPED_CATEGORIES)
    )
    # Drop marks before normalizing, to limit its time, and again after it, because the result can have more marks.
    return _with_few_marks(unicodedata.normalize("NFC", _with_few_marks(kept)))


def _with_few_marks(text: str) -> str:
    """Drop marks piled on one character. The time to sort them grows with the square of their number."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)
