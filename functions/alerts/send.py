"""Sending the alert of one lead: lease, screen, send once, write down what became of it."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from alerts.compose import compose
from alerts.screen import SpamScreen
from aws.clients import dynamodb, ses
from aws.mailer import MailDeferredError, Mailer, MailRefusedError, SesMailer
from aws.runtime.files import clinic
from aws.runtime.settings import AlertDetail, AlertSettings
from aws.runtime.telemetry import logger, metrics
from aws.table import LeadTable, LeasedLead
from aws.turnstile import turnstile
from leads.alert import AlertEvent, after_send, use_fallback
from leads.clinic import Clinic
from leads.lead import Lead
from leads.spam import Screening, words

# At their slowest (see aws/clients.py and aws/turnstile.py): five table calls of 9 seconds, a mail of 10, a secret read
# in 6 and Cloudflare's answer in 6. A test adds them up.
LONGEST_ALERT_SECONDS = 67


class Result(StrEnum):
    """What became of an alert; but for the last, also the name of the metric that counts it."""

    ACCEPTED = "AlertsAccepted"
    DEFERRED = "AlertsDeferred"
    REFUSED = "AlertsRefused"
    QUARANTINED = "RequestsQuarantined"
    NOT_DUE = "NotDue"  # done, in other hands, or to be tried later


_RESULTS = {
    AlertEvent.ACCEPTED: Result.ACCEPTED,
    AlertEvent.DEFERRED: Result.DEFERRED,
    AlertEvent.REFUSED: Result.REFUSED,
    AlertEvent.QUARANTINED: Result.QUARANTINED,
}
# What the timeline calls them.
_ENTRIES = {
    AlertEvent.ACCEPTED: "alert_accepted",
    AlertEvent.DEFERRED: "alert_deferred",
    AlertEvent.REFUSED: "alert_refused",
    AlertEvent.QUARANTINED: "quarantined",
}


@dataclass(frozen=True, kw_only=True)
class AlertSender:
    """Sends alerts. `now` and `jitter` (0 to 1) are the clock and the dice, so that tests can hold both."""

    table: LeadTable
    screen: Callable[[Lead, int], Screening]
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
        screening = self.screen(lead, progress.attempts) if leased.reasons is None else None
        if screening and screening.quarantined:
            return self._finish(leased, AlertEvent.QUARANTINED, screening, {})
        reasons = screening.reasons if screening else leased.reasons or ()
        to_fallback = bool(self.fallback_recipients) and use_fallback(progress)
        details = {"recipients": "fallback" if to_fallback else "alert"}
        # Once refused, without the visitor's address in a header: what they typed must not keep staff from hearing.
        message = compose(
            lead,
            detail=self.detail,
            clinic=self.clinic,
            with_reply_to=progress.refusals == 0,
            flags=words(reasons),
        )
        try:
            details["message_id"] = self.mailer.send(
                message, to=self.fallback_recipients if to_fallback else self.recipients, lead_id=lead.id
            )
            event = AlertEvent.ACCEPTED
        except MailDeferredError as error:
            event, details["reason"] = AlertEvent.DEFERRED, error.reason
        except MailRefusedError as error:
            event, details["reason"] = AlertEvent.REFUSED, error.reason
        return self._finish(leased, event, screening, details)

    def _finish(
        self, leased: LeasedLead, event: AlertEvent, screening: Screening | None, details: dict[str, str]
    ) -> Result:
        now = self.now()
        step = after_send(
            leased.progress, event, now, has_fallback=bool(self.fallback_recipients), jitter=self.jitter()
        )
        kept = self.table.finish_attempt(leased, step, now, kind=_ENTRIES[event], screening=screening, **details)
        logger.info(
            "alert attempt finished",
            extra={
                "lead_id": leased.lead.id,
                "reference": leased.lead.reference,
                "outcome": event,
                "attempt": leased.progress.attempts,
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
    table = LeadTable(dynamodb(), settings.table_name)
    arn = settings.turnstile_secret_arn
    return AlertSender(
        table=table,
        screen=SpamScreen(table=table, verifier=turnstile(arn, settings.turnstile_verify_url) if arn else None),
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
    return lambda: remaining_milliseconds() / 1000 - LONGEST_ALERT_SECONDS
