"""Sends the digest: one email to each alert recipient each working morning."""

import random
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from follow_up.digest.email import Reader, compose_digest
from follow_up.digest.item import DigestItem, Try
from follow_up.digest.summary import Digest, FailingRecipient, digest, joined, try_again_at, week_before
from follow_up.settings import FollowUpSettings
from shared.leads.alert import backoff
from shared.leads.audit_chain import Mark
from shared.leads.clinic import Clinic
from shared.leads.link import Links, desk_address
from shared.leads.notice import Outcome
from shared.leads.progress import StoredLead
from shared.leads.team import Team
from shared.leads.worklist import Worklist
from shared.messages.send import EMAILS_UNTIL, AlertSender
from shared.messages.settings import AlertDetail
from shared.messages.wiring import mailer
from shared.runtime.files import clinic
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.clients import dynamodb
from shared.services.mailer import Mailer, MailError
from shared.store.audit import Audit, AuditError
from shared.store.recipient_status import RecipientStatuses
from shared.store.worklist import WorkIndex

# The digest reads the leads that it shows only while this much time has not passed. The rest have fewer details.
READS_UNTIL: Final = timedelta(seconds=20)
# The number of the attempt in the digest's links. An alert's first attempt has number 1.
_NO_ATTEMPT: Final = 0


class LeaseLostError(Exception):
    """Another process has the lease now, and it sends this digest."""


