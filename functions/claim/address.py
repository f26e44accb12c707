"""Finds the token of a link in an address that an email program may have changed."""

import html
import unicodedata
from typing import Final
from urllib.parse import unquote

from shared.leads.link import TOKEN, BadLinkError

# An email program may encode what it adds, and another one may encode that again.
_MOST_DECODINGS: Final = 3


def token_in(address: str) -> str:
    """Return the token in the end of a link's address. Raises BadLinkError.

    Email programs sometimes treat the punctuation around a link as a part of it, as in "<link>" or "link.". Only
    punctuation, spaces and invisible characters are removed, so a link that was cut off or changed stays refused.
    """
    for _ in range(_MOST_DECODINGS):
        if (decoded := html.unescape(unquote(address))) == address:
            break
        address = decoded
    tokens = TOKEN.findall(address)
    if len(tokens) > 1 and len(set(tokens)) == 1:  # some programs write a link twice: "link<link>"
        return str(tokens[0])
    found = TOKEN.search(address)
    if found is None or not all(map(_is_around_a_link, address[: found.start()] + address[found.end() :])):
        raise BadLinkError
    return found[0]


def _is_around_a_link(character: str) -> bool:
    """Whether an email program may have added a character: punctuation, a symbol, a space or an invisible character."""
    category = unicodedata.category(character)
    return category[0] in "PSZ" or category in {"Cc", "Cf"}
