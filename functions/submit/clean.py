"""Normalising what people type: one canonical form, nothing invisible that could mislead a reader."""

import unicodedata

# Cc: control characters. Cs: lone surrogates, which no UTF-8 store accepts. Cn: unassigned, incl. non-characters.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cs", "Cn"})
# Bidirectional overrides and isolates can make "moc.live" read as "evil.com" (Unicode TR 36, "Bidirectional Text
# Spoofing"). The byte order mark is debris. The joiners U+200C and U+200D stay: Persian and emoji need them.
_DROPPED_CHARACTERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff")

# On one character. No language needs more (Unicode's UAX 15, "Stream-Safe Text Format").
_MAX_MARKS = 30


def single_line(text: str) -> str:
    """Return `text` in NFC, without control characters, with every run of white space as one space, trimmed."""
    return " ".join(_visible(text, keep="\n\t").split())


def multi_line(text: str) -> str:
    r"""Return `text` in NFC, without control characters but tabs and line ends, line ends as `\n`, trimmed."""
    return _visible(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t").strip()


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: white space, controls and invisible formatting only."""
    return all(unicodedata.category(character)[0] in "CZ" for character in text)


def _visible(text: str, keep: str) -> str:
    if text.isascii() and text.isprintable():  # as most are: nothing below would change anything
        return text
    # Everything that separates lines becomes one before controls go, so that words do not run together.
    text = text.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n").replace("\x85", "\n")
    kept = "".join(
        character
        for character in text
        if character in keep
        or (character not in _DROPPED_CHARACTERS and unicodedata.category(character) not in _DROPPED_CATEGORIES)
    )
    # Before, for the time that it takes; after, because what is normalised can have more marks than it had.
    return _with_few_marks(unicodedata.normalize("NFC", _with_few_marks(kept)))


def _with_few_marks(text: str) -> str:
    """Leave out marks that are piled on one character: to sort them takes time that grows with their square."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)
