"""The weekly check: whether anything is kept for longer than it may be. It removes what has lost its request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from erase.lead_items import is_held
from erase.ledger import Ledger
from erase.prove import Scan
from erase.strays import Strays
from shared.leads.response import ResponseState
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.store.keys import LEAD_SORT_KEY, epoch_seconds, lead_id_of
from shared.store.leads import ERASED_AT, Leads
from shared.store.progress_item import ATTRIBUTES, stored_lead

if TYPE_CHECKING:
    from shared.store.keys import Item

# DynamoDB deletes an expired item within a few days.
LATE: Final = timedelta(days=7)
_QUARANTINED: Final = ATTRIBUTES["quarantined_at"]
# Each of these is one that should have ended.
_OVERDUE: Final = ("expired", "endless", "past_end", "late", "stuck")


@dataclass(frozen=True, kw_only=True)
class Check:
    """Counts what should have ended."""

    scan: Scan
    leads: Leads
    strays: Strays
    now: Callable[[], datetime]

    def run(self, goes_on: Callable[[], bool]) -> dict[str, object]:
        """Count, emit `OverdueItems` and return the counts. Raises TimeoutError and botocore's errors.

        - `expired`: the end of the item has passed.
        - `endless`: a closed lead that nothing will ever delete.
        - `past_end`: the end of the lead under today's retention has passed, but the item says a later one.
        - `late`: it outlives the lead that it belongs to.
        - `orphans`: its lead is gone. Those that are old are `removed`, or `stuck` if that failed.
        - `replaced`: items of versions before 0.8.0, which are removed.
        """
        now = self.now()
        counts = dict.fromkeys(("items", "expired", "endless", "past_end"), 0)
        ledger = Ledger(margin=int(LATE.total_seconds()))
        for item in self.scan.items(goes_on):
            counts["items"] += 1
            if fault := self._fault(item, now - LATE):
                counts[fault] += 1
            ledger.add(item)
        counts |= {"late": ledger.late} | self.strays.remove(ledger, now, now - LATE, goes_on)
        metrics.add_metric("OverdueItems", "Count", sum(counts[name] for name in _OVERDUE))
        logger.info("retention checked", extra={"counts": counts})
        return {**counts}

    def _fault(self, item: "Item", late: datetime) -> str | None:
        """Return what is wrong with the end of an item, or None."""
        if "expires_at" in item and int(str(item["expires_at"]["N"])) < epoch_seconds(late):
            return "expired"
        if item["sk"]["S"] != LEAD_SORT_KEY or ERASED_AT in item:
            return None
        closed = item.get(ATTRIBUTES["response"]) == {"S": str(ResponseState.CLOSED)}
        if closed and "expires_at" not in item and not is_held(item):
            return "endless"
        if not (closed or _QUARANTINED in item):
            return None
        try:
            end = self.leads.end_of(stored_lead(item))
        except Exception as error:  # noqa: BLE001 - one lead that cannot be read must not stop the check
            logger.error("lead not read", extra={"lead_id": lead_id_of(item), "error": str(sanitized(error))})
            return None
        return "past_end" if end and end < late else None
