"""The job `replay`: after a restore of the table, what was erased before is erased again."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from erase.lead_items import LeadItems, is_held, is_scrubbed
from erase.tombstones import Tombstone, Tombstones
from shared.leads.event import OPERATOR
from shared.runtime.telemetry import logger, sanitized
from shared.store.audit import Audit
from shared.store.erasures import Erasures
from shared.store.progress_item import stored_lead

if TYPE_CHECKING:
    from shared.leads.progress import StoredLead


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Orders the erasure of each lead that has a tombstone and is back."""

    tombstones: Tombstones
    items: LeadItems
    erasures: Erasures
    audit: Audit
    people_key: Callable[[], bytes]
    now: Callable[[], datetime]

    def run(self) -> dict[str, object]:
        """Order what is needed, and return the counts. Safe to repeat. Raises botocore's errors.

        A lead that is under legal hold in the restored table, or that its order left alone, stays.
        """
        counts = dict.fromkeys(("tombstones", "ordered", "held", "failed"), 0)
        back: defaultdict[str, list[StoredLead]] = defaultdict(list)
        for tombstone in self.tombstones.all():
            counts["tombstones"] += 1
            item = self.items.read(tombstone.lead_id)
            if item is None or is_scrubbed(item):
                continue
            if is_held(item) or self._left_alone(tombstone):
                counts["held"] += 1
                continue
            try:
                stored = stored_lead(item)
            except Exception as error:  # noqa: BLE001 - one lead that cannot be read must not stop the others
                counts["failed"] += 1
                logger.error("lead not read", extra={"lead_id": tombstone.lead_id, "error": str(sanitized(error))})
            else:
                back[tombstone.erasure_id].append(stored)
        for erasure_id, leads in back.items():
            try:
                ids = [stored.lead.id for stored in leads]
                self.audit.write(self.now(), actor=OPERATOR, email="", action="erase", lead_ids=ids)
                self.erasures.order(leads, self.people_key(), by=OPERATOR, by_email=None)
            except Exception as error:  # noqa: BLE001 - one order must not stop the others
                counts["failed"] += len(leads)
                logger.error("erasure not ordered", extra={"erasure": erasure_id, "error": str(sanitized(error))})
            else:
                counts["ordered"] += len(leads)
        logger.info("erasures replayed", extra={"counts": counts})
        return {**counts}

    def _left_alone(self, tombstone: Tombstone) -> bool:
        # A restore may have brought back a table without the order. Then the tombstone alone says what it did.
        order = self.erasures.read(tombstone.erasure_id)
        return order is not None and tombstone.lead_id in order.held
