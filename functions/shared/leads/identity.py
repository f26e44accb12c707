"""The identity of a lead: an id that stays the same if a submission is repeated, and a short reference for people.

Both come from an HMAC under a key of the stack's own. So nobody can compute the id or the reference of a request from
its content, find out the content from them, or make two requests that share a reference.
"""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

# The pattern of a lead's id. As text: storing a lead needs it nowhere, so a cold start must not compile it.
LEAD_ID = "[0-9A-HJKMNP-TV-Z]{26}"
# A clinic chooses the letters before the first hyphen. Requests that were stored before it did keep theirs.
REFERENCE_PATTERN = re.compile(r"[A-Z]{2,4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
IN_REFERENCE = 8  # symbols of an id that its reference has
REFERENCE_PREFIX = "KC"  # if the clinic chose none

# Crockford's base 32 (https://www.crockford.com/base32.html). It has no I, L, O or U, which are easily misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_BITS = 130  # 26 symbols of 5 bits; two people's submissions must never get the same id
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"))
_SHIFTS = range(_ID_BITS - 5, -1, -5)  # the first symbol has the highest bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the spam screen weighs in a submission besides its content. The values are as sent, so a retry has the same.

    They are part of the id. Otherwise somebody could send a person's answers first, with a sign of spam, and the
    person's own request would join the one in quarantine.
    """

    trap_filled: bool = False
    rendered_at: int | None = None  # milliseconds since 1970, as the form says
    turnstile_token: str | None = None


class LeadIds:
    """Makes the fingerprints and ids of one stack. With another `key`, a retry would become a second lead."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def fingerprint(self, content: Mapping[str, object]) -> str:
        """Return a keyed hash of the normalized `content`. The order of fields does not matter."""
        return self._mac("content", content).hex()

    def lead_id(self, submission_id: str | None, content_fingerprint: str, received_at: datetime, signs: Signs) -> str:
        """Return the id of the lead for a submission. A repeated submission gets the same id.

        The submission id and the signs determine it. Without a submission id (a plain HTML form), the content and the
        UTC date take its place: a double click or a reload on the same day is the same lead, and the same text next
        month is a new one.
        """
        named = ("submission", submission_id) if submission_id else (f"{received_at:%Y-%m-%d}", content_fingerprint)
        made_of = (*named, signs.trap_filled, signs.rendered_at, signs.turnstile_token)
        number = int.from_bytes(self._mac("lead", made_of)) >> (256 - _ID_BITS)
        return "".join([_ALPHABET[number >> shift & 31] for shift in _SHIFTS])

    def _mac(self, purpose: str, value: object) -> bytes:
        """Return the HMAC-SHA256 of `value`. Different purposes never have a message in common."""
        return hmac.digest(self._key, _CANONICAL.encode([purpose, value]).encode(), "sha256")


def reference(lead_id: str, prefix: str = REFERENCE_PREFIX) -> str:
    """Return the reference of a lead, e.g. `KC-7Q2M-4XHD`.

    It contains the first 40 bits of the id, which is enough to find the lead. `prefix` is the clinic's.
    """
    return f"{prefix}-{lead_id[:4]}-{lead_id[4:8]}"


def id_prefix(reference: str) -> str:
    """Return the beginning of a lead's id, which its reference tells. `reference` fits `REFERENCE_PATTERN`."""
    return reference.partition("-")[2].replace("-", "")
