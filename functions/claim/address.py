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
    found = TOKEN.search(address)
    if found is None or not all(map(_is_around_a_link, address[: found.start()] + address[found.end() :])):
        raise BadLinkError
    return found[0]


def _is_around_a_link(character: str) -> bool:
    """Whether an email program may have added a character: punctuation, a symbol, a space or an invisible character.

    "-" and "_" occur in tokens, so they may be the rest of another link.
    """
    category = unicodedata.category(character)
    return character not in "-_" and (category[0] in "PSZ" or category in {"Cc", "Cf"})
