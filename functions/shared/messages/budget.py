"""Decides whether an email about a lead goes out now or waits for a summary. It never stops an email by failing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.leads.budget import DayUse, Rank, hourly_limit, rank_of
from shared.leads.clinic import EmailLimits
from shared.leads.lead import Lead, Priority
from shared.leads.notice import INFORMATION
from shared.leads.progress import StoredLead
from shared.runtime.telemetry import alert_metrics, logger, sanitized
from shared.store.email_counts import EmailCounts
from shared.store.urgent_senders import UrgentSenders

_URGENT: Final = {Rank.URGENT_ALERT, Rank.URGENT_REMINDER}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The budget for emails to staff. If a part of it cannot be read or written, the email is sent.

    `day_use` says how much of the day's emails is used up, or None if that is not known. `key` hashes the person's
    address and number; it may raise KeysUnavailableError.
    """

    limits: EmailLimits
    counts: EmailCounts
    urgent_senders: UrgentSenders
    day_use: Callable[[datetime], DayUse | None]
    key: Callable[[], bytes]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def allows(self, leased: StoredLead, recipients: Sequence[str], in_time: Callable[[], bool]) -> bool:
        """Return whether the email that is due for a lead may go out to the recipients now. Never raises.

        A check that would start when it is no longer `in_time` is left out.
        """
        rank = self._rank(leased)

        def is_alone() -> bool:
            if rank is Rank.URGENT_ALERT:
                return self.urgent_senders.is_first(leased.lead, self.key(), self.now())
            return not self.urgent_senders.is_another_first(leased.lead, self.key(), self.now())

        def holds(check: Callable[[], bool]) -> bool:
            return not in_time() or self._holds(leased.lead, check)

        informs = leased.progress.notice in INFORMATION
        if rank in _URGENT and not informs and not holds(is_alone):
            alert_metrics.add_metric("UrgentEmailsShared", "Count", 1)
            return False
        if holds(lambda: self._has_room_today(rank)) and holds(lambda: self._take(rank, recipients)):
            return True
        if not informs:
            alert_metrics.add_metric("UrgentEmailsOverBudget" if rank in _URGENT else "EmailsOverBudget", "Count", 1)
        return False

    def give_back(self, leased: StoredLead, recipients: Sequence[str]) -> None:
        """Count an email that SES did not accept no longer, or an outage would use up the budget. Never raises."""
        of_urgent = self._rank(leased) in _URGENT
        try:
            self.counts.give_back(recipients, urgent=of_urgent, now=self.now())
        except Exception as error:  # noqa: BLE001 - a smaller budget is no reason to lose an outcome
            logger.error("budget not given back", extra={"lead_id": leased.lead.id, "error": str(sanitized(error))})

    def allows_confirmation(self, lead: Lead) -> bool:
        """Return whether enough of the day's emails is left for a visitor's confirmation. Never raises."""
        return self._holds(lead, lambda: self._has_room_today(Rank.CONFIRMATION))

    def _take(self, rank: Rank, recipients: Sequence[str]) -> bool:
        of_urgent = rank in _URGENT
        most = self.limits.max_urgent_alerts_per_hour if of_urgent else self.limits.max_alerts_per_hour
        return self.counts.take(recipients, urgent=of_urgent, most=hourly_limit(rank, most), now=self.now())

    def _has_room_today(self, rank: Rank) -> bool:
        use = self.day_use(self.now())
        return use is None or use.has_room(rank)

    @staticmethod
    def _rank(leased: StoredLead) -> Rank:
        return rank_of(leased.progress.notice, urgent=leased.lead.priority is not Priority.NORMAL)

    @staticmethod
    def _holds(lead: Lead, check: Callable[[], bool]) -> bool:
        try:
            return check()
        except Exception as error:  # noqa: BLE001 - an email too many is better than one too few
            logger.error("budget unknown", extra={"lead_id": lead.id, "error": str(sanitized(error))})
            return True


def remembered(
    read: Callable[[datetime], DayUse | None], *, keep: timedelta = timedelta(minutes=1)
) -> Callable[[datetime], DayUse | None]:
    """Return a function that calls `read` at most once in `keep`. The sweep writes a new value once a minute."""
    last: tuple[datetime, DayUse | None] | None = None

    def day_use(now: datetime) -> DayUse | None:
        nonlocal last
        if last is None or now - last[0] >= keep:
            last = now, read(now)
        return last[1]

    return day_use
