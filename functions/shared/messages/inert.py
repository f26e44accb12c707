"""Stop email clients from auto-linking text the visitor typed.

Only words that a client would link are changed, so everything else can be copied: names, doses, times, phone numbers.
We do not use a library such as linkify-it-py. It finds what it would link itself, with a list of domain endings, and
each client has a newer list. So any ending that could be one counts here.
"""

import re

# A word with one of these is a link to some client: "a://b", "mailto:b", "www.b", "a@b", "\\b\c", "a.example",
# "a.xn--p1ai". An ending has two letters or more, in any script. That leaves out "Ph.D.", "a.m.", "J.R." and "12.5".
# A scheme needs a letter or a digit behind it, so "Good news:)" is no link.
_LINK = re.compile(
    r"""
      :// | \\\\ | [^\s]@[^\s]
    | \bmailto:(?=\S)
    | \b(?:tel|sms|facetime|sip|skype|xmpp|geo|maps|callto|javascript|data|file|news|webcal):(?=[^\w\s]*\w)
    | www[.\u3002\uff0e\uff61]
    | [^\s!-,./:-@\[-^`{-~][.\u3002\uff0e\uff61](?:xn--|[^\W\d_][^\s!-@\[-`{-~\u2010-\u2027\u2030-\u205e])
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A zero-width space after its punctuation stops that, and readers do not see it.
_PUNCTUATION = re.compile(r"(?<=\S)[.@:\u3002\uff0e\uff61]|[/\\](?=[/\\])")
_WORD = re.compile(r"\S+")


def inert(text: str) -> str:
    """Return `text`, which a visitor typed, changed so that email clients do not turn any of it into a link."""
    return _WORD.sub(_inert_word, text)


def _inert_word(match: re.Match[str]) -> str:
    word = match[0]
    return _PUNCTUATION.sub("\\g<0>\u200b", word) if _LINK.search(word) else word
