"""Jobs for operators: resend undeliverable alerts, and release requests from quarantine."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.leads.decisions import MovedOnError, rearm
from shared.leads.progress import AlertState
from shared.leads.worklist import ListedLead, Worklist
from shared.runtime.telemetry import logger, sanitized
from shared.store.leads import Leads


@dataclass(frozen=True, kw_only=True)
class Rearmer:
    """Puts leads back on the agenda, due now. `listed` returns the leads on a worklist."""

    leads: Leads
    listed: Callable[[Worklist], Iterable[ListedLead]]
    now: Callable[[], datetime]

    def redrive(self) -> int:
        """Resend every undeliverable alert, and return how many there were."""
        found = self.listed(Worklist.UNDELIVERABLE)
        return sum(self._rearm(entry, AlertState.UNDELIVERABLE) for entry in found)

    def release(self, reference: str) -> int:
        """Release a request from quarantine. Return 1, or 0 if no request in quarantine has this reference."""
        found = [entry for entry in self.listed(Worklist.QUARANTINED) if entry.reference == reference]
        return sum(self._rearm(entry, AlertState.QUARANTINED) for entry in found)

    def _rearm(self, entry: ListedLead, state: AlertState) -> int:
        try:
            return 1 if self.leads.change(entry.lead_id, rearm(state, self.now())) else 0
        except MovedOnError:
            return 0
        except Exception as error:  # noqa: BLE001 - one failure must not stop the other leads
            logger.error("lead not rearmed", extra={"lead_id": entry.lead_id, "error": str(sanitized(error))})
            return 0
