"""The items beside a lead: whose request it is, and how often staff were alerted about its content.

They are read before an email and written after the sender's own write has succeeded. So nothing comes back if the lead
is deleted while a sender is at work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.leads.history import History
from shared.leads.lead import Lead
from shared.leads.progress import Progress, StoredLead
from shared.runtime.telemetry import logger, sanitized
from shared.services.keys import KeysUnavailableError
from shared.store.people import People, digests
from shared.store.repeats import Repeats


@dataclass(frozen=True, kw_only=True)
class SideItems:
    """Reads and writes these items. They are extras: the stack's key may be missing, and a write may fail."""

    people: People
    repeats: Repeats
    key: Callable[[], bytes]  # raises KeysUnavailableError
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def history(self, lead: Lead) -> History | None:
        """Return the person's earlier requests, or None if there are none or the key is unavailable."""
        try:
            return self.people.history(lead, self.key())
        except KeysUnavailableError as error:
            logger.error("no history, key unavailable", extra={"lead_id": lead.id, "reason": error.reason})
            return None

    def person_keys(self, lead: Lead) -> frozenset[str]:
        """Return the digests of the person's address and number, or none if the key is unavailable."""
        try:
            return digests(lead, self.key())
        except KeysUnavailableError as error:
            logger.error("no person, key unavailable", extra={"lead_id": lead.id, "reason": error.reason})
            return frozenset()

    def record(self, leased: StoredLead, after: Progress) -> None:
        """Record a request whose attempt just ended. `leased` is the lead before that. Never raises."""
        lead = leased.lead
        just_told = leased.progress.told_at is None and after.told_at is not None
        # A request in crisis is not screened for repeats, so it does not count as one.
        if just_told and not lead.in_crisis:
            self._try(lead, lambda: self.repeats.record(lead, self.now()))

    @staticmethod
    def _try(lead: Lead, write: Callable[[], None]) -> None:
        try:
            write()
        except Exception as error:  # noqa: BLE001 - the emails are sent, and their outcome is written
            logger.error("side item not written", extra={"lead_id": lead.id, "error": str(sanitized(error))})
