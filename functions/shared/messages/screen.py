"""Spam screening of one lead before its alert. It uses the lead itself, the table and Cloudflare Turnstile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.leads.lead import Lead
from shared.leads.spam import NOT_SCREENED, Evidence, Screening, Verdict, screen
from shared.runtime.telemetry import logger, sanitized
from shared.services.turnstile import Verifier
from shared.store.repeats import Repeats

# The screening may be why an earlier attempt did not finish. After two such attempts, the alert goes out unscreened.
_ATTEMPTS = 2


@dataclass(frozen=True, kw_only=True)
class SpamScreen:
    """Screens leads. If it fails, the lead passes, because screening must never stop an alert."""

    repeats: Repeats
    verifier: Verifier | None  # None if Turnstile is not used
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, lead: Lead, attempt: int) -> Screening:
        """Return the result, or `NOT_SCREENED` after an error or after two attempts that did not finish."""
        if attempt > _ATTEMPTS:
            screening = NOT_SCREENED
        else:
            try:
                screening = screen(self._evidence(lead))
            except Exception as error:  # noqa: BLE001 - a failed screening must not stop the alert
                logger.error("screening failed", extra={"lead_id": lead.id, "error": str(sanitized(error))})
                screening = NOT_SCREENED
        logger.info(
            "request screened",
            extra={
                "lead_id": lead.id,
                "reference": lead.reference,
                "outcome": "quarantined" if screening.quarantined else "passed",
                "score": screening.score,
                "reasons": screening.reasons,
            },
        )
        return screening

    def _evidence(self, lead: Lead) -> Evidence:
        if lead.in_crisis:  # passes in any case, so do not wait for the other checks
            return Evidence(lead=lead, repeats=0, turnstile=Verdict.NOT_ASKED)
        return Evidence(lead=lead, repeats=self.repeats.count(lead, self.now()), turnstile=self._verdict(lead))

    def _verdict(self, lead: Lead) -> Verdict:
        if self.verifier is None:
            return Verdict.NOT_ASKED
        if lead.turnstile_token is None:
            return Verdict.NOT_SENT
        return self.verifier.verify(lead.turnstile_token, lead.id)
