"""Sends the summaries: requests whose own emails are over the budget, together in one email to each recipient."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from follow_up.summary.email import Reader, compose_summary
from follow_up.summary.item import SummaryItem
from shared.leads.agenda import Lane, partitions
from shared.leads.budget import (
    MOST_IN_A_SUMMARY,
    MOST_URGENT_SUMMARIES,
    SUMMARY_EVERY,
    URGENT_SUMMARY_EVERY,
    DayUse,
    Rank,
)
from shared.leads.decisions import MovedOnError, told_in_summary
from shared.leads.lead import Priority
from shared.leads.link import desk_address
from shared.leads.notice import Notice, Outcome
from shared.leads.plan import to_send
from shared.leads.progress import StoredLead
from shared.messages.send import EMAILS_UNTIL, AlertSender, addresses_for
from shared.messages.settings import AlertSettings
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.clients import dynamodb
from shared.services.mailer import MailError
from shared.store.day_use import DayUses
from shared.store.people import ways
from shared.store.summary_lists import Listed, SummaryLists

# The summary reads the leads that it lists only while this much time has not passed. The others are in the next one.
READS_UNTIL = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Summaries:
    """Sends summaries with what `sender` sends emails with.

    `day_use` says how much of the day's emails is used up, or None if that is not known.
    """

    item: SummaryItem
    lists: SummaryLists
    sender: AlertSender
    day_use: Callable[[datetime], DayUse | None]

    def send(self, *, urgent: bool) -> int:
        """Send a summary if leads wait for one and the last one was long enough ago. Return how many it told about.

        Each recipient gets the leads that they have to know about: in one email, or in up to MOST_URGENT_SUMMARIES if
        urgent ones do not fit. A lead counts as told only once SES accepted the email. If the process dies before that
        is written, the next summary lists the lead again. Raises botocore's errors if the leads that wait cannot be
        read.
        """
        started, token = self.sender.now(), secrets.token_hex(8)
        emails = MOST_URGENT_SUMMARIES if urgent else 1
        most = emails * MOST_IN_A_SUMMARY
        due = self._waiting(started, most + 1, urgent=urgent)
        if not due or not self.item.lease(started, token, urgent=urgent):
            return 0
        told: Mapping[str, tuple[StoredLead, dict[str, Outcome]]] = {}
        leads: list[StoredLead] = []
        if self._has_room(urgent=urgent):
            leads = in_order(self._read(due[:most], started))
            told = self._email_each(leads, started, emails=emails, urgent=urgent, more=len(due) > most)
        count = sum(self._record(stored, outcomes) for stored, outcomes in told.values())
        every = URGENT_SUMMARY_EVERY if urgent else SUMMARY_EVERY
        # If urgent ones are left, the next run goes on with them.
        waits = count and not (urgent and (len(due) > most or len(told) < len(leads)))
        self.item.end(token, started + every if waits else self.sender.now(), urgent=urgent)
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

    def _waiting(self, now: datetime, most: int, *, urgent: bool) -> list[str]:
        """Return the ids of at most `most` leads that wait, the longest waiting first.

        Emits for how long the first has waited, as the sweep does for leads that do not wait (`OldestOverdue`).
        """
        lane = Lane.URGENT_SUMMARY if urgent else Lane.SUMMARY
        parts = (self.sender.leads.agenda(partition, now) for partition in partitions(lane))
        entries = merge(*parts, key=lambda entry: entry.due_at)
        found = list(islice(entries, most))
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
        self, leads: Sequence[StoredLead], started: datetime, *, emails: int, urgent: bool, more: bool
    ) -> dict[str, tuple[StoredLead, dict[str, Outcome]]]:
        """Send each recipient at most this many emails, and return what SES said about each lead by recipient."""
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
            for _ in range(emails):
                if not own:
                    break
                if self.sender.now() - started > EMAILS_UNTIL:
                    logger.warning("summary out of time, recipients left to the next one")
                    return told
                outcome, count = self._email(own, recipient, address, urgent=urgent, more=more)
                if outcome.concerns_everybody:
                    return told
                for each in own[:count]:
                    told.setdefault(each.lead.id, (each, {}))[1][recipient] = outcome
                own = own[count:]
        return told

    def _email(
        self, leads: Sequence[StoredLead], recipient: str, address: str, *, urgent: bool, more: bool
    ) -> tuple[Outcome, int]:
        """Send one email. Return SES's response, and how many of the leads the email lists.

        If SES refuses it, the words of one visitor may be the reason. So it is sent again with the references only.
        """
        chosen = leads[:MOST_IN_A_SUMMARY]
        reader = Reader(
            clinic=self.sender.rules.clinic,
            now=self.sender.now(),
            detail=self.sender.detail,
            names=self.sender.addresses,
            pages=self._pages(chosen, recipient),
            desk=desk_address(self.sender.public_url),
        )
        more = more or len(leads) > len(chosen)
        outcome, count = self._try(chosen, reader, recipient, address, urgent=urgent, more=more)
        if outcome is Outcome.REFUSED and reader.detail != "reference":
            plain = replace(reader, detail="reference")
            outcome, count = self._try(chosen, plain, recipient, address, urgent=urgent, more=more)
        return outcome, count

    def _try(  # noqa: PLR0913 - the parts of an email
        self,
        leads: Sequence[StoredLead],
        reader: Reader,
        recipient: str,
        address: str,
        *,
        urgent: bool,
        more: bool,
    ) -> tuple[Outcome, int]:
        message, count = compose_summary(leads, reader, urgent=urgent, more=more)
        summary = secrets.token_hex(8)
        self._keep(summary, recipient, leads[:count])
        tags = {"notice": "summary", "recipient": recipient, "summary": summary}
        try:
            self.sender.mailer.send(message, to=(address,), tags=tags)
        except MailError as error:
            logger.warning("summary not accepted", extra={"recipient": recipient, "reason": error.reason})
            return error.outcome, count
        return Outcome.ACCEPTED, count

    def _keep(self, summary: str, recipient: str, leads: Sequence[StoredLead]) -> None:
        """Keep what the email lists, for SES's reports. Without it, a bounce is found out by the reminders."""
        listed = [Listed(each.lead.id, each.progress.notice, each.progress.attempts + 1) for each in leads]
        try:
            self.lists.write(summary, recipient, listed, self.sender.now())
        except Exception as error:  # noqa: BLE001 - the email must go out anyway
            logger.error("summary list not kept", extra={"recipient": recipient, "error": str(sanitized(error))})

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


def in_order(leads: Sequence[StoredLead]) -> list[StoredLead]:
    """Return leads that wait, in the order in which a summary lists them.

    New requests come before reminders, and people in crisis before words of crisis. Requests from people who sent few
    come before those of one who sent many, so that copies of one do not delay the others.
    """
    copies: Counter[str] = Counter()
    numbered = []
    for each in leads:
        who = (f"content:{each.lead.fingerprint}", *ways(each.lead))
        numbered.append((max(copies[name] for name in who), each))
        copies.update(who)
    numbered.sort(
        key=lambda one: (
            one[1].progress.notice is not Notice.ALERT,
            one[0],
            one[1].lead.priority is not Priority.URGENT,
        )
    )
    return [each for _, each in numbered]


def summaries(settings: AlertSettings, sender: AlertSender) -> Summaries:
    """Return the sender of summaries that `settings` describe. It sends emails as `sender` does."""
    client = dynamodb()
    return Summaries(
        item=SummaryItem(client, settings.table_name),
        lists=SummaryLists(client, settings.table_name),
        sender=sender,
        day_use=DayUses(client, settings.table_name).read,
    )
