"""Sending what is due for one lead: lease, screen, one mail to each who has to have it, write down what came of it."""

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from shared.leads.alert import (
    MOST_TRIES,
    SHORTLY,
    AlertState,
    Case,
    Progress,
    after_attempt,
    after_hold,
    after_quarantine,
    to_send,
)
from shared.leads.canary import SIMULATOR, looks_synthetic
from shared.leads.clinic import Clinic
from shared.leads.history import History
from shared.leads.lead import Lead, Priority
from shared.leads.link import Links
from shared.leads.notice import Notice, Outcome, mail
from shared.leads.spam import Screening, words
from shared.leads.team import Recipient, Team
from shared.messages.circumstances import Circumstances, Envelope
from shared.messages.emails import email_for
from shared.messages.settings import AlertDetail
from shared.runtime.telemetry import logger, metrics, sanitised
from shared.services.mailer import Mailer, MailError
from shared.store.table import LeadTable, LeasedLead

# At their slowest (see shared/services/) a table call takes 9 seconds, a secret read 6, Cloudflare's answer 6, an
# email 10. What may be left out is begun only while there is time for it, so that an attempt ends within
# LONGEST_ALERT_SECONDS: a test adds them up.
LONGEST_ALERT_SECONDS = 129
EXTRAS_UNTIL = timedelta(seconds=15)
MAILS_UNTIL = timedelta(seconds=50)

# The canary's only recipient.
_SIMULATED = Team(staff=(Recipient(SIMULATOR).id,), fallback=())


class Result(StrEnum):
    """What became of an attempt; but for the last, also the name of the metric that counts it."""

    ACCEPTED = "AlertsAccepted"
    DEFERRED = "AlertsDeferred"
    UNDELIVERABLE = "AlertsUndeliverable"
    HELD = "AlertsHeld"
    QUARANTINED = "RequestsQuarantined"
    NOT_DUE = "NotDue"  # done, in other hands, or to be tried later


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sending:
    """What one attempt knows, and what SES said so far."""

    leased: LeasedLead
    case: Case
    addresses: Mapping[str, str]
    outcomes: dict[str, Outcome]
    reasons: set[str]


