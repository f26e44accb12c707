"""The first look: scrub the leads of an order, and remove what belongs to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from erase.lead_items import LeadItems, is_held, is_leased, is_scrubbed
from erase.remains import Remains
from erase.steps import erased, put_off
from erase.tombstones import Tombstones
from erase.traces import addresses
from shared.leads.erasure import Erasure
from shared.services.suppression import SuppressionList

if TYPE_CHECKING:
    from shared.store.keys import Item

SUPPRESSION: str = "SES's suppression list was out of reach"


@dataclass(frozen=True, kw_only=True)
class Looked:
    """How a look ended. `changed` is whether a sender was faster, so the look has to begin again."""

    changed: bool = False
    held: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Look:
    """Scrubs and removes. Safe to repeat: a run that was interrupted is continued by the next one.

    `of_address` returns the ids of the requests from an email address.
    """

    items: LeadItems
    remains: Remains
    tombstones: Tombstones
    suppression: SuppressionList
    of_address: Callable[[str], tuple[str, ...]]
    now: Callable[[], datetime]

    def first(self, erasure: Erasure) -> Erasure:
        """Return the order after its first look, or put off while a sender is at work. Raises botocore's errors."""
        looked = self.at(erasure)
        return put_off(erasure, self.now()) if looked.changed else erased(erasure, looked.held, self.now())

    def at(self, erasure: Erasure) -> Looked:
        """Scrub the leads of an order, and remove what belongs to them. Raises botocore's errors."""
        found = {lead_id: item for lead_id in erasure.lead_ids if (item := self.items.read(lead_id))}
        now = self.now()
        # Looked up before anything is done, so that nothing is half done while a sender has one of the leads.
        if any(is_leased(item, now) for item in found.values()):
            return Looked(changed=True)
        held = tuple(lead_id for lead_id, item in found.items() if is_held(item))
        for lead_id, item in found.items():
            if lead_id not in held and not self._scrub(lead_id, item, erasure, now):
                return Looked(changed=True)
        erasable = frozenset(erasure.lead_ids) - set(held)
        fingerprints = {str(item["fingerprint"]["S"]) for item in found.values() if "fingerprint" in item}
        self.remains.clear(erasable, erasure.person_keys, fingerprints)
        # SES needs the address for a person who has another request: one that is held, or that nobody chose.
        unused = () if held else [each for each in addresses(erasure.traces) if not self.of_address(each)]
        forgotten = self.suppression.forget(unused)
        return Looked(held=held, problems=() if forgotten else (SUPPRESSION,))

    def _scrub(self, lead_id: str, item: "Item", erasure: Erasure, now: datetime) -> bool:
        if not (is_scrubbed(item) or self.items.scrub(item, now)):
            return False
        # A hold may come before the scrub, so a tombstone that came first could be one of a living request. After a
        # crash in between, the order is still due, and the next run gets here again.
        self.tombstones.put(lead_id, item, erasure, now)
        return True
