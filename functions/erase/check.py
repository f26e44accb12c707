"""The weekly check: whether anything is kept for longer than it may be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from erase.lead_items import is_held
from erase.prove import Scan
from shared.leads.response import ResponseState
from shared.runtime.telemetry import logger, metrics
from shared.store.keys import LEAD_SORT_KEY, epoch_seconds

if TYPE_CHECKING:
    from shared.store.keys import Item

# DynamoDB deletes an expired item within a few days.
LATE: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Check:
    """Counts what should have ended."""

    scan: Scan
    now: Callable[[], datetime]

    def run(self, goes_on: Callable[[], bool]) -> dict[str, object]:
        """Count, emit `OverdueItems` and return the counts. Raises TimeoutError and botocore's errors."""
        end = epoch_seconds(self.now() - LATE)
        counts = dict.fromkeys(("items", "expired", "endless"), 0)
        for item in self.scan.items(goes_on):
            counts["items"] += 1
            counts["expired"] += "expires_at" in item and int(str(item["expires_at"]["N"])) < end
            counts["endless"] += _is_endless(item)
        metrics.add_metric("OverdueItems", "Count", counts["expired"] + counts["endless"])
        logger.info("retention checked", extra={"counts": counts})
        return {**counts}


def _is_endless(item: "Item") -> bool:
    """Whether an item is a closed lead that nothing will ever delete."""
    return (
        item["sk"]["S"] == LEAD_SORT_KEY
        and item.get("response") == {"S": str(ResponseState.CLOSED)}
        and "expires_at" not in item
        and not is_held(item)
    )
