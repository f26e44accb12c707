"""Sending what is due for one lead: lease, classify, send, change, confirm."""

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.leads.alert import MOST_TRIES, SHORTLY, StoredLead, to_send
from shared.leads.canary import SIMULATOR, looks_synthetic
from shared.leads.decisions import (
    Attempt,
    Decide,
    NotDueError,
    Rules,
    finish,
    lease,
    quarantine,
    wait,
)
from shared.leads.event import Result
from shared.leads.history import History
from shared.leads.lead import Lead, Priority
from shared.leads.link import Links
from shared.leads.notice import Notice, Outcome, email_name
from shared.leads.spam import Screening, words
from shared.leads.team import Recipient, Team
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.emails import email_for
from shared.messages.settings import AlertDetail
from shared.runtime.telemetry import logger, sanitised
from shared.services.mailer import Mailer, MailError
from shared.store.leads import Leads

# At their slowest (see shared/services/) a table call takes 9 seconds, a secret read 6, Cloudflare's answer 6, an
# email 10. What may be left out is begun only while there is time for it, so that an attempt ends within
# LONGEST_ALERT_SECONDS: a test adds them up.
LONGEST_ALERT_SECONDS = 129
EXTRAS_UNTIL = timedelta(seconds=15)
EMAILS_UNTIL = timedelta(seconds=50)

