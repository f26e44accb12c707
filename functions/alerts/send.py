"""Sending the alert of one lead: lease, send once, write down what became of it."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from alerts.compose import compose
from aws.clients import dynamodb, ses
from aws.mailer import MailDeferredError, Mailer, MailRefusedError, SesMailer
from aws.runtime.files import clinic
from aws.runtime.settings import AlertDetail, AlertSettings
from aws.runtime.telemetry import logger, metrics
from aws.table import LeadTable
from leads.alert import AlertEvent, after_send, use_fallback
from leads.clinic import Clinic

# Four table calls of 9 seconds and a mail of 10, at their slowest (see aws/clients.py).
_LONGEST_ALERT_SECONDS = 46


class Result(StrEnum):
    """What became of an alert; but for the last, also the name of the metric that counts it."""

    ACCEPTED = "AlertsAccepted"
    DEFERRED = "AlertsDeferred"
    REFUSED = "AlertsRefused"
    NOT_DUE = "NotDue"  # done, in other hands, or to be tried later


_RESULTS = {
    AlertEvent.ACCEPTED: Result.ACCEPTED,
    AlertEvent.DEFERRED: Result.DEFERRED,
    AlertEvent.REFUSED: Result.REFUSED,
}


@dataclass(frozen=True, kw_only=True)
class AlertSender:
    """Sends alerts. `now` and `jitter` (0 to 1) are the clock and the dice, so that tests can hold both."""

    table: LeadTable
    mailer: Mailer
    recipients: tuple[str, ...]
    fallback_recipients: tuple[str, ...]
    detail: AlertDetail
    clinic: Clinic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random

    def send(self, lead_id: str) -> Result:
        """Send the alert of a lead if it is due. A mail that cannot go now leaves the lead on the agenda.

        What happens when SES is down: the `except` lines below, and `leads.alert.after_send`.
        """
        leased = self.table.lease(lead_id, self.now(), token=secrets.token_hex(8))
        if leased is None:
            return Result.NOT_DUE
        lead, progress = leased.lead, leased.progress
        to_fallback = bool(self.fallback_recipients) and use_fallback(progress)
        details = {"recipients": "fallback" if to_fallback else "alert"}
        # Once refused, without the visitor's address in a header: what they typed must not keep staff from hearing.
        message = compose(lead, detail=self.detail, clinic=self.clinic, with_reply_to=progress.refusals == 0)
        try:
            details["message_id"] = self.mailer.send(
                message, to=self.fallback_recipients if to_fallback else self.recipients, lead_id=lead.id
            )
            event = AlertEvent.ACCEPTED
        except MailDeferredError as error:
            event, details["reason"] = AlertEvent.DEFERRED, error.reason
        except MailRefusedError as error:
            event, details["reason"] = AlertEvent.REFUSED, error.reason
        step = after_send(
            progress, event, self.now(), has_fallback=bool(self.fallback_recipients), jitter=self.jitter()
        )
        kept = self.table.finish_attempt(leased, step, self.now(), kind=f"alert_{event}", **details)
        logger.info(
            "alert attempt finished",
            extra={
                "lead_id": lead.id,
                "reference": lead.reference,
                "outcome": event,
                "attempt": progress.attempts,
                "lease_kept": kept,
                **details,
            },
        )
        return self._count(_RESULTS[event])

    @staticmethod
    def _count(result: Result) -> Result:
        metrics.add_metric(result, "Count", 1)
        return result


def alert_sender(settings: AlertSettings) -> AlertSender:
    """Return the sender that `settings` describe: the composition root of the functions that send alerts."""
    return AlertSender(
        table=LeadTable(dynamodb(), settings.table_name),
        mailer=SesMailer(
            ses(),
            sender_name=clinic().name,
            sender_address=settings.sender_address,
            configuration_set=settings.configuration_set,
        ),
        recipients=settings.alert_recipients,
        fallback_recipients=settings.fallback_recipients,
        detail=settings.alert_detail,
        clinic=clinic(),
    )


def seconds_to_spare(remaining_milliseconds: Callable[[], int]) -> Callable[[], float]:
    """Return a clock of the seconds in which one more alert can still be begun and finished."""
    return lambda: remaining_milliseconds() / 1000 - _LONGEST_ALERT_SECONDS
