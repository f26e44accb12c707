"""Sends the digest: one email to all alert recipients each working morning."""

import random
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from follow_up.digest.email import compose_digest
from follow_up.digest.item import DigestItem
from follow_up.digest.summary import FailingRecipient, digest, try_again_at, week_before
from shared.leads.alert import backoff
from shared.leads.clinic import Clinic
from shared.leads.notice import Outcome
from shared.leads.worklist import Worklist
from shared.messages.settings import AlertSettings
from shared.messages.wiring import mailer
from shared.runtime.files import clinic
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.clients import dynamodb
from shared.services.mailer import Mailer, MailError, Message
from shared.store.recipient_status import RecipientStatuses
from shared.store.worklist import WorkIndex


@dataclass(kw_only=True)
class Digester:
    """Sends the digest. Tests replace the clock, `now`, and the random number, `jitter` (0 to 1)."""

    item: DigestItem
    worklist: WorkIndex
    failing: Callable[[], Iterable[FailingRecipient]]
    mailer: Mailer
    names: dict[str, str]  # the address of each recipient, by id
    recipients: tuple[str, ...]
    clinic: Clinic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    _scheduled: bool = field(default=False, init=False)

    def ensure(self) -> None:
        """Put the digest on the agenda if it is missing. Checks once per process. Never raises."""
        if self._scheduled:
            return
        try:
            self.item.ensure(self.clinic.hours.next_opening(self.now()))
        except Exception as error:  # noqa: BLE001 - the next sweep checks again, and this one has leads to handle
            logger.error("digest not scheduled", extra={"error": str(sanitized(error))})
        else:
            self._scheduled = True

    def send(self) -> None:
        """Send the digest if it is due. It may be sent twice. After an outage of several days, only one digest is sent.

        A failed digest is retried until the working day is over. Raises botocore's errors if the outcome cannot be
        saved. Then the lease expires and the digest is sent again.
        """
        token = secrets.token_hex(8)
        tries = self.item.lease(self.now(), token)
        if tries is None:
            return
        reason = self._try()
        now, hours = self.now(), self.clinic.hours
        again_at = try_again_at(hours, now, backoff(tries, self.jitter())) if reason else None
        if again_at:
            self.item.later(token, again_at)
        else:
            self.item.done(token, hours.next_opening(now))
            metrics.add_metric("DigestsFailed" if reason else "DigestsSent", "Count", 1)
        outcome = "deferred" if again_at else "failed" if reason else "sent"
        logger.info("digest attempt finished", extra={"outcome": outcome, "attempt": tries, "reason": reason})

    def _try(self) -> str | None:
        """Send the digest, and return None or the reason it could not be sent."""
        try:
            return self._email(self._message())
        except Exception as error:  # noqa: BLE001 - one unreadable item must not cause a retry every minute
            return str(sanitized(error))

    def _message(self) -> Message:
        now, glance = self.now(), self.worklist.glance
        return compose_digest(
            digest(
                now=now,
                clinic=self.clinic,
                opened=glance(Worklist.OPEN),
                undeliverable=glance(Worklist.UNDELIVERABLE),
                quarantined=glance(Worklist.QUARANTINED, newest_first=True),
                closed=glance(Worklist.CLOSED, since=week_before(now)),
                recipients=self.failing(),
            ),
            clinic=self.clinic,
            names=self.names,
        )

    def _email(self, message: Message) -> str | None:
        try:
            self._send(message, self.recipients)
        except MailError as error:
            if error.outcome is not Outcome.REFUSED or len(self.recipients) == 1:
                return error.reason
        else:
            return None
        # SES refuses the whole message for one bad address, so send to each address on its own.
        return self._email_each(message)

    def _email_each(self, message: Message) -> str | None:
        anyone_has_it, reason = False, None
        for address in self.recipients:
            try:
                self._send(message, (address,))
                anyone_has_it = True
            except MailError as error:
                reason = error.reason
        return None if anyone_has_it else reason

    def _send(self, message: Message, to: tuple[str, ...]) -> None:
        self.mailer.send(message, to=to, tags={"notice": "digest"})


def digester(settings: AlertSettings) -> Digester:
    """Return the digester that `settings` describe."""
    client = dynamodb()
    team = settings.team
    statuses = RecipientStatuses(client, settings.table_name)

    def failing() -> Iterator[FailingRecipient]:
        for each in statuses.all(team.everybody):
            yield FailingRecipient(
                recipient=each.recipient,
                bounced_at=each.bounced_at,
                complained_at=each.complained_at,
                suppressed_at=each.suppressed_at,
            )

    return Digester(
        item=DigestItem(client, settings.table_name),
        worklist=WorkIndex(client, settings.table_name),
        failing=failing,
        mailer=mailer(settings),
        names=settings.addresses,
        recipients=settings.alert_recipients,
        clinic=clinic(),
    )
