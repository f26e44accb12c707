"""Addresses of pages, cut to what may be kept: where a visitor came from, without what was searched or who clicked."""

import re

MAX_ADDRESS_LENGTH = 2_000  # as sent, with its query; longer ones are passed over
_MAX_KEPT = 300

# Scheme, host and perhaps a port, then the path, as a browser writes it: in ASCII, the rest percent-encoded. No user
# name or password, nothing that is not in an address.
_ADDRESS = re.compile(
    r"(?P<origin>https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?)"
    r"(?P<path>/[A-Za-z0-9._~!$&()*+,;=:@%/|\[\]^{}-]*)?"
    r"(?:[?#].*)?"
)


def origin_and_path(text: str) -> str | None:
    """Return `https://host/path` of an address, without query and fragment, or None where it is no web address.

    Queries and fragments carry click ids, search words and sometimes names.
    """
    match = _ADDRESS.fullmatch(text) if len(text) <= MAX_ADDRESS_LENGTH else None
    if match is None:
        return None
    kept = match["origin"].lower() + (match["path"] or "/")
    return kept if len(kept) <= _MAX_KEPT else match["origin"].lower() + "/"
