"""The optional confirmation email to the visitor: sent at most once, and only if emailing the person is safe."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.leads.clinic import Clinic, Help
from shared.leads.confirmation import Withheld, withheld
from shared.leads.expectation import next_steps
from shared.leads.lead import Lead
from shared.messages.emails import confirmation
from shared.runtime.telemetry import alert_metrics, logger, sanitized
from shared.services.mailer import Mailer, MailError
from shared.store.confirmation_tally import ConfirmationTally
from shared.store.confirmations import ConfirmationBook, Permit
from shared.text import text

# If reading the tally takes longer, the table is slow, and the time is left to the next alert.
PATIENCE: Final = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Confirmations:
    """Sends confirmations. A failed one is not retried and stops nothing else."""

    book: ConfirmationBook
    tally: ConfirmationTally
    mailer: Mailer
    clinic: Clinic
    help: Help
    enabled: bool
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, lead: Lead, key: bytes | None) -> None:
        """Confirm `lead` by email if enabled: at most once for each lead, and once a day for each address.

        None is sent while too many bounce, or beyond the day's cap. `key` hashes the address. Without it we cannot look
        up earlier confirmations, so we send none. The caller must not pass a lead that is in quarantine or belongs to
        the canary. Never raises.
        """
        if not self.enabled or key is None or lead.email is None or not _may_be_confirmed(lead):
            return
        try:
            self._confirm(lead, lead.email, key)
        except Exception as error:  # noqa: BLE001 - staff must get the alert, whatever fails here
            logger.error("confirmation failed", extra={"lead_id": lead.id, "error": str(sanitized(error))})

    def _confirm(self, lead: Lead, address: str, key: bytes) -> None:
        started, most = self.now(), self.clinic.email.max_confirmations_per_day
        if reason := withheld(self.tally.read(started), most):
            self._withhold(lead, reason)
        elif self.now() - started > PATIENCE:
            logger.error("no confirmation, table slow", extra={"lead_id": lead.id})
        else:
            permit = self.book.permit(lead, address, key, self.now())
            if permit is Permit.ENOUGH_FOR_TODAY:
                self._withhold(lead, Withheld.ONE_A_DAY)
            elif permit is Permit.GIVEN:
                # Counted last, so that only emails use up the cap. Counted before the email, so that a crash never
                # leads to one too many.
                if self.tally.count(most, self.now()):
                    self._send(lead, address)
                else:
                    self._withhold(lead, Withheld.DAILY_CAP)

    def _withhold(self, lead: Lead, reason: Withheld) -> None:
        if reason is Withheld.PAUSED:
            alert_metrics.add_metric("ConfirmationsPaused", "Count", 1)
        self.book.note(lead, self.now(), "confirmation_failed", reason=str(reason))

    def _send(self, lead: Lead, address: str) -> None:
        try:
            words = text(self.clinic.language_for(lead.locale))
            urgent = words.thanks.URGENT_BY_EMAIL
            expected = urgent if lead.in_crisis else next_steps(self.clinic, self.now(), words)
            message = confirmation(lead.reference, self.clinic, self.help, words, expected)
            details = {
                "message_id": self.mailer.send(
                    message, to=(address,), tags={"lead_id": lead.id, "notice": "confirmation"}
                )
            }
            kind = "confirmation_sent"
        except MailError as error:
            kind, details = "confirmation_failed", {"reason": error.reason}
        alert_metrics.add_metric(
            "ConfirmationsSent" if kind == "confirmation_sent" else "ConfirmationsFailed", "Count", 1
        )
        logger.info("confirmation finished", extra={"lead_id": lead.id, "outcome": kind, **details})
        self.book.note(lead, self.now(), kind, **details)


def _may_be_confirmed(lead: Lead) -> bool:
    """Return whether we may email the visitor: they agreed, allow email and did not ask us to be discreet."""
    return lead.may_be_contacted and lead.email_may_be_used and not lead.discreet