@dataclass(kw_only=True)
class Digester:
    """Sends the digest. Tests replace the clock, `now`, and the random number, `jitter` (0 to 1).

    `read` returns a lead by its id. `audit_end` returns the last entry of the desk's audit, or raises AuditError.
    `links` returns the links to a lead for a recipient, or None without a key.
    """

    item: DigestItem
    worklist: WorkIndex
    read: Callable[[str], StoredLead | None]
    failing: Callable[[], Iterable[FailingRecipient]]
    audit_end: Callable[[], Mark]
    links: Callable[[str, str, int], Links | None]
    mailer: Mailer
    names: Mapping[str, str]  # the address of each recipient, by id
    team: Team
    clinic: Clinic
    detail: AlertDetail
    public_url: str  # the base URL of the API, where the desk is
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
        """Send the digest if it is due. After an outage of several days, only one digest is sent.

        A recipient may get it twice if a process dies between SES's answer and its note. Recipients who do not have it
        are tried again until the working day is over, unless SES refuses only them. Raises botocore's errors if the
        outcome cannot be saved. Then the lease expires and the digest is sent to those who do not have it.
        """
        started, token = self.now(), secrets.token_hex(8)
        day = f"{started.astimezone(self.clinic.hours.zone):%Y-%m-%d}"
        this_try = self.item.lease(started, token, day)
        if this_try is None:
            return
        try:
            reason = self._try(this_try, started, partial(self.item.sent, token, day))
        except LeaseLostError:
            logger.info("digest attempt finished", extra={"outcome": "lease_lost", "attempt": this_try.number})
            return
        now, hours = self.now(), self.clinic.hours
        again_at = try_again_at(hours, now, backoff(this_try.number, self.jitter())) if reason else None
        if again_at:
            self.item.later(token, again_at)
        else:
            self.item.done(token, hours.next_opening(now))
            metrics.add_metric("DigestsFailed" if reason else "DigestsSent", "Count", 1)
        outcome = "deferred" if again_at else "failed" if reason else "sent"
        logger.info("digest attempt finished", extra={"outcome": outcome, "attempt": this_try.number, "reason": reason})

    def _try(self, this_try: Try, started: datetime, note: Callable[[frozenset[str]], bool]) -> str | None:
        """Send the digest to everyone who does not have it. Return None, or why it must be tried again."""
        try:
            return self._email_each(self._digest(started), this_try, started, note)
        except LeaseLostError:
            raise
        except Exception as error:  # noqa: BLE001 - one unreadable item must not cause a retry every minute
            return str(sanitized(error))

    def _digest(self, started: datetime) -> Digest:
        now, glance = self.now(), self.worklist.glance
        opened = glance(Worklist.OPEN)  # first, because leads move from here to the other lists
        closed = glance(Worklist.CLOSED, since=week_before(now))
        made = partial(
            digest,
            now=now,
            clinic=self.clinic,
            team=self.team,
            opened=joined(opened, glance(Worklist.URGENT)),
            undeliverable=glance(Worklist.UNDELIVERABLE),
            quarantined=glance(Worklist.QUARANTINED, newest_first=True),
            closed=joined(closed, glance(Worklist.URGENT_CLOSED, since=week_before(now))),
            recipients=tuple(self.failing()),
        )
        return self._with_leads(made, started)

    def _with_leads(self, made: Callable[..., Digest], started: datetime) -> Digest:
        """Return the digest with the leads that it shows, without those that are gone or cannot be read.

        Others take the place of those that are gone, so it reads until nothing new is shown.
        """
        found: dict[str, StoredLead | None] = {}
        tried: set[str] = set()
        while True:
            complete = made(leads=found)
            unread = [each for each in (*complete.shown, *complete.doubtful) if each not in tried]
            if not unread:
                return complete
            for lead_id in unread:
                if self.now() - started > READS_UNTIL:
                    logger.warning("digest out of time, leads not read")
                    return made(leads=found)
                tried.add(lead_id)
                try:
                    found[lead_id] = self.read(lead_id)
                except Exception as error:  # noqa: BLE001 - one unreadable lead must not stop the digest
                    logger.error("digest lead not read", extra={"lead_id": lead_id, "error": str(sanitized(error))})

    def _email_each(
        self, made: Digest, this_try: Try, started: datetime, note: Callable[[frozenset[str]], bool]
    ) -> str | None:
        has_it, refused, failed = this_try.has_it, "", ""
        reader = Reader(
            clinic=self.clinic,
            team=self.team,
            detail=self.detail,
            names=self.names,
            desk=desk_address(self.public_url),
            audit_end=self._audit_end(),
        )
        with_links = True
        for recipient in self._order(this_try):
            if self.now() - started > EMAILS_UNTIL:
                failed = "out_of_time"
                break
            pages = self._pages(made, recipient) if with_links else {}
            with_links = bool(pages)  # without the key, there are no links for anyone
            message = compose_digest(made, replace(reader, pages=pages))
            try:
                self.mailer.send(
                    message, to=(self.names[recipient],), tags={"notice": "digest", "recipient": recipient}
                )
            except MailError as error:
                if error.outcome is Outcome.REFUSED:
                    refused = error.reason
                else:
                    failed = error.reason
                logger.warning("digest not accepted", extra={"recipient": recipient, "reason": error.reason})
                continue
            has_it |= {recipient}
            self._note(note, has_it)
        return failed or (None if has_it.intersection(self.team.staff) else refused)

    def _audit_end(self) -> Mark | None:
        """Return the last entry of the audit, or None if it cannot be read: that must not stop the digest."""
        try:
            return self.audit_end()
        except Exception as error:  # noqa: BLE001 - the digest matters more, whatever is in the audit
            reason = error.reason if isinstance(error, AuditError) else str(sanitized(error))
            logger.error("audit not read for the digest", extra={"reason": reason})
            return None

    def _order(self, this_try: Try) -> list[str]:
        """Return who does not have the digest yet. Each try starts with another recipient, so none blocks the rest."""
        staff = tuple(dict.fromkeys(self.team.staff))
        first = (this_try.number - 1) % len(staff)
        return [each for each in staff[first:] + staff[:first] if each not in this_try.has_it]

    def _pages(self, made: Digest, recipient: str) -> dict[str, str]:
        """Return the address of each request's page for a recipient; empty if the links cannot be created."""
        pages: dict[str, str] = {}
        for lead_id in made.shown:
            created = self.links(lead_id, recipient, _NO_ATTEMPT)
            if created is None:
                return {}
            pages[lead_id] = created.page
        return pages

    @staticmethod
    def _note(note: Callable[[frozenset[str]], bool], has_it: frozenset[str]) -> None:
        """Record who has the digest. Raises LeaseLostError. If it fails, the next note has this recipient too."""
        try:
            kept = note(has_it)
        except Exception as error:  # noqa: BLE001 - the other recipients must get the digest anyway
            logger.error("digest recipient not noted", extra={"error": str(sanitized(error))})
            return
        if not kept:
            raise LeaseLostError


def digester(settings: FollowUpSettings, sender: AlertSender) -> Digester:
    """Return the digester that `settings` describe. It reads leads and creates links as `sender` does."""
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
        read=sender.leads.read,
        failing=failing,
        audit_end=Audit(client, settings.audit_table).last,
        links=sender.links,
        mailer=mailer(settings),
        names=settings.addresses,
        team=team,
        clinic=clinic(),
        detail=settings.alert_detail,
        public_url=settings.public_url,
    )
