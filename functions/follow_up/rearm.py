"""What an operator can let go again: alerts that ended undeliverable, and requests kept back as spam."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.leads.alert import AlertState, Progress, rearmed
from shared.leads.lead import Lead
from shared.leads.worklist import ListedLead, Worklist
from shared.runtime.telemetry import alert_metrics, logger, sanitised
from shared.store.table import LeadTable


class _ElsewhereError(Exception):
    """The lead has moved on since the list was read."""


@dataclass(frozen=True, kw_only=True)
class Rearmer:
    """Puts leads back on the agenda, due at once. `listed` returns who is on a list."""

    table: LeadTable
    listed: Callable[[Worklist], Iterable[ListedLead]]
    now: Callable[[], datetime]

    def redrive(self) -> int:
        """Let every alert go again that nobody could be told of; return how many."""
        found = self.listed(Worklist.UNDELIVERABLE)
        return sum(self._rearm(entry, AlertState.UNDELIVERABLE, "redriven") for entry in found)

    def release(self, reference: str) -> int:
        """Let a request out of quarantine; return 1, or 0 where there is none of this reference."""
        found = [entry for entry in self.listed(Worklist.QUARANTINED) if entry.reference == reference]
        return sum(self._rearm(entry, AlertState.QUARANTINED, "released") for entry in found)

    def _rearm(self, entry: ListedLead, state: AlertState, kind: str) -> int:
        now = self.now()

        def decide(_lead: Lead, progress: Progress) -> Progress:
            if progress.state is not state:
                raise _ElsewhereError
            return rearmed(progress, now)

        try:
            self.table.change(entry.lead_id, decide, now, kind)
        except _ElsewhereError:
            return 0
        except Exception as error:  # noqa: BLE001 - one that cannot be changed must not keep the others
            logger.error("lead not rearmed", extra={"lead_id": entry.lead_id, "error": str(sanitised(error))})
            return 0
        logger.info("lead rearmed", extra={"lead_id": entry.lead_id, "reference": entry.reference, "outcome": kind})
        alert_metrics.add_metric("LeadsRearmed", "Count", 1)
        return 1
