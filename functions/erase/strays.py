"""Removes what has lost its lead, and what new items have replaced. Both are data past their end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from erase.lead_items import LeadItems
from erase.ledger import Belonging, Ledger
from erase.remains import Remains
from shared.leads.retention import CANARY_RETENTION
from shared.runtime.telemetry import logger, sanitized
from shared.store.keys import epoch_seconds, timestamp


@dataclass(frozen=True, kw_only=True)
class Strays:
    """Removes items, and counts them."""

    items: LeadItems
    remains: Remains

    def remove(self, ledger: Ledger, now: datetime, before: datetime, goes_on: Callable[[], bool]) -> dict[str, int]:
        """Remove what is without a lead and older than `before`, and old items of people. Return the counts.

        What cannot be removed, or not in time, is `stuck`. Raises botocore's errors if a lead cannot be read.
        """
        counts = dict.fromkeys(("orphans", "removed", "replaced", "stuck"), 0)

        def delete(pk: str, sk: str, done: str) -> None:
            counts[done if goes_on() and self._is_deleted(pk, sk) else "stuck"] += 1

        for lead_id, found in ledger.orphans():
            orphans = [each for each in found if not _ends_soon(each, now)]
            # The scan takes minutes, so the lead may have come after its place in the table was read.
            if not orphans or self.items.read(lead_id):
                continue
            counts["orphans"] += len(orphans)
            for each in orphans:
                if each.written_at < timestamp(before):
                    delete(each.pk, each.sk, "removed")
        for pk, sk in ledger.replaced():
            delete(pk, sk, "replaced")
        return counts

    def _is_deleted(self, pk: str, sk: str) -> bool:
        try:
            self.remains.delete(pk, sk)
        except Exception as error:  # noqa: BLE001 - one item must not stop the others
            logger.error("item not removed", extra={"error": str(sanitized(error))})
            return False
        return True


def _ends_soon(each: Belonging, now: datetime) -> bool:
    """Whether an item has ended or is about to, as all of the canary's: DynamoDB deletes it."""
    return each.ends is not None and each.ends <= epoch_seconds(now + CANARY_RETENTION)
