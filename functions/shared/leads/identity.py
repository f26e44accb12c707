"""Who a lead is: an id that a repeated submission meets again, and the short reference that people say aloud."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime

REFERENCE_PATTERN = re.compile(r"KC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")

_REFERENCE_PREFIX = "KC"
# Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U, so nothing is misheard or misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_BITS = 130  # 26 symbols of 5 bits; two strangers' submissions must never meet in one item


def fingerprint(content: Mapping[str, object]) -> str:
    """Return a hash of normalized `content`, the same for the same content in any order of fields."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def lead_id(submission_id: str | None, content_fingerprint: str, received_at: datetime) -> str:
    """Return the id of the lead that a submission makes or, when sent again, meets.

    With a submission id, that id alone decides. Without one (a plain HTML form), the content and the UTC date do, so
    a double click or a reload the same day is one lead, and the same words next month are a new one.
    """
    key = f"id:{submission_id}" if submission_id else f"content:{received_at:%Y-%m-%d}:{content_fingerprint}"
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()) >> (256 - _ID_BITS)
    symbols = []
    for _ in range(_ID_BITS // 5):
        number, remainder = divmod(number, len(_ALPHABET))
        symbols.append(_ALPHABET[remainder])
    return "".join(reversed(symbols))


def reference(lead_id: str) -> str:
    """Return what staff and visitors call the lead, e.g. `KC-7Q2M-4XHD`: the id's first 40 bits, so it finds the id."""
    return f"{_REFERENCE_PREFIX}-{lead_id[:4]}-{lead_id[4:8]}"
