"""Screening one lead for spam, between the lease and the mail: what the lead says itself, the table and Cloudflare."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.leads.lead import Lead
from shared.leads.spam import NOT_SCREENED, Evidence, Screening, Verdict, screen
from shared.runtime.telemetry import logger, sanitised
from shared.services.turnstile import Verifier
from shared.store.repeats import Repeats

# What cut an attempt short may have been the screen itself. A second try may do; after that the alert goes out.
_ATTEMPTS = 2


@dataclass(frozen=True, kw_only=True)
class SpamScreen:
    """Screens leads. It never stands between a lead and its alert: what it cannot tell, it lets through."""

    repeats: Repeats
    verifier: Verifier | None  # None where Turnstile is not used
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, lead: Lead, attempt: int) -> Screening:
        """Return what the screen found, or `NOT_SCREENED` after any error or after attempts that never ended."""
        if attempt > _ATTEMPTS:
            screening = NOT_SCREENED
        else:
            try:
                screening = screen(self._evidence(lead))
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not cost a lead its alert
                logger.error("screening failed", extra={"lead_id": lead.id, "error": str(sanitised(error))})
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
        if lead.in_crisis:  # passes whatever others say, so nobody waits for them
            return Evidence(lead=lead, repeats=0, turnstile=Verdict.NOT_ASKED)
        return Evidence(lead=lead, repeats=self.repeats.count(lead, self.now()), turnstile=self._verdict(lead))

    def _verdict(self, lead: Lead) -> Verdict:
        if self.verifier is None:
            return Verdict.NOT_ASKED
        if lead.turnstile_token is None:
            return Verdict.NOT_SENT
        return self.verifier.verify(lead.turnstile_token, lead.id)
