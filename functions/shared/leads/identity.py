"""The identity of a lead: an id that stays the same if a submission is repeated, and a short reference for people."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime

REFERENCE_PATTERN = re.compile(r"KC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")

_REFERENCE_PREFIX = "KC"
# Crockford's base 32 (https://www.crockford.com/base32.html). It has no I, L, O or U, which are easily misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_BITS = 130  # 26 symbols of 5 bits; two people's submissions must never get the same id


def fingerprint(content: Mapping[str, object]) -> str:
    """Return a hash of the normalized `content`. The order of fields does not matter."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def lead_id(submission_id: str | None, content_fingerprint: str, received_at: datetime) -> str:
    """Return the id of the lead for a submission. A repeated submission gets the same id.

    A submission id alone determines it. Without one (a plain HTML form), the content and the UTC date do: a double
    click or a reload on the same day is the same lead, and the same text next month is a new one.
    """
    key = f"id:{submission_id}" if submission_id else f"content:{received_at:%Y-%m-%d}:{content_fingerprint}"
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()) >> (256 - _ID_BITS)
    symbols = []
    for _ in range(_ID_BITS // 5):
        number, remainder = divmod(number, len(_ALPHABET))
        symbols.append(_ALPHABET[remainder])
    return "".join(reversed(symbols))


def reference(lead_id: str) -> str:
    """Return the reference of a lead, e.g. `KC-7Q2M-4XHD`.

    It contains the first 40 bits of the id, which is enough to find the lead.
    """
    return f"{_REFERENCE_PREFIX}-{lead_id[:4]}-{lead_id[4:8]}"
