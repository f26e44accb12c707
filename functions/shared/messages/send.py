"""Send the email that is due for one lead: lease it, screen it, send, record the outcome, confirm to the visitor."""

import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.leads.alert import MOST_TRIES, SHORTLY
from shared.leads.canary import SIMULATOR, looks_synthetic
from shared.leads.decisions import (
    Attempt,
    Decide,
    NotDueError,
    Rules,
    finish,
    lease,
    over_budget,
    quarantine,
    wait,
)
from shared.leads.event import Result
from shared.leads.history import History
from shared.leads.lead import Lead, Priority
from shared.leads.link import Links, desk_address
from shared.leads.notice import INFORMATION, Notice, Outcome, email_name
from shared.leads.plan import to_send
from shared.leads.progress import Progress, StoredLead, former_owners, names_of
from shared.leads.response import ResponseState
from shared.leads.spam import Screening, words
from shared.leads.team import Recipient, Team
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.emails import email_for
from shared.messages.settings import AlertDetail
from shared.runtime.telemetry import logger, sanitized
from shared.services.mailer import Mailer, MailError
from shared.store.leads import Leads

# At worst (see shared/services/) a table call takes 9 seconds, reading a secret 6, Turnstile 6 and an email 10.
# Optional steps start only while there is time, so an attempt ends within LONGEST_ALERT_SECONDS. A test adds these up.
LONGEST_ALERT_SECONDS = 129
EXTRAS_UNTIL = timedelta(seconds=15)
RECORDS_UNTIL = timedelta(seconds=42)
EMAILS_UNTIL = timedelta(seconds=50)
# If SES throttles an email about an urgent lead, the sender waits this long and tries again, this many times. SES's
# rate is per second, and a throttled email was certainly not sent.
THROTTLED_WAIT = timedelta(seconds=1)
THROTTLED_RETRIES = 3

# The canary's only recipient.
_SIMULATED = Team(staff=(Recipient(SIMULATOR).id,), fallback=())


class EmailBudget(Protocol):
    """The budget for emails to staff; see shared/messages/budget.py."""

    def allows(self, leased: StoredLead, recipients: Sequence[str], in_time: Callable[[], bool]) -> bool:
        """Return whether the email that is due for a lead may go out now. Never raises."""

    def give_back(self, leased: StoredLead, recipients: Sequence[str]) -> None:
        """Count an email that SES did not accept no longer. Never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Emails:
    """The emails of one attempt: the lead, the rules, the addresses and the person's earlier requests."""

    stored: StoredLead
    attempt: Attempt
    rules: Rules
    addresses: Mapping[str, str]
    history: History | None = None


