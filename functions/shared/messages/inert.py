"""Stop email clients from auto-linking text the visitor typed."""

import re

# Email clients link anything like "www.example.com", "a://b" or "a@b". A zero-width space after the punctuation stops
# that, and readers do not see it.
_LINK_PUNCTUATION = re.compile(r"(?<=\S)[.@:\u3002\uff0e\uff61](?=\S)|[/\\](?=[/\\])")


def inert(text: str) -> str:
    """Return `text`, which a visitor typed, changed so that email clients do not turn any of it into a link."""
    return _LINK_PUNCTUATION.sub("\\g<0>\u200b", text)