# The canary's only recipient.
_SIMULATED = Team(staff=(Recipient(SIMULATOR).id,), fallback=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Emails:
    """The emails of one attempt: about which lead, by which rules, to whom, and what to say beside the lead."""

    stored: StoredLead
    attempt: Attempt
    rules: Rules
    addresses: Mapping[str, str]
    history: History | None = None


@dataclass(frozen=True, kw_only=True)
class AlertSender:
    """Sends emails to staff. `now` and `jitter` (0 to 1) are the clock and the dice, so that tests can hold both.

    `history`, `links` and `confirm` are extras: they return nothing where they fail, and never stop an email.
    """

    leads: Leads
    screen: Callable[[Lead, int], Screening]
    mailer: Mailer
    rules: Rules
    addresses: Mapping[str, str]  # of each recipient, by id
    detail: AlertDetail
    is_canary: Callable[[str], bool]
    history: Callable[[Lead], History | None]
    links: Callable[[str, str, int], Links | None]
    confirm: Callable[[Lead], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random

    def send(self, lead_id: str) -> Result:
        """Send what is due for a lead, if anything is. An email that cannot go now leaves the lead on the agenda.

        What happens when SES is down: the `except` line in `_email`, and `after_attempt` in shared/leads/alert.py.
        """
        started = self.now()
        leased = self._lease(lead_id, started)
        if leased is None:
            return Result.NOT_DUE
        decided = self._classify(leased, started)
        if not isinstance(decided, _Emails):
            return self._end(leased, decided)
        attempt = self._email_all(decided, started)
        result = self._end(leased, finish(attempt, decided.rules, self.now(), jitter=self.jitter()))
        if self._tells_the_visitor(leased, attempt) and self.now() - started <= EMAILS_UNTIL:
            self.confirm(leased.lead)
        return result

    def _lease(self, lead_id: str, now: datetime) -> StoredLead | None:
        try:
            changed = self.leads.change(lead_id, lease(now, secrets.token_hex(8)))
        except NotDueError:
            return None
        return changed[1] if changed else None

    def _classify(self, leased: StoredLead, started: datetime) -> Decide | _Emails:
        """Return what is to be sent, or the decision that keeps the lead back."""
        lead, progress = leased.lead, leased.progress
        attempt = Attempt(token=progress.lease or "", number=progress.attempts, notice=progress.notice)
        if looks_synthetic(lead) and self.is_canary(lead.id):
            # No member of staff ever sees the canary's alert.
            return _Emails(
                stored=leased,
                attempt=replace(attempt, synthetic=True),
                rules=Rules(clinic=self.rules.clinic, team=_SIMULATED),
                addresses={_SIMULATED.staff[0]: SIMULATOR},
            )
        if progress.reasons is None:  # a lead is screened once: what staff take out of quarantine stays out
            attempt = replace(attempt, screening=self.screen(lead, progress.attempts))
            if attempt.screening and attempt.screening.quarantined:
                return quarantine(attempt, self.now())
        history = self._history(leased, started)
        if history and self._told_just_now(leased, history):
            return wait(attempt, history.latest + SHORTLY, self.now())
        return _Emails(stored=leased, attempt=attempt, rules=self.rules, addresses=self.addresses, history=history)

    def _email_all(self, emails: _Emails, started: datetime) -> Attempt:
        """Email each recipient who has to be told, and return the attempt with what SES said."""
        attempt, progress = emails.attempt, emails.stored.progress
        while progress.tries <= MOST_TRIES and self.now() - started <= EMAILS_UNTIL:
            refused = {
                email_name(progress.notice, to) for to, said in attempt.outcomes.items() if said is Outcome.REFUSED
            }
            # A refused recipient makes room for the fallback, at once.
            wanted = to_send(replace(progress, refused=progress.refused | refused), emails.rules.team)
            untried = [recipient for recipient in wanted if recipient not in attempt.outcomes]
            if not untried:
                break
            # Another one first each time, so that none waits for ever behind one that fails.
            recipient = untried[(progress.tries - 1) % len(untried)]
            outcome, reason = self._email(emails, recipient)
            attempt = replace(
                attempt,
                outcomes={**attempt.outcomes, recipient: outcome},
                reasons=attempt.reasons | ({reason} if reason else set()),
            )
            if outcome.concerns_everybody:
                break
        return attempt

    def _email(self, emails: _Emails, recipient: str) -> tuple[Outcome, str | None]:
        """Send one email; return what SES said, and its error code."""
        lead, progress, attempt = emails.stored.lead, emails.stored.progress, emails.attempt
        found = attempt.screening.reasons if attempt.screening else progress.reasons or ()
        around = Circumstances(
            clinic=self.rules.clinic,
            now=self.now(),
            names=emails.addresses,
            claimed_by=progress.claimed_by,
            claimed_at=progress.claimed_at,
            told_at=progress.told_at,
            history=emails.history,
            flags=words(found),
        )
        envelope = Envelope(
            # What SES rejected for its content goes out without it.
            detail="reference" if progress.shows_reference_only else self.detail,
            links=self.links(lead.id, recipient, attempt.number),
            to_fallback=recipient in emails.rules.team.fallback,
            # Once refused, without the visitor's address in a header: what they typed must not keep staff from hearing.
            with_reply_to=progress.refusals == 0,
        )
        message = email_for(progress.notice, lead, around, envelope)
        tags = {
            "lead_id": lead.id,
            "notice": progress.notice,
            "recipient": recipient,
            "attempt": str(attempt.number),
        }
        try:
            self.mailer.send(message, to=(emails.addresses[recipient],), tags=tags)
        except MailError as error:
            return error.outcome, error.reason
        return Outcome.ACCEPTED, None

    def _end(self, leased: StoredLead, decide: Decide) -> Result:
        changed = self.leads.change(leased.lead.id, decide)
        if changed is None:  # deleted meanwhile
            return Result.LEASE_LOST
        event = changed[1].progress.event
        assert event is not None and event.result is not None  # noqa: S101, PT018 - each of these decisions sets it
        return event.result

    def _history(self, leased: StoredLead, started: datetime) -> History | None:
        if leased.progress.notice is Notice.CLAIMED or self.now() - started > EXTRAS_UNTIL:
            return None
        try:
            return self.history(leased.lead)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not cost a lead its alert
            logger.error("history failed", extra={"lead_id": leased.lead.id, "error": str(sanitised(error))})
            return None

    def _told_just_now(self, leased: StoredLead, history: History) -> bool:
        """Whether staff were told of the same person so recently that this request's alert can wait a little."""
        first_alert = leased.progress.notice is Notice.ALERT and not leased.progress.told_at
        return first_alert and leased.lead.priority is Priority.NORMAL and self.now() < history.latest + SHORTLY

    @staticmethod
    def _tells_the_visitor(leased: StoredLead, attempt: Attempt) -> bool:
        """Whether this was the first email about a lead that SES took: staff first, then the visitor."""
        told_now = leased.progress.told_at is None and Outcome.ACCEPTED in attempt.outcomes.values()
        return told_now and not attempt.synthetic


def seconds_to_spare(remaining_milliseconds: Callable[[], int]) -> Callable[[], float]:
    """Return a clock of the seconds in which one more alert can still be begun and finished."""
    return lambda: remaining_milliseconds() / 1000 - LONGEST_ALERT_SECONDS
