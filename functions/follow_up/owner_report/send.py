"""Sends the report of the month before to the clinic's owner, once a month, when the first working day opens."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from follow_up.owner_report.email import compose_owner_report
from follow_up.owner_report.item import OwnerReportItem
from follow_up.settings import FollowUpSettings
from shared.leads.clinic import Clinic
from shared.leads.month import Month
from shared.leads.notice import Outcome
from shared.leads.report import Dated, report
from shared.leads.team import Recipient
from shared.messages.wiring import mailer
from shared.runtime.files import clinic
from shared.runtime.telemetry import logger, metrics, sanitized
from shared.services.clients import dynamodb, dynamodb_in_bulk
from shared.services.mailer import NOT_REACHED, Mailer, MailError
from shared.store.report_index import ReportIndex

# After a try that failed, the next one is this much later: somebody may have verified the address meanwhile, and a
# month of many requests costs too much to count it each minute.
_WAIT: Final = timedelta(hours=1)
# What SES answers if it certainly did not send the email. After any other error, it may have, unless nobody reached it.
_NOT_SENT: Final = frozenset({Outcome.REFUSED, Outcome.BLOCKED, Outcome.THROTTLED})
_MOMENT: Final = timedelta(milliseconds=1)


@dataclass(kw_only=True)
class OwnerReports:
    """Sends the owner's email. Without an address, it does nothing. Tests replace the clock, `now`.

    `rows` returns the rows of a month's requests, with None for each that cannot be read.
    """

    owner: str
    item: OwnerReportItem
    rows: Callable[[Month], Iterable[Dated | None]]
    mailer: Mailer
    clinic: Clinic
    public_url: str  # the base URL of the API, where the desk is
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _handled: Month | None = field(default=None, init=False)

    def try_to_send(self) -> None:
        """Send the report of the month before if it is time and nobody did. Never raises: alerts matter more."""
        if not self.owner:
            return
        now, hours = self.now(), self.clinic.hours
        month = Month.of(now, hours.zone).before()
        if self._handled == month or now < hours.next_opening(month.ends(hours.zone) - _MOMENT):
            return
        try:
            self._send(month, now)
        except Exception as error:  # noqa: BLE001 - this email must not stop the others
            self._failed(str(sanitized(error)))

    def _send(self, month: Month, now: datetime) -> None:
        """Send the report unless another process did. It is marked as handled first, so it goes out at most once.

        The first report is that of the month in which there was an owner for the first time. Older requests may not be
        in the index before an operator ran `make backfill`.
        """
        mark = self.item.read()
        if not mark.month:
            self.item.begin(month)
            return
        if mark.month >= str(month):
            self._handled = month
            return
        if mark.not_before and now < mark.not_before:
            return
        if not self.item.reserve(mark, now, now + _WAIT):
            return
        # Before it is marked, so that an index that cannot be read costs nothing but time.
        found = report(self.rows(month), month, self.clinic, now)
        message = compose_owner_report(found, self.clinic, self.public_url)
        if not self.item.take(month):
            return
        try:
            self.mailer.send(
                message, to=(self.owner,), tags={"notice": "owner_report", "recipient": Recipient(self.owner).id}
            )
        except MailError as error:
            if error.outcome in _NOT_SENT or error.reason in NOT_REACHED:
                self.item.give_back(month, now + _WAIT)
            self._failed(error.reason)
        else:
            self._handled = month
            metrics.add_metric("OwnerReportsSent", "Count", 1)
            logger.info("owner report sent")

    @staticmethod
    def _failed(reason: str) -> None:
        metrics.add_metric("OwnerReportsFailed", "Count", 1)
        logger.error("owner report not sent", extra={"reason": reason})


def owner_reports(settings: FollowUpSettings) -> OwnerReports:
    """Return the sender that `settings` describe."""
    own = clinic()
    index = ReportIndex(dynamodb_in_bulk, settings.table_name)
    return OwnerReports(
        owner=settings.owner_email,
        item=OwnerReportItem(dynamodb(), settings.table_name),
        rows=lambda month: index.rows(month, own.hours.zone),
        mailer=mailer(settings),
        clinic=own,
        public_url=settings.public_url,
    )
