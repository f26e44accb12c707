"""The chain of the audit: each entry names the digest of the entry before, so a later change shows.

An entry says who did or saw what at the desk. It has ids and addresses of staff, never what a visitor typed.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

# HIPAA's six years (45 CFR 164.316(b)(2)(i)). Older entries are deleted in no particular order, and within days.
KEPT: Final = timedelta(days=6 * 366)
NO_DIGEST: Final = "0" * 64
# An email has this much of a digest: 96 bits, which nobody can hit with another entry.
SHORT: Final = 24
# Of a key that no entry has, a message shows this many characters.
_DIGITS: Final = 12
# Entries of two processes may be written in another order than their requests came in.
_CLOCKS_DIFFER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit, numbered from 1.

    `actor` is a person's id and `email` their address. `visit` is random, so that no two entries are the same.
    `before` and `before_at` are the digest and the time of the entry before: `NO_DIGEST` and None for the first one.
    """

    number: int
    at: datetime
    actor: str
    email: str
    action: str
    lead_ids: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    visit: str
    before: str = NO_DIGEST
    before_at: datetime | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of all that the entry says, in hex."""
        content = asdict(self) | {
            "at": _text(self.at),
            "before_at": _text(self.before_at) if self.before_at else None,
            "details": dict(self.details),
        }
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def expires_at(self) -> datetime:
        """Return when the entry may be deleted."""
        return self.at + KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry as the table has it, with the digest and the expiry (seconds since 1970) that were stored with it.

    `expires_at` is None if it is not known. `foreign_key` is the key of an item that is no entry: the chain has no
    place for it. For an item that cannot be read, `digest` is `NO_DIGEST`, which fits no entry.
    """

    entry: Entry
    digest: str
    expires_at: int | None = None
    foreign_key: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The number and the digest of an entry, kept elsewhere. The digest may be cut off at its end."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest[:SHORT]}"


# The mark of a chain without entries.
EMPTY: Final = Mark(0, NO_DIGEST)


def verify(entries: Iterable[StoredEntry], now: datetime, *marks: Mark) -> Iterator[str]:
    """Yield what is wrong with a chain, in words. `entries` are all that the table has, in the order of their keys.

    `marks` are entries that somebody noted earlier, such as the last ones in digest emails. Only these find entries
    that are missing at the end, or a chain that somebody wrote again. They tell nothing of the entries after them.
    """
    before: StoredEntry | None = None
    wanted, found = {mark.number for mark in marks}, dict[int, str]()
    for stored in entries:
        if stored.foreign_key is not None:
            yield f"An item has the key {stored.foreign_key[:_DIGITS]!a}, which no entry has."
            continue
        yield from _wrong_content(stored)
        yield from _wrong_link(before, stored, now)
        if stored.entry.number in wanted:
            found[stored.entry.number] = stored.digest
        before = stored
    number = before.entry.number if before else 0
    for mark in sorted(set(marks), key=lambda mark: (mark.number, mark.digest)):
        yield from _wrong_mark(number, found.get(mark.number), mark)
    if (last := max(wanted, default=0)) > number:
        yield f"{_missing(number + 1, last)} missing at the end: the last known entry is number {last}."


def _wrong_content(stored: StoredEntry) -> Iterator[str]:
    entry = stored.entry
    if entry.digest != stored.digest:
        yield f"Entry {entry.number} was changed: its content doesn't match its digest."
    elif stored.expires_at not in {None, int(entry.expires_at().timestamp())}:
        yield f"Entry {entry.number} was changed: DynamoDB deletes it at another time than six years later."


def _wrong_link(before: StoredEntry | None, stored: StoredEntry, now: datetime) -> Iterator[str]:
    entry, number = stored.entry, before.entry.number if before else 0
    if entry.number <= number:
        yield f"Entry {entry.number} comes after entry {number}: the numbers are out of order."
    elif entry.number == number + 1:
        if entry.before != (before.digest if before else NO_DIGEST):
            yield f"Entry {entry.number} doesn't continue entry {number}: one of the two was replaced."
        if entry.before_at and entry.at < entry.before_at - _CLOCKS_DIFFER:
            yield f"Entry {entry.number} has an earlier time than entry {number}: its time is not when it was written."
    elif entry.before_at is None or entry.before_at + KEPT > now:
        yield f"{_missing(number + 1, entry.number - 1)} missing."


def _wrong_mark(number: int, found: str | None, mark: Mark) -> Iterator[str]:
    if found is None and 0 < mark.number <= number:
        yield f"Entry {mark.number}, which is known, isn't there, so the two can't be compared."
    elif found is not None and not found.startswith(mark.digest):
        yield f"Entry {mark.number} has another digest than the one that is known: somebody wrote the chain again."


def _missing(first: int, end: int) -> str:
    return f"Entry {first} is" if first == end else f"Entries {first} to {end} are"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
