"""The audit: who saw and did what at the desk, in a table of its own that no role may change or delete from.

All entries are one chain (shared/leads/audit_chain.py), in one partition, by number.
"""

import random
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.leads.audit_chain import EMPTY, NO_DIGEST, Entry, Mark, StoredEntry
from shared.store.keys import SCHEMA, attributes, epoch_seconds, moment, timestamp
from shared.store.typed import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item

_CHAIN: Final = "AUDIT"
_DIGITS: Final = 12
# The keys of entries. Anything beyond was put there by somebody else, and must not be taken for the chain's end: no
# number could follow it.
_FIRST, _LAST = 1, 899_999_999_999
_KEY: Final = re.compile(r"[0-9]{12}", re.ASCII)
# The time of an entry that cannot be read.
_UNKNOWN: Final = datetime.fromtimestamp(0, UTC)
# Of the writers that try at once, one succeeds and the others read the last entry again. Random pauses keep them apart:
# up to these seconds, twice as long after each try. With 40 writers at once, as many as the API's throttle lets through
# in a burst, the slowest one waits for seconds and not for half a minute, as it would with short pauses.
_MOST_TRIES: Final = 40
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.01, 2.0
# Lambda ends a request of the desk after 28 seconds. Before that, the person gets a page in words.
_PATIENCE: Final = 20.0
# Entries in one query, and how many a page looks through. 1,000 entries are about 100 read units.
_QUERY: Final = 250
_MOST_LOOKED_AT: Final = 1000


class AuditError(Exception):
    """The audit cannot be written or read, so nothing may be shown. `reason` is AWS's code or an error's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooLongError(Exception):
    """Looking through the audit takes longer than the caller can wait."""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first. `next` is the number to go on before, or None at the end."""

    entries: tuple[Entry, ...]
    next: int | None


class Audit:
    """The chain in one table. Every method raises AuditError if DynamoDB does not do it."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep
        self._clock = clock

    def write(  # noqa: PLR0913 - the parts of an entry
        self,
        now: datetime,
        *,
        actor: str,
        email: str,
        action: str,
        lead_ids: Sequence[str] = (),
        details: Mapping[str, str] = MappingProxyType({}),
    ) -> int:
        """Write an entry and return its number. `details` are ids and documented words."""
        visit, until = secrets.token_urlsafe(9), self._clock() + _PATIENCE
        for attempt in range(_MOST_TRIES):
            last = self._last()
            entry = Entry(
                number=last.entry.number + 1 if last else 1,
                at=now,
                actor=actor,
                email=email,
                action=action,
                lead_ids=tuple(lead_ids),
                details=dict(details),
                visit=visit,
                before=last.digest if last else EMPTY.digest,
                before_at=last.entry.at if last else None,
            )
            if self._put(entry):
                return entry.number
            if self._clock() > until:
                break
            longest = min(_SHORTEST_PAUSE * 2**attempt, _LONGEST_PAUSE)
            self._sleep(random.uniform(0, longest))  # noqa: S311 - it keeps writers apart and protects nothing
        raise AuditError("TooManyWriters")

    def last(self) -> Mark:
        """Return the number and the digest of the last entry."""
        last = self._last()
        return Mark(last.entry.number, last.digest) if last else EMPTY

    def page(
        self,
        *,
        lead_id: str | None = None,
        actor: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
        size: int = 50,
    ) -> Page:
        """Return a page of entries, newest first: those about a lead, by a person, or all.

        `lead_id` may be the beginning of an id, which is all that a reference tells. It stops at entries older than
        `since`, and after 1,000 entries even if the page is not full: `next` goes on.
        """
        found: list[Entry] = []
        everything = lead_id is None and actor is None
        chain = self._stored(newest_first=True, before=before, limit=size if everything else _QUERY)
        for looked_at, stored in enumerate(chain, 1):
            entry = stored.entry
            if since and _UNKNOWN < entry.at < since:
                return Page(tuple(found), None)
            if _is_about(entry, lead_id) and actor in {None, entry.actor}:
                found.append(entry)
            if len(found) == size or looked_at == _MOST_LOOKED_AT:
                return Page(tuple(found), entry.number if entry.number > 1 else None)
        return Page(tuple(found), None)

    def about(self, lead_ids: Collection[str], since: datetime, seconds: float = inf) -> Iterator[Entry]:
        """Yield the entries about any of some leads, newest first, down to those that are older than `since`.

        Raises TooLongError once it has taken longer than `seconds`.
        """
        until = self._clock() + seconds
        for stored in self._stored(newest_first=True):
            if self._clock() > until:
                raise TooLongError
            if _UNKNOWN < stored.entry.at < since:
                return
            if any(each in lead_ids for each in stored.entry.lead_ids):
                yield stored.entry

    def entries(self) -> Iterator[StoredEntry]:
        """Yield the whole chain, oldest first, and also what else is in its partition."""
        return self._stored(consistent=True, everything=True)

    def _last(self) -> StoredEntry | None:
        return next(self._stored(newest_first=True, consistent=True, limit=1), None)

    def _stored(
        self,
        *,
        newest_first: bool = False,
        consistent: bool = False,
        everything: bool = False,
        before: int | None = None,
        limit: int = _QUERY,
    ) -> Iterator[StoredEntry]:
        """Yield entries; a query for the next ones follows only if the caller wants them.

        With `everything`, items that are no entries come too. A page or a new entry goes on without them.
        """
        start: dict[str, Any] = {}
        condition, values = "pk = :chain", {":chain": _CHAIN}
        if not everything:
            last = _LAST if before is None else min(before - 1, _LAST)
            if last < _FIRST:
                return
            condition += " AND sk BETWEEN :first AND :last"
            values |= {":first": _sort_key(_FIRST), ":last": _sort_key(last)}
        while True:
            try:
                answer = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=attributes({**values}),
                    ScanIndexForward=not newest_first,
                    ConsistentRead=consistent,
                    Limit=limit,
                    **start,
                )
            except (ClientError, BotoCoreError) as error:
                raise AuditError(_reason(error)) from None
            found = map(_entry_of, answer["Items"])
            yield from (each for each in found if everything or each.foreign_key is None)
            if not (key := answer.get("LastEvaluatedKey")):
                return
            start = {"ExclusiveStartKey": key}

    def _put(self, entry: Entry) -> bool:
        """Write an entry. Return whether it is there now: another one may have its number."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_item_of(entry),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # When the SDK repeats a put whose response was lost, it finds its own entry.
            found: Item = error.response.get("Item", {})  # type: ignore[assignment] # the stubs do not declare Item
            return found.get("digest") == {"S": entry.digest}
        except (ClientError, BotoCoreError) as error:
            raise AuditError(_reason(error)) from None
        return True


