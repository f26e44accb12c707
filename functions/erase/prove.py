"""The proof: one scan of the whole table that looks for what is left of erased people."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from erase.remains import Remains, is_old, kind_of
from erase.tombstones import LEFT
from erase.traces import Traces, Words
from shared.leads.erasure import Erasure
from shared.store.erasures import ERASURES
from shared.store.keys import LEAD_SORT_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.store.keys import Item

_LEAD: Final = "LEAD#"
# An item that may not be removed: it belongs to no lead. A developer has to look.
_UNKNOWN: Final = "an item that belongs to no request, under {}"
_NOT_SCRUBBED: Final = "a request that is not scrubbed"


@dataclass(kw_only=True)
class Search:
    """What one order looks for, and what a scan found."""

    erasure: Erasure
    problems: list[str] = field(default_factory=list)
    elsewhere: int = 0

    def __post_init__(self) -> None:
        self._traces = Traces(self.erasure.traces)
        self.lead_ids = frozenset(self.erasure.covered)

    def look_at(self, item: "Item", words: Words) -> bool:
        """Look at one item. Return whether it belongs to an erased lead and has to be removed."""
        pk = str(item["pk"]["S"])
        if pk == ERASURES:
            return False
        if kind := kind_of(item, self.lead_ids):
            # Nobody writes old items anymore, so what is removed from one now stays removed.
            if not is_old(item):
                self.problems.append(str(kind))
            return True
        lead_id = pk.removeprefix(_LEAD) if pk.startswith(_LEAD) else None
        if lead_id in self.lead_ids:
            if item["sk"]["S"] == LEAD_SORT_KEY and item.keys() - LEFT:
                self.problems.append(_NOT_SCRUBBED)
            return False
        if lead_id in self.erasure.held or not (self._has_digest(words) or self._traces.are_in(words)):
            return False
        if lead_id is not None or self._names_others(pk):
            self.elsewhere += 1
        else:
            self.problems.append(_UNKNOWN.format(pk.partition("#")[0]))
        return False

    def _has_digest(self, words: Words) -> bool:
        return any(digest in words.text for digest in self.erasure.person_keys)

    @staticmethod
    def _names_others(pk: str) -> bool:
        # `kind_of` said that it names none of the erased leads.
        return pk.startswith(("PERSON#", "URGENT#", "CONFIRMED#", "REPEATS#"))


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Reads the whole table, consistently."""

    client: "DynamoDBClient"
    table: str
    remains: Remains

    def items(self, goes_on: Callable[[], bool]) -> "Iterator[Item]":
        """Yield every item. Raises TimeoutError if `goes_on` is false before a page, and botocore's errors."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        for page in pages:
            if not goes_on():
                raise TimeoutError
            yield from page["Items"]

    def search(self, erasures: Sequence[Erasure], goes_on: Callable[[], bool]) -> list[Search]:
        """Look for what is left of each order, all in one scan, and remove what belongs to its leads.

        Raises TimeoutError and botocore's errors.
        """
        searches = [Search(erasure=erasure) for erasure in erasures]
        for item in self.items(goes_on):
            words = Words(item)
            for search in searches:
                if search.look_at(item, words):
                    self.remains.remove(item, search.lead_ids)
        return searches
