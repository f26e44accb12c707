"""Jobs for operators: resend undeliverable alerts, and release requests from quarantine."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.leads.decisions import MovedOnError, rearm
from shared.leads.progress import AlertState
from shared.leads.worklist import ListedLead, Worklist
from shared.runtime.telemetry import logger, sanitized
from shared.store.leads import Leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """How a release ended. `same_reference` has the ids of requests that share the reference; none was released."""

    rearmed: int
    same_reference: tuple[str, ...] = ()

    def for_operator(self) -> dict[str, object]:
        """Return what the command prints."""
        if not self.same_reference:
            return {"rearmed": self.rearmed}
        return {
            "rearmed": self.rearmed,
            "problem": "Several requests in quarantine have this reference. Release one of them by its id.",
            "ids": list(self.same_reference),
        }


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

    def release(self, named: str) -> Released:
        """Release the one request in quarantine that `named`, a reference or an id, stands for."""
        found = [entry for entry in self.listed(Worklist.QUARANTINED) if named in {entry.reference, entry.lead_id}]
        if len(found) > 1:
            return Released(rearmed=0, same_reference=tuple(sorted(entry.lead_id for entry in found)))
        return Released(rearmed=sum(self._rearm(entry, AlertState.QUARANTINED) for entry in found))

    def _rearm(self, entry: ListedLead, state: AlertState) -> int:
        try:
            return 1 if self.leads.change(entry.lead_id, rearm(state, self.now())) else 0
        except MovedOnError:
            return 0
        except Exception as error:  # noqa: BLE001 - one failure must not stop the other leads
            logger.error("lead not rearmed", extra={"lead_id": entry.lead_id, "error": str(sanitized(error))})
            return 0
