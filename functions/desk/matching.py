"""Recognizes what a person typed into the find box, and matches it with requests. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from shared.leads.contact import MAX_PHONE_LENGTH, find_email, normalize_phone

# Letters that Unicode does not split into a plain letter and a mark.
_PLAIN: Final = str.maketrans(
    {"\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0111": "d", "\u00f0": "d", "\u00fe": "th", "\u0142": "l"}
    | {"\u0131": "i", "\u0127": "h", "\u0167": "t", "\u014b": "n"}
)
# Fewer digits would match too many numbers.
_FEWEST_DIGITS: Final = 4
# Fewer digits after a 0 may be the end of a number: 0147.
_FEWEST_AFTER_TRUNK: Final = 7
_FEWEST_OF_A_MAILBOX: Final = 3  # characters
_MOST: Final = 254  # characters of a name or an address to find
_NUMBER_LIKE: Final = re.compile(r"[0-9\s()+./\u2010-\u2015-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to find. `email` and `phone` are exact; `part` is a part of an address, `digits` are a part of a number.

    `mailbox` is a part of an address before its "@". `words` are the words of a name, folded.
    """

    email: str | None = None
    phone: str | None = None
    part: str | None = None
    mailbox: str | None = None
    digits: str | None = None
    words: tuple[str, ...] = ()

    def matches(self, *, name: str, email: str | None, phone: str | None) -> bool:
        """Return whether a request with these contact details is wanted."""
        if self.part and email and self.part in email.lower():
            return True
        # Not after the "@": "example" would find everybody at example.com.
        if self.mailbox and email and self.mailbox in email.lower().partition("@")[0]:
            return True
        if self.digits and phone and self.digits in _digits(phone):
            return True
        folded = folded_name(name)
        return bool(self.words) and all(word in folded for word in self.words)


def wanted(text: str) -> Wanted | None:
    """Return what to find for a text that is no reference, or None if there is nothing in it to look for."""
    text = text.strip()[:_MOST]
    if "@" in text:
        email = find_email(text)
        part = (email or text).lower()
        return Wanted(email=email, part=part) if len(part) > 1 else None
    digits = _digits(text)
    if _NUMBER_LIKE.fullmatch(text) and digits:
        if len(digits) < _FEWEST_DIGITS:
            return None
        phone = normalize_phone(text) if len(text) <= MAX_PHONE_LENGTH else None
        return Wanted(phone=phone, digits=_digits(phone) if phone else _without_trunk(digits))
    phone = normalize_phone(text) if len(digits) >= _FEWEST_DIGITS and len(text) <= MAX_PHONE_LENGTH else None
    words = tuple(dict.fromkeys(folded_name(text).split()))
    if not (phone or words):
        return None
    mailbox = text.lower() if len(text) >= _FEWEST_OF_A_MAILBOX and len(text.split()) == 1 else None
    return Wanted(phone=phone, digits=_digits(phone) if phone else None, words=words, mailbox=mailbox)


def folded_name(name: str) -> str:
    """Return a name without case, accents and punctuation: "Zoë O'Brien-Smith" is "zoe obriensmith"."""
    # Folded twice: what case folding returns may have marks, and so may what the table returns.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = "".join(each for each in apart if not unicodedata.combining(each)).translate(_PLAIN)
    words = ("".join(each for each in word if each.isalnum()) for word in plain.split())
    return " ".join(filter(None, words))


def _without_trunk(digits: str) -> str:
    """Return digits without the 0 that people dial before a number at home. It is not in the stored number."""
    rest = digits.lstrip("0")
    return rest if len(rest) >= _FEWEST_AFTER_TRUNK else digits


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
