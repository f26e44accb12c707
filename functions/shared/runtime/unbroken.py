"""Keeps references and times in one piece at the end of a line."""

import re
from typing import Final

from markupsafe import Markup

from shared.leads.identity import REFERENCE_PATTERN

# A browser may break a line after the hyphen of "KC-7Q2M-4XHD" and at the spaces of "9:05 AM EST".
_WHOLE: Final = re.compile(
    rf"({REFERENCE_PATTERN.pattern}|\b\d{{1,2}}(?::\d\d)? [AP]M\b(?: (?:[A-Z]{{2,5}}|[+-]\d{{2,4}})\b)?)"
)
# Not special characters: they would get into what staff copy and search for.
_IN_ONE_PIECE: Final = Markup("<span {}>{}</span>")
_LOOK: Final = Markup('class="whole"')


def unbroken(text: str, look: Markup = _LOOK) -> Markup:
    """Return `text` as HTML that does not break a line within a reference or a time.

    `look` has the attributes that say so. A page has a style for the class; an email has inline styles.
    """
    parts = enumerate(_WHOLE.split(text))  # every second part is a match
    return Markup().join(_IN_ONE_PIECE.format(look, part) if number % 2 else part for number, part in parts)
