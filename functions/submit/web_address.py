"""Web addresses of pages, cut to origin and path. Search words and click ids are dropped."""

import re

MAX_ADDRESS_LENGTH = 2_000  # as sent, with its query; a longer one is ignored
_MAX_KEPT = 300

# Scheme, host, optional port, then the path as a browser writes it: ASCII, the rest percent-encoded. No user name or
# password.
_ADDRESS = re.compile(
    r"(?P<origin>https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?)"
    r"(?P<path>/[A-Za-z0-9._~!$&()*+,;=:@%/|\[\]^{}-]*)?"
    r"(?:[?#].*)?"
)


def origin_and_path(text: str) -> str | None:
    """Return `https://host/path` of an address, without query and fragment, or None if it is not a web address.

    Queries and fragments can hold click ids, search words and names.
    """
    match = _ADDRESS.fullmatch(text) if len(text) <= MAX_ADDRESS_LENGTH else None
    if match is None:
        return None
    kept = match["origin"].lower() + (match["path"] or "/")
    return kept if len(kept) <= _MAX_KEPT else match["origin"].lower() + "/"
