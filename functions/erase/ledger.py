"""What belongs to leads, compared with the leads as a scan of the table comes by: what has none, and what outlives it.

A scan has no order, so an item whose lead did not come yet waits. What still waits in the end has no lead.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from erase.remains import is_old
from shared.store.belongings import WEBHOOK
from shared.store.keys import LEAD_SORT_KEY
from shared.store.leads import ERASED_AT
from shared.store.timeline import ENTRIES

if TYPE_CHECKING:
    from shared.store.keys import Item

_LEAD: Final = "LEAD#"
_PERSON: Final = "PERSON#"


class _Lead(NamedTuple):
    ends: int | None  # seconds since 1970; None if it does not end
    linked: bool  # whether no old item has to link it to its person


class Belonging(NamedTuple):
    """An entry of a timeline or an item of a person, by its key, and when it ends in seconds since 1970."""

    pk: str
    sk: str
    ends: int | None

    @property
    def written_at(self) -> str:
        """When it was written, or its request came in, as the sort key has it. The webhook's item has no time there."""
        return "" if self.sk == WEBHOOK else self.sk.removeprefix(ENTRIES).partition("#")[0]


class Ledger:
    """Counts what ends more than `margin` seconds after its lead, and finds what has no lead."""

    def __init__(self, margin: int) -> None:
        self._margin = margin
        self._leads: dict[str, _Lead] = {}
        self._waiting: defaultdict[str, list[Belonging]] = defaultdict(list)
        self._old: dict[tuple[str, str], frozenset[str]] = {}
        self.late = 0

    def add(self, item: "Item") -> None:
        """Take note of an item of the table. Those that belong to no lead are ignored."""
        pk, sk = str(item["pk"]["S"]), str(item["sk"]["S"])
        if pk.startswith(_LEAD) and sk == LEAD_SORT_KEY:
            lead_id = pk.removeprefix(_LEAD)
            lead = self._leads[lead_id] = _Lead(_end_of(item), ERASED_AT in item or "person_keys" in item)
            for each in self._waiting.pop(lead_id, ()):
                self._compare(each, lead)
        elif is_old(item):
            entries = item["requests"]["SS"] if "requests" in item else ()
            self._old[pk, sk] = frozenset(str(entry).rpartition("#")[2] for entry in entries)
        elif owner := _owner(item, pk, sk):
            each = Belonging(pk, sk, _end_of(item))
            if known := self._leads.get(owner):
                self._compare(each, known)
            else:
                self._waiting[owner].append(each)

    def orphans(self) -> Iterator[tuple[str, list[Belonging]]]:
        """Yield what has no lead, by the id of the lead. Call it after the whole scan."""
        yield from self._waiting.items()

    def replaced(self) -> Iterator[tuple[str, str]]:
        """Yield the keys of old items of which each request is gone or has new items. Call it after the whole scan."""
        for key, lead_ids in self._old.items():
            if all(lead_id not in self._leads or self._leads[lead_id].linked for lead_id in lead_ids):
                yield key

    def _compare(self, each: Belonging, lead: _Lead) -> None:
        self.late += lead.ends is not None and (each.ends is None or each.ends > lead.ends + self._margin)


def _owner(item: "Item", pk: str, sk: str) -> str | None:
    """Return the id of the lead that an item belongs to, or None if it belongs to none."""
    if pk.startswith(_LEAD) and (sk.startswith(ENTRIES) or sk == WEBHOOK):
        return pk.removeprefix(_LEAD)
    return str(item["lead_id"]["S"]) if pk.startswith(_PERSON) and "lead_id" in item else None


def _end_of(item: "Item") -> int | None:
    return int(str(item["expires_at"]["N"])) if "expires_at" in item else None