@dataclass(frozen=True, kw_only=True)
class AlertSender:
    """Sends emails to staff. Tests replace the clock, `now`, `sleep`, and the random number, `jitter` (0 to 1).

    Threads may share it. `history`, `links`, `record` and `confirm` are optional extras. They return None if they fail,
    and never stop an email.
    """

    leads: Leads
    screen: Callable[[Lead, int], Screening]
    mailer: Mailer
    rules: Rules
    addresses: Mapping[str, str]  # of each recipient, by id
    detail: AlertDetail
    is_canary: Callable[[str], bool]
    history: Callable[[Lead], History | None]
    person_keys: Callable[[Lead], frozenset[str]]
    record: Callable[[StoredLead, Progress], None]
    links: Callable[[str, str, int], Links | None]
    public_url: str  # the base URL of the API, where the desk is
    confirm: Callable[[Lead], None]
    budget: EmailBudget
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], None] = time.sleep

    def send(self, lead_id: str) -> Result:
        """Send what is due for a lead, if anything is. If SES does not accept an email, the lead stays on the agenda.

        Return THROTTLED if SES throttled an email, however the attempt ended: the next lead would not fare better.
        For what happens when SES is down, see `except` in `_email`, and `after_attempt` in shared/leads/alert.py.
        """
        started = self.now()
        leased = self._lease(lead_id, started)
        if leased is None:
            return Result.NOT_DUE
        decided = self._classify(leased, started)
        if not isinstance(decided, _Emails):
            return self._end(leased, decided, started)
        attempt = self._email_all(decided, started)
        if attempt.surely_unsent and not attempt.synthetic:
            self.budget.give_back(leased, to_send(leased.progress, decided.rules.team))
        result = self._end(leased, finish(attempt, decided.rules, self.now(), jitter=self.jitter()), started)
        if self._tells_the_visitor(leased, attempt) and self.now() - started <= EMAILS_UNTIL:
            self.confirm(leased.lead)
        return Result.THROTTLED if Outcome.THROTTLED in attempt.outcomes.values() else result

    def _lease(self, lead_id: str, now: datetime) -> StoredLead | None:
        try:
            changed = self.leads.change(lead_id, lease(now, secrets.token_hex(8)))
        except NotDueError:
            return None
        return changed[1] if changed else None

    def _classify(self, leased: StoredLead, started: datetime) -> Decide | _Emails:
        """Return the emails to send, or the decision that delays or quarantines the lead."""
        lead, progress = leased.lead, leased.progress
        attempt = Attempt(token=progress.lease or "", number=progress.attempts, notice=progress.notice)
        if looks_synthetic(lead) and self.is_canary(lead.id):
            # Staff never see the canary's alert.
            return _Emails(
                stored=leased,
                attempt=replace(attempt, synthetic=True),
                rules=Rules(clinic=self.rules.clinic, team=_SIMULATED),
                addresses={_SIMULATED.staff[0]: SIMULATOR},
            )
        attempt = replace(attempt, person_keys=self.person_keys(lead))
        # Screen once, so a lead that was released stays released. A claimed lead is no spam.
        if progress.reasons is None and progress.response is ResponseState.OPEN:
            attempt = replace(attempt, screening=self.screen(lead, progress.attempts))
            if attempt.screening and attempt.screening.quarantined:
                return quarantine(attempt, self.rules, self.now())
        history = self._history(leased, started)
        if history and self._told_just_now(leased, history):
            return wait(attempt, history.latest + SHORTLY, self.now())
        recipients = to_send(progress, self.rules.team)
        if not self.budget.allows(leased, recipients, lambda: self.now() - started <= EXTRAS_UNTIL):
            return over_budget(attempt, self.rules, self.now())
        return _Emails(
            stored=leased,
            attempt=attempt,
            rules=self.rules,
            addresses=addresses_for(progress, self.addresses),
            history=history,
        )

    def _email_all(self, emails: _Emails, started: datetime) -> Attempt:
        """Email each recipient who still needs to know, and return the attempt with the responses of SES."""
        attempt, progress = emails.attempt, emails.stored.progress
        while progress.tries <= MOST_TRIES and self.now() - started <= EMAILS_UNTIL:
            refused = {
                email_name(progress.notice, to) for to, said in attempt.outcomes.items() if said is Outcome.REFUSED
            }
            # If SES refuses a recipient, try the fallback recipients right away.
            wanted = to_send(replace(progress, refused=progress.refused | refused), emails.rules.team)
            untried = [recipient for recipient in wanted if recipient not in attempt.outcomes]
            if not untried:
                break
            # Start with a different recipient each time, so a failing one does not block the others forever.
            recipient = untried[(progress.tries - 1) % len(untried)]
            outcome, reason = self._email_until_not_throttled(emails, recipient, started)
            attempt = replace(
                attempt,
                outcomes={**attempt.outcomes, recipient: outcome},
                reasons=attempt.reasons | ({reason} if reason else set()),
            )
            if outcome.concerns_everybody:
                break
        return attempt

    def _email_until_not_throttled(
        self, emails: _Emails, recipient: str, started: datetime
    ) -> tuple[Outcome, str | None]:
        """Send one email as `_email` does. If it is about an urgent lead and SES throttles it, try again soon."""
        answer = self._email(emails, recipient)
        retries = 0 if emails.stored.lead.priority is Priority.NORMAL else THROTTLED_RETRIES
        for _ in range(retries):
            if answer[0] is not Outcome.THROTTLED or self.now() + THROTTLED_WAIT - started > EMAILS_UNTIL:
                break
            self.sleep(THROTTLED_WAIT.total_seconds())
            answer = self._email(emails, recipient)
        return answer

    def _email(self, emails: _Emails, recipient: str) -> tuple[Outcome, str | None]:
        """Send one email, and return the outcome and the error code of SES."""
        lead, progress, attempt = emails.stored.lead, emails.stored.progress, emails.attempt
        found = attempt.screening.reasons if attempt.screening else progress.reasons or ()
        around = Circumstances.of(
            progress,
            clinic=self.rules.clinic,
            now=self.now(),
            names=names_of(progress, emails.addresses),
            history=emails.history,
            flags=words(found),
        )
        envelope = Envelope(
            detail=shown(progress, self.detail),
            links=self.links(lead.id, recipient, attempt.number),
            desk=desk_address(self.public_url, lead.id),
            to_fallback=recipient in emails.rules.team.fallback,
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

    def _end(self, leased: StoredLead, decide: Decide, started: datetime) -> Result:
        changed = self.leads.change(leased.lead.id, decide)
        if changed is None:  # the lead was deleted meanwhile
            return Result.LEASE_LOST
        after = changed[1].progress
        # Each of these decisions sets it.
        assert after.event is not None and after.event.result is not None  # noqa: S101, PT018
        # Only now: this sender's own write proved that the lead is still there.
        if _is_recorded(leased, after, after.event.result) and self.now() - started <= RECORDS_UNTIL:
            self.record(leased, after)
        return after.event.result

    def _history(self, leased: StoredLead, started: datetime) -> History | None:
        if leased.progress.notice in INFORMATION or self.now() - started > EXTRAS_UNTIL:
            return None
        try:
            return self.history(leased.lead)
        except Exception as error:  # noqa: BLE001 - a failure here must not stop the alert
            logger.error("history failed", extra={"lead_id": leased.lead.id, "error": str(sanitized(error))})
            return None

    def _told_just_now(self, leased: StoredLead, history: History) -> bool:
        """Whether staff were alerted about the same person so recently that this request can wait."""
        first_alert = leased.progress.notice is Notice.ALERT and not leased.progress.told_at
        return first_alert and leased.lead.priority is Priority.NORMAL and self.now() < history.latest + SHORTLY

    @staticmethod
    def _tells_the_visitor(leased: StoredLead, attempt: Attempt) -> bool:
        """Whether SES just accepted the first email about this lead. The visitor is told only after staff are."""
        first_alert = attempt.notice is Notice.ALERT and leased.progress.told_at is None
        return first_alert and Outcome.ACCEPTED in attempt.outcomes.values() and not attempt.synthetic


def addresses_for(progress: Progress, recipients: Mapping[str, str]) -> Mapping[str, str]:
    """Return the address of everyone who may get an email about a lead, by id. Its owners need not be recipients."""
    own = {**former_owners(progress), progress.claimed_by or "": progress.owner_address}
    return {**recipients, **{id_: address for id_, address in own.items() if id_ and address}}


def shown(progress: Progress, detail: AlertDetail) -> AlertDetail:
    """Return how much an email may show of a lead. If SES rejected the content before, that is the reference only."""
    return "reference" if progress.shows_reference_only else detail


def _is_recorded(leased: StoredLead, after: Progress, result: Result) -> bool:
    """Whether an attempt that ended with `result` counts as a person's request."""
    dropped = after.synthetic or result is Result.LEASE_LOST
    return not dropped and leased.progress.notice not in INFORMATION


def seconds_to_spare(remaining_milliseconds: Callable[[], int]) -> Callable[[], float]:
    """Return a function that returns for how many more seconds an alert can start and still finish in time."""
    return lambda: remaining_milliseconds() / 1000 - LONGEST_ALERT_SECONDS
