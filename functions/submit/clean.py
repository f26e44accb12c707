"""Normalizes what people type: one canonical form, and nothing invisible that could mislead a reader."""

import re
import unicodedata

# Cc: control characters. Cs: lone surrogates, which UTF-8 cannot encode. Cf: characters that only steer how others are
# shown. Bidirectional ones can make "moc.live" read as "evil.com" (Unicode TR 36, "Bidirectional Text Spoofing"); the
# others break words apart that look whole, and come along when people copy text. Characters that our Python does not
# know (Cn) stay, because a newer Unicode has them: most are new emoji.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cs", "Cf"})
# The joiners: Persian, Indian scripts and emoji need them.
_JOINERS = "\u200c\u200d"
# Characters that Unicode counts to Cf but that people see: signs of Arabic, Syriac and Kaithi that enclose a number.
_SIGNS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
# Tags. They are invisible, so they can hide a text. Only the flags of England, Scotland and the like need them.
_FLAG_OR_TAGS = (
    r"(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"
    r"|[\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
# Characters that show nothing, although Unicode counts them to letters, marks or symbols: fillers of Hangul, an empty
# Braille pattern, selectors of a form, and those of the ranges that Unicode keeps for invisible characters.
_EMPTY = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2065\u2800\u3164\uffa0\U0001d159"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))))
)

# The most combining marks that one character keeps. No language needs more (UAX 15, "Stream-Safe Text Format").
_MAX_MARKS = 30


def single_line(text: str) -> str:
    """Return `text` in NFC, without control characters, with each run of white space as one space, trimmed."""
    return " ".join(_visible(text, keep="\n\t").split())


def multi_line(text: str) -> str:
    r"""Return `text` in NFC, without control characters except tabs and line ends (as `\n`), trimmed."""
    return _visible(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n\t").strip()


def is_blank(text: str) -> bool:
    """Return whether a reader would see nothing: only white space, controls and invisible characters."""
    if "!" <= text[:1] <= "~":  # the usual case: it begins with a letter, a digit or a sign
        return False
    return all(map(_shows_nothing, text))


def _shows_nothing(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "Z"
        or character in _JOINERS
        or character in _EMPTY
        or _is_dropped(character)
    )


def _is_dropped(character: str) -> bool:
    if character in _JOINERS or character in _SIGNS or "\U000e0000" <= character < "\U000e1000":
        return False  # see _FLAG_OR_TAGS for the last
    code = ord(character)
    never_a_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004 - Unicode's noncharacters
    return never_a_character or unicodedata.category(character) in _DROPPED_CATEGORIES


def _visible(text: str, keep: str) -> str:
    if text.isascii() and text.isprintable():  # the usual case: nothing to change
        return text
    # Turn every line separator into "\n" before removing controls. Otherwise words would run together.
    text = text.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n").replace("\x85", "\n")
    kept = "".join(character for character in text if character in keep or not _is_dropped(character))
    if any("\U000e0000" <= character < "\U000e1000" for character in kept):
        kept = re.sub(_FLAG_OR_TAGS, r"\1", kept)
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