def _is_about(entry: Entry, lead_id: str | None) -> bool:
    return lead_id is None or any(each.startswith(lead_id) for each in entry.lead_ids)


def _sort_key(number: int) -> str:
    return f"{number:0{_DIGITS}d}"


def _item_of(entry: Entry) -> "Item":
    return attributes(
        {
            "pk": _CHAIN,
            "sk": _sort_key(entry.number),
            "schema": SCHEMA,
            "number": entry.number,
            "at": timestamp(entry.at),
            "actor": entry.actor,
            "email": entry.email,
            "action": entry.action,
            "lead_ids": list(entry.lead_ids),
            "details": dict(entry.details),
            "visit": entry.visit,
            "before": entry.before,
            "before_at": timestamp(entry.before_at) if entry.before_at else None,
            "digest": entry.digest,
            "expires_at": epoch_seconds(entry.expires_at()),
        }
    )


def _entry_of(item: "Item") -> StoredEntry:
    """Return the entry in an item. If somebody put anything else there, the entry is empty and fits no digest."""
    key = str(item["sk"]["S"])
    try:
        return _readable({name: plain(value) for name, value in item.items()})
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        is_entry = _KEY.fullmatch(key) and _FIRST <= int(key) <= _LAST
        return StoredEntry(
            entry=Entry(
                number=int(key) if is_entry else 0, at=_UNKNOWN, actor="", email="", action="unreadable", visit=""
            ),
            digest=NO_DIGEST,
            foreign_key=None if is_entry else key,
        )


def _readable(values: dict[str, Any]) -> StoredEntry:
    """Return the entry in the values of an item. Raises an error for anything that `_item_of` does not write."""
    entry = Entry(
        number=_number(values["number"]),
        at=_moment(values["at"]),
        actor=_text(values["actor"]),
        email=_text(values["email"]),
        action=_text(values["action"]),
        lead_ids=tuple(map(_text, values["lead_ids"])),
        details={name: _text(value) for name, value in values["details"].items()},
        visit=_text(values["visit"]),
        before=_text(values["before"]),
        before_at=_moment(values["before_at"]) if "before_at" in values else None,
    )
    if values["sk"] != _sort_key(entry.number) or not _FIRST <= entry.number <= _LAST:
        raise ValueError("the entry has the key of another one")
    return StoredEntry(entry=entry, digest=_text(values["digest"]), expires_at=_number(values["expires_at"]))


def _number(value: object) -> int:
    if not isinstance(value, Decimal):
        raise TypeError("not a number")
    return int(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _moment(value: object) -> datetime:
    found = moment(_text(value))
    if found.tzinfo is None or timestamp(found) != value:
        raise ValueError("not a time as we write it")
    return found


def _reason(error: ClientError | BotoCoreError) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