@dataclass(frozen=True, kw_only=True)
class AlertSender:
    """Sends mails to staff. `now` and `jitter` (0 to 1) are the clock and the dice, so that tests can hold both.

    `history`, `links` and `confirm` are extras: they return nothing where they fail, and never stop a mail.
    """

    table: LeadTable
    screen: Callable[[Lead, int], Screening]
    mailer: Mailer
    team: Team
    addresses: Mapping[str, str]  # of each recipient, by id
    detail: AlertDetail
    clinic: Clinic
    is_canary: Callable[[str], bool]
    history: Callable[[Lead], History | None]
    links: Callable[[str, str, int], Links | None]
    confirm: Callable[[Lead], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random

    def send(self, lead_id: str) -> Result:
        """Send what is due for a lead, if anything is. A mail that cannot go now leaves the lead on the agenda.

        What happens when SES is down: the `except` line in `_mail`, and `shared.leads.alert.after_attempt`.
        """
        started = self.now()
        leased = self.table.lease(lead_id, started, token=secrets.token_hex(8))
        if leased is None:
            return Result.NOT_DUE
        if looks_synthetic(leased.lead) and self.is_canary(leased.lead.id):
            return self._send_canary(leased, started)
        lead, progress = leased.lead, leased.progress
        screening = self.screen(lead, progress.attempts) if leased.reasons is None else None
        if screening and screening.quarantined:
            return self._finish(leased, after_quarantine, Result.QUARANTINED, "quarantined", screening)
        history = self._history(leased, started)
        if history and self._told_just_now(leased, history):
            until = history.latest + SHORTLY
            return self._finish(leased, lambda now: after_hold(now, until), Result.HELD, "alert_held", screening)
        case = Case(lead=lead, clinic=self.clinic, team=self.team)
        sending = _Sending(leased=leased, case=case, addresses=self.addresses, outcomes={}, reasons=set())
        self._mail_all(sending, history, words(screening.reasons if screening else leased.reasons or ()), started)
        result = self._finish_sending(sending, screening)
        if self._tells_the_visitor(progress, sending) and self.now() - started <= MAILS_UNTIL:
            self.confirm(lead)
        return result

    def _send_canary(self, leased: LeasedLead, started: datetime) -> Result:
        """Send the canary's alert to AWS's simulator: no member of staff ever sees it."""
        leased = replace(leased, progress=replace(leased.progress, synthetic=True))
        case = Case(lead=leased.lead, clinic=self.clinic, team=_SIMULATED)
        addresses = {case.team.staff[0]: SIMULATOR}
        sending = _Sending(leased=leased, case=case, addresses=addresses, outcomes={}, reasons=set())
        self._mail_all(sending, None, (), started)
        return self._finish_sending(sending, None)

    def _mail_all(self, sending: _Sending, history: History | None, flags: tuple[str, ...], started: datetime) -> None:
        progress = sending.leased.progress
        while progress.tries <= MOST_TRIES and self.now() - started <= MAILS_UNTIL:
            refused = frozenset(mail(progress.notice, b) for b, o in sending.outcomes.items() if o is Outcome.REFUSED)
            # Who was refused makes room for the fallback, at once.
            wanted = to_send(replace(progress, refused=progress.refused | refused), sending.case.team)
            untried = [box for box in wanted if box not in sending.outcomes]
            if not untried:
                return
            # Another one first each time, so that none waits for ever behind one that fails.
            outcome = self._mail(sending, untried[(progress.tries - 1) % len(untried)], history, flags)
            if outcome.concerns_everybody:
                return

    def _mail(self, sending: _Sending, recipient: str, history: History | None, flags: tuple[str, ...]) -> Outcome:
        leased, lead, progress = sending.leased, sending.leased.lead, sending.leased.progress
        around = Circumstances(
            clinic=self.clinic,
            now=self.now(),
            names=sending.addresses,
            claimed_by=progress.claimed_by,
            claimed_at=progress.claimed_at,
            told_at=progress.told_at,
            history=history,
            flags=flags,
        )
        envelope = Envelope(
            # What SES rejected for its content goes out without it.
            detail="reference" if progress.shows_reference_only else self.detail,
            links=self.links(lead.id, recipient, progress.attempts),
            to_fallback=recipient in sending.case.team.fallback,
            # Once refused, without the visitor's address in a header: what they typed must not keep staff from hearing.
            with_reply_to=progress.refusals == 0,
        )
        message = email_for(progress.notice, lead, around, envelope)
        tags = {
            "lead_id": leased.lead.id,
            "notice": progress.notice,
            "recipient": recipient,
            "attempt": str(progress.attempts),
        }
        try:
            self.mailer.send(message, to=(sending.addresses[recipient],), tags=tags)
            outcome = Outcome.ACCEPTED
        except MailError as error:
            outcome = error.outcome
            sending.reasons.add(error.reason)
        sending.outcomes[recipient] = outcome
        return outcome

    def _finish_sending(self, sending: _Sending, screening: Screening | None) -> Result:
        leased, outcomes, now, jitter = sending.leased, sending.outcomes, self.now(), self.jitter()

        def decide(progress: Progress) -> Progress:
            progress = replace(progress, synthetic=leased.progress.synthetic)
            return after_attempt(progress, sending.case, outcomes, now, jitter=jitter)

        after = decide(leased.progress)
        result = {
            AlertState.PENDING: Result.DEFERRED,
            AlertState.UNDELIVERABLE: Result.UNDELIVERABLE,
        }.get(after.state, Result.ACCEPTED)
        if Outcome.REFUSED in outcomes.values():
            metrics.add_metric("AlertsRefused", "Count", 1)
        if Outcome.BLOCKED in outcomes.values():
            metrics.add_metric("AlertsBlocked", "Count", 1)
        details = {"mailboxes": ", ".join(f"{recipient} {outcome}" for recipient, outcome in outcomes.items())}
        if sending.reasons:
            details["reason"] = ", ".join(sorted(sending.reasons))
        word = {Result.DEFERRED: "deferred", Result.UNDELIVERABLE: "undeliverable"}.get(result, "accepted")
        return self._finish(leased, decide, result, f"{leased.progress.notice}_{word}", screening, **details)

    def _finish(
        self,
        leased: LeasedLead,
        decide: Callable[[Progress], Progress],
        result: Result,
        kind: str,
        screening: Screening | None,
        **details: str,
    ) -> Result:
        written = self.table.finish_attempt(leased, decide, self.now(), kind=kind, screening=screening, **details)
        logger.info(
            "alert attempt finished",
            extra={
                "lead_id": leased.lead.id,
                "reference": leased.lead.reference,
                "outcome": kind,
                "attempt": leased.progress.attempts,
                "lease_kept": written is not None,
                **details,
            },
        )
        metrics.add_metric(result, "Count", 1)
        return result

    def _history(self, leased: LeasedLead, started: datetime) -> History | None:
        if leased.progress.notice is Notice.CLAIMED or self.now() - started > EXTRAS_UNTIL:
            return None
        try:
            return self.history(leased.lead)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not cost a lead its alert
            logger.error("history failed", extra={"lead_id": leased.lead.id, "error": str(sanitised(error))})
            return None

    def _told_just_now(self, leased: LeasedLead, history: History) -> bool:
        """Whether staff were told of the same person so recently that this request's alert can wait a little."""
        first_alert = leased.progress.notice is Notice.ALERT and not leased.progress.told_at
        return first_alert and leased.lead.priority is Priority.NORMAL and self.now() < history.latest + SHORTLY

    @staticmethod
    def _tells_the_visitor(progress: Progress, sending: _Sending) -> bool:
        """Whether this was the first mail about a lead that SES took: staff first, then the visitor."""
        return progress.told_at is None and Outcome.ACCEPTED in sending.outcomes.values()


def seconds_to_spare(remaining_milliseconds: Callable[[], int]) -> Callable[[], float]:
    """Return a clock of the seconds in which one more alert can still be begun and finished."""
    return lambda: remaining_milliseconds() / 1000 - LONGEST_ALERT_SECONDS
