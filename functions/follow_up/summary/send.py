"""Sends the summaries: requests whose own emails are over the budget, together in one email to each recipient."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from follow_up.summary.email import Reader, compose_summary
from follow_up.summary.item import SummaryItem
from shared.leads.agenda import Lane, partitions
from shared.leads.budget import MOST_IN_A_SUMMARY, SUMMARY_EVERY, URGENT_SUMMARY_EVERY, DayUse, Rank
from shared.leads.decisions import MovedOnError, told_in_summary
from shared.leads.notice import Outcome
from shared.leads.plan import to_send
from shared.leads.progress import StoredLead
from shared.messages.send import EMAILS_UNTIL, AlertSender, addresses_for
from shared.messages.settings import AlertSettings
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.clients import dynamodb
from shared.services.mailer import MailError
from shared.store.day_use import DayUses

# The summary reads the leads that it lists only while this much time has not passed. The others are in the next one.
READS_UNTIL = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Summaries:
    """Sends summaries with what `sender` sends emails with.

    `day_use` says how much of the day's emails is used up, or None if that is not known.
    """

    item: SummaryItem
    sender: AlertSender
    day_use: Callable[[datetime], DayUse | None]

    def send(self, *, urgent: bool) -> int:
        """Send a summary if leads wait for one and the last one was long enough ago. Return how many it told about.

        Each recipient gets the leads that they have to know about. A lead counts as told only once SES accepted the
        email. If the process dies before that is written, the next summary lists the lead again. Raises botocore's
        errors if the leads that wait cannot be read.
        """
        started, token = self.sender.now(), secrets.token_hex(8)
        due = self._waiting(started, urgent=urgent)
        if not due or not self.item.lease(started, token, urgent=urgent):
            return 0
        told: Mapping[str, tuple[StoredLead, dict[str, Outcome]]] = {}
        if self._has_room(urgent=urgent):
            leads = self._read(due[:MOST_IN_A_SUMMARY], started)
            told = self._email_each(leads, started, urgent=urgent, more=len(due) > MOST_IN_A_SUMMARY)
        count = sum(self._record(stored, outcomes) for stored, outcomes in told.values())
        every = URGENT_SUMMARY_EVERY if urgent else SUMMARY_EVERY
        self.item.end(token, started + every if count else self.sender.now(), urgent=urgent)
        logger.info("summary finished", extra={"outcome": "sent" if count else "not_sent", "leads": count})
        if count:
            metrics.add_metric("SummariesSent", "Count", 1)
        return count

    def try_to_send(self, *, urgent: bool) -> None:
        """Do the same, and log an error instead of raising it. The next run tries again."""
        try:
            self.send(urgent=urgent)
        except Exception as error:  # noqa: BLE001 - a summary that fails must not stop the emails that do not wait
            logger.error("summary failed", extra={"error": str(sanitized(error))})

    def _waiting(self, now: datetime, *, urgent: bool) -> list[str]:
        """Return the ids of the leads that wait, the longest waiting first, and one more than a summary lists.

        Emits for how long the first has waited, as the sweep does for leads that do not wait (`OldestOverdue`).
        """
        lane = Lane.URGENT_SUMMARY if urgent else Lane.SUMMARY
        parts = (self.sender.leads.agenda(partition, now) for partition in partitions(lane))
        entries = merge(*parts, key=lambda entry: entry.due_at)
        found = list(islice(entries, MOST_IN_A_SUMMARY + 1))
        if found:
            oldest = min(entry.overdue_since for entry in found)
            metrics.add_metric("OldestOverdue", "Seconds", max(0, int((now - oldest).total_seconds())))
        return [entry.lead_id for entry in found]

    def _has_room(self, *, urgent: bool) -> bool:
        try:
            use = self.day_use(self.sender.now())
        except Exception as error:  # noqa: BLE001 - an email too many is better than one too few
            logger.error("budget unknown", extra={"error": str(sanitized(error))})
            return True
        return use is None or use.has_room(Rank.URGENT_SUMMARY if urgent else Rank.SUMMARY)

    def _read(self, lead_ids: Sequence[str], started: datetime) -> list[StoredLead]:
        """Return the leads that still wait for a summary, without those that cannot be read."""
        found = []
        for lead_id in lead_ids:
            if self.sender.now() - started > READS_UNTIL:
                logger.warning("summary out of time, leads left to the next one")
                break
            try:
                stored = self.sender.leads.read(lead_id)
            except Exception as error:  # noqa: BLE001 - one unreadable lead must not stop the others
                logger.error("summary lead not read", extra={"lead_id": lead_id, "error": str(sanitized(error))})
                continue
            if stored and stored.progress.in_summary:
                found.append(stored)
        return found

    def _email_each(
        self, leads: Sequence[StoredLead], started: datetime, *, urgent: bool, more: bool
    ) -> dict[str, tuple[StoredLead, dict[str, Outcome]]]:
        """Email each recipient, and return what SES said about each lead by recipient."""
        wanted = {each.lead.id: to_send(each.progress, self.sender.rules.team) for each in leads}
        # A lead that nobody has to hear of leaves the summary too.
        told: dict[str, tuple[StoredLead, dict[str, Outcome]]] = {
            each.lead.id: (each, {}) for each in leads if not wanted[each.lead.id]
        }
        addresses = dict(self.sender.addresses)
        for each in leads:
            addresses.update(addresses_for(each.progress, {}))
        for recipient, address in addresses.items():
            own = [each for each in leads if recipient in wanted[each.lead.id]]
            if not own:
                continue
            if self.sender.now() - started > EMAILS_UNTIL:
                logger.warning("summary out of time, recipients left to the next one")
                break
            pages = self._pages(own, recipient)
            reader = Reader(
                clinic=self.sender.rules.clinic,
                now=self.sender.now(),
                detail=self.sender.detail,
                names=self.sender.addresses,
                pages=pages,
            )
            message, count = compose_summary(own, reader, urgent=urgent, more=more)
            try:
                self.sender.mailer.send(message, to=(address,), tags={"notice": "summary", "recipient": recipient})
                outcome = Outcome.ACCEPTED
            except MailError as error:
                outcome = error.outcome
                logger.warning("summary not accepted", extra={"recipient": recipient, "reason": error.reason})
            if outcome.concerns_everybody:
                break
            for each in own[:count]:
                told.setdefault(each.lead.id, (each, {}))[1][recipient] = outcome
        return told

    def _pages(self, leads: Sequence[StoredLead], recipient: str) -> dict[str, str]:
        """Return the address of each lead's page, by its id; empty without the key."""
        pages = {}
        for each in leads:
            links = self.sender.links(each.lead.id, recipient, each.progress.attempts + 1)
            if links is None:
                return {}
            pages[each.lead.id] = links.page
        return pages

    def _record(self, stored: StoredLead, outcomes: Mapping[str, Outcome]) -> bool:
        """Record on the lead who was told. Return whether anyone was. If this fails, the next summary has it again."""
        decide = told_in_summary(stored.progress.notice, outcomes, self.sender.rules, self.sender.now())
        try:
            self.sender.leads.change(stored.lead.id, decide)
        except MovedOnError:  # somebody claimed it meanwhile, for example
            pass
        except Exception as error:  # noqa: BLE001 - the other leads must be recorded too
            logger.error("summary not recorded", extra={"lead_id": stored.lead.id, "error": str(sanitized(error))})
        return Outcome.ACCEPTED in outcomes.values()


def summaries(settings: AlertSettings, sender: AlertSender) -> Summaries:
    """Return the sender of summaries that `settings` describe. It sends emails as `sender` does."""
    client = dynamodb()
    return Summaries(
        item=SummaryItem(client, settings.table_name),
        sender=sender,
        day_use=DayUses(client, settings.table_name).read,
    )
