"""Visitor-typed words in a mail: shown as they are, and made into nothing but words."""

import re

# Mail programs make links of anything like "www.example.com", "a://b" or "a@b". A zero-width space after the sign
# stops that and changes nothing for the reader.
_LINK_SIGN = re.compile(r"(?<=\S)[.@:\u3002\uff0e\uff61](?=\S)|[/\\](?=[/\\])")


def inert(text: str) -> str:
    """Return visitor-typed `text` so that no mail program makes a link of any part of it."""
    return _LINK_SIGN.sub("\\g<0>\u200b", text)
