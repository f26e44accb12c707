"""The job `replay`: after a restore of the table, what was erased before is erased again."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from erase.lead_items import LeadItems, is_held, is_scrubbed
from erase.tombstones import Tombstones
from shared.leads.event import OPERATOR
from shared.runtime.telemetry import logger, sanitized
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
    people_key: Callable[[], bytes]

    def run(self) -> dict[str, object]:
        """Order what is needed, and return the counts. Safe to repeat. Raises botocore's errors.

        A lead that is under legal hold since, in the restored table, is left alone.
        """
        counts = dict.fromkeys(("tombstones", "ordered", "held", "failed"), 0)
        back: defaultdict[str, list[StoredLead]] = defaultdict(list)
        for tombstone in self.tombstones.all():
            counts["tombstones"] += 1
            item = self.items.read(tombstone.lead_id)
            if item is None or is_scrubbed(item):
                continue
            if is_held(item):
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
                self.erasures.order(leads, self.people_key(), by=OPERATOR, by_email=None)
            except Exception as error:  # noqa: BLE001 - one order must not stop the others
                counts["failed"] += len(leads)
                logger.error("erasure not ordered", extra={"erasure": erasure_id, "error": str(sanitized(error))})
            else:
                counts["ordered"] += len(leads)
        logger.info("erasures replayed", extra={"counts": counts})
        return {**counts}
