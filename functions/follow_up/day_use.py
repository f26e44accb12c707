"""Asks SES once a minute how much of the day's emails is used up, and keeps the answer for all senders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.leads.budget import DayUse
from shared.messages.settings import AlertSettings
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.clients import dynamodb, ses
from shared.store.day_use import DayUses

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@dataclass(frozen=True, kw_only=True)
class DayUseNote:
    """Keeps what SES says about the day's emails. `ask` asks SES."""

    ask: Callable[[], DayUse]
    kept: DayUses

    def renew(self, now: datetime) -> None:
        """Ask SES, keep the answer, and emit the part that is used up in percent (`DayEmailsUsed`). Never raises.

        Without an answer, senders soon do not know how much is used up, and then they send.
        """
        try:
            use = self.ask()
            metrics.add_metric("DayEmailsUsed", "Percent", round(100 * use.used, 1))
            self.kept.write(use, now)
        except Exception as error:  # noqa: BLE001 - the sweep has leads to handle
            logger.error("email quota not read", extra={"error": str(sanitized(error))})


def asked_of(client: "SESV2Client") -> Callable[[], DayUse]:
    """Return a function that asks SES. It raises botocore's errors."""

    def ask() -> DayUse:
        quota = client.get_account()["SendQuota"]
        return DayUse(most=quota["Max24HourSend"], sent=quota["SentLast24Hours"])

    return ask


def day_use_note(settings: AlertSettings) -> DayUseNote:
    """Return the note that `settings` describe."""
    return DayUseNote(ask=asked_of(ses()), kept=DayUses(dynamodb(), settings.table_name))
