"""The digest: once each working morning, one mail to all alert recipients on what is open, kept back or failing."""

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
from shared.runtime.telemetry import logger, metrics, sanitised
from shared.services.clients import dynamodb
from shared.services.mailer import Mailer, MailError, Message
from shared.store.recipient_status import RecipientStatuses
from shared.store.worklist import WorkIndex


@dataclass(kw_only=True)
class Digester:
    """Sends the digest. `now` and `jitter` (0 to 1) are the clock and the dice, so that tests can hold both."""

    item: DigestItem
    worklist: WorkIndex
    failing: Callable[[], Iterable[FailingRecipient]]
    mailer: Mailer
    names: dict[str, str]  # the address of each recipient
    recipients: tuple[str, ...]
    clinic: Clinic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    _is_there: bool = field(default=False, init=False)

    def ensure(self) -> None:
        """Put the digest on the agenda where it is not: asked once per process. Never raises."""
        if self._is_there:
            return
        try:
            self.item.ensure(self.clinic.hours.next_opening(self.now()))
        except Exception as error:  # noqa: BLE001 - the next sweep asks again; this one has leads to look at
            logger.error("digest is not on the agenda", extra={"error": str(sanitised(error))})
        else:
            self._is_there = True

    def send(self) -> None:
        """Send the digest if it is due: at least once, and after an outage of days once and not for each of them.

        What cannot be sent is tried again until the working day is over. Raises botocore's errors where the table does
        not take what became of it; the lease then ends by itself and the digest goes out again.
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
        """Send the digest and return None, or why it could not be sent."""
        try:
            return self._email(self._message())
        except Exception as error:  # noqa: BLE001 - an item that cannot be read must not bring it back each minute
            return str(sanitised(error))

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
        # SES refuses a message for one bad address: the others still get theirs.
        return self._email_each(message)

    def _email_each(self, message: Message) -> str | None:
        somebody_has_it, reason = False, None
        for address in self.recipients:
            try:
                self._send(message, (address,))
                somebody_has_it = True
            except MailError as error:
                reason = error.reason
        return None if somebody_has_it else reason

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
                recipient=each.recipient, bounced_at=each.bounced_at, complained_at=each.complained_at
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
